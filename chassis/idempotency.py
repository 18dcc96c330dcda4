"""Idempotency keys: the same request again gets the same answer and has no second effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import LiteralString

from starlette.responses import Response

from chassis.database import Database, Tx
from chassis.envelope import Cause
from chassis.problems import BadRequest, Conflict, Problem, RuleBroken

MAX_KEY = 200
REPLAYED = "idempotency-replayed"
_KEPT_HEADERS = ("content-type", "etag", "location", "link")

# The advisory lock tells "in flight" from "done" without waiting for the other request.
_BEGIN: LiteralString = """
select pg_try_advisory_xact_lock(%(lock)s) as mine, k.fingerprint, k.status, k.headers, k.body
from (select 1) as one left join idempotency_keys k on k.caller = %(caller)s and k.key = %(key)s
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
        if not isinstance(refused, NotKept):
            await keep_refusal(database, attempt, refused)
        raise


async def begin(tx: Tx, attempt: Attempt) -> Response | None:
    """The earlier answer under this key, or None when this request is the first; a Problem when it may not go on."""
    row = await tx.fetch_one(_BEGIN, {"lock": attempt.lock, "caller": attempt.caller, "key": attempt.key})
    if row is None or (not row["mine"] and row["status"] is None):
        raise _InFlight(
            "request-in-flight", "A request with this Idempotency-Key is being worked on. Ask again shortly."
        )
    if row["status"] is None:
        return None
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


async def keep_refusal(database: Database, attempt: Attempt, refused: Problem) -> None:
    """Keep a refusal, whose transaction was rolled back, so that the same request gets it again."""
    body = json.dumps(refused.body(), default=str).encode()
    async with database.transaction() as tx:
        await _insert(tx, attempt, refused.status, {"content-type": "application/problem+json"}, body)


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
