"""The broker is away for long, restarts again and again, comes back older than it was; nothing answers at the start."""

from __future__ import annotations

import asyncio
import shutil
import signal
from functools import partial

from tests.faults.cases.case import Case
from tests.faults.journal import Client
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import KafkaBroker

AWAY_S = 40.0


async def be_away_for_long(world: World, client: Client) -> None:
    """Services go on taking writes; what they wrote comes through afterwards."""
    await after_writes(client, 12)
    await world.beside(world.broker.stop)
    await asyncio.sleep(AWAY_S)
    await world.beside(world.broker.start)


async def restart_three_times(world: World, client: Client) -> None:
    for writes in (6, 12, 18):
        await after_writes(client, writes)
        await world.beside(partial(world.broker.restart, kill=True))


async def come_back_older(world: World, client: Client) -> None:
    """A restored volume: the log ends before what was acknowledged."""
    log = _broker(world).home / "log"
    copy = log.with_name("older")
    await after_writes(client, 8)
    await world.beside(world.broker.stop)
    shutil.copytree(log, copy)
    await world.beside(world.broker.start)
    await after_writes(client, 16)
    _broker(world).kill()
    shutil.rmtree(log)
    copy.rename(log)
    await world.beside(world.broker.start)


def _broker(world: World) -> KafkaBroker:
    assert isinstance(world.broker, KafkaBroker)
    return world.broker


async def start_without_anything_to_reach(world: World, client: Client) -> None:
    """Every service starts while neither the broker nor the database answers."""
    await after_writes(client, 8)
    await world.beside(world.broker.stop)
    await world.cluster.stop_postgres(signal.SIGQUIT)
    for part in world.cluster.parts.values():
        await part.kill()
    await asyncio.sleep(8)
    await world.cluster.start_postgres()
    await asyncio.sleep(4)
    await world.beside(world.broker.start)


CASES = (
    Case("the broker is away for 40 seconds", "broker", be_away_for_long),
    Case("the broker is killed three times running", "broker", restart_three_times),
    Case("the broker comes back with an older log", "broker", come_back_older, moves_back=True),
    Case("everything starts while neither broker nor database answers", "start", start_without_anything_to_reach),
)
