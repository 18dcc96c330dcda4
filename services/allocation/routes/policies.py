"""Workload policies over HTTP: what a unit agrees, and what holds for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.ids import new_id
from chassis.numbers import Number
from chassis.pages import Page
from chassis.problems import NotFound
from chassis.routing import Caller, Read, Routes, Write
from contracts.workforce import CareerStage
from services.allocation.commands.case_lines import Code
from services.allocation.commands.policies import set_policy
from services.allocation.queries.policies import get_policy_in_force, list_policies
from services.allocation.routes.permissions import SEES_POLICY, SETS_POLICY
from services.allocation.routes.shapes import Day, Hours, In, Percent, Points
from services.allocation.rules.policy import AMBER_ABOVE_PCT, LIMIT_PCT, SUSTAINED_WEEKS, Policy

routes = Routes("allocation")


class Weight(In):
    """Points of a case by its type and complexity."""

    case_type: Code
    complexity: Code
    points: Points


class Modifier(In):
    """Points that a circumstance adds to a case, or takes off."""

    modifier: Code
    points: Annotated[Decimal, Field(ge=-1000, le=1000, decimal_places=6)]


class ProtectedHours(In):
    """Hours a week that no case may take."""

    supervision: bool = Field(False, description="the time that the worker's current cadence of supervision takes")
    cpd_hours_per_week: Hours = Decimal(0)


class PolicyIn(In):
    """A policy for a unit and below, until a nearer unit has one."""

    org_unit_id: UUID
    effective_from: Day
    full_time_points: Annotated[Points, Field(gt=0)]
    full_time_hours: Annotated[Hours, Field(gt=0)]
    stable_points: Points
    stage_factors: dict[CareerStage, Annotated[Decimal, Field(ge=0, le=2, decimal_places=4)]] = {}
    protected_hours: ProtectedHours = ProtectedHours()
    amber_above_pct: Percent = AMBER_ABOVE_PCT
    limit_pct: Percent = LIMIT_PCT
    sustained_weeks: Annotated[int, Field(ge=1, le=52)] = SUSTAINED_WEEKS
    weights: Annotated[list[Weight], Field(max_length=2000)]
    modifiers: Annotated[list[Modifier], Field(max_length=500)] = []

    @model_validator(mode="after")
    def _each_weight_once(self) -> Self:
        weights = {(weight.case_type, weight.complexity) for weight in self.weights}
        if len(weights) < len(self.weights) or len({m.modifier for m in self.modifiers}) < len(self.modifiers):
            raise ValueError("weights and modifiers name each kind once")
        return self

    def agreed(self) -> Policy:
        """The policy as the rules know it."""
        return Policy(
            policy_id=new_id(),
            org_unit_id=self.org_unit_id,
            effective_from=self.effective_from,
            full_time_points=self.full_time_points,
            full_time_hours=self.full_time_hours,
            stable_points=self.stable_points,
            stage_factors={str(stage): factor for stage, factor in self.stage_factors.items()},
            protect_supervision=self.protected_hours.supervision,
            cpd_hours_per_week=self.protected_hours.cpd_hours_per_week,
            amber_above_pct=self.amber_above_pct,
            limit_pct=self.limit_pct,
            sustained_weeks=self.sustained_weeks,
            weights={(weight.case_type, weight.complexity): weight.points for weight in self.weights},
            modifiers={modifier.modifier: modifier.points for modifier in self.modifiers},
        )


class WeightOut(BaseModel):
    """Points of a case by its type and complexity."""

    case_type: str
    complexity: str
    points: Number


class ModifierOut(BaseModel):
    """Points that a circumstance adds or takes off."""

    modifier: str
    points: Number


class ProtectedHoursOut(BaseModel):
    """Hours a week that no case may take."""

    supervision: bool
    cpd_hours_per_week: Number


class PolicyOut(BaseModel):
    """A policy as it was agreed."""

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    full_time_points: Number
    full_time_hours: Number
    stable_points: Number
    stage_factors: dict[str, Number]
    protected_hours: ProtectedHoursOut
    amber_above_pct: Number
    limit_pct: Number
    sustained_weeks: int
    weights: list[WeightOut]
    modifiers: list[ModifierOut]

    @classmethod
    def of(cls, policy: Policy) -> PolicyOut:
        """The policy as it is shown."""
        protected = ProtectedHoursOut(
            supervision=policy.protect_supervision, cpd_hours_per_week=policy.cpd_hours_per_week
        )
        weights = [
            WeightOut(case_type=case_type, complexity=complexity, points=points)
            for (case_type, complexity), points in policy.weights.items()
        ]
        return cls(
            policy_id=policy.policy_id,
            org_unit_id=policy.org_unit_id,
            effective_from=policy.effective_from,
            full_time_points=policy.full_time_points,
            full_time_hours=policy.full_time_hours,
            stable_points=policy.stable_points,
            stage_factors=dict(policy.stage_factors),
            protected_hours=protected,
            amber_above_pct=policy.amber_above_pct,
            limit_pct=policy.limit_pct,
            sustained_weeks=policy.sustained_weeks,
            weights=weights,
            modifiers=[ModifierOut(modifier=name, points=points) for name, points in policy.modifiers.items()],
        )


@routes.put("/policy", allow=SETS_POLICY)
async def put_policy(body: PolicyIn, tx: Write, caller: Caller) -> PolicyOut:
    """Agree on a workload policy for a unit and below, from a date.

    One with the same unit and date is replaced as a whole; the same policy again changes nothing. A date in the past restates
    no figure that was told, and counts for every figure from now on.
    """
    await caller.reach_unit(tx, body.org_unit_id)
    return PolicyOut.of(await set_policy(tx, body.agreed()))


@routes.get("/policy", allow=SEES_POLICY)
async def get_policy(org_unit_id: UUID, tx: Read, caller: Caller, on: Day | None = None) -> PolicyOut:
    """The policy that holds for a unit on a day (today unless given): its own or that of the nearest unit above."""
    await caller.reach_unit(tx, org_unit_id)
    policy = await get_policy_in_force(tx, org_unit_id, on or tx.today)
    if policy is None:
        raise NotFound("policy-missing", "No workload policy is in force for this unit. Set one first.")
    return PolicyOut.of(policy)


@routes.get("/policies", allow=SEES_POLICY)
async def get_policies(org_unit_id: UUID, tx: Read, caller: Caller) -> Page[PolicyOut]:
    """What a unit itself agreed on, oldest first, with what takes effect later."""
    await caller.reach_unit(tx, org_unit_id)
    return Page(items=[PolicyOut.of(policy) for policy in await list_policies(tx, org_unit_id)])
