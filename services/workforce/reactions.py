"""What workforce learns from allocation: who holds how many cases, for the average caseload (clause 2.1)."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.clock import london_date
from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.allocation import CaseAllocatedV1, CaseChangedV1, CaseClosedV1
from contracts.registration import PostJudgedV1

_HOLD: LiteralString = """
insert into case_holdings (case_key, sequence, worker_id, from_on)
values (%(case_key)s, %(sequence)s, %(worker)s, %(from_on)s) on conflict (case_key, sequence) do nothing
"""


_REGISTRATION: LiteralString = """
insert into registrations as r (worker_id, breach, sequence) values (%(worker_id)s, %(breach)s, %(sequence)s)
on conflict (worker_id) do update set breach = excluded.breach, sequence = excluded.sequence
where r.sequence < excluded.sequence
"""


async def on_post_judged(tx: Tx, fact: PostJudgedV1, about: Envelope) -> None:
    """Show with a designated post that its holder may not be in it (clause 7.1)."""
    values = {"worker_id": fact.worker_id, "breach": fact.breach, "sequence": about.sequence}
    await tx.queue(_REGISTRATION, values)


async def on_case_allocated(tx: Tx, fact: CaseAllocatedV1, about: Envelope) -> None:
    """From the day of allocation the worker holds the case."""
    await _hold(tx, fact.case_key, about.sequence, fact.worker_id, fact.allocated_on)


async def on_case_closed(tx: Tx, fact: CaseClosedV1, about: Envelope) -> None:
    """From the day that it closed nobody holds the case."""
    await _hold(tx, fact.case_key, about.sequence, None, fact.closed_on)


async def on_case_changed(tx: Tx, fact: CaseChangedV1, about: Envelope) -> None:
    """A case that changed and waits again, as when its worker left, is held by nobody from that day."""
    if fact.worker_id is None:
        await _hold(tx, fact.case_key, about.sequence, None, london_date(about.time))


async def _hold(tx: Tx, case_key: str, sequence: int, worker: UUID | None, from_on: date) -> None:
    values = {"case_key": case_key, "sequence": sequence, "worker": worker, "from_on": from_on}
    await tx.queue(_HOLD, values)
