"""How the things of a stage are sent: side by side or in order, counted, shown, and refusals kept for the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import monotonic
from typing import Any, TypeVar

from rich.progress import Progress, TaskID

from plumbline.simulate.api import Api, Bearer, RefusedError
from plumbline.simulate.summary import Summary

HEARD_WITHIN_S = 60.0

Thing = TypeVar("Thing")
Send = Callable[[Thing], Awaitable[Any]]


class Sender:
    """Sends the things of one stage after the other."""

    def __init__(self, api: Api, summary: Summary, progress: Progress) -> None:
        self._api, self._summary, self._progress = api, summary, progress
        self._task = TaskID(0)

    def begin(self, words: str, total: int) -> None:
        """A new stage with so many things to send."""
        self._task = self._progress.add_task(words, total=total)

    def done(self, count: int = 1) -> None:
        """So many things of the stage were sent."""
        self._progress.advance(self._task, count)

    async def each(self, what: str, things: Sequence[Thing], send: Send[Thing]) -> None:
        """Send things whose order says nothing, as many at a time as the API allows."""
        await asyncio.gather(*(self.in_order(what, [thing], send) for thing in things))

    async def in_order(self, what: str, things: Iterable[Thing], send: Send[Thing]) -> None:
        """Send one thing after the other; a refused one does not stop the next."""
        for thing in things:
            try:
                await send(thing)
                self._summary.sent[what] += 1
            except RefusedError as refused:
                self._summary.refused.append(refused)
            self.done()

    def refused_line(self, file: str, line: dict[str, Any]) -> None:
        """Keep a line that a file was taken without."""
        detail = f"line {line['line']}: {line.get('field') or ''} {line['problem']}"
        self._summary.refused.append(RefusedError(file, 200, {"detail": detail}))

    async def until_known(self, who: Bearer, paths: Iterable[str]) -> None:
        """Services learn of one another's facts by events; nothing is sent that they could not place yet."""
        deadline = monotonic() + HEARD_WITHIN_S
        waiting = list(paths)
        while True:
            known = await asyncio.gather(*(self._api.exists(who, path) for path in waiting))
            self.done(sum(known))
            waiting = [path for path, there in zip(waiting, known, strict=True) if not there]
            if not waiting:
                return
            if monotonic() > deadline:
                raise TimeoutError(
                    f"after {HEARD_WITHIN_S:.0f} s {len(waiting)} are not known yet, such as {waiting[0]}"
                )
            await asyncio.sleep(0.05)
