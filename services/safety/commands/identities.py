"""Who raised a concern in confidence: asked for with a reason, granted or refused with one, each look logged (clause 4.3)."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.permissions import Caller
from chassis.problems import Conflict, Forbidden, NotFound
from services.safety.commands.notes import write_note
from services.safety.queries.people import list_line
from services.safety.rules.concerns import may_not_know

_ASK: LiteralString = """
insert into identity_requests (request_id, concern_id, asked_by_id, asked_at)
values (%(request)s, %(concern)s, %(asker)s, %(now)s)
"""
_LOCK: LiteralString = "select * from identity_requests where request_id = %(request)s for update"
_DECIDE: LiteralString = """
update identity_requests set granted = %(granted)s, decided_by = %(actor)s, decided_at = %(now)s
where request_id = %(request)s
"""
_GRANTED: LiteralString = """
select request_id from identity_requests where concern_id = %(concern)s and asked_by_id = %(asker)s and granted
order by decided_at desc limit 1
"""
_LOOK: LiteralString = """
insert into identity_looks (look_id, concern_id, request_id, looked_by, looked_by_id, looked_at)
values (%(look)s, %(concern)s, %(request)s, %(actor)s, %(person)s, %(now)s)
"""
_IDENTITY: LiteralString = "select worker_id from guarded_identities where concern_id = %(concern)s"


async def ask_for_identity(tx: Tx, concern: Row, asker: UUID, reason: str) -> UUID:
    """Ask the guardian who raised a concern."""
    _must_be_guarded(concern)
    await _must_be_open_to(tx, concern, asker)
    request = new_id()
    values = {"request": request, "concern": concern["concern_id"], "asker": asker, "now": tx.now}
    await tx.execute(_ASK, values)
    await write_note(tx, request, "reason", reason)
    return request


async def decide_request(tx: Tx, request: UUID, reason: str, *, granted: bool) -> None:
    """Grant a request or refuse it; to the subject of the concern and their line it cannot be granted."""
    row = await tx.fetch_one(_LOCK, {"request": request})
    if row is None:
        raise NotFound("request-not-known", "No request has this id.")
    if row["granted"] is not None:
        raise Conflict("decided-already", f"It was decided on {row['decided_at'].date()}. A new request can be made.")
    if granted:
        concern = await tx.fetch_one(
            "select * from concerns where concern_id = %(concern)s", {"concern": row["concern_id"]}
        )
        await _must_be_open_to(tx, concern or {}, row["asked_by_id"])
    await tx.execute(_DECIDE, {"request": request, "granted": granted, "actor": tx.actor, "now": tx.now})
    await write_note(tx, request, "decision", reason)


async def look(tx: Tx, concern: Row, caller: Caller) -> UUID:
    """Who raised a concern, for the guardian or for whom the guardian granted it; the look is logged in the same moment."""
    _must_be_guarded(concern)
    request = None
    if caller.worker_id is not None:
        await _must_be_open_to(tx, concern, caller.worker_id)
    if "concerns_guardian" not in caller.roles:
        request = await tx.fetch_value(_GRANTED, {"concern": concern["concern_id"], "asker": caller.worker_id})
        if request is None:
            raise Forbidden("not-granted", "Ask the guardian for the identity, with your reason.")
    seen = {"look": new_id(), "concern": concern["concern_id"], "request": request, "person": caller.worker_id}
    await tx.execute(_LOOK, {**seen, "actor": tx.actor, "now": tx.now})
    identity: UUID = await tx.fetch_value(_IDENTITY, {"concern": concern["concern_id"]})
    return identity


def _must_be_guarded(concern: Row) -> None:
    if concern["mode"] == "anonymous":
        raise Conflict("nobody-knows", "Nobody knows who raised this. Write in the conversation instead.")
    if concern["mode"] == "named":
        raise Conflict("not-guarded", "Whoever raised this did so by name: the concern itself says who.")


async def _must_be_open_to(tx: Tx, concern: Row, asker: UUID) -> None:
    subject = concern.get("subject_id")
    if may_not_know(subject, asker, await list_line(tx, asker), await list_line(tx, subject)):
        raise Forbidden(
            "conflict-of-interest", "The subject of a concern and that person's line never see who raised it."
        )
