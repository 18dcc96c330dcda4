"""The numbers around registration over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from chassis.routing import Caller, Read, Routes, Write
from services.registration.commands.policies import set_policy
from services.registration.queries.policies import get_policy
from services.registration.routes.shapes import OVERSEES, SETS_POLICY, Day, In
from services.registration.rules.policy import DEFAULT, Policy, UnitPolicy

routes = Routes("registration")

Reminders = Annotated[
    tuple[Annotated[int, Field(ge=0, le=365)], ...],
    Field(max_length=20),
    AfterValidator(lambda days: tuple(sorted(set(days), reverse=True))),
]


class PolicyIn(In):
    """Numbers for a unit and everything below it, until a nearer one says otherwise."""

    org_unit_id: UUID
    effective_from: Day
    lag_days: Annotated[int, Field(ge=0, le=180)] = DEFAULT.lag_days
    reminder_days: Reminders = DEFAULT.reminder_days
    manager_from_days: Annotated[int, Field(ge=0, le=365)] = DEFAULT.manager_from_days
    at_risk_days: Annotated[int, Field(ge=0, le=365)] = DEFAULT.at_risk_days

    def rule(self) -> UnitPolicy:
        """The policy as the rules know it."""
        numbers = self.model_dump(exclude={"org_unit_id", "effective_from"})
        return UnitPolicy(self.org_unit_id, self.effective_from, Policy(**numbers))


class PolicySet(PolicyIn):
    """A policy as it was set."""

    policy_id: UUID


class PolicyOut(BaseModel):
    """What holds in a unit on a day, and the policies it may come from."""

    org_unit_id: UUID
    as_of: date
    lag_days: int
    reminder_days: list[int]
    manager_from_days: int
    at_risk_days: int
    policies: list[PolicyIn]


@routes.put("/policy", allow=SETS_POLICY)
async def put_policy(body: PolicyIn, tx: Write, caller: Caller) -> PolicySet:
    """Set how long the register may lag, when renewals are reminded of and when they are at risk, from a date."""
    await caller.reach_unit(tx, body.org_unit_id)
    return PolicySet(policy_id=await set_policy(tx, body.rule()), **body.model_dump())


@routes.get("/policy", allow=OVERSEES)
async def get_unit_policy(org_unit_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> PolicyOut:
    """What holds in a unit on a day, today when none is named."""
    await caller.reach_unit(tx, org_unit_id)
    day = as_of or tx.today
    policy, policies = await get_policy(tx, org_unit_id, day)
    shown = [
        PolicyIn(org_unit_id=one.org_unit_id, effective_from=one.effective_from, **asdict(one.policy))
        for one in policies
    ]
    return PolicyOut(org_unit_id=org_unit_id, as_of=day, policies=shown, **asdict(policy))
