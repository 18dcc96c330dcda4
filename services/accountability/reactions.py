"""What accountability does with every event of every service: append it to the log, follow it, and count it."""

from __future__ import annotations

from collections.abc import Sequence
from time import time_ns

from chassis.database import Tx
from chassis.envelope import Cause
from chassis.service import Incoming
from chassis.tracing import told
from services.accountability.commands.alerts import list_turns, turn
from services.accountability.commands.escalate import find_answerers
from services.accountability.commands.log import append, lock_head, read_facts
from services.accountability.commands.measures import keep
from services.accountability.commands.reminders import enqueue_reminders
from services.accountability.commands.workers import remember_roles
from services.accountability.queries.known import list_statements
from services.accountability.rules.figures import fold, touched


async def react_all(tx: Tx, incoming: Sequence[Incoming]) -> None:
    """Take in a fresh batch: the log, the principal social workers, alerts and figures, all in the batch's transaction.

    Whatever must be read is read first, so that the database writes figures while the rows of the log are made here.
    """
    began = time_ns()
    position, before = await lock_head(tx)
    facts = read_facts(position, incoming)
    await remember_roles(tx, facts)
    known = await list_statements(tx, touched(facts))
    await turn(tx, await list_turns(tx, facts))
    await find_answerers(tx, facts)
    await enqueue_reminders(tx, facts)
    await keep(tx, fold(facts, known), known)
    tx.send()
    await append(tx, incoming, facts, before)
    _carry_on(tx, incoming, began)


def _carry_on(tx: Tx, incoming: Sequence[Incoming], began: int) -> None:
    """Let what follows from an event of the batch continue its trace, and name it as its cause."""
    if not tx.emitted:
        return
    envelopes = {item.envelope.id: item.envelope for item in incoming}
    for place, event in enumerate(tx.emitted):
        about = next((envelopes[str(one)] for one in getattr(event, "caused_by", ()) if str(one) in envelopes), None)
        if about is not None:
            header = told(f"react {about.type}", tx.service, about.traceparent, began)
            tx.causes[place] = Cause(tx.actor, about.correlationid, about.id, header)
