"""A deployment on databases that may lie on different servers: everything in one process of its own.

``python -m tests.operations.running HOME PORT`` with the databases' URLs as JSON in ``DATABASES``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from chassis.tokens import TokenIssuer
from plumbline import together
from plumbline.home import AUDIENCE, ISSUER, Home
from plumbline.plan import Options, make_plan

READY_WITHIN_S = 150.0
STOPPED_WITHIN_S = 60.0


@asynccontextmanager
async def running(home: Path, port: int, databases: Mapping[str, str]) -> AsyncIterator[str]:
    """Everything on the embedded bus among ``databases``; the URL of the gateway. Tokens outlive a run of the same home."""
    with (home / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.operations.running", str(home), str(port)),
            env={**os.environ, "DATABASES": json.dumps(databases)},
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        await _until_ready(url, process, home / "log")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), STOPPED_WITHIN_S)


async def _until_ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    async with httpx.AsyncClient(timeout=10) as client:
        while not await _is_ready(client, url):
            if process.returncode is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the deployment is not ready; see {log}")
            await asyncio.sleep(0.1)


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get(f"{url}/health/ready")).status_code == 200
    return False


async def _nothing() -> None:
    """Nobody waits for this process to greet."""


def main() -> None:
    """Run until SIGTERM."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    home = Home(folder)
    issuer = TokenIssuer.load(str(home.key_file), ISSUER, AUDIENCE) if home.key_file.exists() else home.new_key()
    plan = make_plan(Options(port=port, home=folder), home, issuer, json.loads(os.environ["DATABASES"]))
    asyncio.run(together.run(plan, _nothing))


if __name__ == "__main__":
    main()
