"""How facts become figures: each fact states what one key counts for, and a figure is the sum of what its keys state.

A key (one required period, one worker's workload, one case) is stated again whenever it changes, so a late fact replaces what
was counted before instead of adding to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from services.accountability.rules.counting import COUNTED_BY, NATURE, Amounts, Statement
from services.accountability.rules.facts import Fact
from services.accountability.rules.measures import Nature

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
    for cell, amount in _effects(NATURE[key[0]], by_day, stated):
        change = folded.cells.get(cell)
        if change is None:
            folded.cells[cell] = Change(amount, time)
        else:
            change.amount += amount
            change.changed_at = max(change.changed_at, time)
    if NATURE[key[0]] == "flow":
        for day in [day for day in by_day if day != stated.on]:
            del by_day[day]
            folded.statements[(*key, day)] = None
    by_day[stated.on] = stated
    folded.statements[(*key, stated.on)] = stated


def _effects(nature: Nature, by_day: Mapping[date, Statement], stated: Statement) -> Iterator[tuple[Cell, Decimal]]:
    """What a statement changes, cell by cell; nothing when it says what was known already."""
    if nature == "flow":
        before = next(iter(by_day.values()), None)
        yield from _difference(before, before.on if before else stated.on, stated, stated.on)
        return
    earlier = [day for day in by_day if day <= stated.on]
    before = by_day[max(earlier)] if earlier else None
    yield from _difference(before, stated.on, stated, stated.on)
    later = [day for day in by_day if day > stated.on]
    if later:
        yield from _difference(stated, min(later), before, min(later))


def _difference(
    old: Statement | None, old_on: date, new: Statement | None, new_on: date
) -> Iterator[tuple[Cell, Decimal]]:
    cells: dict[Cell, Decimal] = {}
    if new is not None:
        _add(cells, new.org_unit_id, new_on, new.amounts, 1)
    if old is not None:
        _add(cells, old.org_unit_id, old_on, old.amounts, -1)
    return ((cell, amount) for cell, amount in cells.items() if amount)


def _add(cells: dict[Cell, Decimal], org_unit_id: str, on: date, amounts: Amounts, sign: int) -> None:
    for tally, amount in amounts.items():
        cell = (tally, org_unit_id, on)
        cells[cell] = cells.get(cell, Decimal(0)) + sign * amount
