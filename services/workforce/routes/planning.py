"""Posts and the rates of supply and demand over HTTP (clause 2.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.etags import etag
from chassis.numbers import Number
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, encode_cursor
from chassis.problems import FieldProblem, RuleBroken
from chassis.routing import Caller, Read, Routes, Write
from services.workforce.commands import posts as commands
from services.workforce.queries import posts as queries
from services.workforce.queries.org_units import get_unit
from services.workforce.queries.rates import get_census
from services.workforce.routes.permissions import ADMINISTERS, SEES_PLANNING
from services.workforce.routes.requests import IfMatch, after_id
from services.workforce.rules.findings import date_finding
from services.workforce.rules.posts import PostFacts
from services.workforce.rules.rates import FULL_TIME_HOURS, Census, Name, Rate, rates_of

routes = Routes("workforce")


class PostIn(BaseModel):
    """A post to record, vacant or held."""

    model_config = ConfigDict(extra="forbid")

    org_unit_id: UUID
    job_role: str
    fte: Decimal = Field(description="above 0, at most 1")
    designated: bool = Field(default=True, description="for registered social workers only (clause 7.1)")
    opened_on: date
    closed_on: date | None = None
    holder_id: UUID | None = None
    holder_from: date | None = Field(default=None, description="the day the post opens unless given")


class PostChange(BaseModel):
    """What to change of a post; `holder_id` null vacates it."""

    model_config = ConfigDict(extra="forbid")

    org_unit_id: UUID = UUID(int=0)
    job_role: str = ""
    fte: Decimal = Decimal(0)
    designated: bool = True
    opened_on: date = date.min
    closed_on: date | None = None
    holder_id: UUID | None = None
    holder_from: date | None = Field(default=None, description="today unless given")


class Post(BaseModel):
    """A post, who holds it, and whether it is vacant."""

    post_id: UUID
    org_unit_id: UUID
    job_role: str
    fte: Number
    designated: bool
    opened_on: date
    closed_on: date | None
    holder_id: UUID | None
    holder_from: date | None
    vacant: bool
    holder_in_breach: bool = Field(
        description="registration knows that the holder of this designated post may not be in it"
    )


class PostCreated(BaseModel):
    """The id of a new post."""

    post_id: UUID


class RefusedRate(BaseModel):
    """Why a rate is not shown."""

    code: str
    reason: str


class RateShown(BaseModel):
    """One rate with the figures that make it; null with the reason when they contradict one another."""

    rate: Name
    value: Number | None
    unit: str
    numerator: Number
    denominator: Number
    refused: RefusedRate | None


class CensusShown(BaseModel):
    """What was counted, in full-time equivalents."""

    in_post_fte: Number
    agency_fte: Number
    agency_cover_fte: Number
    vacancy_fte: Number
    starters_fte: Number
    leavers_fte: Number
    case_holders_fte: Number
    cases: int
    working_days_lost_fte: Number
    working_days: int


class Rates(BaseModel):
    """The rates of a unit and everything below it on a date, and in the year that ends on it."""

    org_unit_id: UUID | None
    as_of: date
    year_from: date
    full_time_hours: Number
    clause: str
    rates: list[RateShown]
    census: CensusShown
    notes: list[str]


@routes.post("/posts", status_code=201, allow=ADMINISTERS)
async def post_post(body: PostIn, tx: Write, caller: Caller) -> PostCreated:
    """Record a post of the establishment."""
    await caller.reach_unit(tx, body.org_unit_id)
    facts = PostFacts(**body.model_dump(exclude={"holder_from"}))
    return PostCreated(post_id=await commands.create_post(tx, facts, body.holder_from))


@routes.get("/posts", allow=SEES_PLANNING)
async def get_posts(
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    vacant: Annotated[bool | None, Query(description="only vacant, or only held posts")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Post]:
    """Posts with their holders and vacancies."""
    limit_to = await caller.bound(tx, org_unit_id)
    rows = await queries.list_posts(tx, limit_to, org_unit_id, vacant, after_id(cursor), limit)
    shown, more = cut(rows, limit)
    return Page(items=[Post(**row) for row in shown], next=encode_cursor(shown[-1]["post_id"]) if more else None)


@routes.get("/posts/{post_id}", allow=SEES_PLANNING)
async def get_post(post_id: UUID, tx: Read, caller: Caller, response: Response) -> Post:
    """One post; its ETag is needed to change it."""
    row = await queries.get_post(tx, post_id)
    await caller.reach_unit(tx, row["org_unit_id"])
    response.headers["ETag"] = etag(row["version"])
    return Post(**row)


@routes.patch("/posts/{post_id}", allow=ADMINISTERS)
async def patch_post(
    post_id: UUID, body: PostChange, tx: Write, caller: Caller, response: Response, if_match: IfMatch = None
) -> Post:
    """Change a post: fill it, vacate it, resize it, close it."""
    await caller.reach_unit(tx, (await queries.get_post(tx, post_id))["org_unit_id"])
    if "org_unit_id" in body.model_fields_set:
        await caller.reach_unit(tx, body.org_unit_id)
    changes = body.model_dump(exclude_unset=True, exclude={"holder_from"})
    await commands.change_post(tx, post_id, changes, body.holder_from, if_match)
    row = await queries.get_post(tx, post_id)
    response.headers["ETag"] = etag(row["version"])
    return Post(**row)


@routes.get("/rates", allow=SEES_PLANNING)
async def get_rates(
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    as_of: Annotated[date | None, Query(description="today unless given")] = None,
    full_time_hours: Annotated[Decimal, Query(gt=0, le=60, description="standard weekly hours")] = FULL_TIME_HOURS,
) -> Rates:
    """Vacancy, agency, turnover, average caseload and absence, as the workforce census defines them (clause 2.1)."""
    limit_to = await caller.bound(tx, org_unit_id)
    if org_unit_id is not None:
        await get_unit(tx, org_unit_id)
    day = _past_day(as_of or tx.today, tx.today)
    unit = org_unit_id or limit_to
    census, year, without_kind = await get_census(tx, unit, day, full_time_hours)
    return Rates(
        org_unit_id=unit,
        as_of=day,
        year_from=year.first_day,
        full_time_hours=full_time_hours,
        clause="2.1",
        rates=[_rate(rate) for rate in rates_of(census)],
        census=_census(census),
        notes=_notes(without_kind),
    )


def _past_day(day: date, today: date) -> date:
    finding = date_finding("as_of", day)
    problem = finding.problem if finding else f"lies after today, {today}; give today or an earlier day"
    if finding or day > today:
        raise RuleBroken("invalid-input", f"as_of {problem}", fields=[FieldProblem("as_of", problem)])
    return day


def _notes(without_kind: int) -> list[str]:
    if not without_kind:
        return []
    return [f"{without_kind} absences have no kind and count as sickness; give each its kind to have the rate right."]


def _rate(rate: Rate) -> RateShown:
    refused = RefusedRate(code=rate.refused.code, reason=rate.refused.reason) if rate.refused else None
    return RateShown(
        rate=rate.name,
        value=rate.value,
        unit=rate.unit,
        numerator=round(rate.numerator, 2),
        denominator=round(rate.denominator, 2),
        refused=refused,
    )


def _census(census: Census) -> CensusShown:
    return CensusShown(
        in_post_fte=round(census.in_post, 2),
        agency_fte=round(census.agency, 2),
        agency_cover_fte=round(census.vacant_covered, 2),
        vacancy_fte=round(census.vacant, 2),
        starters_fte=round(census.starters, 2),
        leavers_fte=round(census.leavers, 2),
        case_holders_fte=round(census.case_holders, 2),
        cases=census.cases,
        working_days_lost_fte=round(census.days_lost, 2),
        working_days=census.working_days,
    )
