"""Processes that are doubled, paused past their leases, join and leave without end, or live in another hour."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.faults.cases.case import Case
from tests.faults.cluster import Part
from tests.faults.journal import Client
from tests.faults.world import World, after_writes

PAST_THE_SESSION_S = 13.0
PAIRED = ("workforce", "allocation", "supervision", "accountability")
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@asynccontextmanager
async def doubled(world: World, *names: str) -> AsyncIterator[list[Part]]:
    """A second process of each service beside the first."""
    replicas = [world.cluster.replica(name, "1") for name in names]
    for replica in replicas:
        replica.start()
    try:
        yield replicas
    finally:
        await asyncio.gather(*(replica.stop() for replica in replicas))


async def run_two_of_each(world: World, client: Client) -> None:
    async with doubled(world, *PAIRED):
        await after_writes(client, 24)


async def kill_the_first_of_two(world: World, client: Client) -> None:
    async with doubled(world, "allocation", "accountability"):
        for writes in (12, 18, 24):
            await after_writes(client, writes)
            await world.cluster.parts["allocation"].kill()
            await world.cluster.parts["accountability"].kill()


async def wake_a_relay_that_was_replaced(world: World, client: Client) -> None:
    """Split brain: the paused relay loses its lock, another takes it, and the first wakes in the middle of its work."""
    async with doubled(world, "allocation", "workforce"):
        await after_writes(client, 12)
        first = [world.cluster.parts[name] for name in ("allocation", "workforce")]
        for part in first:
            part.signal(signal.SIGSTOP)
        world.execute(
            "allocation",
            """select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
            and objid::bigint = hashtext('plumbline relay')::bigint & 4294967295""",
        )
        await asyncio.sleep(PAST_THE_SESSION_S)
        for part in first:
            part.signal(signal.SIGCONT)
        await after_writes(client, 20)


async def join_and_leave(world: World, client: Client) -> None:
    """Each newcomer takes partitions from the others and gives them back."""
    for turn in range(5):
        await after_writes(client, 6 + 3 * turn)
        replicas = [world.cluster.replica(name, f"guest-{turn}") for name in ("allocation", "accountability")]
        for replica in replicas:
            replica.start()
        await asyncio.sleep(5)
        await asyncio.gather(*(replica.stop() for replica in replicas))


async def pause_everything(world: World, client: Client) -> None:
    await after_writes(client, 12)
    for part in world.cluster.parts.values():
        part.signal(signal.SIGSTOP)
    await asyncio.sleep(PAST_THE_SESSION_S)
    for part in world.cluster.parts.values():
        part.signal(signal.SIGCONT)


async def pause_the_gateway(world: World, client: Client) -> None:
    await after_writes(client, 12)
    world.cluster.parts["gateway"].signal(signal.SIGSTOP)
    await asyncio.sleep(PAST_THE_SESSION_S)
    world.cluster.parts["gateway"].signal(signal.SIGCONT)


async def pause_again_and_again(world: World, client: Client) -> None:
    """As a collector of garbage that stops the world, each time for less than a session."""
    for turn in range(8):
        await after_writes(client, 3 + 3 * turn)
        part = world.cluster.parts["accountability" if turn % 2 else "allocation"]
        part.signal(signal.SIGSTOP)
        await asyncio.sleep(1.5)
        part.signal(signal.SIGCONT)


def no_faketime() -> str:
    """Why a clock cannot be shifted here."""
    return "" if FAKETIME else "libfaketime is not installed"


async def live_an_hour_ahead(world: World, client: Client) -> None:
    """The system clock of one process: what it orders and leases by is the database's."""
    shifted = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    await after_writes(client, 4)
    async with world.with_settings(shifted, "accountability", "allocation"):
        await after_writes(client, 24)


async def live_four_seconds_behind(world: World, client: Client) -> None:
    """Within what a token's time may differ; more than that is refused, as it must be."""
    shifted = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "-4s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    await after_writes(client, 4)
    async with world.with_settings(shifted, "supervision", "workforce"):
        await after_writes(client, 24)


CASES = (
    Case("two processes of each service run at once", "two at once", run_two_of_each),
    Case("the first of two processes is killed three times", "two at once", kill_the_first_of_two),
    Case("a relay that was replaced wakes in the middle of its work", "two at once", wake_a_relay_that_was_replaced),
    Case("consumers join and leave their groups without end", "two at once", join_and_leave),
    Case("every process is paused past its session", "pause", pause_everything),
    Case("the gateway is paused for 13 seconds", "pause", pause_the_gateway),
    Case("processes are paused again and again", "pause", pause_again_and_again),
    Case("the clock of two services is an hour ahead", "clock", live_an_hour_ahead, missing=no_faketime),
    Case("the clock of two services is four seconds behind", "clock", live_four_seconds_behind, missing=no_faketime),
)
