"""Idempotency keys: the same request again gets the same answer and has no second effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import LiteralString

from starlette.responses import Response

from chassis.database import Asked, Database, Row, Tx
from chassis.envelope import Cause
from chassis.problems import BadRequest, Conflict, Problem, RuleBroken

MAX_KEY = 200
REPLAYED = "idempotency-replayed"
_KEPT_HEADERS = ("content-type", "etag", "location", "link")

# The advisory lock tells "in flight" from "done" without waiting for the other request. What was kept is read by a statement of
# its own, which sees what was committed before the lock was had: one that took the lock would still look at the time before.
_LOCK: LiteralString = "select pg_try_advisory_xact_lock(%(lock)s) as mine"
_WAIT: LiteralString = "select pg_advisory_xact_lock(%(lock)s)"
_KEPT: LiteralString = """
select fingerprint, status, headers, body from idempotency_keys where caller = %(caller)s and key = %(key)s
"""
_KEEP: LiteralString = """
insert into idempotency_keys (caller, key, fingerprint, status, headers, body)
values (%(caller)s, %(key)s, %(fingerprint)s, %(status)s, %(headers)s, %(body)s)
on conflict (caller, key) do nothing
"""


class NotKept(Problem):
    """A refusal that concerns the key itself and must not be kept under it."""


class _InFlight(Conflict, NotKept):
    pass


class _OtherBody(RuleBroken, NotKept):
    pass


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under a key."""

    caller: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """The advisory lock of the key, a signed 64-bit number."""
        digest = hashlib.blake2b(f"{self.caller}\0{self.key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def checked_key(key: str) -> str:
    """The key as sent, when it is usable: 1 to 200 visible characters."""
    if 1 <= len(key) <= MAX_KEY and key.isprintable():
        return key
    raise BadRequest("idempotency-key-not-usable", "Send an Idempotency-Key of 1 to 200 printable characters.")


async def once(
    database: Database, cause: Cause, attempt: Attempt | None, work: Callable[[Tx], Awaitable[Response]]
) -> Response:
    """Do ``work`` in a transaction that keeps its answer too, or give the answer of the first time; without a key, do it."""
    if attempt is None:
        async with database.transaction(cause) as tx:
            return await work(tx)
    try:
        async with database.transaction(cause) as tx:
            earlier = await begin(tx, attempt)
            if earlier is not None:
                return earlier
            response = await work(tx)
            await keep(tx, attempt, response)
            return response
    except (Conflict, RuleBroken) as refused:
        earlier = None if isinstance(refused, NotKept) else await keep_refusal(database, attempt, refused)
        if earlier is None:
            raise
        return earlier


async def begin(tx: Tx, attempt: Attempt) -> Response | None:
    """The earlier answer under this key, or None when this request is the first; a Problem when it may not go on."""
    mine, earlier = await tx.answers(
        Asked(_LOCK, {"lock": attempt.lock}, lambda rows: rows[0]["mine"]), _kept_for(attempt)
    )
    if earlier is None and not mine:
        raise _InFlight(
            "request-in-flight", "A request with this Idempotency-Key is being worked on. Ask again shortly."
        )
    return earlier


def _kept_for(attempt: Attempt) -> Asked[Response | None]:
    def read(rows: list[Row]) -> Response | None:
        return _again(rows[0], attempt) if rows else None

    return Asked(_KEPT, {"caller": attempt.caller, "key": attempt.key}, read)


def _again(row: Row, attempt: Attempt) -> Response:
    if row["fingerprint"] != attempt.fingerprint:
        raise _OtherBody(
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request. Send a new key with a new request.",
        )
    headers = json.loads(row["headers"])
    return Response(row["body"], row["status"], {**headers, REPLAYED: "true"})


async def keep(tx: Tx, attempt: Attempt, response: Response) -> None:
    """Keep the answer in the transaction of its effect."""
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    await _insert(tx, attempt, response.status_code, headers, bytes(response.body))


async def keep_refusal(database: Database, attempt: Attempt, refused: Problem) -> Response | None:
    """Keep a refusal, whose transaction was rolled back, so that the same request gets it again.

    The other answer, if the same request came again in the meantime and was not refused.
    """
    body = json.dumps(refused.body(), default=str).encode()
    async with database.transaction() as tx:
        await tx.queue(_WAIT, {"lock": attempt.lock})
        (earlier,) = await tx.answers(_kept_for(attempt))
        if earlier is None:
            await _insert(tx, attempt, refused.status, {"content-type": "application/problem+json"}, body)
        return earlier


async def _insert(tx: Tx, attempt: Attempt, status: int, headers: dict[str, str], body: bytes) -> None:
    await tx.queue(
        _KEEP,
        {
            "caller": attempt.caller,
            "key": attempt.key,
            "fingerprint": attempt.fingerprint,
            "status": status,
            "headers": json.dumps(headers),
            "body": body,
        },
    )
