"""What must hold of a worker's record, of line management and of an absence (clauses 2.1 and 5.5)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from services.workforce.rules.findings import Finding, date_finding, kept, order_finding, text_finding

CAREER_STAGES = ("student", "asye", "practitioner", "senior_practitioner", "manager")
MOST_HOURS = Decimal(60)
LONGEST_NAME, LONGEST_REF, LONGEST_ROLE, LONGEST_EMAIL = 200, 64, 120, 254

REGISTRATION = re.compile(r"SW[0-9]{1,10}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")

Person = TypeVar("Person", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFacts:
    """The whole of what is kept of a worker."""

    name: str
    employee_ref: str
    org_unit_id: UUID
    line_manager_id: UUID | None
    job_role: str
    career_stage: str
    newly_qualified: bool
    is_social_worker: bool
    registration_number: str | None
    is_agency: bool
    contracted_hours: Decimal
    employment_started_on: date
    employment_ended_on: date | None
    monitored_from: date | None
    email: str | None

    @property
    def monitored_on(self) -> date:
        """The first day from which supervision is judged: that of employment unless a later one is given."""
        return max(self.employment_started_on, self.monitored_from or self.employment_started_on)


def registration_number(text: str | None) -> str | None:
    """A registration number as it is kept: upper case, no spaces; None for an empty one."""
    return "".join(text.split()).upper() or None if text else None


def worker_findings(facts: WorkerFacts) -> list[Finding]:
    """Everything that is wrong with a worker's own facts; whether ids exist is for the caller to know."""
    return kept(
        (
            text_finding("name", facts.name, LONGEST_NAME),
            text_finding("employee_ref", facts.employee_ref, LONGEST_REF),
            text_finding("job_role", facts.job_role, LONGEST_ROLE),
            stage_finding(facts.career_stage),
            hours_finding(facts.contracted_hours),
            registration_finding(facts.registration_number),
            email_finding(facts.email),
            date_finding("employment_started_on", facts.employment_started_on),
            date_finding("employment_ended_on", facts.employment_ended_on),
            date_finding("monitored_from", facts.monitored_from),
            order_finding(
                "employment_started_on", facts.employment_started_on, "employment_ended_on", facts.employment_ended_on
            ),
        )
    )


def stage_finding(stage: str) -> Finding | None:
    """The career stage is one of the framework's five."""
    if stage in CAREER_STAGES:
        return None
    return Finding("career_stage", f"is none of {', '.join(CAREER_STAGES)}; choose one of these")


def hours_finding(hours: Decimal) -> Finding | None:
    """Contracted hours are weekly hours: none for someone without fixed hours, at most 60, to a hundredth."""
    if not (hours.is_finite() and 0 <= hours <= MOST_HOURS):
        return Finding("contracted_hours", f"must be weekly hours from 0 to {MOST_HOURS}; check the contract")
    if hours != round(hours, 2):
        return Finding("contracted_hours", "has more than two decimals; round it to a hundredth of an hour")
    return None


def registration_finding(number: str | None) -> Finding | None:
    """The regulator's numbers read SW and up to ten digits; whether one is real, the register says (clause 7.1)."""
    if number is None or REGISTRATION.fullmatch(number):
        return None
    return Finding("registration_number", "must be SW followed by 1 to 10 digits, as on the regulator's register")


def email_finding(email: str | None) -> Finding | None:
    """An address must have the shape of one; whether mail arrives shows only when it is sent."""
    if email is None or (len(email) <= LONGEST_EMAIL and EMAIL.fullmatch(email)):
        return None
    return Finding("email", "does not look like an address; write it as name@employer.gov.uk, or leave it out")


def in_management_cycle(managers: Mapping[Person, Person | None]) -> set[Person]:
    """Everyone who, followed up the line of management, comes back to themselves."""
    settled: set[Person] = set()
    cyclic: set[Person] = set()
    for start in managers:
        trail: list[Person] = []
        step: Person | None = start
        while step is not None and step not in settled and step not in trail:
            trail.append(step)
            step = managers.get(step)
        if step is not None and step not in settled:
            cyclic.update(trail[trail.index(step) :])
        settled.update(trail)
    return cyclic


def manager_finding(worker_id: UUID, line_above: Mapping[UUID, UUID | None], manager_id: UUID) -> Finding | None:
    """Nobody manages themselves, directly or through others. The mapping holds the line from the manager upwards."""
    if worker_id == manager_id:
        return Finding("line_manager_id", "is the worker; nobody manages themselves: choose another worker")
    if worker_id in in_management_cycle({**line_above, worker_id: manager_id}):
        return Finding("line_manager_id", "is managed by this worker, directly or through others; choose someone above")
    return None
