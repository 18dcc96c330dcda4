"""What teams have, what they asked for, and what was stated about them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach

_CHECKS: LiteralString = """
select c.*, n.words as evidence from provision_checks c left join notes n on n.about_id = c.evidence_id and n.kind = 'evidence'
where c.org_unit_id = %(unit)s
"""
_REQUESTS: LiteralString = """
select r.*, n.words from provision_requests r join directory_units u using (org_unit_id)
left join notes n on n.about_id = r.request_id and n.kind = 'request'
where %(unit)s = any(u.path) and (%(open)s = false or r.answered_on is null) order by r.asked_on, r.request_id limit 500
"""
_REQUEST: LiteralString = "select * from provision_requests where request_id = %(request)s for update"
_ATTESTATIONS: LiteralString = """
select a.*, n.words as evidence from attestations a join directory_units u using (org_unit_id)
left join notes n on n.about_id = a.attestation_id and n.kind = 'evidence'
where %(unit)s = any(u.path) order by a.clause, a.attested_on desc, a.attestation_id
"""


async def list_checks(tx: Tx, unit: UUID) -> list[Row]:
    """The last check of each item of a team."""
    return await tx.fetch_all(_CHECKS, {"unit": unit})


async def list_requests(tx: Tx, unit: UUID, *, open_only: bool) -> list[Row]:
    """Requests of a unit and below, oldest first."""
    return await tx.fetch_all(_REQUESTS, {"unit": unit, "open": open_only})


async def reach_request(tx: Tx, caller: Caller, request: UUID) -> Row:
    """A request within reach."""
    row = await tx.fetch_one(_REQUEST, {"request": request})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    await caller.reach_unit(tx, row["org_unit_id"])
    return row


async def list_attestations(tx: Tx, unit: UUID) -> list[Row]:
    """What was stated about a unit and those below."""
    return await tx.fetch_all(_ATTESTATIONS, {"unit": unit})
