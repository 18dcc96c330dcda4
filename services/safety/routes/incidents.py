"""Incidents over HTTP: recorded, assessed, reported where the law asks for it, and followed by protection (clause 4.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel

from chassis.database import Row, Tx
from chassis.pages import Page
from chassis.problems import RuleBroken
from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands import incidents as commands
from services.safety.commands.case_keys import key_of
from services.safety.queries import incidents as queries
from services.safety.queries.concerns import map_words
from services.safety.routes.shapes import MANAGES, OVERSEES, REPORTS, Day, In, ShortWords, Words
from services.safety.rules.concerns import Risk
from services.safety.rules.incidents import VIOLENT, ByWhom, Category, Injury, Kind, Place, days_unable

routes = Routes("safety")


class CaseIn(In):
    """A case of a case-recording system. Its reference is not kept."""

    source: ShortWords
    reference: ShortWords


class IncidentIn(In):
    """What happened to a worker."""

    worker_id: UUID
    kind: Kind
    by_whom: ByWhom
    place: Place
    occurred_on: Day
    injury: Injury = "none"
    unable_to: Day | None = None
    private_dispute: bool = False
    police_told: bool = False
    case: CaseIn | None = None
    words: Words | None = None


class InjuryIn(In):
    """What became of the injury; `unable_to` = the last day of not being able to do normal work."""

    injury: Injury
    unable_to: Day | None = None


class AssessmentIn(In):
    """The risk behind an incident."""

    risk: Risk
    words: Words | None = None


class ReportedIn(In):
    """The day on which the enforcing authority was told."""

    reported_on: Day


class MeasureIn(In):
    """Something that protects, whose it is, and when it is looked at again."""

    owner_id: UUID
    review_on: Day
    words: Words


class ReviewIn(In):
    """A measure was looked at again: until when it goes on; without a day it ends."""

    review_on: Day | None = None
    words: Words | None = None


class MeasureOut(BaseModel):
    """A protective measure."""

    measure_id: UUID
    owner_id: UUID
    agreed_on: date
    review_on: date
    reviewed_on: date | None
    ended_on: date | None
    overdue: bool
    words: str | None
    review: str | None


class IncidentBrief(BaseModel):
    """An incident in a list."""

    incident_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    kind: Kind
    by_whom: ByWhom
    place: Place
    occurred_on: date
    injury: Injury
    days_unable: int
    category: Category
    report_by: date | None
    reported_on: date | None
    report_overdue: bool
    risk: Risk | None
    closed_on: date | None


class IncidentOut(IncidentBrief):
    """An incident with everything that belongs to it."""

    police_told: bool
    private_dispute: bool
    recorded_at: datetime
    assessed_on: date | None
    words: str | None
    assessment: str | None
    measures: list[MeasureOut]


class Hotspot(BaseModel):
    """How many incidents a team had at one kind of place."""

    org_unit_id: UUID
    place: Place
    incidents: int
    violent: int


@routes.post("/incidents", status_code=201, allow=REPORTS)
async def post_incident(body: IncidentIn, tx: Write, caller: Caller, request: Request) -> IncidentOut:
    """Record violence, a threat, abuse, harassment or bullying. What the law asks for is worked out from the injury."""
    await caller.reach_worker(tx, body.worker_id)
    secret: str = request.app.state.case_key_secret
    key = key_of(secret, body.case.source, body.case.reference) if body.case else None
    wanted = commands.RecordIncident(**body.model_dump(exclude={"case"}), case_key=key)
    return await _whole(tx, caller, await commands.record_incident(tx, wanted))


@routes.get("/incidents", allow=REPORTS)
async def get_incidents(
    tx: Read, caller: Caller, org_unit_id: UUID | None = None, open_only: bool = False
) -> Page[IncidentBrief]:
    """Incidents, latest first; yours, or those of your unit and below."""
    if org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    rows = await queries.list_incidents(tx, caller, org_unit_id, open_only=open_only)
    return Page(items=[IncidentBrief.model_validate(_brief(tx, row)) for row in rows])


@routes.get("/incidents/hotspots", allow=OVERSEES)
async def get_hotspots(
    org_unit_id: UUID,
    tx: Read,
    caller: Caller,
    first: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Page[Hotspot]:
    """Where incidents gather, by team and place, over a year unless said otherwise."""
    await caller.reach_unit(tx, org_unit_id)
    end = end or tx.today + timedelta(days=1)
    first = first or end - timedelta(days=365)
    if first >= end:
        raise RuleBroken("span-reversed", "Let the span begin before it ends.", field="from")
    rows = await queries.list_hotspots(tx, org_unit_id, first, end, sorted(VIOLENT))
    return Page(items=[Hotspot.model_validate(row) for row in rows])


@routes.get("/incidents/{incident_id}", allow=REPORTS)
async def get_incident(incident_id: UUID, tx: Read, caller: Caller) -> IncidentOut:
    """An incident with its measures."""
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/injury", allow=REPORTS)
async def post_injury(incident_id: UUID, body: InjuryIn, tx: Write, caller: Caller) -> IncidentOut:
    """State what became of the injury; the duty to report follows."""
    incident = await queries.reach_incident(tx, caller, incident_id, locked=True)
    await commands.change_injury(tx, incident, body.injury, body.unable_to)
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/assess", allow=MANAGES)
async def post_risk(incident_id: UUID, body: AssessmentIn, tx: Write, caller: Caller) -> IncidentOut:
    """State the risk behind the incident."""
    incident = await queries.reach_incident(tx, caller, incident_id, locked=True)
    await commands.assess_incident(tx, incident, body.risk, body.words)
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/report", allow=MANAGES)
async def post_report(incident_id: UUID, body: ReportedIn, tx: Write, caller: Caller) -> IncidentOut:
    """Record that the enforcing authority was told."""
    incident = await queries.reach_incident(tx, caller, incident_id, locked=True)
    await commands.report_incident(tx, incident, body.reported_on)
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/measures", status_code=201, allow=MANAGES)
async def post_measure(incident_id: UUID, body: MeasureIn, tx: Write, caller: Caller) -> IncidentOut:
    """Agree a protective measure with an owner and a day of review."""
    incident = await queries.reach_incident(tx, caller, incident_id, locked=True)
    await commands.agree_measure(tx, incident, body.owner_id, body.review_on, body.words)
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/measures/{measure_id}/review", allow=MANAGES)
async def post_review(incident_id: UUID, measure_id: UUID, body: ReviewIn, tx: Write, caller: Caller) -> IncidentOut:
    """Look at a measure again: it goes on until another day, or ends."""
    incident = await queries.reach_incident(tx, caller, incident_id, locked=True)
    await commands.review_measure(tx, incident, measure_id, body.review_on, body.words)
    return await _whole(tx, caller, incident_id)


@routes.post("/incidents/{incident_id}/close", allow=MANAGES)
async def post_closing(incident_id: UUID, tx: Write, caller: Caller) -> IncidentOut:
    """Close an incident that is assessed, reported where it must be, and whose measures have ended."""
    await commands.close_incident(tx, await queries.reach_incident(tx, caller, incident_id, locked=True))
    return await _whole(tx, caller, incident_id)


def _brief(tx: Tx, row: Row) -> Row:
    overdue = row["report_by"] is not None and row["reported_on"] is None and row["report_by"] < tx.today
    return {**row, "days_unable": days_unable(row["occurred_on"], row["unable_to"]), "report_overdue": overdue}


async def _whole(tx: Tx, caller: Caller, incident_id: UUID) -> IncidentOut:
    row = await queries.reach_incident(tx, caller, incident_id)
    words = await map_words(tx, incident_id)
    measures = [
        {**one, "overdue": one["ended_on"] is None and one["review_on"] < tx.today}
        for one in await queries.list_measures(tx, incident_id)
    ]
    more = {"words": words.get("incident"), "assessment": words.get("assessment"), "measures": measures}
    return IncidentOut.model_validate({**_brief(tx, row), **more})
