"""Who answers for an org unit, or for a worker in it, over HTTP (clause 1.4)."""

from __future__ import annotations

from uuid import UUID

from chassis.permissions import AUTHORITY, UNIT, Allow
from chassis.routing import Caller, Read, Routes
from services.accountability.queries.line import Matter, list_lines
from services.accountability.routes.shapes import LineOut, LineStep

routes = Routes("accountability")

READERS = Allow(
    practitioner=AUTHORITY,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
    reporting=AUTHORITY,
    platform_admin=AUTHORITY,
)


@routes.get("/line", allow=READERS)
async def get_line(tx: Read, caller: Caller, org_unit_id: UUID, worker_id: UUID | None = None) -> LineOut:
    """The line of accountability of an org unit today, or of a worker in it: who answers first, and who is next.

    Nobody who has left is on it, nobody twice, and nobody for themselves.
    """
    await caller.reach_unit(tx, org_unit_id)
    matter = Matter(str(org_unit_id), None if worker_id is None else str(worker_id))
    line = (await list_lines(tx, [matter]))[matter]
    steps = [LineStep(role=one.role, worker_id=UUID(one.worker_id)) for one in line]
    return LineOut(org_unit_id=org_unit_id, worker_id=worker_id, line=steps, nobody=not steps)
