"""Counts a batch of facts: statements by key, sums by tally, org unit and day, and word of figures that were restated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.accountability import MeasureRestatedV1
from services.accountability.arrays import plain, texts
from services.accountability.queries.known import list_statements
from services.accountability.rules.counting import Amounts, Statement
from services.accountability.rules.facts import Fact
from services.accountability.rules.figures import Cell, Change, Folded, fold, touched
from services.accountability.rules.measures import CATALOGUE, restated_at

_STATE: LiteralString = """
insert into contributions (series, key, on_date, org_unit_id, amounts, position)
select * from unnest(%(series)s::text[], %(key)s::text[], %(on_date)s::date[], %(unit)s::uuid[], %(amounts)s::jsonb[],
    %(position)s::bigint[])
on conflict (series, key, on_date) do update
set org_unit_id = excluded.org_unit_id, amounts = excluded.amounts, position = excluded.position
"""
_WITHDRAW: LiteralString = """
delete from contributions c
using unnest(%(series)s::text[], %(key)s::text[], %(on_date)s::date[]) as t (series, key, on_date)
where c.series = t.series and c.key = t.key and c.on_date = t.on_date
"""
_ADD: LiteralString = """
insert into figures (tally, org_unit_id, on_date, amount, changed_at)
select * from unnest(%(tally)s::text[], %(unit)s::uuid[], %(on_date)s::date[], %(amount)s::numeric[],
    %(changed_at)s::timestamptz[])
on conflict (tally, org_unit_id, on_date) do update
set amount = figures.amount + excluded.amount, changed_at = greatest(figures.changed_at, excluded.changed_at)
"""
_SHOWN: LiteralString = """
select f.tally, f.org_unit_id::text as unit, f.on_date
from unnest(%(tally)s::text[], %(unit)s::uuid[], %(on_date)s::date[]) as t (tally, org_unit_id, on_date)
join figures f on f.tally = t.tally and f.org_unit_id = t.org_unit_id and f.on_date = t.on_date
"""


async def count(tx: Tx, facts: Sequence[Fact]) -> None:
    """Count ``facts``: later ones about a key replace what earlier ones stated."""
    await keep(tx, fold(facts, await list_statements(tx, touched(facts))))


async def keep(tx: Tx, folded: Folded) -> None:
    """Keep what facts stated and what it changes; say which figures that had been shown are others now."""
    await _announce_restated(tx, folded.cells)
    stated = dict(sorted((place, one) for place, one in folded.statements.items() if one is not None))
    withdrawn = [place for place, statement in folded.statements.items() if statement is None]
    if withdrawn:
        await tx.queue(_WITHDRAW, _place_columns(withdrawn))
    if stated:
        await tx.queue(_STATE, _place_columns(stated) | _statement_columns(stated.values()))
    if folded.cells:
        await tx.queue(_ADD, _cell_columns(folded.cells) | _change_columns(folded.cells.values()))


def _place_columns(places: Collection[tuple[str, str, date]]) -> dict[str, str]:
    return {
        "series": texts([series for series, _, _ in places]),
        "key": texts([key for _, key, _ in places]),
        "on_date": plain([day for _, _, day in places]),
    }


def _statement_columns(statements: Collection[Statement]) -> dict[str, str]:
    return {
        "unit": texts([one.org_unit_id for one in statements]),
        "amounts": texts([_as_json(one.amounts) for one in statements]),
        "position": plain([one.position for one in statements]),
    }


def _as_json(amounts: Amounts) -> str:
    return "{" + ",".join([f'"{tally}":{amount:f}' for tally, amount in amounts.items()]) + "}"


def _cell_columns(cells: Collection[Cell]) -> dict[str, str]:
    return {
        "tally": texts([tally for tally, _, _ in cells]),
        "unit": texts([unit for _, unit, _ in cells]),
        "on_date": plain([day for _, _, day in cells]),
    }


def _change_columns(changes: Collection[Change]) -> dict[str, str]:
    return {
        "amount": plain([f"{change.amount:f}" for change in changes]),
        "changed_at": plain([change.changed_at.isoformat() for change in changes]),
    }


async def _announce_restated(tx: Tx, cells: Mapping[Cell, Change]) -> None:
    """Publish, once a batch, each daily figure that had been shown, had settled, and is another now.

    The weeks and months that hold the day, and the org units above, change with it; they are not published one by one.
    """
    late = [cell for cell, change in cells.items() if change.amount and restated_at(change.changed_at, cell[2], "day")]
    if not late or tx.silent:
        return
    shown = await tx.fetch_all(_SHOWN, _cell_columns(late))
    restated = {
        (measure, row["unit"], row["on_date"]) for row in shown for measure in _MEASURES_OF.get(row["tally"], ())
    }
    for measure, unit, day in sorted(restated):
        tx.emit(MeasureRestatedV1(measure=measure, org_unit_id=UUID(unit), grain="day", period_start=day))


_MEASURES_OF: dict[str, list[str]] = {}
for _measure in CATALOGUE.values():
    for _tally in _measure.tallies:
        _MEASURES_OF.setdefault(_tally, []).append(_measure.id)
