"""What is stored of renewals: the parts that were done, what cpd said, and which reminders went out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.registration.rules.renewal import Parts

_RENEWALS: LiteralString = """
select r.* from renewals r where r.worker_id = any(%(workers)s) and r.year_end = any(%(years)s)
"""
_CPD: LiteralString = """
select worker_id, year_end, ready from cpd_readings where worker_id = any(%(workers)s) and year_end = any(%(years)s)
"""
_REMINDERS: LiteralString = """
select worker_id, year_end, days_before, reminded_on, recipients from reminders
where worker_id = any(%(workers)s) and year_end = any(%(years)s) order by reminded_on, days_before desc
"""


@dataclass(slots=True)
class Stored:
    """One worker's renewal of one year as stored."""

    form_on: date | None = None
    fee_on: date | None = None
    cpd_on: date | None = None
    cpd_ready: bool = False
    told: Mapping[str, Any] | None = None
    reminders: list[Row] = field(default_factory=list)
    version: int = 0

    @property
    def parts(self) -> Parts:
        """Done or not; CPD counts when cpd says that it is complete, or when it was seen on the regulator's site."""
        return Parts(self.form_on is not None, self.fee_on is not None, self.cpd_ready or self.cpd_on is not None)


async def list_stored(tx: Tx, workers: Collection[UUID], years: Collection[date]) -> dict[tuple[UUID, date], Stored]:
    """What is stored for each worker and year, where anything is."""
    asked = {"workers": list(workers), "years": list(years)}
    stored: dict[tuple[UUID, date], Stored] = {}
    for row in await tx.fetch_all(_RENEWALS, asked):
        dates = (row["form_on"], row["fee_on"], row["cpd_on"])
        stored[row["worker_id"], row["year_end"]] = Stored(*dates, told=row["told"], version=row["version"])
    for row in await tx.fetch_all(_CPD, asked):
        stored.setdefault((row["worker_id"], row["year_end"]), Stored()).cpd_ready = row["ready"]
    for row in await tx.fetch_all(_REMINDERS, asked):
        stored.setdefault((row["worker_id"], row["year_end"]), Stored()).reminders.append(row)
    return stored
