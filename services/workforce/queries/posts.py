"""Posts with their holders and vacancies."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

_POST: LiteralString = """
select p.post_id, p.org_unit_id, p.job_role, p.fte, p.designated, p.opened_on, p.closed_on, p.version,
    h.worker_id as holder_id, h.from_on as holder_from, h.worker_id is null and p.closed_on is null as vacant,
    p.designated and p.closed_on is null and coalesce(r.breach, false) as holder_in_breach
from posts p
left join lateral (
    select worker_id, from_on from post_holdings where post_id = p.post_id order by from_on desc limit 1
) h on true
left join registrations r on r.worker_id = h.worker_id
"""
_ONE: LiteralString = _POST + "where p.post_id = %(post)s"
_LIST: LiteralString = (
    _POST
    + """
join directory_units u using (org_unit_id)
where (%(limit_to)s::uuid is null or u.path @> array[%(limit_to)s::uuid])
  and (%(unit)s::uuid is null or u.path @> array[%(unit)s::uuid])
  and (%(vacant)s::boolean is null or (h.worker_id is null and p.closed_on is null) = %(vacant)s)
  and (%(after)s::uuid is null or p.post_id > %(after)s)
order by p.post_id limit %(limit)s
"""
)


async def get_post(tx: Tx, post_id: UUID) -> Row:
    """One post with its latest holder."""
    row = await tx.fetch_one(_ONE, {"post": post_id})
    if row is None:
        raise NotFound("post-not-known", f"No post has the id {post_id}. List the posts to find it.")
    return row


async def list_posts(
    tx: Tx, limit_to: UUID | None, unit: UUID | None, vacant: bool | None, after: UUID | None, limit: int
) -> list[Row]:
    """Posts of a unit and below in the order in which they were recorded; at most one more than ``limit``."""
    values = {"limit_to": limit_to, "unit": unit, "vacant": vacant, "after": after, "limit": limit + 1}
    return await tx.fetch_all(_LIST, values)
