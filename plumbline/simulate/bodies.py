"""Values of a plan as the REST API takes them; ids come from the answers of earlier requests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from plumbline.simulate.plan import Absence, Case, Person, Reduction, Responsibility, Session, Vacancy

Ids = Mapping[str, str]
"""The id that the deployment gave to each reference of the plan."""


def workers_file(people: Sequence[Person], units: Ids) -> str:
    """People as a CSV file with a header row."""
    rows = [_row(person, units) for person in people]
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _row(person: Person, units: Ids) -> dict[str, Any]:
    return {
        "name": person.name,
        "employee_ref": person.ref,
        "email": person.email,
        "org_unit": units[person.unit],
        "line_manager_ref": person.manager,
        "job_role": person.job_role,
        "career_stage": person.career_stage,
        "newly_qualified": str(person.newly_qualified).lower(),
        "is_social_worker": str(person.is_social_worker).lower(),
        "registration_number": person.registration_number,
        "is_agency": str(person.is_agency).lower(),
        "contracted_hours": person.hours,
        "employment_started_on": person.started_on.isoformat(),
        "employment_ended_on": person.ended_on.isoformat() if person.ended_on else None,
        "monitored_from": person.monitored_from.isoformat(),
    }


def cases_file(cases: Iterable[Case], units: Ids) -> str:
    """Cases as newline-delimited JSON."""
    return "".join(f"{json.dumps(_line(case, units))}\n" for case in cases)


def _line(case: Case, units: Ids) -> dict[str, Any]:
    case_type, complexity = case.kind
    return {
        "source": case.source,
        "reference": case.reference,
        "case_type": case_type,
        "complexity": complexity,
        "org_unit_id": units[case.unit],
        "priority": case.priority,
        "received_on": case.received_on.isoformat(),
        "skills": list(case.skills),
    }


def post_body(vacancy: Vacancy, units: Ids) -> dict[str, Any]:
    """A post that nobody holds."""
    return {
        "org_unit_id": units[vacancy.unit],
        "job_role": vacancy.job_role,
        "fte": float(vacancy.fte),
        "opened_on": vacancy.opened_on.isoformat(),
    }


def absence_body(absence: Absence) -> dict[str, Any]:
    """Days away."""
    return {**_dates(absence.first, absence.last), "reason": absence.reason}


def session_body(session: Session, workers: Ids) -> dict[str, Any]:
    """A supervision session."""
    return {
        "worker_id": workers[session.person],
        "supervisor_id": workers[session.supervisor],
        "held_at": session.held_at.isoformat(),
        "minutes": session.minutes,
        "uninterrupted": session.uninterrupted,
        "kind": session.kind,
        "stream": session.stream,
        "reflective": session.reflective,
        "quality_by_worker": session.quality_by_worker,
        "quality_by_supervisor": session.quality_by_supervisor,
        "agreed_actions": list(session.agreed_actions),
    }


def cancellation_body(reason: str, rebooked_for: datetime | None) -> dict[str, Any]:
    """Why a session did not count."""
    return {"reason": reason, "rebooked_for": rebooked_for.isoformat() if rebooked_for else None}


def responsibility_body(work: Responsibility) -> dict[str, Any]:
    """Work beside cases."""
    return {"description": work.description, "points": float(work.points), "from": work.first.isoformat()}


def reduction_body(less: Reduction) -> dict[str, Any]:
    """Hours that go elsewhere."""
    return {"hours": float(less.hours), "reason": less.reason, **_dates(less.first, less.last)}


def allocation_body(case: Case, workers: Ids) -> dict[str, Any]:
    """A case for its holder."""
    return {
        "worker_id": workers[case.holder or ""],
        "reason": case.reason,
        "discussed_with_worker": True,
        "override_reason": case.override_reason,
    }


def _dates(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}
