"""The gateway, checking a token for every request, beside nginx that passes everything on to the same upstream unchecked.

One worker each, alone on one core; the upstream and the load generator share the other cores. Needs nginx and wrk.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from fastapi import FastAPI

from benchmarks.load import on_cores, shared_out, wrk, wrk_is_here
from benchmarks.report import Figure, in_turns
from chassis.tokens import TokenIssuer
from plumbline.serving import address, listen
from tests.support.processes import serving

ISSUER = "https://bench.invalid"
PATH = "/v1/allocation/workers/0192f0c1-0000-7000-8000-000000000001/workload"
CONNECTIONS = 32
SECONDS = 2
ROUNDS = 21
WARM_UP_SECONDS = 1
DEADLINE_S = 30.0
LINE = {"side": "load", "kind": "case", "description": "child_in_need, standard", "points": 7}
WORKLOAD = {"worker_id": "0192f0c1", "utilisation_pct": 95, "band": "amber", "overloaded": False, "lines": [LINE] * 8}
BODY = json.dumps(WORKLOAD).encode()
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream service {{ server {upstream}; keepalive 64; keepalive_requests 10000000; }}
  server {{
    listen {listen}; keepalive_requests 10000000;
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


async def bare(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - the shape of ASGI
    """The fastest upstream there is in Python: the hardest one to stand in front of."""
    if scope["type"] == "http":
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})


route = FastAPI()
"""The kind of upstream that it really stands in front of, without a database behind it."""


@route.get("/v1/allocation/workers/{worker_id}/workload")
async def workload(worker_id: str) -> dict[str, Any]:
    """A workload with its lines."""
    return {**WORKLOAD, "worker_id": worker_id}


def free_url() -> str:
    """The base URL of a port that nothing listens on."""
    free = listen("127.0.0.1", 0)
    url = address(free)
    free.close()
    return url


@contextmanager
def stopped_at_end(command: list[str]) -> Iterator[None]:
    """A process that is stopped at the end."""
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def upstream_of(app: str) -> Iterator[str]:
    """One uvicorn worker that serves `app`; its base URL. It binds its port itself, which leaves Nagle's delay off."""
    url = free_url()
    quiet = ["--no-access-log", "--log-level", "warning", "--no-proxy-headers"]
    with stopped_at_end([sys.executable, "-m", "uvicorn", app, "--port", url.rpartition(":")[2], *quiet]):
        yield url


@contextmanager
def nginx(upstream: str) -> Iterator[str]:
    """One nginx worker in front of `upstream`; its base URL."""
    with tempfile.TemporaryDirectory() as folder:
        url = free_url()
        config = Path(folder) / "nginx.conf"
        place = {"folder": folder, "upstream": upstream.removeprefix("http://"), "listen": url.removeprefix("http://")}
        config.write_text(NGINX.format(**place))
        with stopped_at_end(["nginx", "-p", folder, "-e", f"{folder}/error.log", "-c", str(config)]):
            yield url


async def rate(url: str, token: str, seconds: int = SECONDS) -> float:
    """Requests a second."""
    return await wrk(url + PATH, CONNECTIONS, seconds, ["-H", f"Authorization: Bearer {token}"])


async def until_answering(url: str, token: str) -> None:
    """Wait until a call comes through."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        asyncio.timeout(DEADLINE_S),
    ):
        while True:
            try:
                async with session.get(url + PATH) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


async def compare(app: str, beside: str) -> Figure:
    """The gateway and nginx in front of one upstream, in turns."""
    alone, others = shared_out()
    issuer = TokenIssuer.generate(ISSUER, "plumbline")
    token = issuer.issue(["reporting"], lifetime_s=3600)
    settings = {"OIDC_ISSUER": ISSUER, "OIDC_JWKS": issuer.jwks(), "RATE_PER_SECOND": "0"}
    with ExitStack() as stack:
        with on_cores(others):
            upstream = stack.enter_context(upstream_of(app))
        with on_cores(alone):
            known = stack.enter_context(nginx(upstream))
            settings["UPSTREAMS"] = json.dumps({"allocation": upstream})
            mine = stack.enter_context(serving(["plumbline", "serve", "gateway"], settings))
        with on_cores(others):
            for url in (known, mine):
                await until_answering(url, token)
                await rate(url, token, WARM_UP_SECONDS)
            ours, theirs = await in_turns(lambda: rate(mine, token), lambda: rate(known, token), ROUNDS)
    return Figure(f"gateway before {beside}, tokens checked", "nginx, unchecked", ours, theirs, "requests/s", 0.55)


async def measure() -> list[Figure]:
    """Two figures; none where nginx or wrk is absent."""
    if not wrk_is_here("gateway", "nginx"):
        return []
    return [
        await compare("benchmarks.gateway:bare", "a bare ASGI callable"),
        await compare("benchmarks.gateway:route", "a FastAPI route"),
    ]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
