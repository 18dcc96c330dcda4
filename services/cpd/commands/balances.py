"""Telling what a worker's year of development comes to, whenever it comes to something else (clauses 6.1, 3.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.numbers import half_up
from contracts.cpd import BalanceChangedV1, ProtectedTimeChangedV1
from services.cpd.queries.time import Year, read_time
from services.cpd.queries.workers import Known, list_workers
from services.cpd.rules.entitlement import REPEATEDLY

PLACES = 4
_FIGURES = ("entitled_hours", "taken_hours", "wanted_hours", "withheld_hours", "refused_in_a_row")
_NOTHING = dict.fromkeys(_FIGURES, 0)

_BEFORE: LiteralString = """
select * from balances where worker_id = any(%(workers)s) order by worker_id for update
"""
_KEEP: LiteralString = """
insert into balances (worker_id, year_end, org_unit_id, entitled_hours, taken_hours, wanted_hours, withheld_hours,
    refused_in_a_row, protected_hours_per_week, looked_on)
values (%(worker_id)s, %(year_end)s, %(org_unit_id)s, %(entitled_hours)s, %(taken_hours)s, %(wanted_hours)s,
    %(withheld_hours)s, %(refused_in_a_row)s, %(protected_hours_per_week)s, %(today)s)
on conflict (worker_id) do update set year_end = excluded.year_end, org_unit_id = excluded.org_unit_id,
    entitled_hours = excluded.entitled_hours, taken_hours = excluded.taken_hours, wanted_hours = excluded.wanted_hours,
    withheld_hours = excluded.withheld_hours, refused_in_a_row = excluded.refused_in_a_row,
    protected_hours_per_week = excluded.protected_hours_per_week, looked_on = excluded.looked_on
"""
_LOOK_AGAIN: LiteralString = """
with concerned as (
    select worker_id from balances where worker_id in (
        select d.worker_id from directory_workers d join directory_units u using (org_unit_id)
        where %(unit)s = any(u.path))
    order by worker_id for update
)
update balances set looked_on = date '0001-01-01' where worker_id in (select worker_id from concerned)
"""


async def settle_balances(tx: Tx, worker_ids: Collection[UUID]) -> None:
    """Read the year of some workers anew, and tell of each that reads differently from before."""
    rows = await tx.fetch_all(_BEFORE, {"workers": list(worker_ids)})
    before = {row["worker_id"]: row for row in rows}
    known = await list_workers(tx, worker_ids)
    years = await read_time(tx, known.values(), tx.today)
    kept = []
    for worker_id, year in years.items():
        now = _row(known[worker_id], year)
        kept.append({**now, "today": tx.today})
        _tell(tx, now, before.get(worker_id))
    await tx.execute_many(_KEEP, kept)


async def look_again(tx: Tx, org_unit_id: UUID) -> None:
    """Let the next scan look at everyone in a unit and below."""
    await tx.queue(_LOOK_AGAIN, {"unit": org_unit_id})


def _row(known: Known, year: Year) -> Row:
    balance = year.balance
    return {
        "worker_id": known.worker_id,
        "org_unit_id": known.org_unit_id,
        "year_end": year.year_end,
        "entitled_hours": _exact(balance.granted.hours),
        "taken_hours": balance.taken_hours,
        "wanted_hours": balance.wanted_hours,
        "withheld_hours": balance.withheld_hours,
        "refused_in_a_row": year.refused_in_a_row,
        "protected_hours_per_week": _exact(year.protected_hours_per_week),
    }


def _exact(hours: Fraction) -> Decimal:
    """Hours to a third of a second: as exact as a decimal needs to be."""
    return half_up(hours, PLACES)


def _tell(tx: Tx, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    figures = {name: now[name] for name in _FIGURES}
    earlier = {name: before[name] for name in _FIGURES} if before else _NOTHING
    moved = before is not None and any(before[name] != now[name] for name in ("org_unit_id", "year_end"))
    about = {"worker_id": now["worker_id"], "org_unit_id": now["org_unit_id"]}
    if figures != earlier or (moved and figures != _NOTHING):
        tx.emit(
            BalanceChangedV1(
                **about,
                **figures,
                as_of=tx.today,
                year_end=now["year_end"],
                repeatedly_refused=now["refused_in_a_row"] >= REPEATEDLY,
            )
        )
    weekly = now["protected_hours_per_week"]
    if weekly != (before["protected_hours_per_week"] if before else 0):
        tx.emit(ProtectedTimeChangedV1(**about, from_on=tx.today, hours_per_week=weekly))
