"""Recording incidents, assessing their risk, and agreeing what protects people from the next one (clauses 4.4 and 4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.safety import (
    CaseMarkedV1,
    IncidentAssessedV1,
    IncidentClosedV1,
    IncidentRecordedV1,
    IncidentReportedV1,
)
from services.safety.commands.notes import write_note
from services.safety.queries.incidents import count_open_measures, is_case_open
from services.safety.queries.people import get_unit_of
from services.safety.rules.concerns import Risk
from services.safety.rules.incidents import (
    VIOLENT,
    ByWhom,
    Injury,
    Kind,
    Place,
    category,
    closing_problem,
    days_unable,
    report_by,
)

_RECORD: LiteralString = """
insert into incidents (incident_id, org_unit_id, worker_id, kind, by_whom, place, occurred_on, injury, unable_to,
    private_dispute, police_told, category, report_by, case_key, recorded_by, recorded_at)
values (%(incident)s, %(unit)s, %(worker)s, %(kind)s, %(by_whom)s, %(place)s, %(occurred_on)s, %(injury)s, %(unable_to)s,
    %(private_dispute)s, %(police_told)s, %(category)s, %(report_by)s, %(case_key)s, %(actor)s, %(now)s)
"""
_INJURY: LiteralString = """
update incidents set injury = %(injury)s, unable_to = %(unable_to)s, category = %(category)s, report_by = %(report_by)s
where incident_id = %(incident)s returning *
"""
_ASSESS: LiteralString = """
update incidents set risk = %(risk)s, assessed_on = %(today)s where incident_id = %(incident)s
"""
_REPORT: LiteralString = "update incidents set reported_on = %(reported_on)s where incident_id = %(incident)s"
_CLOSE: LiteralString = "update incidents set closed_on = %(today)s where incident_id = %(incident)s"
_AGREE: LiteralString = """
insert into protective_measures (measure_id, incident_id, owner_id, agreed_on, review_on)
values (%(measure)s, %(incident)s, %(owner)s, %(today)s, %(review_on)s)
"""
_REVIEW: LiteralString = """
update protective_measures set reviewed_on = %(today)s, review_on = coalesce(%(review_on)s, review_on),
    ended_on = case when %(ended)s then %(today)s end
