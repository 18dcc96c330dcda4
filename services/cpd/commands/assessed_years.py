"""The assessed year from its agreement to the panel (clauses 6.4, 8.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.cpd import AssessedYearAgreedV1, AssessedYearEndedV1
from services.cpd.commands.balances import settle_balances
from services.cpd.commands.reviews import settle_reviews
from services.cpd.commands.texts import keep_texts
from services.cpd.queries.assessed_years import AssessedYear, find_programme, find_year, read_year
from services.cpd.queries.workers import Known, list_workers, lock_worker
from services.cpd.rules.assessed_year import Outcome, missing_for_panel

_AGREE: LiteralString = """
insert into assessed_years (assessed_year_id, worker_id, programme, assessor_id, started_on, agreed_on, length_months,
    limit_months, protected_pct, workload_pct, status, recorded_at, recorded_by)
values (%(assessed_year_id)s, %(worker_id)s, %(programme)s, %(assessor_id)s, %(started_on)s, %(agreed_on)s,
    %(length_months)s, %(limit_months)s, %(protected_pct)s, %(workload_pct)s, 'active', %(now)s, %(actor)s)
on conflict do nothing
"""
_REVIEW: LiteralString = """
insert into assessed_year_reviews (assessed_year_id, month, review_id, required)
values (%(assessed_year_id)s, %(month)s, %(review_id)s, %(required)s)
"""
_EVIDENCE: LiteralString = """
insert into assessed_year_evidences (assessed_year_id, item, title, needed, place)
values (%(assessed_year_id)s, %(item)s, %(title)s, %(needed)s, %(place)s)
"""
_ASSESSOR: LiteralString = "update assessed_years set assessor_id = %(assessor)s where assessed_year_id = %(year)s"
_END: LiteralString = """
update assessed_years set status = 'ended', outcome = %(outcome)s, recommended = %(recommended)s, ended_on = %(ended_on)s
where assessed_year_id = %(year)s
"""


@dataclass(frozen=True, slots=True)
class AgreeYear:
    """The support and assessment agreement. Percentages left out are the programme's."""

    worker_id: UUID
    programme: str
    assessor_id: UUID
    started_on: date
    agreed_on: date
    protected_pct: Decimal | None = None
    workload_pct: Decimal | None = None
    terms: str | None = None


@dataclass(frozen=True, slots=True)
class EndYear:
    """The panel's decision, or that the year was given up; ``reason`` explains a decision after the limit."""

    outcome: Outcome
    ended_on: date
    recommended: Literal["pass", "fail"] | None = None
    reason: str | None = None


async def agree_year(tx: Tx, wanted: AgreeYear) -> AssessedYear:
    """Begin an assessed year under the terms that its programme has now."""
    known = await lock_worker(tx, wanted.worker_id)
    programme = await find_programme(tx, wanted.programme)
    if programme is None:
        raise RuleBroken("no-such-programme", "Name one of the programmes that are offered.", "programme")
    await _check(tx, wanted, programme, known)
    row = _row(wanted, programme)
    if not await tx.execute(_AGREE, {**row, "now": tx.now, "actor": tx.actor}):
        raise Conflict("assessed-year-running", "This worker is in an assessed year already. End that one first.")
    await _plan(tx, row["assessed_year_id"], programme)
    await keep_texts(tx, known.worker_id, row["assessed_year_id"], {"terms": wanted.terms})
    found = await read_year(tx, {**row, "ended_on": None})
    tx.emit(_agreed(tx, known, row, found))
    await settle_balances(tx, [known.worker_id])
    return await settle_reviews(tx, known, row["assessed_year_id"])


async def _check(tx: Tx, wanted: AgreeYear, programme: Mapping[str, Any], known: Known) -> None:
    if wanted.agreed_on > tx.today:
        raise RuleBroken("agreed-in-future", "Record an agreement once it was made.", "agreed_on")
    first, last = programme["agreements_from"], programme["agreements_to"]
    if wanted.started_on < first or (last is not None and wanted.started_on > last):
        raise RuleBroken("programme-not-offered", f"It takes years that start from {first} to {last}.", "started_on")
    if wanted.started_on < known.person.started_on:
        raise RuleBroken("before-employment", "It cannot start before the employment did.", "started_on")
    if wanted.protected_pct is not None and wanted.protected_pct < programme["protected_pct"]:
        raise RuleBroken(
            "less-than-programme", f"At least {programme['protected_pct']} % is protected.", "protected_pct"
        )
    if wanted.workload_pct is not None and wanted.workload_pct > programme["workload_pct"]:
        raise RuleBroken("more-than-programme", f"At most {programme['workload_pct']} % is carried.", "workload_pct")
    await check_assessor(tx, wanted.worker_id, wanted.assessor_id)


async def check_assessor(tx: Tx, worker_id: UUID, assessor_id: UUID) -> None:
    """An assessor is another worker."""
    if worker_id == assessor_id:
        raise RuleBroken("own-assessor", "Nobody assesses themselves. Name the assessor.", "assessor_id")
    if not await list_workers(tx, [assessor_id]):
        raise RuleBroken("no-such-assessor", "No worker has this id. Record the assessor in workforce.", "assessor_id")


