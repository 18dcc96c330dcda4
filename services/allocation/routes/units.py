"""Workload of units over HTTP: their sums, the cases that wait, and who could take one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from chassis.database import Tx
from chassis.numbers import Number
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, decode_cursor, encode_cursor
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes
from contracts.allocation import Priority
from services.allocation.queries.cases import Place, get_case, list_waiting_cases
from services.allocation.queries.recommendations import read_best, read_recommendations
from services.allocation.queries.units import read_unit_workload
from services.allocation.routes.cases import Name
from services.allocation.routes.permissions import ALLOCATES, SEES_CASES, SEES_UNITS
from services.allocation.routes.shapes import Day, WorkloadOut
from services.allocation.rules.exact import as_decimal
from services.allocation.rules.recommendation import Excluded, Ranked
from services.allocation.rules.waiting import Best
from services.allocation.rules.workload import Band

routes = Routes("allocation")
_ORDER = ("urgency", "received_on", "case_id")


class UnitWorkloadOut(BaseModel):
    """The sums of a unit and below, the workers they are sums of, and the cases without a worker."""

    org_unit_id: UUID
    as_of: date
    available_points: Number
    load_points: Number
    utilisation_pct: Number | None = Field(description="sum of load over sum of availability, one decimal, half-up")
    band: Band
    workers: list[WorkloadOut]
    unallocated_cases: int


class WaitingCaseOut(BaseModel):
    """A case without a worker, and how long it has waited."""

    source: str
    reference: str
    case_type: str
    complexity: str
    org_unit_id: UUID
    priority: Priority
    received_on: date
    days_waiting: int
    skills: list[str]


class ReasonOut(BaseModel):
    """One part of a score."""

    code: str
    text: str
    effect: Number


class RecommendationOut(BaseModel):
    """A worker who could take the case; the effects of the reasons add up to the score."""

    worker_id: UUID
    rank: int
    score: Number
    utilisation_after_pct: Number | None
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, ranked: Ranked) -> RecommendationOut:
        """A ranked worker as shown."""
        reasons = [ReasonOut(code=one.code, text=one.text, effect=one.effect) for one in ranked.reasons]
        return cls(
            worker_id=ranked.worker_id,
            rank=ranked.rank,
            score=ranked.score,
            utilisation_after_pct=ranked.after.utilisation_pct,
            reasons=reasons,
        )


class AgainstOut(BaseModel):
    """What speaks against a worker."""

    code: str
    text: str


class ExcludedOut(BaseModel):
    """A worker who cannot take the case now."""

    worker_id: UUID
    reasons: list[AgainstOut]

    @classmethod
    def of(cls, excluded: Excluded) -> ExcludedOut:
        """An excluded worker as shown."""
        return cls(
            worker_id=excluded.worker_id,
            reasons=[AgainstOut(code=one.code, text=one.sentence) for one in excluded.reasons],
        )


class RecommendationsOut(BaseModel):
    """Everyone within reach: ranked, or excluded with the reasons."""

    items: list[RecommendationOut]
    excluded: list[ExcludedOut]


class WaitingAndBestOut(BaseModel):
    """A case that waits, how many workers could take it, and the best of them."""

    case: WaitingCaseOut
    eligible: int
    best: list[RecommendationOut]


@routes.get("/org-units/{org_unit_id}/workload", allow=SEES_UNITS)
async def get_unit_workload(org_unit_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> UnitWorkloadOut:
    """The workload of everyone employed in a unit and below on a day, today unless given."""
    await caller.reach_unit(tx, org_unit_id)
    on = as_of or tx.today
    seen = await read_unit_workload(tx, org_unit_id, on)
    return UnitWorkloadOut(
        org_unit_id=org_unit_id,
        as_of=on,
        available_points=as_decimal(seen.total.available),
        load_points=as_decimal(seen.total.load),
        utilisation_pct=seen.total.utilisation_pct,
        band=seen.total.band,
        workers=[WorkloadOut.of(one, one.workload, on) for one in seen.workers],
        unallocated_cases=seen.unallocated_cases,
    )


@routes.get("/unallocated", allow=SEES_CASES)
async def get_unallocated(
    tx: Read,
    caller: Caller,
    response: Response,
    org_unit_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[WaitingCaseOut]:
    """Cases that wait for a worker: most urgent first, of one priority the oldest first."""
    bound = await caller.bound(tx, org_unit_id)
    shown, following = await _waiting_page(tx, org_unit_id, bound, cursor, limit)
    if following:
        response.headers["link"] = f'</v1/allocation/unallocated?cursor={following}&limit={limit}>; rel="next"'
    return Page(items=[_waiting(row, tx.today) for row in shown], next=following)


@routes.get("/cases/{source}/{reference}/recommendations", allow=ALLOCATES)
async def get_recommendations(
    name: Name,
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="look among the workers of this unit and below only")] = None,
) -> RecommendationsOut:
    """Every worker within the caller's reach who could take the case, best first and with reasons, and the others with
    what speaks against them. A recommendation never allocates."""
    case = await get_case(tx, name)
    await caller.reach_unit(tx, case["org_unit_id"])
    ranked, excluded = await read_recommendations(tx, case, await caller.bound(tx, org_unit_id), org_unit_id)
    return RecommendationsOut(
        items=[RecommendationOut.of(one) for one in ranked], excluded=[ExcludedOut.of(one) for one in excluded]
    )


@routes.get("/recommendations", allow=ALLOCATES)
async def get_recommendations_for_waiting(
    tx: Read,
    caller: Caller,
    org_unit_id: UUID | None = None,
    best: Annotated[int, Query(ge=1, le=10, description="how many workers for each case")] = 3,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[WaitingAndBestOut]:
    """Cases that wait, most urgent first, each with the workers who could best take it, as if it were the only one. A
    recommendation never allocates: after an allocation, ask again."""
    bound = await caller.bound(tx, org_unit_id)
    shown, following = await _waiting_page(tx, org_unit_id, bound, cursor, limit)
    found = await read_best(tx, shown, bound, org_unit_id, best)
    return Page(items=[_with_best(row, found[row["case_id"]], tx.today) for row in shown], next=following)


async def _waiting_page(
    tx: Tx, org_unit_id: UUID | None, bound: UUID | None, cursor: str | None, limit: int
) -> tuple[Sequence[dict[str, Any]], str | None]:
    rows = await list_waiting_cases(tx, org_unit_id, bound, _place(cursor), limit + 1)
    shown, more = cut(rows, limit)
    return shown, encode_cursor(*(shown[-1][name] for name in _ORDER)) if more else None


def _with_best(row: dict[str, Any], found: Best, today: date) -> WaitingAndBestOut:
    best = [RecommendationOut.of(one) for one in found.first]
    return WaitingAndBestOut(case=_waiting(row, today), eligible=found.eligible, best=best)


def _waiting(row: dict[str, Any], today: date) -> WaitingCaseOut:
    return WaitingCaseOut.model_validate({**row, "days_waiting": (today - row["received_on"]).days})


def _place(cursor: str | None) -> Place | None:
    key = decode_cursor(cursor, 3)
    if key is None:
        return None
    try:
        return Place(int(key[0]), date.fromisoformat(key[1]), UUID(key[2]))
    except (TypeError, ValueError, AttributeError):
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from None
