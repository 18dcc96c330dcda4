"""Who may do what in workforce, and what part of the organisation a caller's lists are limited to."""

from __future__ import annotations

from uuid import UUID

from chassis.database import Tx
from chassis.permissions import ANY, AUTHORITY, OWN, UNIT, Allow, Caller
from services.workforce.queries.workers import Reach

ADMINISTERS = Allow(workforce_admin=AUTHORITY)
SHAPES_THE_TREE = Allow(workforce_admin=AUTHORITY, platform_admin=AUTHORITY)
APPOINTS = Allow(workforce_admin=AUTHORITY, principal_social_worker=AUTHORITY)
RECORDS_ABSENCE = Allow(team_manager=UNIT, workforce_admin=AUTHORITY)
SEES_THE_TREE = Allow(
    practitioner=AUTHORITY,
    team_manager=AUTHORITY,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
    integration=AUTHORITY,
    reporting=AUTHORITY,
    concerns_guardian=AUTHORITY,
    platform_admin=AUTHORITY,
    service=ANY,
)
SEES_WORKERS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
)
SEES_PLANNING = Allow(
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
    reporting=AUTHORITY,
)
WRITES_TO_PEOPLE = Allow(service=ANY)


async def reach_of(caller: Caller, tx: Tx, org_unit_id: UUID | None) -> Reach:
    """Which workers a list may show to this caller."""
    if org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    limit_to = await caller.resolve(tx)
    return Reach(caller.unlimited, limit_to, caller.worker_id, reports=caller.scope is UNIT)
