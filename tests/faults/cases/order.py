"""Events that come in another order than they were written, and callers who do not wait for their answers."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

from tests.faults.cases.case import Case
from tests.faults.journal import Client
from tests.faults.world import World, after_writes

SEED = 20261122
GATHERED_S = 3.0
CALLERS = 12
CALLS = 10
_LOCK: LiteralString = "select pg_advisory_lock(hashtext('plumbline relay'))"
_HOLDERS: LiteralString = """
select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
and objid::bigint = hashtext('plumbline relay')::bigint & 4294967295
and database = (select oid from pg_database where datname = current_database())
"""
_WAITING: LiteralString = "select * from outbox where published_at is null order by id for update"
_PUT: LiteralString = """
update outbox set event_id = %(event_id)s, topic = %(topic)s, key = %(key)s, sequence = %(sequence)s,
    attributes = %(attributes)s, data = %(data)s
where id = %(place)s
"""


async def mix_the_keys(world: World, client: Client) -> None:
    """What waits is published in another order: that of each key is kept, that between keys is not."""
    chance = random.Random(SEED)
    for writes, service in ((4, "workforce"), (10, "allocation"), (16, "allocation"), (30, "supervision")):
        await after_writes(client, writes)
        await asyncio.to_thread(_mix, world, service, chance)


def _mix(world: World, service: str, chance: random.Random) -> None:
    with _instead_of_the_relay(world, service) as connection:
        connection.execute("select pg_sleep(%s)", (GATHERED_S,))
        with connection.transaction():
            rows = connection.execute(_WAITING).fetchall()
            for place, row in zip([row["id"] for row in rows], _shuffled(rows, chance), strict=True):
                connection.execute(_PUT, {**row, "place": place})


def _shuffled(rows: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """The rows in any order that keeps the one of each key."""
    of_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_key[row["key"]].append(row)
    keys = [row["key"] for row in rows]
    chance.shuffle(keys)
    return [of_key[key].pop(0) for key in keys]


@contextmanager
def _instead_of_the_relay(world: World, service: str) -> Iterator[Any]:
    """Hold the lock by which one relay is active: the relay that has it is cut off, and waits."""
    with world.connect(service, autocommit=True) as waiting, world.connect(service, autocommit=True) as connection:
        waiting.execute(_HOLDERS)
        connection.execute(_LOCK)
        yield connection


async def hang_up_again_and_again(world: World, client: Client) -> None:
    """Callers who close the connection in the middle of their request, and ask again under the same key."""
    chance = random.Random(SEED)
    who = await client.token(roles=["workforce_admin"])
    await after_writes(client, 4)

    async def call() -> None:
        for _ in range(CALLS):
            unit = {"kind": "authority", "name": f"Impatient {uuid.uuid4().hex[:8]}"}
            await client.hang_up_and_ask_again("/v1/workforce/org-units", who, unit, chance.uniform(0.0, 0.06))

    await asyncio.gather(*(call() for _ in range(CALLERS)))


CASES = (
    Case("events of different keys come in another order than they were written", "delivery", mix_the_keys),
    Case("a storm of callers who hang up and ask again", "callers", hang_up_again_and_again),
)
