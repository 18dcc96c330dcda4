"""How facts become figures: each fact states what one key counts for, and a figure is the sum of what its keys state.

A key (one required period, one worker's workload, one case) is stated again whenever it changes, so a late fact replaces what
was counted before instead of adding to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from services.accountability.rules.counting import COUNTED_BY, NATURE, Statement
from services.accountability.rules.facts import Fact

ZERO = Decimal(0)
Key: TypeAlias = tuple[str, str]
"""A series and the key within it."""
Cell: TypeAlias = tuple[str, str, date]
"""A tally, an org unit, a day."""


@dataclass(slots=True)
class Change:
    """What is added to one cell, and the time of the latest fact that changed it."""

    amount: Decimal
    changed_at: datetime


@dataclass(slots=True)
class Folded:
    """What a run of facts leaves behind: statements by key and day (None = withdrawn), and changes by cell."""

    statements: dict[tuple[str, str, date], Statement | None] = field(default_factory=dict)
    cells: dict[Cell, Change] = field(default_factory=dict)


def touched(facts: Iterable[Fact]) -> dict[Key, date | None]:
    """The keys about which ``facts`` state something: what must be known before they are folded.

    For a stock, with the earliest day of which they speak; for a flow None: all that is known of the key.
    """
    keys: dict[Key, date | None] = {}
    for fact in facts:
        for rule in COUNTED_BY.get(fact.type, ()):
            key = (rule.series, rule.key(fact))
            since = _speaks_of(fact) if NATURE[rule.series] == "stock" else None
            known = keys.setdefault(key, since)
            if known is not None and since is not None and since < known:
                keys[key] = since
    return keys


def _speaks_of(fact: Fact) -> date:
    as_of = fact.data.get("as_of")
    return fact.happened_on if as_of is None else date.fromisoformat(as_of)


def fold(facts: Iterable[Fact], known: Mapping[Key, dict[date, Statement]]) -> Folded:
    """Count ``facts`` in the order of the log, beginning from the statements already ``known`` for their keys."""
    folded = Folded()
    states = {key: dict(by_day) for key, by_day in known.items()}
    for fact in facts:
        for rule in COUNTED_BY.get(fact.type, ()):
            key = (rule.series, rule.key(fact))
            by_day = states.setdefault(key, {})
            stated = rule.state(fact, by_day)
            if stated is not None:
                _count(folded, key, by_day, stated, fact.time)
    return folded


def _count(folded: Folded, key: Key, by_day: dict[date, Statement], stated: Statement, time: datetime) -> None:
    if NATURE[key[0]] == "flow":
        _count_flow(folded, key, by_day, stated, time)
    else:
        _count_stock(folded.cells, by_day, stated, time)
    by_day[stated.on] = stated
    folded.statements[(*key, stated.on)] = stated


def _count_flow(folded: Folded, key: Key, by_day: dict[date, Statement], stated: Statement, time: datetime) -> None:
    """A key of a flow counts once, on its day: what it counted for before is taken back."""
    if not by_day:
        _add(folded.cells, stated, None, stated.on, time)
        return
    before = next(iter(by_day.values()))
    if before.on == stated.on:
        _add(folded.cells, stated, before, stated.on, time)
        return
    _add(folded.cells, None, before, before.on, time)
    _add(folded.cells, stated, None, stated.on, time)
    by_day.clear()
    folded.statements[(*key, before.on)] = None


def _count_stock(
    cells: dict[Cell, Change], by_day: Mapping[date, Statement], stated: Statement, time: datetime
) -> None:
    """A key of a stock counts from its day on, until the next day for which something else is stated."""
    earlier = [day for day in by_day if day <= stated.on]
    before = by_day[max(earlier)] if earlier else None
    _add(cells, stated, before, stated.on, time)
    if len(earlier) < len(by_day):
        until = min(day for day in by_day if day > stated.on)
        _add(cells, before, stated, until, time)


def _add(cells: dict[Cell, Change], new: Statement | None, old: Statement | None, on: date, time: datetime) -> None:
    """Count ``new`` instead of ``old`` on a day; where both say the same, nothing changes."""
    if new is not None and old is not None and new.org_unit_id == old.org_unit_id:
        for tally in new.amounts | old.amounts:
            _put(cells, (tally, new.org_unit_id, on), new.amounts.get(tally, ZERO) - old.amounts.get(tally, ZERO), time)
        return
    if new is not None:
        for tally, amount in new.amounts.items():
            _put(cells, (tally, new.org_unit_id, on), amount, time)
    if old is not None:
        for tally, amount in old.amounts.items():
            _put(cells, (tally, old.org_unit_id, on), -amount, time)


def _put(cells: dict[Cell, Change], cell: Cell, amount: Decimal, time: datetime) -> None:
    if not amount:
        return
    change = cells.get(cell)
    if change is None:
        cells[cell] = Change(amount, time)
        return
    change.amount += amount
    change.changed_at = max(change.changed_at, time)
