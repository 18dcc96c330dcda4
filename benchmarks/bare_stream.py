"""What the event stream is measured beside: one aiohttp server that writes the bytes it is given to every open connection."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

OPEN = web.AppKey("open", list[tuple[web.Request, web.StreamResponse]])
ENDED = web.AppKey("ended", asyncio.Event)


async def follow(request: web.Request) -> web.StreamResponse:
    """A connection that stays open until the server ends."""
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    await answer.write(b": following\n\n")
    request.app[OPEN].append((request, answer))
    await request.app[ENDED].wait()
    return answer


async def send(request: web.Request) -> web.Response:
    """Write the body to everyone who is still there."""
    octets = await request.read()
    for follower, answer in request.app[OPEN]:
        if follower.transport is not None and not follower.transport.is_closing():
            await answer.write(octets)
    return web.Response()


async def end(app: web.Application) -> None:
    """Let every connection go."""
    app[ENDED].set()


def app() -> web.Application:
    """The server."""
    made = web.Application(client_max_size=64 * 1024 * 1024)
    made[OPEN], made[ENDED] = [], asyncio.Event()
    made.add_routes([web.get("/v1/events", follow), web.post("/send", send)])
    made.on_shutdown.append(end)
    return made


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
