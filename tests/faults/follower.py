"""A reporting tool that follows the event stream and resumes where it was, however often it is cut off (I12)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

import httpx

from tests.faults.invariants import i12_stream_without_gap
from tests.faults.world import World


class Follower:
    """Follows from the beginning of the log; use as ``async with``."""

    def __init__(self, url: str, who: dict[str, str]) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(10, read=5))
        self._who = who
        self._seen: list[tuple[int, str]] = []
        self._following: asyncio.Task[None] | None = None
        self.connections = 0

    @property
    def count(self) -> int:
        """Events seen."""
        return len(self._seen)

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        await self._http.aclose()

    async def cut(self) -> None:
        """Lose the connection, and resume with another."""
        await self._stop()
        self._following = asyncio.create_task(self._follow())

    async def until_at_head(self, world: World) -> None:
        """Wait until the whole log was seen."""
        await world.wait_for(lambda: self._seen[-1:] == logged(world)[-1:], "the stream comes to the head of the log")

    def violations(self, world: World) -> list[str]:
        """What the stream showed, against the log."""
        return i12_stream_without_gap(self._seen, logged(world))

    async def _stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await self._read()
            await asyncio.sleep(0.2)

    async def _read(self) -> None:
        resume = {"Last-Event-ID": str(self._seen[-1][0])} if self._seen else {}
        headers = {**self._who, "Accept": "text/event-stream", **resume}
        async with self._http.stream("GET", "/v1/events", headers=headers) as stream:
            stream.raise_for_status()
            self.connections += 1
            position = ""
            async for line in stream.aiter_lines():
                if line.startswith("id:"):
                    position = line[3:].strip()
                elif line.startswith("data:") and position:
                    self._seen.append((int(position), json.loads(line[5:])["id"]))
                    position = ""


def logged(world: World) -> Sequence[tuple[int, str]]:
    """The log as it is now."""
    rows = world.execute("accountability", "select position, event_id::text from log order by position")
    return [(row["position"], row["event_id"]) for row in rows]
