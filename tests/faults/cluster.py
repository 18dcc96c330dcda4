"""A whole deployment for fault tests: each part a process of its own, watched, and started again when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

from chassis.bus.kafka import KafkaBus
from plumbline.home import Home, prepare_databases
from plumbline.plan import Options, Plan, make_plan
from plumbline.services import SERVICES

READY_DEADLINE_S = 180.0
STOP_DEADLINE_S = 40.0


class Part:
    """One process and its supervisor. Its socket stays open outside it, so that callers wait out a restart."""

    def __init__(self, name: str, plan: Plan, log: Path) -> None:
        self.name = name
        self.deaths: list[int] = []
        """The exit status of every process of this part that ended, negative for signals."""
        self.extra: dict[str, str] = {}
        """Settings on top of the plan's, from the next start on."""
        self.through: tuple[str, ...] = ()
        """A command that starts the process in surroundings of its own, from the next start on."""
        self.left: list[int] = []
        """The exit status of every process that was asked to leave by SIGTERM."""
        self._listener = plan.listeners[name]
        self._environment = {**os.environ, **plan.environments[name], "LISTEN_FD": str(self._listener.fileno())}
        self._log = log
        self._failpoint = ""
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._leaving = False

    @property
    def pid(self) -> int:
        """The running process."""
        if self._process is None or self._process.returncode is not None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Run the part from now on."""
        self._leaving = False
        self._watching = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for what does not heed; no restart."""
        self._leaving = True
        if self._process is not None and self._process.returncode is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_DEADLINE_S)
            except TimeoutError:
                self._process.kill()
            self.left.append(await self._process.wait())
        if self._watching is not None:
            await self._watching

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the running process; SIGKILL is answered by the supervisor with a restart."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL, and wait until the supervisor has seen it."""
        before = len(self.deaths)
        self.signal(signal.SIGKILL)
        while len(self.deaths) == before:
            await asyncio.sleep(0.02)

    async def arm(self, failpoint: str) -> None:
        """Restart the process with a failpoint; whatever starts after it dies is unarmed."""
        self._failpoint = failpoint
        self.signal(signal.SIGKILL)

    async def _keep_running(self) -> None:
        while not self._leaving:
            environment = {**self._environment, **self.extra, "FAILPOINT": self._failpoint}
            self._failpoint = ""
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *(*self.through, sys.executable, "-m", "plumbline", "serve", self.name),
                    env=environment,
                    stdout=log,
                    stderr=log,
                    pass_fds=(self._listener.fileno(),),
                )
            self.deaths.append(await self._process.wait())


class Cluster:
    """All parts on one Kafka and one embedded PostgreSQL. Use as ``async with``."""

    def __init__(self, folder: Path, kafka: str) -> None:
        self.folder = folder
        self.kafka = kafka
        self._home = Home(folder / "home")
        self._postgres = self._home.postgres()
        self.databases: Mapping[str, str] = {}
        self.parts: dict[str, Part] = {}
        self.url = ""
        self.charged: set[str] = set()
        """What was found wrong so far: it stays wrong, and is charged to the case that brought it about."""

    async def __aenter__(self) -> Self:
        server = self._postgres.__enter__()
        self.databases = await asyncio.to_thread(prepare_databases, server.url)
        self.server_url = server.url
        options = Options(port=0, home=self._home.folder, kafka=self.kafka, processes=True)
        plan = make_plan(options, self._home, self._home.new_key(), dict(self.databases))
        self._plan = plan
        self.url = plan.url("gateway")
        for name in (*SERVICES, "gateway"):
            self.parts[name] = Part(name, plan, self.folder / f"{name}.log")
            self.parts[name].start()
        try:
            await self.ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(part.stop() for part in self.parts.values()))
        for listener in self._plan.listeners.values():
            listener.close()
        self._postgres.__exit__(None, None, None)

    async def restart_postgres(self) -> None:
        """Shut PostgreSQL down at once, as a crash would (no checkpoint, every connection cut), and start it again."""
        await self.stop_postgres(signal.SIGQUIT)
        await self.start_postgres()

    async def stop_postgres(self, number: signal.Signals) -> None:
        """Send the postmaster a signal that ends it, and wait until nothing of it is left."""
        family = [self.postgres_pid, *children(self.postgres_pid)]
        os.kill(family[0], number)
        while any(map(_exists, family)):
            await asyncio.sleep(0.02)

    async def start_postgres(self) -> None:
        """Start PostgreSQL on the folder that is there, unless it runs."""
        await asyncio.to_thread(self._postgres.start)

    @property
    def postgres_folder(self) -> Path:
        """Where PostgreSQL keeps everything."""
        return self._home.folder / "postgres"

    @property
    def postgres_pid(self) -> int:
        """The postmaster."""
        pid = self._postgres._server.get_pid()
        if pid is None:
            raise RuntimeError("PostgreSQL does not run")
        return int(pid)

    @property
    def postgres_socket(self) -> Path:
        """Where PostgreSQL listens."""
        return self.postgres_folder / ".s.PGSQL.5432"

    def address(self, name: str) -> str:
        """The base URL of a part itself, past the gateway."""
        return self._plan.url(name)

    @property
    def key_file(self) -> Path:
        """The private key with which tokens are signed."""
        return self._home.key_file

    @property
    def pids(self) -> dict[str, int]:
        """The running process of each part."""
        return {name: part.pid for name, part in self.parts.items()}

    def replica(self, name: str, member: str) -> Part:
        """A further process of a service behind the same address, with a member name of its own; to be started."""
        part = Part(name, self._plan, self.folder / f"{name}-{member}.log")
        part.extra = {"MEMBER": member}
        return part

    def bus(self) -> KafkaBus:
        """A bus of the test's own on the same brokers."""
        return KafkaBus(self.kafka)

    async def ready(self) -> None:
        """Wait until the gateway says that every service answers."""
        deadline = time.monotonic() + READY_DEADLINE_S
        last = "no answer"
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.get("/health/ready")
                    if answer.status_code == 200:
                        return
                    last = answer.text[:300]
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"not ready after {READY_DEADLINE_S:.0f} s, {last}; logs in {self.folder}:\n{self.tails()}"
                    )
                await asyncio.sleep(0.2)

    def tails(self, characters: int = 800) -> str:
        """The last words of every part."""
        logs = ((name, self.folder / f"{name}.log") for name in self.parts)
        return "\n".join(f"--- {name}\n{log.read_text()[-characters:]}" for name, log in logs if log.exists())


def _exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
