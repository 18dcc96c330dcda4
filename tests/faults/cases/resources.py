"""Disks that are full, descriptors that run out: what a machine lacks for a while."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from tests.faults.cases.case import Case
from tests.faults.journal import Client
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import KafkaBroker

MIB = 1024 * 1024
ROOM = 96 * MIB
FULL_S = 8.0
STARVED_S = 6.0
BROKER_GRACE_S = 20.0


def no_mount() -> str:
    """Why no small disk can be had here."""
    return "" if os.geteuid() == 0 and shutil.which("mount") else "mounting a small disk needs root"


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """What is in ``folder`` on a disk with little room, and back where it was afterwards; nothing may use it at either end."""
    size = sum(one.lstat().st_blocks * 512 for one in folder.rglob("*")) + ROOM
    aside = folder.with_name(f"{folder.name}-aside")
    subprocess.run(["cp", "-a", folder, aside], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "plumbline-faults", folder], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)
        shutil.rmtree(aside)
        yield
    finally:
        subprocess.run(["cp", "-a", folder, aside], check=True)
        subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(folder)
        aside.rename(folder)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """A disk without a byte left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (MIB, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * piece)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


@asynccontextmanager
async def postgres_on_a_small_disk(world: World) -> AsyncIterator[Path]:
    """PostgreSQL stopped, moved to a small disk, started; and back."""
    folder = world.cluster.postgres_folder
    await world.cluster.stop_postgres(signal.SIGINT)
    with small_disk(folder):
        await world.cluster.start_postgres()
        yield folder
        await world.cluster.stop_postgres(signal.SIGINT)
    await world.cluster.start_postgres()


async def fill_the_disk_of_the_database(world: World, client: Client) -> None:
    """Its data and its log of writes; PostgreSQL may give up, and is started again once there is room."""
    await after_writes(client, 8)
    async with postgres_on_a_small_disk(world) as folder:
        await after_writes(client, 12)
        with full(folder):
            await asyncio.sleep(FULL_S)
        await world.cluster.start_postgres()
        await after_writes(client, 20)


async def fill_the_disk_of_the_broker(world: World, client: Client) -> None:
    """Kafka stops when its only disk fails; it is started again once there is room."""
    assert isinstance(world.broker, KafkaBroker)
    log = world.broker.home / "log"
    await after_writes(client, 6)
    await world.beside(world.broker.stop)
    with small_disk(log):
        await world.beside(world.broker.start)
        await after_writes(client, 12)
        with full(log):
            await asyncio.sleep(FULL_S)
        await world.beside(partial(world.broker.restart, kill=True))
        await after_writes(client, 20)
        await world.beside(world.broker.stop)
    await world.beside(world.broker.start)


async def starve_of_descriptors(world: World, client: Client) -> None:
    """No socket, no file: accepting, connecting and opening fail until there are descriptors again."""
    await after_writes(client, 12)
    await _starve(world, "allocation")
    await _starve(world, "accountability")


async def starve_the_gateway_of_descriptors(world: World, client: Client) -> None:
    await after_writes(client, 12)
    await _starve(world, "gateway")


async def _starve(world: World, name: str) -> None:
    pid = world.cluster.parts[name].pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = _descriptors(pid)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
    await asyncio.sleep(STARVED_S)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


CASES = (
    Case("the disk of the database is full", "resources", fill_the_disk_of_the_database, missing=no_mount),
    Case("the disk of the broker is full", "resources", fill_the_disk_of_the_broker, missing=no_mount),
    Case("two services run out of file descriptors", "resources", starve_of_descriptors),
    Case("the gateway runs out of file descriptors", "resources", starve_the_gateway_of_descriptors),
)
