"""Alerts over HTTP: lists, one with its history, taking one on, and the times to answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from chassis.database import Row
from chassis.pages import Cursor, Limit, Page, cut, decode_cursor, encode_cursor
from chassis.permissions import AUTHORITY, OWN, UNIT, Allow
from chassis.problems import BadRequest, Forbidden, NotFound
from chassis.routing import Caller, Read, Routes, Write
from services.accountability.commands.acknowledge import Acknowledge, acknowledge
from services.accountability.commands.erase import erase_notes
from services.accountability.commands.response_times import SetResponseTimes, set_response_times
from services.accountability.queries.alert_pages import AlertFilter, get_alert, get_alert_story, list_alerts
from services.accountability.queries.reach import Reach
from services.accountability.queries.response_times import list_own_times
from services.accountability.routes.reach import reach_of
from services.accountability.routes.shapes import (
    AcknowledgeIn,
    AlertOut,
    AlertStory,
    Erased,
    HoursByLevel,
    ResponseTimes,
    ResponseTimesIn,
    ResponseTimesOut,
    Status,
)
from services.accountability.rules.alerts import KINDS
from services.accountability.rules.line import LEVELS

routes = Routes("accountability")

READERS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    reporting=AUTHORITY,
    platform_admin=AUTHORITY,
)
ANSWERERS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY)
_MISSING = NotFound("no-such-alert", "There is no alert with this id within your reach. List the alerts to find it.")


@routes.get("/alerts", allow=READERS)
async def get_alerts(
    tx: Read,
    caller: Caller,
    status: Annotated[Status | None, Query()] = None,
    kind: Annotated[str | None, Query(max_length=100)] = None,
    org_unit_id: UUID | None = None,
    subject_id: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AlertOut]:
    """Alerts, the newest first: of an org unit and everything below it, of one kind, about one subject.

    Besides those of the caller's part of the organisation, the list holds the alerts that the caller answers for.
    """
    asked = AlertFilter(status, kind, org_unit_id, subject_id)
    rows = await list_alerts(tx, await reach_of(tx, caller), asked, _after(cursor), limit + 1)
    shown, more = cut(rows, limit)
    following = encode_cursor(shown[-1]["raised_at"].isoformat(), shown[-1]["alert_id"]) if more else None
    return Page(items=[AlertOut(**_alert(row)) for row in shown], next=following)


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    key = decode_cursor(cursor, 2)
    try:
        return None if key is None else (datetime.fromisoformat(key[0]), UUID(key[1]))
    except (TypeError, ValueError, AttributeError) as broken:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from broken


def _alert(row: Row) -> dict[str, Any]:
    return {
        **row,
        "stream": row["stream"] or None,
        "subject": {"type": row["subject_type"], "id": row["subject_id"]},
        "accountable": {"role": row["level"], "worker_id": row["accountable_worker_id"]},
    }


async def _story(tx: Read, reach: Reach, alert_id: UUID) -> AlertStory:
    row = await get_alert(tx, reach, alert_id)
    if row is None:
        raise _MISSING
    return AlertStory(**_alert(row), **await get_alert_story(tx, alert_id))


@routes.get("/alerts/{alert_id}", allow=READERS)
async def get_one_alert(alert_id: UUID, tx: Read, caller: Caller) -> AlertStory:
    """One alert with its history, the notes that people wrote about it, and who was told."""
    return await _story(tx, await reach_of(tx, caller), alert_id)


@routes.post("/alerts/{alert_id}/acknowledge", allow=ANSWERERS)
async def post_acknowledge(alert_id: UUID, body: AcknowledgeIn, tx: Write, caller: Caller) -> AlertStory:
    """Take an alert on: it moves up the line no further. It resolves by itself when its cause clears."""
    reach = await reach_of(tx, caller)
    alert = await get_alert(tx, reach, alert_id)
    if alert is None:
        raise _MISSING
    if caller.worker_id is not None and alert["worker_id"] == caller.worker_id:
        raise Forbidden("own-alert", "Nobody answers for themselves. Someone else on the line must take this on.")
    await acknowledge(tx, Acknowledge(alert_id, body.note))
    return await _story(tx, reach, alert_id)


@routes.delete("/workers/{worker_id}/notes", allow=Allow(workforce_admin=AUTHORITY))
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase what people wrote about the alerts of a worker. The alerts, facts and ids only, stay."""
    await caller.reach_worker(tx, worker_id)
    return Erased(erased=await erase_notes(tx, worker_id))


@routes.get("/response-times", allow=READERS)
async def get_response_times(tx: Read, caller: Caller, org_unit_id: UUID | None = None) -> ResponseTimes:
    """How long each level has to answer each kind of alert: the defaults, and what org units set for themselves."""
    if org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    unit = org_unit_id or await caller.resolve(tx)
    defaults = [
        ResponseTimesOut(org_unit_id=None, kind=kind.id, effective_from=None, hours=HoursByLevel(**_hours(kind.id)))
        for kind in KINDS.values()
    ]
    own = [_own_times(row) for row in await list_own_times(tx, unit)]
    return ResponseTimes(items=[*defaults, *own])


def _hours(kind: str) -> dict[str, Decimal]:
    within = KINDS[kind].respond_within
    return {level: Decimal(within[level] // timedelta(minutes=1)) / 60 for level in LEVELS}


def _own_times(row: Row) -> ResponseTimesOut:
    return ResponseTimesOut(**{**row, "hours": dict(zip(LEVELS, row["hours"], strict=True))})


@routes.put("/response-times", allow=Allow(principal_social_worker=AUTHORITY))
async def put_response_times(body: ResponseTimesIn, tx: Write, caller: Caller) -> ResponseTimesOut:
    """Set how long each level has to answer alerts of a kind, in an org unit and below, from a date on."""
    await caller.reach_unit(tx, body.org_unit_id)
    hours = {level: getattr(body.hours, level) for level in LEVELS}
    await set_response_times(tx, SetResponseTimes(body.org_unit_id, body.kind, body.effective_from, hours))
    return ResponseTimesOut(**body.model_dump())
