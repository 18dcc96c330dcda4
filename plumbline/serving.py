"""Serving ASGI applications with uvicorn: one process may serve several, and each stops without losing a request."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import uvicorn

from plumbline.certificates import PLAIN, Certificate

GRACE_S = 20
BACKLOG = 512


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming TCP lets asyncio switch Nagle's delay off; without it every answer on a kept connection waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def address(listener: socket.socket) -> str:
    """The base URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let answers without an end know that they end now, then wait for every request to be answered."""
        for end in getattr(getattr(self.config.app, "state", None), "on_stop", ()):
            end()
        await super().shutdown(sockets)

    @classmethod
    def of(cls, app: Any, http: str | type[asyncio.Protocol] = "httptools", certificate: Certificate = PLAIN) -> Server:
        """A server for ``app`` with the protocol ``http``: no access log, no server header."""
        return cls(
            uvicorn.Config(
                app,
                ssl_certfile=certificate.file or None,
                ssl_keyfile=certificate.key_file or None,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                http=http,
                ws="none",
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=5,
            )
        )


async def start(
    app: Any,
    listener: socket.socket,
    http: str | type[asyncio.Protocol] = "httptools",
    certificate: Certificate = PLAIN,
) -> tuple[Server, asyncio.Task[None]]:
    """Serve ``app`` on ``listener``; returns once it accepts requests, raises when it cannot start."""
    server = Server.of(app, http, certificate)
    task = asyncio.create_task(_serve(server, listener, certificate))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the application did not start; its log says why")
        await asyncio.sleep(0.005)
    return server, task


async def _serve(server: Server, listener: socket.socket, certificate: Certificate) -> None:
    """Serve until the server is told to stop, with the newest certificate there is."""
    server.config.load()
    renewing = asyncio.create_task(certificate.keep_fresh(server.config.ssl))
    try:
        await server.serve(sockets=[listener])
    finally:
        renewing.cancel()


def spare_the_collector() -> None:
    """Keep what was loaded at start out of the garbage collector's rounds: it stays.

    The rounds come once in a batch of events, not seventy times: hardly anything of a batch is garbage before it is applied.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def stop(servers: Sequence[tuple[Server, asyncio.Task[None]]]) -> None:
    """Stop servers one after the other, in the order given; each finishes the requests it has."""
    for server, task in servers:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


def until_told_to_stop() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    return told
