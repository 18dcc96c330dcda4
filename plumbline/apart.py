"""One process a service: started, watched, started again when one dies, stopped together."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from plumbline import serving
from plumbline.plan import Plan
from plumbline.services import SERVICES

RESTART_PAUSE_S = 0.2
STOP_DEADLINE_S = 40.0
log = structlog.get_logger("plumbline")


class Part:
    """One process of the deployment. Its socket stays open here, so that callers wait out a restart instead of failing."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.name = name
        self.pid = 0
        self._listener = plan.listeners[name]
        self._environment = {**os.environ, **plan.environments[name], "LISTEN_FD": str(self._listener.fileno())}
        self._process: asyncio.subprocess.Process | None = None

    async def keep_running(self, stopping: asyncio.Event) -> None:
        """Start the process, and start it again whenever it ends, until ``stopping`` is set."""
        while not stopping.is_set():
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "plumbline",
                "serve",
                self.name,
                env=self._environment,
                pass_fds=(self._listener.fileno(),),
            )
            self.pid = self._process.pid
            status = await self._process.wait()
            if not stopping.is_set():
                log.warning("a process ended; starting it again", part=self.name, status=status)
                await asyncio.sleep(RESTART_PAUSE_S)

    async def stop(self) -> None:
        """Ask the process to end; kill it when it does not within the deadline."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_DEADLINE_S)
        except TimeoutError:
            self._process.kill()


async def run(plan: Plan, when_ready: Callable[[], Awaitable[None]]) -> None:
    """Run every part in its own process until SIGTERM; the gateway stops first, so that no request is cut off, then the rest."""
    told = serving.until_told_to_stop()
    parts = [Part(name, plan) for name in (*SERVICES, "gateway")]
    watching = [asyncio.create_task(part.keep_running(told)) for part in parts]
    beside = asyncio.ensure_future(when_ready())
    await told.wait()
    beside.cancel()
    await asyncio.gather(beside, return_exceptions=True)
    *services, gateway = parts
    await gateway.stop()
    await asyncio.gather(*(part.stop() for part in services))
    await asyncio.gather(*watching, return_exceptions=True)
