"""Who may do what in allocation, and what part of the organisation a caller's lists are limited to."""

from __future__ import annotations

from uuid import UUID

from chassis.database import Tx
from chassis.permissions import AUTHORITY, OWN, UNIT, Allow, Caller
from chassis.problems import Forbidden

SENDS_CASES = Allow(integration=AUTHORITY)
CLOSES_CASES = Allow(integration=AUTHORITY, team_manager=UNIT, principal_social_worker=AUTHORITY)
ALLOCATES = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY)
SEES_CASES = Allow(integration=AUTHORITY, team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY)
SETS_POLICY = Allow(principal_social_worker=AUTHORITY)
SEES_POLICY = Allow(
    practitioner=AUTHORITY,
    team_manager=AUTHORITY,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
    integration=AUTHORITY,
    reporting=AUTHORITY,
)
RECORDS_CAPACITY = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
SEES_WORKERS = Allow(practitioner=OWN, team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY)
SEES_UNITS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY, reporting=AUTHORITY)
CONTESTS = Allow(practitioner=OWN, team_manager=OWN)
ANSWERS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY)
ERASES = Allow(workforce_admin=AUTHORITY)


async def bounds(caller: Caller, tx: Tx, org_unit_id: UUID | None) -> UUID | None:
    """The unit that bounds a list for this caller, after making sure that the unit asked for is within reach."""
    if org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    bound = await caller.resolve(tx)
    if bound is None and not caller.unlimited:
        raise Forbidden("token-not-usable", "This list is about units, and the token names no org_unit_id.")
    return bound
