"""Two releases of Plumbline side by side: replicas of either behind one address a service, exchanged one by one."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Self

import httpx

from chassis.bus.kafka import KafkaBus
from chassis.postgres import create_database
from plumbline.home import Home
from plumbline.plan import Options, Plan, make_plan
from plumbline.services import SERVICES
from plumbline.serving import listen

TREE = Path(__file__).parents[2]
READY_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
PIECE = 64 * 1024


class NoSuchReleaseError(Exception):
    """The history here does not reach back to the release that is upgraded from."""


def unpack(revision: str, into: Path) -> Path:
    """The code of a revision in a folder of its own."""
    if subprocess.run(["git", "cat-file", "-e", revision], cwd=TREE, check=False, capture_output=True).returncode:
        raise NoSuchReleaseError(f"{revision} is not in the history of this clone")
    parts = ("contracts", "chassis", "services", "gateway", "plumbline")
    archive = subprocess.run(
        ["git", "archive", revision, *parts], cwd=TREE, check=True, capture_output=True, timeout=60
    ).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as code:
        code.extractall(into, filter="data")
    return into


def services_of(code: Path) -> tuple[str, ...]:
    """The services that a release has."""
    asked = [sys.executable, "-c", "from plumbline.services import SERVICES; print(*SERVICES)"]
    given = {**os.environ, "PYTHONPATH": str(code)}
    done = subprocess.run(asked, cwd=code, env=given, check=True, capture_output=True, text=True, timeout=60)
    return tuple(done.stdout.split())


class Replica:
    """One process of one release, on a port of its own."""

    def __init__(self, part: str, code: Path, environment: Mapping[str, str], log: Path) -> None:
        self.part = part
        with closing(listen("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._log = log
        given = {**os.environ, **environment, "HOST": "127.0.0.1", "PORT": str(self.port), "PYTHONPATH": str(code)}
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "plumbline", "serve", part], cwd=code, env=given, stdout=out, stderr=out
            )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it says that it is: what Kubernetes waits for before it sends anything there."""
        end = time.monotonic() + READY_WITHIN_S
        path = "/health/live" if self.part == "gateway" else "/health/ready"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=5) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(path)).status_code == 200:
                        return
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{self.part} did not get ready:\n{self._log.read_text()[-1500:]}")
                await asyncio.sleep(0.1)

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.to_thread(self._process.wait, STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return await asyncio.to_thread(self._process.wait, STOP_WITHIN_S)


@dataclass
class Part:
    """How the replicas of a part that are gone have ended."""

    left: list[int] = field(default_factory=list)


class Address:
    """The one address of a service: new connections go to its replicas in turn, as a Service of Kubernetes does."""

    def __init__(self) -> None:
        self.replicas: list[Replica] = []
        self._turn = itertools.count()
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, plan: Plan, part: str) -> None:
        """Take connections on the socket that the plan has for a part."""
        self._server = await asyncio.start_server(self._pass_on, sock=plan.listeners[part])

    async def close(self) -> None:
        """Take no more, and drop those that are open."""
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if not self.replicas:
                return
            replica = self.replicas[next(self._turn) % len(self.replicas)]
            there, back = await asyncio.open_connection("127.0.0.1", replica.port)
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._open.discard(task)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    target.close()


class Deployment:
    """Every part of a deployment, in whichever release it is at the moment. Use as ``async with``."""

    def __init__(self, folder: Path, kafka: str, old: Path) -> None:
        self.folder = folder
        self.kafka = kafka
        self.old = old
        self._home = Home(folder / "home")
        self._postgres = self._home.postgres()
        self._addresses: dict[str, Address] = {}
        self._started = itertools.count()
        self.databases: dict[str, str] = {}
        self.parts = {part: Part() for part in ("gateway", *SERVICES)}
        self.url = ""
        self.server_url = ""

    async def __aenter__(self) -> Self:
        server = self._postgres.__enter__()
        self.server_url = server.url
        self.databases = {name: create_database(server.url, f"plumbline_{name}") for name in (*SERVICES, "bus")}
        options = Options(port=0, home=self._home.folder, kafka=self.kafka, processes=True)
        self._plan = make_plan(options, self._home, self._home.new_key(), dict(self.databases))
        self.url = self._plan.url("gateway")
        for part in ("gateway", *SERVICES):
            self._addresses[part] = Address()
            await self._addresses[part].listen(self._plan, part)
        return self

    async def __aexit__(self, *_: object) -> None:
        everyone = [replica for address in self._addresses.values() for replica in address.replicas]
        await asyncio.gather(*(replica.stop() for replica in everyone))
        for address in self._addresses.values():
            await address.close()
        self._postgres.__exit__(None, None, None)

    @property
    def pids(self) -> dict[str, int]:
        """The process of each part, the last one started where there are several."""
        return {part: address.replicas[-1].pid for part, address in self._addresses.items() if address.replicas}

    def bus(self) -> KafkaBus:
        """A bus of the test's own on the same brokers."""
        return KafkaBus(self.kafka)

    def running(self, part: str) -> list[Replica]:
        """The replicas of a part."""
        return self._addresses[part].replicas

    async def migrate(self, code: Path, services: tuple[str, ...]) -> None:
        """Bring databases to the schema of a release, as its Jobs do."""
        for name in services:
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "plumbline", "migrate", name],
                cwd=code,
                env={**os.environ, "PYTHONPATH": str(code), "DATABASE_URL": self.databases[name]},
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            if done.returncode != 0:
                raise RuntimeError(f"{name} was not migrated: {done.stderr[-1500:]}")

    async def add(self, part: str, code: Path) -> Replica:
        """Start a replica of a release; it is given connections once it is ready."""
        number = next(self._started)
        environment = {**self._plan.environments[part], "MEMBER": f"replica-{number}"}
        replica = Replica(part, code, environment, self.folder / f"{number:02d}-{part}.log")
        try:
            await replica.ready()
        except BaseException:
            await replica.stop()
            raise
        self._addresses[part].replicas.append(replica)
        return replica

    async def remove(self, replica: Replica) -> int:
        """Give a replica no further connection, then stop it; its exit status."""
        self._addresses[replica.part].replicas.remove(replica)
        status = await replica.stop()
        self.parts[replica.part].left.append(status)
        return status

    def tails(self, characters: int = 800) -> str:
        """The last words of every replica."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-characters:]}" for log in sorted(self.folder.glob("*.log"))
        )
