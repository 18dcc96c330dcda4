"""Readings of a worker's required periods."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound, RuleBroken
from services.supervision.queries.evidence import load_evidence
from services.supervision.queries.records import load_known
from services.supervision.rules.periods import add_months
from services.supervision.rules.reading import Reading, read_periods
from services.supervision.rules.sessions import Stream

MONTHS_AHEAD = 120


async def get_reading(tx: Tx, worker_id: UUID, stream: Stream, as_of: date | None) -> Reading:
    """How a worker's periods read on a day, today when none is named; of a day to come, as if nothing more is held."""
    day = as_of or tx.today
    if day > add_months(tx.today, MONTHS_AHEAD):
        raise RuleBroken("as-of-too-far", "Ask for a day within the next ten years.", "as_of")
    about = (await load_known(tx, [worker_id])).get(worker_id)
    if about is None:
        raise NotFound("no-such-worker", "No worker has this id, or supervision has not heard of them yet.")
    evidence = (await load_evidence(tx, [worker_id]))[worker_id]
    return read_periods(about.worker, stream, evidence, day)
