"""Projections are a fold of the log, and the log shows whether it was touched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import migrations
from chassis.database import Database, Tx
from chassis.testing import (
    FakeClock,
    apply_in,
    fresh_database,
    open_database,
    published,
    react_in,
    receive,
    rolled_back,
)
from contracts import Event
from services.accountability.commands.acknowledge import Acknowledge, acknowledge
from services.accountability.commands.rebuild import PROJECTIONS, rebuild
from services.accountability.queries.log import verify_chain
from services.accountability.scans.alerts import scan_line, scan_overdue
from services.accountability.service import service
from services.accountability.tests.authority import TODAY, Authority

JANUARY = date(2026, 1, 5)
FEBRUARY = JANUARY + timedelta(days=28)


def test_migrated_database_has_no_drift(postgres: str) -> None:
    assert migrations.drift(fresh_database(postgres, service), service.tables) == []


async def projections(tx: Tx) -> dict[str, str]:
    return {
        table: "\n".join(
            [row["line"] for row in await tx.fetch_all(f"select t::text as line from {table} t order by t::text")]
        )
        for table in PROJECTIONS
    }


async def a_busy_month(tx: Tx, place: Authority) -> None:
    """Alerts that open, are taken on, escalate, move and resolve; figures that are restated."""
    await react_in(tx, service, *place.whole(), place.overloaded(), place.missed(JANUARY), place.workload(105))
    await react_in(tx, service, place.received("a"), place.received("b"), place.workload(95, TODAY - timedelta(days=2)))
    rows = await tx.fetch_all("select alert_id from alerts where kind = 'workload.overloaded'")
    await acknowledge(tx, Acknowledge(rows[0]["alert_id"], "on it"))
    await tx.flush()
    tx.now += timedelta(days=6)
    await scan_overdue(tx)
    await react_in(tx, service, place.relieved(), place.allocated("a"), place.left(place.head, place.service, TODAY))
    await scan_line(tx)
    await react_in(tx, service, place.met(JANUARY, restates=True), place.missed(FEBRUARY), place.sustained())


@pytest.mark.parametrize("page", [1, 3, 1000])
@pytest.mark.parametrize("returned", [True, False], ids=["own events are back", "own events are on their way"])
async def test_a_rebuild_gives_the_same_bytes_and_tells_nobody(
    tx: Tx, place: Authority, page: int, returned: bool
) -> None:
    await a_busy_month(tx, place)
    own = await published(tx)
    assert len(own) > 8
    if returned:
        rows = await tx.fetch_all("select event_id from outbox order by id")
        await _come_back(tx, own, [row["event_id"] for row in rows])
    before = await projections(tx)
    events, told = len(await published(tx)), await tx.fetch_value("select count(*) from notifications")
    folded = await rebuild(tx, page)
    assert folded == await tx.fetch_value("select count(*) from log")
    assert await projections(tx) == before
    assert len(await published(tx)) == events
    assert await tx.fetch_value("select count(*) from notifications") == told


async def _come_back(tx: Tx, own: list[Event], ids: list[object]) -> None:
    """Own events as they come back over the bus: the same ids and times as in the outbox."""
    import json

    from chassis.bus import Received

    rows = await tx.fetch_all("select key, sequence, attributes, data from outbox order by id")
    records = [
        Received.of(
            "plumbline.accountability",
            0,
            place,
            row["key"],
            {**json.loads(row["attributes"]), "ce_sequence": str(row["sequence"])},
            bytes(row["data"]),
        )
        for place, row in enumerate(rows)
    ]
    assert len(records) == len(own) == len(ids)
    await apply_in(tx, service, records)


_steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["met", "missed", "excused", "workload", "overloaded", "relieved", "sustained", "received", "allocated"]
        ),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
async def test_any_history_in_any_batches_rebuilds_to_the_same_bytes(
    database: Database, steps: list[tuple[str, int, bool]]
) -> None:
    place = Authority()
    batches: list[list[Event]] = [place.whole()]
    for name, number, starts_batch in steps:
        if starts_batch:
            batches.append([])
        batches[-1].append(_event(place, name, number))
    async with rolled_back(database) as tx:
        for batch in batches:
            await react_in(tx, service, *batch)
            await tx.flush()
            tx.now += timedelta(hours=7)
        before = await projections(tx)
        await rebuild(tx, 3)
        assert await projections(tx) == before


def _event(place: Authority, name: str, number: int) -> Event:
    if name in {"met", "missed", "excused"}:
        judged: Event = getattr(place, name)(JANUARY + timedelta(days=28 * number))
        return judged
    if name == "workload":
        return place.workload(80 + 10 * number, TODAY - timedelta(days=number))
    if name in {"received", "allocated"}:
        case: Event = getattr(place, name)(f"case {number}")
        return case
    event: Event = getattr(place, name)()
    return event


@pytest.mark.parametrize(
    ("tampering", "found_at"),
    [
        pytest.param("update log set subject = 'x' where position = 5", 5, id="an edited subject"),
        pytest.param("update log set data = '{}' where position = 5", 5, id="edited data"),
        pytest.param("update log set data = (data::text || ' ')::json where position = 5", 5, id="a blank more"),
        pytest.param("update log set time = time + interval '1 s' where position = 5", 5, id="another time"),
        pytest.param("update log set org_unit_id = null where position = 1", 1, id="moved out of its unit"),
        pytest.param("delete from log where position = 5", 5, id="a deleted row"),
        pytest.param(
            "update log set position = case position when 5 then -1 else position end where position = 5",
            5,
            id="moved away",
        ),
        pytest.param("delete from log where position > 8", 9, id="cut short"),
        pytest.param(
            "with last as (delete from log where position = 11 returning hash) update log_head set position = 10",
            11,
            id="cut short with its head",
        ),
        pytest.param("select 1", None, id="untouched"),
    ],
)
async def test_tampering_with_the_log_is_found(tx: Tx, place: Authority, tampering: str, found_at: int | None) -> None:
    await react_in(tx, service, *place.whole())
    assert await tx.fetch_value("select position from log_head") == 11
    await tx.connection.execute(tampering.encode())
    assert (await verify_chain(tx))[1] == found_at
    if found_at == 5:
        assert (await verify_chain(tx, limit=3))[1] is None, "the part before it holds"
        assert (await verify_chain(tx, after=3, limit=3))[1] == 5


async def test_two_writers_never_share_or_skip_a_position(postgres: str, clock: FakeClock) -> None:
    import asyncio

    async with open_database(postgres, service, clock) as database:
        places = [Authority() for _ in range(8)]
        await asyncio.gather(*[receive(database, service, *place.whole()) for place in places])
        async with database.reading() as tx:
            rows = await tx.fetch_all("select position from log order by position")
            assert [row["position"] for row in rows] == list(range(1, 89))
            assert (await verify_chain(tx))[1] is None
