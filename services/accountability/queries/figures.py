"""Figures of an org unit and everything below it, by day, week or month, and the events behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.accountability.rules.counting import SERIES_OF
from services.accountability.rules.measures import Measure, restated_at
from services.accountability.rules.periods import Grain, period_end, period_start, periods_between

# The part before the first period matters to stocks only: it is what they carry forward.
_SUMS: LiteralString = """
select f.tally,
       case when f.on_date >= %(first)s then date_trunc(%(grain)s, f.on_date::timestamp)::date end as period_start,
       sum(f.amount) as amount, max(f.changed_at) as changed_at
from directory_units u join figures f using (org_unit_id)
where u.path @> array[%(unit)s]::uuid[] and f.tally = any(%(tallies)s) and f.on_date < %(end)s
  and (f.on_date >= %(first)s or f.tally = any(%(stocks)s))
group by 1, 2
"""
_COUNTED: LiteralString = """
with counted as (
    select c.position, c.key, c.org_unit_id, c.on_date, c.amounts
    from directory_units u join contributions c using (org_unit_id)
    where u.path @> array[%(unit)s]::uuid[] and c.series = any(%(series)s) and c.amounts ?| %(tallies)s
      and c.on_date < %(end)s and (%(stock)s or c.on_date >= %(first)s)
      and not (%(stock)s and exists (
          select 1 from contributions n
          where n.series = c.series and n.key = c.key and n.on_date > c.on_date and n.on_date < %(end)s))
)
select c.position, l.event_id, l.type, l.subject, l.time, c.org_unit_id, c.on_date, c.key,
       (select sum(value::numeric) from jsonb_each_text(c.amounts) where key = any(%(numerator)s)) as numerator,
       (select sum(value::numeric) from jsonb_each_text(c.amounts) where key = any(%(denominator)s)) as denominator
from counted c join log l on l.position = c.position
where (c.position, c.key) > (%(after)s, %(after_key)s)
order by c.position, c.key limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: exact sums, and when it was restated, if it was."""

    measure: Measure
    org_unit_id: UUID
    period_start: date
    grain: Grain
    numerator: Decimal
    denominator: Decimal | None
    restated_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Decimal
    changed_at: datetime | None


_NONE = _Sum(Decimal(0), None)


async def list_figures(
    tx: Tx, measures: Sequence[Measure], org_unit_id: UUID, first: date, end: date, grain: Grain
) -> list[Figure]:
    """The figures of every period that holds a day from ``first`` up to, not including, ``end``."""
    starts = list(periods_between(first, end, grain))
    if not starts:
        return []
    sums = await _sums(tx, measures, org_unit_id, starts[0], period_end(starts[-1], grain), grain)
    return [figure for measure in measures for figure in _figures(measure, org_unit_id, starts, grain, sums)]


async def _sums(
    tx: Tx, measures: Sequence[Measure], org_unit_id: UUID, first: date, end: date, grain: Grain
) -> dict[tuple[str, date | None], _Sum]:
    rows = await tx.fetch_all(
        _SUMS,
        {
            "unit": org_unit_id,
            "tallies": sorted({tally for measure in measures for tally in measure.tallies}),
            "stocks": sorted({tally for one in measures if one.nature == "stock" for tally in one.tallies}),
            "first": first,
            "end": end,
            "grain": grain,
        },
    )
    return {(row["tally"], row["period_start"]): _Sum(row["amount"], row["changed_at"]) for row in rows}


def _figures(
    measure: Measure,
    org_unit_id: UUID,
    starts: Sequence[date],
    grain: Grain,
    sums: Mapping[tuple[str, date | None], _Sum],
) -> Iterator[Figure]:
    by_tally = {tally: list(_course(measure, tally, starts, sums)) for tally in measure.tallies}
    for place, start in enumerate(starts):
        at = {tally: course[place] for tally, course in by_tally.items()}
        changed = max((one.changed_at for one in at.values() if one.changed_at), default=None)
        yield Figure(
            measure,
            org_unit_id,
            start,
            grain,
            sum((at[tally].amount for tally in measure.numerator), Decimal(0)),
            sum((at[tally].amount for tally in measure.denominator), Decimal(0)) if measure.denominator else None,
            restated_at(changed, start, grain),
        )


def _course(
    measure: Measure, tally: str, starts: Sequence[date], sums: Mapping[tuple[str, date | None], _Sum]
) -> Iterator[_Sum]:
    """A tally's sum for each period: of the period itself, or carried forward from everything before its end."""
    carried = sums.get((tally, None), _NONE)
    for start in starts:
        now = sums.get((tally, start), _NONE)
        if measure.nature == "stock":
            changes = [one.changed_at for one in (carried, now) if one.changed_at]
            now = carried = _Sum(carried.amount + now.amount, max(changes, default=None))
        yield now


async def list_counted_events(
    tx: Tx, measure: Measure, org_unit_id: UUID, day: date, grain: Grain, after: tuple[int, str], limit: int
) -> list[Row]:
    """The rows of the log that make one figure, each with what it adds to numerator and denominator."""
    first = period_start(day, grain)
    return await tx.fetch_all(
        _COUNTED,
        {
            "unit": org_unit_id,
            "series": sorted({SERIES_OF[tally] for tally in measure.tallies}),
            "tallies": list(measure.tallies),
            "numerator": list(measure.numerator),
            "denominator": list(measure.denominator),
            "first": first,
            "end": period_end(first, grain),
            "stock": measure.nature == "stock",
            "after": after[0],
            "after_key": after[1],
            "limit": limit,
        },
    )
