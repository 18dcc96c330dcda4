"""A person records what was done for a renewal, and what follows from it is told at once (clause 7.2)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.database import Tx
from chassis.problems import RuleBroken
from services.registration.commands.register import lock_worker
from services.registration.commands.renewing import record_parts
from services.registration.commands.settling import settle_workers
from services.registration.rules.renewal import is_year_end


async def record_renewal(tx: Tx, worker_id: UUID, year_end: date, parts: dict[str, date | None]) -> None:
    """The days on which form, fee and CPD of a year were done, none for what is not; the same again changes nothing."""
    if not is_year_end(year_end):
        raise RuleBroken("no-year-end", "A registration year ends on 30 November.", field="registration_year_end")
    await lock_worker(tx, worker_id)
    await record_parts(tx, worker_id, year_end, parts)
    await settle_workers(tx, [worker_id])
