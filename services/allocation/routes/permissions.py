"""Who may do what in allocation, and what part of the organisation a caller's lists are limited to."""

from __future__ import annotations

from chassis.permissions import AUTHORITY, OWN, UNIT, Allow

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