where measure_id = %(measure)s and incident_id = %(incident)s and ended_on is null
"""
_MARK: LiteralString = """
insert into case_marks as m (case_key, marked) values (%(key)s, %(marked)s)
on conflict (case_key) do update set marked = excluded.marked, marks = m.marks + 1 where m.marked <> excluded.marked
returning case_key
"""


@dataclass(frozen=True, slots=True)
class RecordIncident:
    """What happened to a worker; ``unable_to`` = the last day on which they could not do their normal work."""

    worker_id: UUID
    kind: Kind
    by_whom: ByWhom
    place: Place
    occurred_on: date
    injury: Injury
    unable_to: date | None
    private_dispute: bool
    police_told: bool
    case_key: str | None
    words: str | None


async def record_incident(tx: Tx, wanted: RecordIncident) -> UUID:
    """Write an incident down with what the law asks for."""
    _must_have_happened(tx, wanted.occurred_on, wanted.unable_to)
    unit = await get_unit_of(tx, wanted.worker_id)
    days = days_unable(wanted.occurred_on, wanted.unable_to)
    by_law = category(wanted.kind, wanted.injury, days, private_dispute=wanted.private_dispute)
    row: Row = {
        "incident": new_id(),
        "unit": unit,
        "worker": wanted.worker_id,
        "kind": wanted.kind,
        "by_whom": wanted.by_whom,
        "place": wanted.place,
        "occurred_on": wanted.occurred_on,
        "injury": wanted.injury,
        "unable_to": wanted.unable_to,
        "private_dispute": wanted.private_dispute,
        "police_told": wanted.police_told,
        "category": by_law,
        "report_by": report_by(wanted.occurred_on, by_law),
        "case_key": wanted.case_key,
    }
    await tx.execute(_RECORD, {**row, "actor": tx.actor, "now": tx.now})
    await write_note(tx, row["incident"], "incident", wanted.words)
    _tell(tx, {**row, "incident_id": row["incident"], "org_unit_id": unit})
    await _mark_case(tx, wanted.case_key)
    incident: UUID = row["incident"]
    return incident


async def change_injury(tx: Tx, incident: Row, injury: Injury, unable_to: date | None) -> None:
    """State what became of the injury; what the law asks for follows."""
    _must_have_happened(tx, incident["occurred_on"], unable_to)
    days = days_unable(incident["occurred_on"], unable_to)
    by_law = category(incident["kind"], injury, days, private_dispute=incident["private_dispute"])
    values = {"injury": injury, "unable_to": unable_to, "category": by_law}
    due = report_by(incident["occurred_on"], by_law)
    row = await tx.fetch_one(_INJURY, {**values, "report_by": due, "incident": incident["incident_id"]})
    _tell(tx, row or incident)


async def assess_incident(tx: Tx, incident: Row, risk: Risk, words: str | None) -> None:
    """State the risk behind an incident; it may be stated anew."""
    await tx.execute(_ASSESS, {"incident": incident["incident_id"], "risk": risk, "today": tx.today})
    await write_note(tx, incident["incident_id"], "assessment", words)
    days = (tx.today - incident["occurred_on"]).days
    tx.emit(IncidentAssessedV1(**_about(incident), risk=risk, assessed_on=tx.today, days=days))


async def report_incident(tx: Tx, incident: Row, reported_on: date) -> None:
    """Record that the enforcing authority was told."""
    if incident["report_by"] is None:
        raise Conflict("nothing-to-report", "The law asks for no report of this incident. State the injury first.")
    if not incident["occurred_on"] <= reported_on <= tx.today:
        raise RuleBroken("day-not-possible", "Give the day of the report: not in the future.", field="reported_on")
    await tx.execute(_REPORT, {"incident": incident["incident_id"], "reported_on": reported_on})
    in_time = reported_on <= incident["report_by"]
    tx.emit(IncidentReportedV1(**_about(incident), reported_on=reported_on, in_time=in_time))


async def agree_measure(tx: Tx, incident: Row, owner: UUID, review_on: date, words: str) -> UUID:
    """Agree something that protects, with an owner and a day on which it is looked at again."""
    _must_be_open(incident)
    await get_unit_of(tx, owner)
    if review_on < tx.today:
        raise RuleBroken("review-in-the-past", "Name a day of review that is still to come.", field="review_on")
    measure = new_id()
    values = {"measure": measure, "incident": incident["incident_id"], "owner": owner, "review_on": review_on}
    await tx.execute(_AGREE, {**values, "today": tx.today})
    await write_note(tx, measure, "measure", words)
    return measure


async def review_measure(tx: Tx, incident: Row, measure: UUID, review_on: date | None, words: str | None) -> None:
    """Look at a measure again: it goes on until another day of review, or without one it ends."""
    if review_on is not None and review_on <= tx.today:
        raise RuleBroken("review-in-the-past", "Name a day of review that is still to come.", field="review_on")
    values = {"measure": measure, "incident": incident["incident_id"], "review_on": review_on, "today": tx.today}
    if not await tx.execute(_REVIEW, {**values, "ended": review_on is None}):
        raise NotFound("measure-not-known", "This incident has no such measure in force.")
    await write_note(tx, measure, "review", words)


async def close_incident(tx: Tx, incident: Row) -> None:
    """Nothing is left to do."""
    _must_be_open(incident)
    due = incident["report_by"] is not None and incident["reported_on"] is None
    open_measures = await count_open_measures(tx, incident["incident_id"])
    assessed = incident["assessed_on"] is not None
    problem = closing_problem(assessed=assessed, report_due=due, open_measures=open_measures)
    if problem:
        raise Conflict("not-finished", problem)
    await tx.execute(_CLOSE, {"incident": incident["incident_id"], "today": tx.today})
    tx.emit(IncidentClosedV1(**_about(incident), closed_on=tx.today))
    await _mark_case(tx, incident["case_key"])


async def _mark_case(tx: Tx, key: str | None) -> None:
    if key is None:
        return
    marked = await is_case_open(tx, key)
    if await tx.fetch_value(_MARK, {"key": key, "marked": marked}):
        tx.emit(CaseMarkedV1(case_key=key, marked=marked))


def _tell(tx: Tx, row: Row) -> None:
    same = ("kind", "place", "occurred_on", "category", "report_by")
    facts = {name: row[name] for name in same}
    tx.emit(IncidentRecordedV1(**_about(row), **facts, violent=row["kind"] in VIOLENT))


def _about(incident: Row) -> Row:
    return {"incident_id": incident["incident_id"], "org_unit_id": incident["org_unit_id"]}


def _must_be_open(incident: Row) -> None:
    if incident["closed_on"] is not None:
        raise Conflict("incident-closed", f"It was closed on {incident['closed_on']}. Record a new one.")


def _must_have_happened(tx: Tx, occurred_on: date, unable_to: date | None) -> None:
    if occurred_on > tx.today:
        raise RuleBroken("day-in-the-future", "Give the day on which it happened.", field="occurred_on")
    if unable_to is not None and unable_to < occurred_on:
        raise RuleBroken(
            "days-reversed", "The last day of not being able to work comes after the day itself.", "unable_to"
        )
