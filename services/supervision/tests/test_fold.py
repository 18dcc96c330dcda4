"""Whatever happens in whatever order, what stands is what a fresh judgement of everything finds, and what was told last."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from psycopg.sql import SQL, Identifier

from chassis.database import Tx
from chassis.envelope import envelope_of
from chassis.testing import published, rolled_back, token
from services.supervision.queries.evidence import load_evidence, load_judged
from services.supervision.queries.records import load_known
from services.supervision.rules.judgement import judge_all
from services.supervision.service import service
from services.supervision.tests.world import PERIOD_EVENTS, World

STEPS = 40
ADMIN = token(roles=["workforce_admin"])


async def happen(world: World, chance: Random, worker: UUID, lead: UUID, sessions: list[str]) -> None:
    """One thing that can happen to a worker's supervision."""
    ago = chance.randrange(0, 60)
    match chance.randrange(9):
        case 0 | 1 | 2:
            stream = chance.choice(["line", "professional"])
            taken = await world.recorded(
                worker, world.ago(ago, hour=7), who=ADMIN, minutes=chance.choice([89, 90, 120]), stream=stream
            )
            sessions.append(taken["session_id"])
        case 3 if sessions:
            session = sessions.pop(chance.randrange(len(sessions)))
            await world.call("POST", f"/sessions/{session}/cancel", ADMIN, json={"reason": "urgent_work"})
        case 4:
            first = world.day(ago)
            await world.absent(worker, first, first + timedelta(days=chance.randrange(0, 21)))
        case 5:
            await world.worker(lead, is_social_worker=chance.random() < 0.5)
        case 6:
            await world.worker(
                worker,
                line_manager_id=chance.choice([lead, world.manager, None]),
                org_unit_id=chance.choice([world.team, world.other_team]),
                newly_qualified=chance.random() < 0.8,
            )
        case 7:
            started = date(2026, 1, 5) + timedelta(days=chance.randrange(0, 3))
            await world.worker(worker, employment_started_on=started, monitored_from=started)
        case _:
            world.clock.forward(days=chance.randrange(1, 12))
            await world.scan()


async def much_happens(world: World, chance: Random, worker: UUID, lead: UUID) -> None:
    sessions: list[str] = []
    for _ in range(STEPS):
        await happen(world, chance, worker, lead, sessions)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_stands_is_a_fresh_judgement_and_what_was_told_last(world: World, seed: int) -> None:
    chance = Random(seed)
    lead = await world.worker(is_social_worker=False, line_manager_id=None)
    worker = await world.worker(newly_qualified=True, line_manager_id=lead, employment_started_on=date(2026, 1, 5))
    await much_happens(world, chance, worker, lead)
    async with world.database.reading() as tx:
        tx.now = world.clock.now()
        about = (await load_known(tx, [worker]))[worker]
        fresh = judge_all(about.worker, (await load_evidence(tx, [worker]))[worker], tx.today)
        standing = (await load_judged(tx, [worker]))[worker].standing
        told = [event for event in await published(tx) if isinstance(event, PERIOD_EVENTS)]
    required = {key: judgement for key, judgement in standing.items() if judgement.outcome != "withdrawn"}
    assert required == {(judgement.stream, judgement.period.start): judgement for judgement in fresh}
    last = {(e.stream, e.period_start): e for e in told if e.worker_id == worker}
    assert last.keys() == standing.keys()
    for key, judgement in standing.items():
        kind = "excused" if judgement.outcome == "withdrawn" else judgement.outcome
        assert f"supervision.period.{kind}.v1" == last[key].TYPE
        assert last[key].period_end == judgement.period.end


async def rows_of(tx: Tx) -> dict[str, list[str]]:
    return {
        "workers": sorted(row["t"] for row in await tx.fetch_all("select t::text as t from workers t")),
        "facts": sorted(row["t"] for row in await tx.fetch_all("select t::text as t from worker_facts t")),
        "absences": sorted(row["t"] for row in await tx.fetch_all("select t::text as t from absences t")),
    }


async def test_copies_fold_from_the_log_to_the_same_rows_without_a_word(world: World) -> None:
    chance = Random(4)
    lead = await world.worker(is_social_worker=False, line_manager_id=None)
    worker = await world.worker(newly_qualified=True, line_manager_id=lead)
    await much_happens(world, chance, worker, lead)
    async with rolled_back(world.database) as tx:
        before = await rows_of(tx)
        for table in service.projections:
            await tx.connection.execute(SQL("delete from {}").format(Identifier(table)))
        for event, received in world.log:
            if project := service.projectors.get(type(event)):
                await project(tx, event, envelope_of(received.headers))
        assert await rows_of(tx) == before
        assert tx.emitted == []
