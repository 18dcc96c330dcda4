"""Whatever happens in whatever order, what was told last is what a fresh look finds, and copies fold anew from the log."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from psycopg.sql import SQL, Identifier

from chassis.database import Tx
from chassis.envelope import envelope_of
from chassis.ids import new_id
from chassis.testing import rolled_back
from contracts.cpd import ReadinessChangedV1
from contracts.registration import PostJudgedV1, RenewalChangedV1, RenewalRemindedV1, StatusChangedV1
from services.registration.service import service
from services.registration.tests.world import World

STEPS = 50
STATUSES = ("registered", "conditions", "suspended", "removed", "not_renewed", "unknown")
ENDS = (None, "2026-11-30", "2027-11-30")


async def happen(world: World, chance: Random, people: list[UUID], posts: list[UUID]) -> None:
    """One thing that can happen to people, posts and renewals."""
    someone, today = chance.choice(people), world.clock.today()
    match chance.randrange(8):
        case 0 | 1:
            await world.entry(someone, chance.choice(STATUSES), valid_to=chance.choice(ENDS))
        case 2 | 3:
            holder = chance.choice([*people, None])
            await world.post(holder, chance.choice(posts), designated=chance.random() < 0.7)
        case 4:
            leaves = chance.choice([None, None, today])
            unit = chance.choice([world.team, world.other_team])
            await world.worker(
                someone, org_unit_id=unit, is_social_worker=chance.random() < 0.8, employment_ended_on=leaves
            )
        case 5:
            ready = ReadinessChangedV1(
                worker_id=someone,
                org_unit_id=world.team,
                registration_year_end=date(2026, 11, 30),
                ready=chance.random() < 0.5,
                pieces=2,
                with_peer_reflection=1,
            )
            await world.tell(ready)
        case 6 if date(2026, 9, 1) <= today <= date(2026, 11, 30):
            done = [today.isoformat(), None]
            await world.renew(someone, form_submitted_on=chance.choice(done), fee_paid_on=chance.choice(done))
        case _:
            world.clock.forward(days=chance.randrange(1, 15))
            await world.scan()


async def much_happens(world: World, seed: int) -> list[UUID]:
    await world.to("2026-08-20T12:00")
    people, posts = [await world.worker() for _ in range(3)], [new_id(), new_id()]
    chance = Random(seed)
    for _ in range(STEPS):
        await happen(world, chance, people, posts)
    return people


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_fresh_look_at_everyone_finds_nothing_that_was_not_told(world: World, seed: int) -> None:
    people = await much_happens(world, seed)
    kinds = (PostJudgedV1, RenewalChangedV1, RenewalRemindedV1, StatusChangedV1)
    before = [len(await world.events(kind)) for kind in kinds]
    async with world.database.transaction() as tx:
        await tx.execute("update standings set settled_on = null")
    assert await world.scan() >= len(people)
    assert [len(await world.events(kind)) for kind in kinds] == before


@pytest.mark.parametrize("seed", [4, 5])
async def test_what_was_told_last_is_what_stands(world: World, seed: int) -> None:
    for worker in await much_happens(world, seed):
        entry = await world.call("GET", f"/workers/{worker}")
        said = [one.status for one in await world.events(StatusChangedV1, worker)]
        assert (said or ["unknown"])[-1] == entry["status"]
        changes = await world.events(StatusChangedV1, worker)
        assert all(one.previous == other.status for other, one in pairwise(changes))
        told = await world.events(PostJudgedV1, worker)
        assert all(one != other for other, one in pairwise(told)), "nothing is told twice in a row"


async def rows_of(tx: Tx) -> dict[str, list[str]]:
    found = {}
    for table in service.projections:
        query = SQL("select t::text as t from {} t order by 1").format(Identifier(table))
        found[table] = [row["t"] for row in await (await tx.connection.execute(query)).fetchall()]
    return found


async def test_copies_fold_from_the_log_to_the_same_rows_without_a_word(world: World) -> None:
    await much_happens(world, 6)
    async with rolled_back(world.database) as tx:
        before = await rows_of(tx)
        for table in service.projections:
            await tx.connection.execute(SQL("delete from {}").format(Identifier(table)))
        for event, received in world.log:
            if project := service.projectors.get(type(event)):
                await project(tx, event, envelope_of(received.headers))
        assert await rows_of(tx) == before
        assert all(before.values())
        assert tx.emitted == []
