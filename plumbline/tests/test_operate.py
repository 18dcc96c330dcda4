"""The commands for whoever runs a deployment, on real databases of the real services."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console

from chassis.bus import Received
from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, FakeClock, fresh_database, record
from contracts import Event
from contracts.workforce import AbsenceRecordedV1, AccountableChangedV1, OrgUnitRecordedV1, WorkerRecordedV1
from plumbline import operate
from plumbline.databases import variable
from plumbline.services import SERVICES, load

NOWHERE = Path("/nonexistent")


@pytest.fixture
async def databases(postgres: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Database]]:
    """Every service's database, where the commands look for them."""
    opened = {}
    for name in SERVICES:
        url = fresh_database(postgres, load(name))
        monkeypatch.setenv(variable(name), url)
        opened[name] = Database(url, name, Clock(), pool_size=2)
        await opened[name].open()
    yield opened
    for database in opened.values():
        await database.close()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def worker(worker_id: UUID, unit: UUID) -> WorkerRecordedV1:
    return WorkerRecordedV1(
        worker_id=worker_id,
        org_unit_id=unit,
        line_manager_id=None,
        job_role="social worker",
        career_stage="practitioner",
        newly_qualified=False,
        is_social_worker=True,
        has_registration_number=True,
        contracted_hours=Decimal(37),
        employment_started_on=date(2025, 3, 3),
        monitored_from=date(2026, 3, 2),
    )


def story() -> list[Received]:
    """What workforce tells of an authority with a team, a manager and a worker who moves."""
    authority, team, other, manager, mover = (new_id() for _ in range(5))
    events: list[Event] = [
        OrgUnitRecordedV1(org_unit_id=authority, parent_id=None, kind="authority"),
        OrgUnitRecordedV1(org_unit_id=team, parent_id=authority, kind="team"),
        OrgUnitRecordedV1(org_unit_id=other, parent_id=authority, kind="team"),
        worker(manager, team),
        worker(mover, team),
        AccountableChangedV1(org_unit_id=team, worker_id=manager, from_on=date(2026, 3, 2)),
        worker(mover, other),
    ]
    numbers: dict[str, int] = {}
    records = []
    for offset, event in enumerate(events):
        numbers[event.subject] = numbers.get(event.subject, 0) + 1
        records.append(record(event, numbers[event.subject], offset=offset))
    return records


async def test_projections_of_every_service_come_out_of_the_log_the_same(
    databases: dict[str, Database], console: Console
) -> None:
    told = story()
    for name, database in databases.items():
        if "workforce" in load(name).listens_to:
            database.clock = FakeClock(MONDAY_MORNING)
            await Consumer(database, load(name)).apply(told)
    for name in SERVICES:
        assert await operate.rebuild(name, NOWHERE, check=True, console=console) == 0, said(console)
        assert await operate.rebuild(name, NOWHERE, check=False, console=console) == 0, said(console)
    assert "different" not in said(console)
    assert "directory_workers: the same as before" in said(console)


async def test_a_rebuild_finds_a_row_that_no_event_explains(databases: dict[str, Database], console: Console) -> None:
    told = story()
    for name in ("supervision", "accountability"):
        await Consumer(databases[name], load(name)).apply(told)
    async with databases["supervision"].transaction() as tx:
        await tx.execute("update directory_workers set left_on = '2026-01-01'")
    assert await operate.rebuild("supervision", NOWHERE, check=True, console=console) == 1
    assert "directory_workers: different" in said(console)
    assert await operate.rebuild("supervision", NOWHERE, check=False, console=console) == 0
    async with databases["supervision"].reading() as tx:
        assert await tx.fetch_value("select count(*) from directory_workers where left_on is not null") == 0


async def test_a_rebuild_leaves_out_what_is_not_as_its_schema_says(
    databases: dict[str, Database], console: Console
) -> None:
    told = story()
    ids = {"absence_id": new_id(), "worker_id": new_id(), "org_unit_id": new_id()}
    sick = record(AbsenceRecordedV1(**ids, from_on=date(2026, 3, 2), to_on=date(2026, 3, 6)), 1)
    poison = Received.of(sick.topic, 0, len(told), sick.key, sick.headers, b'{"absence_id": 17}')
    for name in ("supervision", "accountability"):
        await Consumer(databases[name], load(name)).apply([*told, poison])
    async with databases["accountability"].reading() as tx:
        assert await tx.fetch_value("select count(*) from log where event_id = %(id)s", {"id": sick.headers["ce_id"]})
    for name in ("supervision", "accountability"):
        assert await operate.rebuild(name, NOWHERE, check=True, console=console) == 0, said(console)
    assert f"Left out, because they are not what their schema says: events {sick.headers['ce_id']}" in said(console)


async def test_parked_keys_are_listed_with_their_reason_and_redriven_once_mended(
    databases: dict[str, Database], console: Console
) -> None:
    unit = new_id()
    good = record(OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="team"), 1)
    poison = Received.of(good.topic, 0, good.offset, good.key, good.headers, b'{"org_unit_id": "no id"}')
    await Consumer(databases["allocation"], load("allocation")).apply([poison])
    await operate.list_parked(NOWHERE, console)
    assert str(unit) in said(console)
    assert "org_unit_id" in said(console)
    assert await operate.redrive("allocation", str(unit), NOWHERE, console) == 1
    async with databases["allocation"].transaction() as tx:
        await tx.execute("update parked_records set value = %(value)s", {"value": good.value})
    assert await operate.redrive("allocation", str(unit), NOWHERE, console) == 0
    assert "1 records" in said(console)
