"""A service in which something of everything was made, and the ordinary requests about it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx

from tests.security.corpus.bodies import JSON
from tests.security.journeys import FIRST, SAID
from tests.security.ordinary import Ordinary, Request
from tests.security.stage import ENDLESS, Stage


class Prepared:
    """A service with something of everything in it, and its ordinary requests."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ordinary = Ordinary(stage)
        self.headers = stage.as_everyone()
        for method, path in FIRST.get(stage.service, ()):
            answer = self.send(self.request(method, path))
            assert answer.is_success, f"{method} {path}: {answer.text}"
            stage.remember(answer)

    def request(self, method: str, path: str) -> Request:
        return self.ordinary.request(method, path, SAID.get(f"{method} {path}", {}))

    def requests(self) -> Iterator[tuple[str, Request]]:
        for path, item in self.stage.document["paths"].items():
            for method in item:
                if path != ENDLESS:
                    yield f"{method.upper()} {path}", self.request(method.upper(), path)

    def fields(self, request: Request) -> Iterator[tuple[str, str]]:
        """The fields of a body with the kind of value each takes."""
        yield from self.ordinary.fields(request.operation)

    def send(self, request: Request, content: bytes | None = None, media: str | None = None) -> httpx.Response:
        if content is None and request.media:
            content = request.body.encode() if isinstance(request.body, str) else json.dumps(request.body).encode()
        headers = {**self.headers, "Content-Type": media or request.media or JSON}
        if request.method == "PATCH":
            headers["If-Match"] = '"1"'
        return self.stage.send(request.method, request.path, params=request.query, headers=headers, content=content)
