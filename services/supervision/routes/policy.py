"""The supervision policy over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.permissions import AUTHORITY, Allow
from chassis.routing import Caller, Read, Routes, Write
from services.supervision.commands.policy import set_policy
from services.supervision.queries.policy import get_policy
from services.supervision.routes.shapes import OVERSEERS, Day
from services.supervision.rules.policy import STANDARD, Policy, UnitPolicy

routes = Routes("supervision")


class PolicyNumbers(BaseModel):
    """How often and how long; what is left out is the standard's. ``monthly_days`` null is a calendar month."""

    weekly_days: Annotated[int, Field(ge=1, le=366)] = STANDARD.weekly_days
    weekly_weeks: Annotated[int, Field(ge=0, le=520)] = STANDARD.weekly_weeks
    fortnightly_days: Annotated[int, Field(ge=1, le=366)] = STANDARD.fortnightly_days
    fortnightly_until_months: Annotated[int, Field(ge=0, le=120)] = STANDARD.fortnightly_until_months
    monthly_days: Annotated[int, Field(ge=1, le=366)] | None = STANDARD.monthly_days
    minimum_minutes: Annotated[int, Field(ge=0, le=1440)] = STANDARD.minimum_minutes
    training_valid_months: Annotated[int, Field(ge=1, le=600)] | None = STANDARD.training_valid_months


class PolicyIn(PolicyNumbers, In):
    """A policy for an org unit and everything below, for the periods that start on or after a date."""

    org_unit_id: UUID
    effective_from: Day

    def rule(self) -> UnitPolicy:
        """The policy as the rules know it."""
        numbers = self.model_dump(exclude={"org_unit_id", "effective_from"})
        return UnitPolicy(self.org_unit_id, self.effective_from, Policy(**numbers))


class PolicySet(PolicyIn):
    """A policy as it was set."""

    policy_id: UUID


class PolicyOut(BaseModel):
    """The numbers in force, each the strictest of the policies that have begun, and the policies themselves."""

    org_unit_id: UUID
    as_of: date
    in_force: PolicyNumbers
    policies: list[PolicyIn]


@routes.put("/policy", allow=Allow(principal_social_worker=AUTHORITY))
async def put_policy(body: PolicyIn, tx: Write, caller: Caller) -> PolicySet:
    """Ask for more than the standard does, from a date (clauses 5.7, 5.8). Periods in progress keep their terms."""
    await caller.reach_unit(tx, body.org_unit_id)
    return PolicySet(policy_id=await set_policy(tx, body.rule()), **body.model_dump())


@routes.get("/policy", allow=OVERSEERS)
async def get_unit_policy(org_unit_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> PolicyOut:
    """What is asked in an org unit on a day, today when none is named."""
    await caller.reach_unit(tx, org_unit_id)
    day = as_of or tx.today
    binding, policies = await get_policy(tx, org_unit_id, day)
    return PolicyOut(
        org_unit_id=org_unit_id,
        as_of=day,
        in_force=PolicyNumbers(**asdict(binding)),
        policies=[_policy_in(policy) for policy in policies],
    )


def _policy_in(policy: UnitPolicy) -> PolicyIn:
    return PolicyIn(org_unit_id=policy.org_unit_id, effective_from=policy.effective_from, **asdict(policy.policy))
