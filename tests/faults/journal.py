"""A load client with a memory: every attempt and every answer is on disk before it counts (invariants I2 and I9)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
import uuid
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

RETRY_FOR_S = 90.0
PASSING = (408, 429, 502, 503, 504)


class Unanswered(Exception):
    """A request got no final answer before the deadline, or one that nobody expected."""


class Journal:
    """One line of JSON per answer, fsynced: what was acknowledged or refused, under which idempotency key."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a+", encoding="utf-8")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def note(self, key: str, method: str, path: str, status: int, body: Any) -> None:
        """Remember an answer for good."""
        line = {"key": key, "method": method, "path": path, "status": status, "body": body}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def answers(self) -> list[dict[str, Any]]:
        """Every answer so far."""
        self._file.seek(0)
        return [json.loads(line) for line in self._file]

    def acknowledged(self, path: str, id_field: str) -> set[str]:
        """The ids that callers were told exist, from the 201 answers of the paths that match ``path``."""
        return {
            answer["body"][id_field]
            for answer in self.answers()
            if answer["status"] == 201 and answer["method"] == "POST" and re.fullmatch(path, answer["path"])
        }

    def contradictions(self) -> list[str]:
        """I9: keys that were answered in more than one way."""
        by_key: dict[str, set[str]] = defaultdict(set)
        for answer in self.answers():
            if answer["key"]:
                by_key[answer["key"]].add(json.dumps([answer["status"], answer["body"]], sort_keys=True))
        return [
            f"I9: {key} was answered in {len(seen)} ways: {sorted(seen)}"
            for key, seen in by_key.items()
            if len(seen) > 1
        ]


class Client:
    """Calls the gateway as a patient caller does: what got no final answer is sent again under the same key."""

    def __init__(self, url: str, journal: Journal, *, every: int = 7, patience_s: float = RETRY_FOR_S) -> None:
        self.url = url
        self._patience_s = patience_s
        self._http = httpx.AsyncClient(base_url=url, timeout=20)
        self._journal = journal
        self._every = every
        self.writes = 0
        """Writes that got their final answer: what a fault waits for."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def token(self, **claims: Any) -> dict[str, str]:
        """Headers of a demonstration token."""
        body = {"worker_id": None, "org_unit_id": None, **claims}
        answer = await self._until_final("POST", "/auth/demo/tokens", {}, json=body)
        return {"Authorization": f"Bearer {self._expected(answer, (200, 201))['access_token']}"}

    async def read(self, path: str, who: dict[str, str], expect: tuple[int, ...] = (200,)) -> Any:
        """GET."""
        answer = await self._until_final("GET", path, who)
        return self._expected(answer, expect)

    async def write(self, method: str, path: str, who: dict[str, str], expect: tuple[int, ...], body: Any) -> Any:
        """POST, PUT or PATCH under a key; now and then the same again, as impatient callers do."""
        key = uuid.uuid4().hex if method == "POST" else ""
        headers = {**who, **({"Idempotency-Key": key} if key else {})}
        answer = await self._until_final(method, path, headers, json=body)
        self._journal.note(key, method, path, answer.status_code, _body(answer))
        self.writes += 1
        if key and self.writes % self._every == 0:
            again = await self._until_final(method, path, headers, json=body)
            self._journal.note(key, method, path, again.status_code, _body(again))
        return self._expected(answer, expect)

    async def hang_up_and_ask_again(self, path: str, who: dict[str, str], body: Any, after_s: float) -> None:
        """POST, close the connection before or while it is answered, and ask again under the same key."""
        headers = {**who, "Idempotency-Key": uuid.uuid4().hex}
        with suppress(TimeoutError, httpx.TransportError):
            async with asyncio.timeout(after_s):
                answer = await self._http.request("POST", path, headers=headers, json=body)
                if answer.status_code not in PASSING:
                    self._journal.note(headers["Idempotency-Key"], "POST", path, answer.status_code, _body(answer))
        answer = await self._until_final("POST", path, headers, json=body)
        self._journal.note(headers["Idempotency-Key"], "POST", path, answer.status_code, _body(answer))
        self._expected(answer, (201,))

    async def send(self, method: str, path: str, who: dict[str, str], content: str) -> Any:
        """Lines of NDJSON, for routes where the same lines again change nothing."""
        headers = {**who, "Content-Type": "application/x-ndjson"}
        answer = await self._until_final(method, path, headers, content=content)
        self._journal.note("", method, path, answer.status_code, _body(answer))
        return self._expected(answer, (200,))

    async def _until_final(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        last = ""
        while time.monotonic() < deadline:
            try:
                answer = await self._http.request(method, path, headers=headers, **more)
            except httpx.TransportError as failure:
                last = repr(failure)
            else:
                if answer.status_code not in PASSING and "request-in-flight" not in answer.text:
                    return answer
                last = f"{answer.status_code} {answer.text[:200]}"
            await asyncio.sleep(0.2)
        raise Unanswered(f"{method} {path}: no final answer in {self._patience_s:.0f} s, last {last}")

    def _expected(self, answer: httpx.Response, expect: tuple[int, ...]) -> Any:
        if answer.status_code not in expect:
            request = answer.request
            raise Unanswered(
                f"{request.method} {request.url.path}: {answer.status_code}, wanted {expect}: {answer.text[:300]}"
            )
        return _body(answer)


def _body(answer: httpx.Response) -> Any:
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
