"""What was answered: one's own answers by their key, and what people wrote."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

_OWN: LiteralString = """
select r.response_id, r.state, r.closed, r.kept_on, c.title from responses r join campaigns c using (campaign_id)
where r.key_hash = %(hash)s and (%(campaign)s::uuid is null or r.campaign_id = %(campaign)s)
"""
_WORDS: LiteralString = "select question, words from comments where response_id = %(response)s"
_SENT: LiteralString = "select count(*) from responses where campaign_id = %(campaign)s and state = 'sent'"
# By an identifier by chance: the order in which people wrote cannot be told.
_COMMENTS: LiteralString = """
select m.comment_id, m.question, m.words, r.org_unit_id,
    coalesce(array_agg(a.theme_id order by a.theme_id) filter (where a.theme_id is not null), '{}') as theme_ids
from comments m join responses r using (response_id) left join theme_assignments a using (comment_id)
where r.campaign_id = %(campaign)s and r.state = 'sent' and (%(after)s::uuid is null or m.comment_id > %(after)s)
group by m.comment_id, r.org_unit_id order by m.comment_id limit %(rows)s
"""
_COMMENT: LiteralString = """
select m.*, r.campaign_id from comments m join responses r using (response_id) where m.comment_id = %(comment)s
"""


async def find_own(tx: Tx, key_hash: bytes, campaign: UUID | None = None) -> Row | None:
    """The answers that a key opens: state, choices and words by question; None when there are none."""
    row = await tx.fetch_one(_OWN, {"hash": key_hash, "campaign": campaign})
    if row is None:
        return None
    words = await tx.fetch_all(_WORDS, {"response": row["response_id"]})
    return {**row, "answers": {**row["closed"], **{one["question"]: one["words"] for one in words}}}


async def get_own(tx: Tx, key_hash: bytes) -> Row:
    """The answers that a key opens."""
    row = await find_own(tx, key_hash)
    if row is None:
        raise NotFound("key-not-known", "No answers have this key. Check its sixteen letters and digits.")
    return row


async def count_sent(tx: Tx, campaign: UUID) -> int:
    """How many answered a campaign so far."""
    return int(await tx.fetch_value(_SENT, {"campaign": campaign}))


async def list_comments(tx: Tx, campaign: UUID, after: UUID | None, rows: int) -> list[Row]:
    """What people wrote, in no order of time, with the themes that others put it under."""
    return await tx.fetch_all(_COMMENTS, {"campaign": campaign, "after": after, "rows": rows})


async def get_comment(tx: Tx, campaign: UUID, comment: UUID) -> Row:
    """One text of a campaign."""
    row = await tx.fetch_one(_COMMENT, {"comment": comment})
    if row is None or row["campaign_id"] != campaign:
        raise NotFound("no-such-comment", "No text of this campaign has this id.")
    return row
