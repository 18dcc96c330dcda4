"""The shapes that several routes share: a workload with its lines, codes, dates, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.numbers import Number
from services.allocation.queries.workloads import WorkerReading
from services.allocation.rules.exact import as_decimal
from services.allocation.rules.lines import Line, Side
from services.allocation.rules.workload import Band, Workload

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*\S[^\x00]*$")]
"""Text that says something."""
MaybeWords = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Points = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=6)]
Hours = Annotated[Decimal, Field(ge=0, le=168, decimal_places=4)]
Percent = Annotated[Decimal, Field(gt=0, le=1000, decimal_places=4)]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))]


class In(BaseModel):
    """What is sent: a field that nobody knows is refused rather than lost."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class LineOut(BaseModel):
    """One line of the sum behind a figure."""

    side: Side
    kind: str
    description: str
    points: Number

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """The line as it is shown."""
        return cls(side=line.side, kind=line.kind, description=line.description, points=as_decimal(line.points))


class WorkloadOut(BaseModel):
    """What a worker has to give and carries on a day; the lines of each side add up to its points."""

    worker_id: UUID
    as_of: date
    available_points: Number
    load_points: Number
    utilisation_pct: Number | None = Field(description="one decimal, half-up; null without capacity")
    band: Band
    overloaded: bool
    limit_pct: Number | None = Field(description="of the policy in force; null without one")
    policy_id: UUID | None
    lines: list[LineOut]

    @classmethod
    def of(cls, reading: WorkerReading, workload: Workload, as_of: date) -> WorkloadOut:
        """A workload of the worker who was read."""
        policy = reading.policy
        return cls(
            worker_id=reading.worker_id,
            as_of=as_of,
            available_points=as_decimal(workload.available),
            load_points=as_decimal(workload.load),
            utilisation_pct=workload.utilisation_pct,
            band=workload.band,
            overloaded=workload.overloaded,
            limit_pct=policy.limit_pct if policy else None,
            policy_id=policy.policy_id if policy else None,
            lines=[LineOut.of(line) for line in workload.lines],
        )


def points_of(values: Iterable[Fraction]) -> list[Decimal]:
    """Exact sums as they are shown."""
    return [as_decimal(value) for value in values]


Status = Literal["scheduled", "active", "ended", "deleted"]
