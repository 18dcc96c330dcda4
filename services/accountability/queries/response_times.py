"""How long each level of the line has to answer an alert: the authority's own times, else the defaults."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import LiteralString, NamedTuple

from chassis.database import Asked, Row, Tx
from services.accountability.arrays import texts
from services.accountability.rules.alerts import KINDS
from services.accountability.rules.line import LEVELS, Level


class Question(NamedTuple):
    """A kind of alert in an org unit."""

    org_unit_id: str | None
    kind: str


# The nearest unit above that has its own times in force decides.
_OWN: LiteralString = """
select t.org_unit_id::text as org_unit_id, t.kind, r.hours
from unnest(%(units)s::uuid[], %(kinds)s::text[]) as t (org_unit_id, kind)
join directory_units u on u.org_unit_id = t.org_unit_id
cross join lateral (
    select r.hours from response_times r
    where r.org_unit_id = any(u.path) and r.kind = t.kind and r.effective_from <= %(today)s
    order by array_position(u.path, r.org_unit_id) desc, r.effective_from desc limit 1
) r
"""
_IN_FORCE: LiteralString = """
select org_unit_id, kind, effective_from, hours from response_times
where %(unit)s::uuid is null or org_unit_id = %(unit)s order by org_unit_id, kind, effective_from
"""


def asking_times(questions: Collection[Question], today: date) -> Asked[dict[Question, dict[Level, timedelta]]]:
    """How much time has each level, for each kind of alert in each org unit?"""

    def times(rows: Sequence[Row]) -> dict[Question, dict[Level, timedelta]]:
        own = {Question(row["org_unit_id"], row["kind"]): _by_level(row) for row in rows}
        return {question: own.get(question) or dict(KINDS[question.kind].respond_within) for question in questions}

    units, kinds = texts([one.org_unit_id for one in questions]), texts([one.kind for one in questions])
    return Asked(_OWN, {"units": units, "kinds": kinds, "today": today}, times)


async def list_response_times(tx: Tx, questions: Collection[Question]) -> dict[Question, dict[Level, timedelta]]:
    """The time of each level, for each kind of alert in each org unit asked for."""
    if not questions:
        return {}
    (times,) = await tx.answers(asking_times(questions, tx.today))
    return times


def _by_level(row: Row) -> dict[Level, timedelta]:
    return {level: timedelta(hours=float(hours)) for level, hours in zip(LEVELS, row["hours"], strict=True)}


async def list_own_times(tx: Tx, org_unit_id: object | None) -> list[Row]:
    """The times that org units set for themselves; of one unit, or of all."""
    return await tx.fetch_all(_IN_FORCE, {"unit": org_unit_id})
