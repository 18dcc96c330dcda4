"""Programmes of the assessed year over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from chassis.numbers import Number
from chassis.permissions import ANY, Allow
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.programmes import set_programme
from services.cpd.queries.assessed_years import list_programmes
from services.cpd.routes.shapes import READERS, Code, Day, Percent, Title

routes = Routes("cpd")
Months = Annotated[int, Field(ge=1, le=60)]


class PlannedReview(BaseModel):
    """A review so many months after the start."""

    month: Months
    required: bool = True


class PlannedEvidence(BaseModel):
    """An item of the evidence checklist."""

    item: Code
    title: Title
    needed: Annotated[int, Field(ge=1, le=100)]


class ProgrammeTerms(BaseModel):
    """The terms of a programme, for agreements whose year starts between two days."""

    title: Title
    agreements_from: Day
    agreements_to: Day | None = None
    provisional: bool = False
    length_months: Months = 12
    limit_months: Months = 24
    reviews: list[PlannedReview] = Field(min_length=1, max_length=24)
    evidence: list[PlannedEvidence] = Field(default=[], max_length=50)
    protected_pct: Percent
    workload_pct: Percent

    @model_validator(mode="after")
    def _sound(self) -> ProgrammeTerms:
        if self.limit_months < self.length_months:
            raise ValueError("the limit lies before the end")
        if len({review.month for review in self.reviews}) < len(self.reviews):
            raise ValueError("two reviews in one month")
        if len({one.item for one in self.evidence}) < len(self.evidence):
            raise ValueError("an item of evidence appears twice")
        return self


class ProgrammeOut(BaseModel):
    """A programme; ``provisional`` = announced, its numbers may still change."""

    programme: str
    title: str
    agreements_from: date
    agreements_to: date | None
    provisional: bool
    length_months: int
    limit_months: int
    reviews: list[PlannedReview]
    evidence: list[PlannedEvidence]
    protected_pct: Number
    workload_pct: Number


class Programmes(BaseModel):
    """Past, present and coming programmes."""

    items: list[ProgrammeOut]


@routes.get("/programmes", allow=READERS)
async def get_programmes(tx: Read, caller: Caller) -> Programmes:
    """The programmes of the assessed year: the present ones and the one that is announced."""
    caller.nothing_to_reach()
    return Programmes.model_validate({"items": await list_programmes(tx)})


@routes.put("/programmes/{programme}", allow=Allow(platform_admin=ANY))
async def put_programme(programme: Code, body: ProgrammeTerms, tx: Write, caller: Caller) -> ProgrammeOut:
    """Set a programme for the whole deployment; years agreed before keep their terms."""
    caller.nothing_to_reach()
    await set_programme(tx, programme, body.model_dump())
    return ProgrammeOut.model_validate({"programme": programme, **body.model_dump()})
