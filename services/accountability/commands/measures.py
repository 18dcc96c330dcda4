"""Counts a batch of facts: statements by key, sums by tally, org unit and day, and word of figures that were restated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import starmap
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
    folded = fold(facts, await list_statements(tx, touched(facts)))
    await _announce_restated(tx, folded.cells)
    await _state(tx, folded)
    if folded.cells:
        await tx.execute(_ADD, _cell_columns(folded.cells) | _change_columns(folded.cells.values()))


async def _state(tx: Tx, folded: Folded) -> None:
    stated = {place: statement for place, statement in folded.statements.items() if statement is not None}
    withdrawn = [place for place, statement in folded.statements.items() if statement is None]
    if withdrawn:
        await tx.execute(_WITHDRAW, _place_columns(withdrawn))
    if stated:
        await tx.execute(_STATE, _place_columns(stated) | _statement_columns(stated.values()))


def _place_columns(places: Iterable[tuple[str, str, date]]) -> dict[str, str]:
    series, keys, days = zip(*places, strict=True)
    return {"series": texts(series), "key": texts(keys), "on_date": plain(days)}


def _statement_columns(statements: Iterable[Statement]) -> dict[str, str]:
    columns = [(one.org_unit_id, _as_json(one.amounts), one.position) for one in statements]
    units, amounts, positions = zip(*columns, strict=True)
    return {"unit": texts(units), "amounts": texts(amounts), "position": plain(positions)}


def _as_json(amounts: Amounts) -> str:
    return "{" + ",".join(starmap(_member, amounts.items())) + "}"


def _member(tally: str, amount: Decimal) -> str:
    return f'"{tally}":{amount:f}'


def _cell_columns(cells: Iterable[Cell]) -> dict[str, str]:
    tallies, units, days = zip(*cells, strict=True)
    return {"tally": texts(tallies), "unit": texts(units), "on_date": plain(days)}


def _change_columns(changes: Iterable[Change]) -> dict[str, str]:
    amounts, instants = zip(*[(f"{change.amount:f}", change.changed_at.isoformat()) for change in changes], strict=True)
    return {"amount": plain(amounts), "changed_at": plain(instants)}


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
