"""The checkers of what stands in databases, processes and streams find their bugs too: I2, I6, I12, I15, I20."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from chassis import directory
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, FakeClock, open_database, receive
from contracts.workforce import OrgUnitRecordedV1, UnitKind
from services.accountability.service import service as accountability
from services.allocation.service import service as allocation
from tests.faults.bounds import Bounds, i15_bounded
from tests.faults.checks import Made, i2_acknowledged_and_no_more, i6_projections_equal_the_log, i20_the_chain_holds
from tests.faults.evidence import Evidence, Logged
from tests.faults.invariants import i12_log_without_gap, i12_stream_without_gap
from tests.faults.journal import Journal

UNITS: tuple[Made, ...] = (("allocation", "directory_units", "org_unit_id", "/v1/units"),)


@dataclass
class Kept:
    """A service and the log it is compared with."""

    allocation: Database
    accountability: Database

    @property
    def databases(self) -> dict[str, str]:
        return {"allocation": self.allocation.url, "accountability": self.accountability.url}

    async def told(self, unit: UUID, kind: UnitKind, sequence: int) -> None:
        """Both hear of a unit."""
        await receive(self.accountability, accountability, fact(unit, kind), first_sequence=sequence)
        await self.allocation_told(unit, kind, sequence)

    async def allocation_told(self, unit: UUID, kind: UnitKind, sequence: int) -> None:
        await receive(self.allocation, allocation, fact(unit, kind), first_sequence=sequence)

    async def drifted(self) -> list[str]:
        return await i6_projections_equal_the_log(self.databases, [allocation])


def fact(unit: UUID, kind: UnitKind) -> OrgUnitRecordedV1:
    return OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind=kind)


@pytest.fixture
async def kept(postgres: str) -> AsyncIterator[Kept]:
    async with AsyncExitStack() as stack:
        clock = FakeClock(MONDAY_MORNING)
        yield Kept(
            await stack.enter_async_context(open_database(postgres, allocation, clock)),
            await stack.enter_async_context(open_database(postgres, accountability, clock)),
        )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal")
    yield journal
    journal.close()


@pytest.mark.checks("I2")
async def test_an_answer_before_the_commit(kept: Kept, journal: Journal) -> None:
    unit, lost = new_id(), new_id()
    await kept.told(unit, "team", 1)
    journal.note("k1", "POST", "/v1/units", 201, {"org_unit_id": str(unit)})
    assert i2_acknowledged_and_no_more(kept.databases, journal, UNITS) == []
    with suppress(RuntimeError):
        async with kept.allocation.transaction() as tx:
            await directory.record_unit(tx, lost, None, "team", 1)
            journal.note("k2", "POST", "/v1/units", 201, {"org_unit_id": str(lost)})
            raise RuntimeError("the commit fails after the answer")
    [wrong] = i2_acknowledged_and_no_more(kept.databases, journal, UNITS)
    assert wrong.startswith("I2")
    assert str(lost) in wrong


@pytest.mark.checks("I2")
async def test_a_refusal_that_left_its_row(kept: Kept, journal: Journal) -> None:
    unit = new_id()
    journal.note("k1", "POST", "/v1/units", 422, {"type": "/problems/refused"})
    await kept.allocation_told(unit, "team", 1)
    [wrong] = i2_acknowledged_and_no_more(kept.databases, journal, UNITS)
    assert str(unit) in wrong


@pytest.mark.checks("I6")
async def test_an_old_event_that_overwrites_a_newer_state(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = new_id()
    await kept.told(unit, "team", 1)
    await kept.told(unit, "service", 2)
    assert await kept.drifted() == []
    await kept.allocation_told(unit, "team", 1)
    assert await kept.drifted() == [], "the guard of the sequence keeps it out"
    unguarded = directory._UNIT.replace("where directory_units.sequence < excluded.sequence", "")
    monkeypatch.setattr(directory, "_UNIT", unguarded)
    await kept.allocation_told(unit, "team", 1)
    monkeypatch.undo()
    assert await kept.drifted() == ["I6: allocation.directory_units is not what the log says"]


@pytest.mark.checks("I6")
async def test_an_event_that_was_recognised_and_never_applied(kept: Kept) -> None:
    await kept.told(new_id(), "team", 1)
    async with kept.allocation.transaction() as tx:
        await tx.execute("delete from directory_units")
    assert await kept.drifted() == ["I6: allocation.directory_units is not what the log says"]


LOG = [(position, f"e{position}") for position in range(1, 7)]


@pytest.mark.checks("I12")
@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([*LOG[:3], *LOG[4:]], id="a client that resumes one position too late"),
        pytest.param([*LOG[:3], *LOG[2:]], id="a client that resumes one position too early"),
        pytest.param([LOG[1], LOG[0], *LOG[2:]], id="a cursor over ids that commit out of order"),
        pytest.param([*LOG[:5], (6, "never")], id="an event that the log does not have"),
        pytest.param([], id="a stream that shows nothing"),
    ],
)
def test_a_stream_with(seen: list[tuple[int, str]]) -> None:
    assert i12_stream_without_gap(LOG, LOG) == []
    assert i12_stream_without_gap(LOG[2:], LOG) == [], "it may begin anywhere"
    assert i12_stream_without_gap(seen, LOG)


@pytest.mark.checks("I12")
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(1, "a"), (3, "b")], id="a position from a sequence whose transaction was rolled back"),
        pytest.param([(1, "a"), (2, "a")], id="an event that is logged twice"),
    ],
)
def test_a_log_with(rows: list[tuple[int, str]]) -> None:
    def logged(*places: tuple[int, str]) -> Evidence:
        return Evidence({}, log=[Logged(position, event, "") for position, event in places])

    assert i12_log_without_gap(logged((1, "a"), (2, "b"))) == []
    assert len(i12_log_without_gap(logged(*rows))) == 1


@pytest.mark.checks("I15")
def test_a_transaction_that_nobody_ends(kept: Kept, postgres: str) -> None:
    bounds = Bounds(memory_mb=100_000, descriptors=100_000, connections=1000, idle_in_transaction_s=0.0)
    with psycopg.connect(kept.allocation.url) as forgotten:
        forgotten.execute("select 1")
        assert any("idle in a transaction" in one for one in i15_bounded({}, postgres, bounds))
    patient = Bounds(memory_mb=100_000, descriptors=100_000, connections=1000)
    assert i15_bounded({"this": os.getpid()}, postgres, patient) == []


@pytest.mark.checks("I15")
def test_descriptors_memory_and_connections_that_leak(kept: Kept, postgres: str) -> None:
    found = i15_bounded({"leaky": os.getpid()}, postgres, Bounds(memory_mb=1, descriptors=1, connections=0))
    assert any("MB" in one for one in found)
    assert any("descriptors" in one for one in found)
    assert any("connections" in one for one in found)


@pytest.mark.checks("I20")
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param("update log set subject = 'another' where position = 2", id="edited"),
        pytest.param("delete from log where position = 2", id="deleted"),
        pytest.param("delete from log where position = 4", id="cut off at its end"),
        pytest.param(
            "update log set position = case position when 2 then -3 when 3 then -2 else position end; "
            "update log set position = -position where position < 0",
            id="reordered",
        ),
    ],
)
async def test_a_log_that_was(kept: Kept, spoil: str) -> None:
    for sequence in range(1, 5):
        await kept.told(new_id(), "team", sequence)
    assert await i20_the_chain_holds(kept.accountability.url) == []
    with psycopg.connect(kept.accountability.url) as connection:
        for statement in spoil.split(";"):
            connection.execute(statement.encode())
    [wrong] = await i20_the_chain_holds(kept.accountability.url)
    assert wrong.startswith("I20")
