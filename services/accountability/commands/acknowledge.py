"""Someone takes an alert on, in their own words; the words stay here (clause 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound
from contracts.accountability import AlertAcknowledgedV1
from services.accountability.commands.alerts import about, apply, write
from services.accountability.queries.alerts import get_alert_for_change
from services.accountability.rules.alerts import Alert, answered_in_time

_NOTE: LiteralString = """
insert into alert_notes (note_id, alert_id, written_by, written_at, note)
values (%(note_id)s, %(alert_id)s, %(by)s, %(at)s, %(note)s)
"""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Which alert is taken on, and what the person who takes it on writes."""

    alert_id: UUID
    note: str


async def acknowledge(tx: Tx, command: Acknowledge) -> Alert:
    """Take an alert on: it moves up no further. Taking it on again only adds the note."""
    alert = await get_alert_for_change(tx, command.alert_id)
    if alert is None:
        raise NotFound("no-such-alert", "There is no alert with this id. List the alerts to find the right one.")
    if alert.status == "resolved":
        raise Conflict(
            "alert-resolved", "The condition behind this alert has cleared. There is nothing left to take on."
        )
    if alert.status == "open":
        alert = await _take_on(tx, alert)
    await _keep_note(tx, command)
    return alert


async def _take_on(tx: Tx, alert: Alert) -> Alert:
    event = AlertAcknowledgedV1(**about(alert), acknowledged_by=tx.actor, in_time=answered_in_time(alert, tx.now))
    taken = apply(tx, alert, event)
    await write(tx, [taken])
    return taken


async def _keep_note(tx: Tx, command: Acknowledge) -> None:
    note = {"note_id": new_id(), "alert_id": command.alert_id, "by": tx.actor, "at": tx.now, "note": command.note}
    await tx.execute(_NOTE, note)
