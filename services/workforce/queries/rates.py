"""What the census of a unit is taken from: people on their terms, posts, cases and absences on a date."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

import holidays

from chassis.database import Row, Tx
from services.workforce.rules.absences import COUNTED
from services.workforce.rules.census import Person, Post, Year, take_census
from services.workforce.rules.rates import Census

# The terms of each worker on the date: the latest that began by then, or the first that are known.
_PEOPLE: LiteralString = """
with terms as (
    select distinct on (worker_id) worker_id, org_unit_id, contracted_hours, is_agency, is_social_worker
    from worker_terms order by worker_id, from_on > %(as_of)s, abs(from_on - %(as_of)s)
), held as (
    select worker_id, count(*) as cases from (
        select distinct on (case_key) case_key, worker_id from case_holdings
        where from_on <= %(as_of)s order by case_key, sequence desc
    ) latest where worker_id is not null group by worker_id
), posts_on as (
    select p.post_id, p.fte, p.org_unit_id, h.worker_id from posts p
    left join lateral (
        select worker_id from post_holdings where post_id = p.post_id and from_on <= %(as_of)s
        order by from_on desc limit 1
    ) h on true
    where p.designated and p.opened_on <= %(as_of)s and (p.closed_on is null or p.closed_on > %(as_of)s)
)
"""
_WORKERS: LiteralString = (
    _PEOPLE
    + """
select w.worker_id, t.is_social_worker, t.is_agency, t.contracted_hours, w.employment_started_on as started_on,
    w.employment_ended_on as ended_on, coalesce(held.cases, 0) as cases
from workers w join terms t using (worker_id) join directory_units u on u.org_unit_id = t.org_unit_id
left join held using (worker_id)
where (%(unit)s::uuid is null or u.path @> array[%(unit)s::uuid]) and w.employment_started_on <= %(as_of)s
"""
)
_POSTS: LiteralString = (
    _PEOPLE
    + """
select p.fte, t.worker_id, t.is_social_worker, t.is_agency, t.contracted_hours,
    w.employment_started_on as started_on, w.employment_ended_on as ended_on
from posts_on p join directory_units u using (org_unit_id)
left join terms t on t.worker_id = p.worker_id left join workers w on w.worker_id = p.worker_id
where %(unit)s::uuid is null or u.path @> array[%(unit)s::uuid]
"""
)
_ABSENCES: LiteralString = """
select worker_id, kind, from_on, to_on from absences
where worker_id = any(%(workers)s) and kind = any(%(kinds)s) and from_on <= %(as_of)s and to_on >= %(since)s
"""


async def get_census(tx: Tx, unit: UUID | None, as_of: date, full_time_hours: Decimal) -> tuple[Census, Year, int]:
    """The census of a unit and below, its year, and how many of the absences counted have no kind."""
    year = year_to(as_of)
    values = {"unit": unit, "as_of": as_of}
    rows = await tx.fetch_all(_WORKERS, values)
    absences = await _absences(tx, [row["worker_id"] for row in rows], year)
    people = [_person(row, absences) for row in rows]
    posts = [
        Post(row["fte"], _person(row, {}) if row["worker_id"] else None) for row in await tx.fetch_all(_POSTS, values)
    ]
    without_kind = sum(1 for spans in absences.values() for kind, _, _ in spans if kind == "not_stated")
    return take_census(people, posts, year, full_time_hours), year, without_kind


def year_to(as_of: date) -> Year:
    """The year that ends on a date, with the bank holidays of England."""
    return Year(as_of, frozenset(holidays.country_holidays("GB", subdiv="ENG", years=[as_of.year - 1, as_of.year])))


async def _absences(tx: Tx, workers: list[UUID], year: Year) -> dict[UUID, list[tuple[str, date, date]]]:
    values = {"workers": workers, "kinds": sorted(COUNTED), "as_of": year.as_of, "since": year.first_day}
    found: dict[UUID, list[tuple[str, date, date]]] = defaultdict(list)
    for row in await tx.fetch_all(_ABSENCES, values):
        found[row["worker_id"]].append((row["kind"], row["from_on"], row["to_on"]))
    return found


def _person(row: Row, absences: dict[UUID, list[tuple[str, date, date]]]) -> Person:
    facts: dict[str, Any] = {name: row[name] for name in _FACTS}
    spans = [(first, last) for _, first, last in absences.get(row["worker_id"], ())]
    return Person(**facts, absences=spans, cases=row.get("cases", 0))


_FACTS = ("worker_id", "is_social_worker", "is_agency", "contracted_hours", "started_on", "ended_on")