def _row(wanted: AgreeYear, programme: Mapping[str, Any]) -> Row:
    return {
        "assessed_year_id": new_id(),
        "worker_id": wanted.worker_id,
        "programme": wanted.programme,
        "assessor_id": wanted.assessor_id,
        "started_on": wanted.started_on,
        "agreed_on": wanted.agreed_on,
        "length_months": programme["length_months"],
        "limit_months": programme["limit_months"],
        "protected_pct": programme["protected_pct"] if wanted.protected_pct is None else wanted.protected_pct,
        "workload_pct": programme["workload_pct"] if wanted.workload_pct is None else wanted.workload_pct,
    }


async def _plan(tx: Tx, assessed_year_id: UUID, programme: Mapping[str, Any]) -> None:
    of = {"assessed_year_id": assessed_year_id}
    await tx.execute_many(_REVIEW, [{**of, **review, "review_id": new_id()} for review in programme["reviews"]])
    evidence = enumerate(programme["evidence"])
    await tx.execute_many(_EVIDENCE, [{**of, **one, "place": place} for place, one in evidence])


def _agreed(tx: Tx, known: Known, row: Mapping[str, Any], found: AssessedYear) -> AssessedYearAgreedV1:
    return AssessedYearAgreedV1(
        assessed_year_id=row["assessed_year_id"],
        worker_id=known.worker_id,
        org_unit_id=known.org_unit_id,
        programme=row["programme"],
        assessor_id=row["assessor_id"],
        started_on=row["started_on"],
        ends_on=found.year.ends_on(tx.today),
        limit_on=found.year.limit_on,
        protected_pct=row["protected_pct"],
        workload_pct=row["workload_pct"],
    )


async def running(tx: Tx, assessed_year_id: UUID) -> tuple[Known, AssessedYear]:
    """An assessed year that has not ended, locked together with its worker."""
    named = await find_year(tx, assessed_year_id)
    if named is None:
        raise NotFound("no-such-assessed-year", "No assessed year has this id.")
    known = await lock_worker(tx, named["worker_id"])
    row = await find_year(tx, assessed_year_id, lock=True)
    if row is None or row["status"] == "ended":
        raise Conflict("assessed-year-ended", "This assessed year has ended: its record is closed.")
    return known, await read_year(tx, row)


async def change_assessor(tx: Tx, assessed_year_id: UUID, assessor_id: UUID) -> AssessedYear:
    """Someone else assesses from now on."""
    known, _ = await running(tx, assessed_year_id)
    await check_assessor(tx, known.worker_id, assessor_id)
    await tx.queue(_ASSESSOR, {"year": assessed_year_id, "assessor": assessor_id})
    return await settle_reviews(tx, known, assessed_year_id)


async def end_year(tx: Tx, assessed_year_id: UUID, wanted: EndYear) -> AssessedYear:
    """Record the panel's decision; nobody passes while required reviews or evidence are missing."""
    known, found = await running(tx, assessed_year_id)
    _check_end(tx, found, wanted)
    row = {"year": assessed_year_id, "outcome": wanted.outcome, "ended_on": wanted.ended_on}
    await tx.queue(_END, {**row, "recommended": wanted.recommended})
    await keep_texts(tx, known.worker_id, assessed_year_id, {"reason": wanted.reason} if wanted.reason else {})
    tx.emit(
        AssessedYearEndedV1(
            assessed_year_id=assessed_year_id,
            worker_id=known.worker_id,
            org_unit_id=known.org_unit_id,
            ended_on=wanted.ended_on,
            outcome=wanted.outcome,
            on_time=wanted.ended_on <= found.year.limit_on,
        )
    )
    await settle_balances(tx, [known.worker_id])
    return await settle_reviews(tx, known, assessed_year_id)


def _check_end(tx: Tx, found: AssessedYear, wanted: EndYear) -> None:
    if not found.row["started_on"] <= wanted.ended_on <= tx.today:
        raise RuleBroken("ended-on-not-possible", "Give a day from its start until today.", "ended_on")
    if wanted.outcome == "withdrawn":
        return
    if found.year.paused:
        raise Conflict("assessed-year-paused", "It stands still: resume it before the panel decides.")
    if wanted.ended_on > found.year.limit_on and not wanted.reason:
        raise RuleBroken("beyond-limit", f"Its limit was {found.year.limit_on}: say why it is decided later.", "reason")
    needed = {one["item"]: one["needed"] for one in found.evidence}
    had = {one["item"]: one["had"] for one in found.evidence}
    missing = missing_for_panel(found.planned, needed, had)
    if wanted.outcome == "passed" and missing:
        detail = (
            "Nobody passes while something is missing: hold the reviews and gather the evidence in `missing` first."
        )
        raise Conflict("assessed-year-incomplete", detail, missing=missing)
