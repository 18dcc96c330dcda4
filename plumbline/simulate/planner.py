"""Puts a plan together: the same size, seed and day always make the same authority."""

from __future__ import annotations

from datetime import date, timedelta

from plumbline.simulate.absences import plan_absences
from plumbline.simulate.caseload import plan_caseloads, policy_body
from plumbline.simulate.diary import plan_sessions
from plumbline.simulate.people import DIRECTOR_STARTED_DAYS_AGO, plan_staff
from plumbline.simulate.plan import Plan
from plumbline.simulate.shape import SIZES
from plumbline.simulate.upkeep import plan_upkeep


def code_of(size: str, seed: int) -> str:
    """What every reference of an authority begins with."""
    return f"D{seed}{size[0].upper()}"


def director_ref(size: str, seed: int) -> str:
    """The employee reference of the director, by which an earlier load is recognised."""
    return f"{code_of(size, seed)}-001"


def planned_on(director_started_on: date) -> date:
    """The day for which the authority of this director was planned."""
    return director_started_on + timedelta(days=DIRECTOR_STARTED_DAYS_AGO)


def make_plan(size: str, seed: int, today: date) -> Plan:
    """The authority of a size and a seed as it stands on a day."""
    shape, code = SIZES[size], code_of(size, seed)
    staff = plan_staff(shape, seed, code, today)
    absences = plan_absences(staff.people, shape, seed, today)
    keeps = {u.ref: team.keeps_supervision for u in staff.units for team in shape.teams if team.name == u.name}
    loads = plan_caseloads(staff.units, staff.people, absences, shape, seed, today)
    return Plan(
        code=code,
        size=size,
        seed=seed,
        today=today,
        units=staff.units,
        people=staff.people,
        policy=policy_body(today - timedelta(days=shape.history_days)),
        vacancies=staff.vacancies,
        absences=absences,
        sessions=plan_sessions(staff.people, absences, keeps, shape, seed, today),
        responsibilities=loads.responsibilities,
        reductions=loads.reductions,
        cases=loads.cases,
        contests=loads.contests,
        upkeep=plan_upkeep(staff.units, staff.people, shape, seed, today),
    )
