"""Org units over HTTP: the tree and who is accountable for each part of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.etags import etag
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, encode_cursor
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes, Write
from contracts.workforce import UnitKind
from services.workforce.commands import org_units as commands
from services.workforce.queries import org_units as queries
from services.workforce.routes.permissions import APPOINTS, SEES_THE_TREE, SHAPES_THE_TREE
from services.workforce.routes.requests import IfMatch, after_id

routes = Routes("workforce")


class OrgUnitIn(BaseModel):
    """A unit to create; without a parent it stands at the top."""

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: UnitKind
    parent_id: UUID | None = None


class OrgUnitChange(BaseModel):
    """What to change of a unit."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    parent_id: UUID | None = None


class OrgUnit(BaseModel):
    """A unit, its place in the tree, and who is accountable for it today."""

    org_unit_id: UUID
    parent_id: UUID | None
    kind: UnitKind
    name: str
    depth: int = Field(description="0 at the top of the tree")
    accountable_worker_id: UUID | None


class OrgUnitCreated(BaseModel):
    """The id of a new unit."""

    org_unit_id: UUID


class AccountableIn(BaseModel):
    """Who answers for a unit, from when."""

    model_config = ConfigDict(extra="forbid")

    worker_id: UUID
    from_on: date = Field(alias="from")


class Accountable(BaseModel):
    """Someone who answers for a unit, with the first and the last day."""

    model_config = ConfigDict(populate_by_name=True)

    worker_id: UUID
    from_on: date = Field(alias="from")
    to_on: date | None = Field(alias="to")


class AccountablePeople(BaseModel):
    """Everyone who answered, answers or will answer for a unit, earliest first."""

    org_unit_id: UUID
    items: list[Accountable]


@routes.post("/org-units", status_code=201, allow=SHAPES_THE_TREE)
async def post_org_unit(body: OrgUnitIn, tx: Write, caller: Caller) -> OrgUnitCreated:
    """Create an org unit. Its parent must rank above it: region, authority, directorate, service, team."""
    if body.parent_id is not None:
        await caller.reach_unit(tx, body.parent_id)
    elif not caller.unlimited:
        raise BadRequest("parent-required", "Name the parent_id: your role builds within one authority.")
    return OrgUnitCreated(org_unit_id=await commands.create_org_unit(tx, body.name, body.kind, body.parent_id))


@routes.get("/org-units", allow=SEES_THE_TREE)
async def get_org_units(
    tx: Read,
    caller: Caller,
    under: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[OrgUnit]:
    """The org tree, parents before their children."""
    limit_to = await caller.bound(tx, under)
    rows = await queries.list_units(tx, under, limit_to, after_id(cursor), limit)
    shown, more = cut(rows, limit)
    following = encode_cursor(shown[-1]["org_unit_id"]) if more else None
    return Page(items=[OrgUnit(**row) for row in shown], next=following)


@routes.get("/org-units/{org_unit_id}", allow=SEES_THE_TREE)
async def get_org_unit(org_unit_id: UUID, tx: Read, caller: Caller, response: Response) -> OrgUnit:
    """One org unit; its ETag is needed to change it."""
    await caller.reach_unit(tx, org_unit_id)
    row = await queries.get_unit(tx, org_unit_id)
    response.headers["ETag"] = etag(row["version"])
    return OrgUnit(**row)


@routes.patch("/org-units/{org_unit_id}", allow=SHAPES_THE_TREE)
async def patch_org_unit(
    org_unit_id: UUID, body: OrgUnitChange, tx: Write, caller: Caller, response: Response, if_match: IfMatch = None
) -> OrgUnit:
    """Rename a unit, or move it with everything below it to another parent of the same employer."""
    await caller.reach_unit(tx, org_unit_id)
    if body.parent_id is not None:
        await caller.reach_unit(tx, body.parent_id)
    await commands.change_org_unit(tx, org_unit_id, body.model_dump(exclude_unset=True), if_match)
    row = await queries.get_unit(tx, org_unit_id)
    response.headers["ETag"] = etag(row["version"])
    return OrgUnit(**row)


@routes.put("/org-units/{org_unit_id}/accountable", allow=APPOINTS)
async def put_accountable(org_unit_id: UUID, body: AccountableIn, tx: Write, caller: Caller) -> AccountablePeople:
    """From a date, a worker answers for the unit, until the next one does (clause 1.4)."""
    await caller.reach_unit(tx, org_unit_id)
    await caller.reach_worker(tx, body.worker_id)
    await commands.appoint_accountable(tx, org_unit_id, body.worker_id, body.from_on)
    return await _accountable(tx, org_unit_id)


@routes.get("/org-units/{org_unit_id}/accountable", allow=SEES_THE_TREE)
async def get_accountable(org_unit_id: UUID, tx: Read, caller: Caller) -> AccountablePeople:
    """Everyone accountable for the unit, with dates."""
    await caller.reach_unit(tx, org_unit_id)
    await queries.get_unit(tx, org_unit_id)
    return await _accountable(tx, org_unit_id)


async def _accountable(tx: Read, org_unit_id: UUID) -> AccountablePeople:
    rows = await queries.list_accountable(tx, org_unit_id)
    return AccountablePeople(org_unit_id=org_unit_id, items=[Accountable(**row) for row in rows])
