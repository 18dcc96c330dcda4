"""The sample service in one file: a table, two routes, a reaction and a scan."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.database import Tx
from chassis.envelope import Envelope
from chassis.permissions import AUTHORITY, OWN, UNIT, Allow
from chassis.problems import Conflict
from chassis.routing import Caller, Read, Routes, Write
from chassis.service import Scan, Service
from chassis.tables import new_metadata
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, UnitKind

metadata = new_metadata()
Table(
    "counters",
    metadata,
    Column("org_unit_id", PgUUID(as_uuid=True), primary_key=True),
    Column("told", Integer, nullable=False),
    Column("kinds", Text, nullable=False),
)
routes = Routes("sample")


class UnitIn(BaseModel):
    org_unit_id: UUID
    kind: UnitKind = "team"


class Counted(BaseModel):
    told: int


async def count_unit(tx: Tx, org_unit_id: UUID, kind: str) -> int:
    if kind == "region":
        raise ValueError("this sample cannot count regions")
    return int(
        await tx.fetch_value(
            """insert into counters as c (org_unit_id, told, kinds) values (%(id)s, 1, %(kind)s)
            on conflict (org_unit_id) do update set told = c.told + 1, kinds = c.kinds || ' ' || excluded.kinds
            returning told""",
            {"id": org_unit_id, "kind": kind},
        )
    )


@routes.post("/units", status_code=201, allow=Allow(workforce_admin=AUTHORITY, team_manager=UNIT))
async def post_unit(body: UnitIn, tx: Write, caller: Caller) -> Counted:
    """Count a unit once more."""
    if caller.unlimited:
        caller.nothing_to_reach()
    else:
        await caller.reach_unit(tx, body.org_unit_id)
    told = await count_unit(tx, body.org_unit_id, body.kind)
    if told > 5:
        raise Conflict("counted-enough", "This unit was counted five times. Count another.")
    tx.emit(OrgUnitRecordedV1(org_unit_id=body.org_unit_id, parent_id=None, kind=body.kind))
    return Counted(told=told)


@routes.post("/careless", status_code=201, allow=Allow(team_manager=UNIT))
async def post_careless(body: UnitIn, tx: Write) -> Counted:
    """Forgets to check over whom."""
    return Counted(told=await count_unit(tx, body.org_unit_id, body.kind))


@routes.get("/units/{org_unit_id}", allow=Allow(workforce_admin=AUTHORITY, team_manager=UNIT))
async def get_unit(org_unit_id: UUID, tx: Read, caller: Caller) -> Counted:
    """How often a unit was counted."""
    await caller.reach_unit(tx, org_unit_id)
    told = await tx.fetch_value("select told from counters where org_unit_id = %(id)s", {"id": org_unit_id})
    return Counted(told=told or 0)


@routes.get("/workers/{worker_id}", allow=Allow(practitioner=OWN, team_manager=UNIT, workforce_admin=AUTHORITY))
async def get_worker(worker_id: UUID, tx: Read, caller: Caller) -> Counted:
    """Whether a worker is within the caller's reach."""
    await caller.reach_worker(tx, worker_id)
    return Counted(told=1)


async def on_org_unit_recorded(tx: Tx, fact: OrgUnitRecordedV1, _: Envelope) -> None:
    await count_unit(tx, fact.org_unit_id, fact.kind)


async def scan_reset(tx: Tx) -> int:
    return await tx.execute("update counters set told = 0 where told > 3")


async def on_accountable_changed(tx: Tx, fact: AccountableChangedV1, _: Envelope) -> None:
    tx.emit(OrgUnitRecordedV1(org_unit_id=fact.org_unit_id, parent_id=None, kind="team"))


service = Service(
    name="sample",
    standard=1,
    routes=(routes,),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    reactions={OrgUnitRecordedV1: on_org_unit_recorded, AccountableChangedV1: on_accountable_changed},
    scans=(Scan("reset", scan_reset),),
    projections=("counters",),
)
