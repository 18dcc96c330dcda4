"""A network that can be slow, cut connections, and hold them open without carrying anything."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.support.kafka.broker import HOST

CHUNK = 65536


class Proxy:
    """Carries bytes between a port and another; use as ``async with``. Faults strike the connections there are."""

    def __init__(self, port: int, target: int | Path) -> None:
        """``target`` is a port, or a socket of this machine."""
        self.port = port
        self.address = f"{HOST}:{port}"
        self.latency_s = 0.0
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._carrying, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._open):
            writer.transport.abort()

    def hold(self) -> None:
        """Keep every connection open and carry nothing on it any more; new connections are well."""
        self._deaf = set(self._open)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        for here, there in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._carry(here, there))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection(HOST, self._target)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                if writer not in self._deaf:
                    writer.write(data)
                    await writer.drain()
        self._open.discard(writer)
        self._deaf.discard(writer)
        writer.close()
