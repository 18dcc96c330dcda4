"""Figures over HTTP: the catalogue, figures by day, week and month, and the events behind each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.database import Row, Tx
from chassis.pages import Cursor, Limit, Page, cut, decode_cursor, encode_cursor
from chassis.permissions import AUTHORITY, UNIT, Allow
from chassis.problems import BadRequest, NotFound, RuleBroken
from chassis.routing import Caller, Read, Routes
from services.accountability.queries.figures import Figure, list_counted_events, list_figures
from services.accountability.routes.shapes import Catalogue, CountedEvent, FigureOut, Figures, MeasureOut
from services.accountability.rules.measures import CATALOGUE, Measure, value_of
from services.accountability.rules.periods import Grain

routes = Routes("accountability")

READERS = Allow(
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
    reporting=AUTHORITY,
    platform_admin=AUTHORITY,
)
DEFAULT_SPAN = timedelta(days=90)
MOST_DAYS = 3660
_ROLL_UP = {
    "flow": "sums of numerator and denominator over the period and over all org units below",
    "stock": "sums over all org units below, as they stand at the end of the period, carried forward",
}


@routes.get("/measures/catalogue", allow=READERS)
async def get_catalogue(caller: Caller) -> Catalogue:
    """Every measure: what it counts, for which clause, in which unit and direction, and how it rolls up."""
    caller.nothing_to_reach()
    return Catalogue(items=[_described(measure) for measure in CATALOGUE.values()])


def _described(measure: Measure) -> MeasureOut:
    return MeasureOut(
        measure=measure.id,
        title=measure.title,
        clause=measure.clause,
        nature=measure.nature,
        unit=measure.unit,
        direction=measure.direction,
        target=measure.target,
        numerator=list(measure.numerator),
        denominator=list(measure.denominator),
        roll_up=_ROLL_UP[measure.nature],
    )


@routes.get("/measures", allow=READERS)
async def get_measures(
    tx: Read,
    caller: Caller,
    org_unit_id: UUID | None = None,
    measure: Annotated[
        str | None, Query(max_length=500, description="one or more, with commas; all when left out")
    ] = None,
    first: Annotated[date | None, Query(alias="from", description="first day; 90 days ago when left out")] = None,
    end: Annotated[date | None, Query(alias="to", description="day after the last; tomorrow when left out")] = None,
    grain: Grain = "month",
) -> Figures:
    """Figures of an org unit and everything below it, for every period that holds a day of the span.

    Weeks are ISO weeks, from Monday; dates are London dates. Periods that lie in the future are left out. Each figure
    opens to its events under ``/measures/{measure}/events``.
    """
    unit = await _unit(tx, caller, org_unit_id)
    end = min(end or tx.today + timedelta(days=1), tx.today + timedelta(days=1))
    first = first or max(end, date.min + DEFAULT_SPAN) - DEFAULT_SPAN
    if first >= end:
        raise RuleBroken("span-reversed", "Let the span begin before it ends, and not in the future.", field="from")
    if (end - first).days > MOST_DAYS:
        raise RuleBroken("span-too-long", "Ask for at most ten years at a time.", field="from")
    figures = await list_figures(tx, _asked(measure), unit, first, end, grain)
    return Figures(items=[_shown(figure) for figure in figures])


async def _unit(tx: Tx, caller: Caller, org_unit_id: UUID | None) -> UUID:
    """The unit asked for; without one, the part of the organisation that the caller is limited to."""
    unit = org_unit_id or await caller.resolve(tx)
    if unit is None:
        raise RuleBroken("org-unit-needed", "Name the org unit whose figures you want.", field="org_unit_id")
    await caller.reach_unit(tx, unit)
    return unit


def _asked(measure: str | None) -> list[Measure]:
    return list(CATALOGUE.values()) if measure is None else [_measure(one.strip()) for one in measure.split(",")]


def _measure(name: str) -> Measure:
    try:
        return CATALOGUE[name]
    except KeyError:
        raise NotFound(
            "no-such-measure", f"There is no measure {name!r}. See /measures/catalogue for those that are."
        ) from None


def _shown(figure: Figure) -> FigureOut:
    value = value_of(figure.measure, figure.numerator, figure.denominator)
    return FigureOut(
        measure=figure.measure.id,
        clause=figure.measure.clause,
        org_unit_id=figure.org_unit_id,
        period_start=figure.period_start,
        grain=figure.grain,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=None if value is None else float(value),
        unit=figure.measure.unit,
        restated_at=figure.restated_at,
    )


@routes.get("/measures/{measure}/events", allow=READERS)
async def get_counted_events(
    measure: str,
    tx: Read,
    caller: Caller,
    period_start: Annotated[date, Query(ge=date(1900, 1, 1), le=date(2200, 1, 1))],
    org_unit_id: UUID | None = None,
    grain: Grain = "month",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[CountedEvent]:
    """The events behind one figure, in the order of the log; what they add sums to the figure exactly."""
    asked = _measure(measure)
    unit = await _unit(tx, caller, org_unit_id)
    rows = await list_counted_events(tx, asked, unit, period_start, grain, _after(cursor), limit + 1)
    shown, more = cut(rows, limit)
    following = encode_cursor(shown[-1]["position"], shown[-1]["key"]) if more else None
    return Page(items=[_counted(row, asked) for row in shown], next=following)


def _after(cursor: str | None) -> tuple[int, str]:
    position, key = decode_cursor(cursor, 2) or (0, "")
    if not isinstance(position, int) or not isinstance(key, str):
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.")
    return position, key


def _counted(row: Row, measure: Measure) -> CountedEvent:
    denominator = (row["denominator"] or 0) if measure.denominator else None
    return CountedEvent(
        **{**row, "counted_on": row["on_date"], "numerator": row["numerator"] or 0, "denominator": denominator}
    )
