"""Referrals to the regulator, for those named on them and for nobody else (clause 7.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller
from chassis.problems import Forbidden

_NAMED: LiteralString = """
select 1 as named from referral_members where referral_id = %(referral)s and worker_id = %(worker)s
"""
_OF_PERSON: LiteralString = """
select r.* from referrals r join referral_members p using (referral_id) where p.worker_id = %(worker)s
order by r.referral_id
"""
_ONE: LiteralString = "select * from referrals where referral_id = %(referral)s"
_PEOPLE: LiteralString = (
    "select worker_id from referral_members where referral_id = %(referral)s order by named_at, worker_id"
)
_STEPS: LiteralString = """
select s.*, n.words from referral_steps s left join notes n on n.about_id = s.step_id and n.kind = 'step'
where s.referral_id = %(referral)s order by s.happened_on, s.step_id
"""
_REQUESTS: LiteralString = """
select r.*, q.words as asked_for, a.words as answer from referral_requests r
left join notes q on q.about_id = r.request_id and q.kind = 'request'
left join notes a on a.about_id = r.request_id and a.kind = 'answer'
where r.referral_id = %(referral)s order by r.due_on, r.request_id
"""
_NOTES: LiteralString = "select kind, words from notes where about_id = %(referral)s"


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral with everything that belongs to it."""

    facts: Row
    people: list[UUID]
    steps: list[Row]
    requests: list[Row]
    words: dict[str, str]


async def must_be_named(tx: Tx, caller: Caller, referral_id: UUID) -> None:
    """Forbidden for everyone who is not named on a referral, whatever their role, and whether or not there is one."""
    caller.nothing_to_reach()
    named = await tx.fetch_value(_NAMED, {"referral": referral_id, "worker": caller.worker_id})
    if named is None:
        raise Forbidden("not-named", "Only those named on a referral see it. Ask one of them to name you.")


async def get_referral(tx: Tx, referral_id: UUID) -> Referral:
    """A referral that is known to exist."""
    asked: dict[str, Any] = {"referral": referral_id}
    facts = await tx.fetch_one(_ONE, asked)
    words = await tx.fetch_all(_NOTES, asked)
    return Referral(
        facts or {},
        [row["worker_id"] for row in await tx.fetch_all(_PEOPLE, asked)],
        await tx.fetch_all(_STEPS, asked),
        await tx.fetch_all(_REQUESTS, asked),
        {row["kind"]: row["words"] for row in words},
    )


async def list_referrals_of(tx: Tx, worker_id: UUID) -> list[Row]:
    """The referrals on which a person is named."""
    return await tx.fetch_all(_OF_PERSON, {"worker": worker_id})
