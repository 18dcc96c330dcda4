"""The numbers around safety over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands.policies import set_policy
from services.safety.queries.policies import get_policy
from services.safety.routes.shapes import OVERSEES, SETS_POLICY, Day, In
from services.safety.rules.policy import DEFAULT, Policy, UnitPolicy

routes = Routes("safety")
Days = Annotated[int, Field(ge=0, le=365)]
Minutes = Annotated[int, Field(ge=0, le=1440)]


class PolicyIn(In):
    """What holds in a unit and below from a date."""

    org_unit_id: UUID
    effective_from: Day
    acknowledge_days: Days = DEFAULT.acknowledge_days
    assess_days: Days = DEFAULT.assess_days
    answer_days: Days = DEFAULT.answer_days
    grace_minutes: Minutes = DEFAULT.grace_minutes
    ladder_minutes: Minutes = DEFAULT.ladder_minutes


class PolicySet(PolicyIn):
    """The policy as it was set."""

    policy_id: UUID


class PolicyOut(BaseModel):
    """What holds in a unit on a day."""

    org_unit_id: UUID
    as_of: Day
    acknowledge_days: int
    assess_days: int
    answer_days: int
    grace_minutes: int
    ladder_minutes: int


@routes.put("/policy", allow=SETS_POLICY)
async def put_policy(body: PolicyIn, tx: Write, caller: Caller) -> PolicySet:
    """Set how soon concerns are answered and lone visits checked, in a unit and below, from a date."""
    await caller.reach_unit(tx, body.org_unit_id)
    numbers = body.model_dump(exclude={"org_unit_id", "effective_from"})
    wanted = UnitPolicy(body.org_unit_id, body.effective_from, Policy(**numbers))
    return PolicySet(policy_id=await set_policy(tx, wanted), **body.model_dump())


@routes.get("/policy", allow=OVERSEES)
async def get_unit_policy(org_unit_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> PolicyOut:
    """What holds in a unit on a day, today when none is named."""
    await caller.reach_unit(tx, org_unit_id)
    day = as_of or tx.today
    return PolicyOut(org_unit_id=org_unit_id, as_of=day, **asdict(await get_policy(tx, org_unit_id, day)))
