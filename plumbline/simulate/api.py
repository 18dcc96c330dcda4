"""The REST API as the simulation calls it: demonstration tokens, repeatable keys, patience with a busy deployment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

AT_ONCE = 12
"""Requests in flight: enough to keep two cores busy, far below what one caller may send."""
ATTEMPTS = 6
TIMEOUT_S = 120.0
PAGE = 200


class RefusedError(Exception):
    """The API said no: with which status, under which code and in which words."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("type", "")).rpartition("/")[2]
        self.detail = str(problem.get("detail") or problem.get("title") or "no reason given")
        super().__init__(f"{request}: {status} {self.code}: {self.detail}")

    @property
    def passes(self) -> bool:
        """Whether the same request may be taken a little later: the deployment is busy, or still at work on it."""
        return self.status in (429, 502, 503, 504) or self.code == "request-in-flight"


@dataclass(frozen=True, slots=True)
class Bearer:
    """On whose behalf a request is made."""

    roles: tuple[str, ...]
    worker_id: str | None = None
    org_unit_id: str | None = None


class Api:
    """A deployment's gateway."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tokens: dict[Bearer, asyncio.Task[str]] = {}

    async def get(self, who: Bearer, path: str, **query: str) -> dict[str, Any]:
        """The answer to a reading request."""
        return await self._send(who, "GET", path, params=query)

    async def put(self, who: Bearer, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a change that can be repeated as it is."""
        return await self._send(who, "PUT", path, json=body)

    async def post(self, who: Bearer, path: str, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a change that has one effect however often it is sent under its key."""
        return await self._send(who, "POST", path, json=body, headers={"Idempotency-Key": key})

    async def post_file(self, who: Bearer, path: str, kind: str, content: str) -> dict[str, Any]:
        """The answer to a file, whose lines know by themselves whether they were taken before."""
        return await self._send(who, "POST", path, data=content.encode(), headers={"Content-Type": kind})

    async def items(self, who: Bearer, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """Everything on a list, page after page."""
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await self.get(who, path, limit=str(PAGE), **more, **query)
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if not cursor:
                return

    async def exists(self, who: Bearer, path: str) -> bool:
        """Whether a service has heard of something yet."""
        try:
            await self.get(who, path)
        except RefusedError as refused:
            if refused.status in (403, 404):
                return False
            raise
        return True

    async def _send(self, who: Bearer, method: str, path: str, **content: Any) -> dict[str, Any]:
        headers = {**content.pop("headers", {}), "Authorization": f"Bearer {await self._token(who)}"}
        async with self._turn:
            return await self._until_answered(method, path, headers=headers, **content)

    async def _token(self, who: Bearer) -> str:
        if who not in self._tokens:
            self._tokens[who] = asyncio.create_task(self._new_token(who))
        return await self._tokens[who]

    async def _new_token(self, who: Bearer) -> str:
        wanted = {"roles": list(who.roles), "worker_id": who.worker_id, "org_unit_id": who.org_unit_id}
        answer = await self._until_answered("POST", "/auth/demo/tokens", json=wanted)
        return str(answer["access_token"])

    async def _until_answered(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Send a request again while the deployment is busy or not to be reached; every request here bears repeating."""
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            wait = 0.1 * 2**attempt
            try:
                async with self._session.request(method, path, **content) as answer:
                    document = await answer.json(content_type=None) if "json" in answer.content_type else {}
            except (aiohttp.ClientConnectionError, TimeoutError):
                if last:
                    raise
            else:
                refused = RefusedError(f"{method} {path}", answer.status, document) if answer.status >= 400 else None
                if refused is None:
                    return dict(document or {})
                if last or not refused.passes:
                    raise refused
                wait = float(answer.headers.get("Retry-After", wait))
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


@asynccontextmanager
async def connect(base_url: str) -> AsyncIterator[Api]:
    """The API of the deployment at ``base_url``."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(base_url, timeout=timeout) as session:
        yield Api(session)
