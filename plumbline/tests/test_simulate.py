"""The plan of a demonstration authority is repeatable and believable."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from chassis.clock import london_date
from plumbline.simulate import simulate
from plumbline.simulate.caseload import POLICY, standing
from plumbline.simulate.chance import WorkingDays, stream
from plumbline.simulate.names import full_names
from plumbline.simulate.plan import Person, Plan, Session
from plumbline.simulate.planner import director_ref, make_plan, planned_on
from plumbline.simulate.shape import SIZES, WEIGHTS
from services.allocation.rules.workload import band_of
from services.supervision.rules.periods import Period, Terms, constant, required_periods
from services.supervision.rules.timeline import Span

TODAY = date(2026, 3, 2)
SMALL, FULL = make_plan("small", 1, TODAY), make_plan("full", 1, TODAY)
BOTH = pytest.mark.parametrize("plan", [SMALL, FULL], ids=["small", "full"])


def people_by_ref(plan: Plan) -> dict[str, Person]:
    return {person.ref: person for person in plan.people}


def bands(plan: Plan) -> Counter[str]:
    """How many case holders stand in each band once every planned case is theirs."""
    carried: Counter[str] = Counter()
    for case in plan.cases:
        if case.holder:
            carried[case.holder] += WEIGHTS[case.kind]  # type: ignore[assignment] # a Counter of points
    found: Counter[str] = Counter()
    for person in plan.people:
        if person.career_stage != "manager" and not person.left:
            available, load = standing(person, plan.responsibilities, plan.reductions, plan.today)
            found[band_of(POLICY, load + Fraction(carried[person.ref]), available)] += 1
    return found


def ended_periods(plan: Plan, person: Person) -> list[Period]:
    employed = Span(person.started_on, person.ended_on + timedelta(days=1) if person.ended_on else None)
    terms = constant(Terms(newly_qualified=person.newly_qualified))
    found = []
    for period in required_periods(employed, terms, since=person.monitored_from):
        if period.end > plan.today:
            break
        if period.start >= person.monitored_from and not period.cut_short:
            found.append(period)
    return found


def meets(session: Session, period: Period) -> bool:
    whole = session.minutes >= 90 and session.uninterrupted and session.kind == "individual" and not session.cancelled
    return whole and session.stream == "line" and london_date(session.held_at) in period


@pytest.mark.parametrize("size", ["small", "full"])
def test_the_same_seed_and_day_make_the_same_authority(size: str) -> None:
    assert make_plan(size, 7, TODAY) == make_plan(size, 7, TODAY)


def test_another_seed_makes_another_authority_with_references_of_its_own() -> None:
    one, other = make_plan("small", 1, TODAY), make_plan("small", 2, TODAY)
    assert {p.name for p in one.people} != {p.name for p in other.people}
    assert not {p.ref for p in one.people} & {p.ref for p in other.people}
    assert not {c.reference for c in one.cases} & {c.reference for c in other.cases}


def test_the_two_sizes_of_one_seed_can_stand_side_by_side() -> None:
    assert not {p.ref for p in SMALL.people} & {p.ref for p in FULL.people}
    assert not {c.reference for c in SMALL.cases} & {c.reference for c in FULL.cases}


def test_the_full_authority_has_the_size_that_it_promises() -> None:
    kinds = Counter(unit.kind for unit in FULL.units)
    assert kinds == {"authority": 1, "service": 3, "team": 14}
    assert (len(FULL.people), len(FULL.cases)) == (220, 3400)
    assert 2300 < len(FULL.sessions) < 3300


def test_the_small_authority_has_the_size_that_it_promises() -> None:
    kinds = Counter(unit.kind for unit in SMALL.units)
    assert kinds == {"authority": 1, "service": 1, "team": 3}
    assert (len(SMALL.people), len(SMALL.cases)) == (24, 250)


def test_the_day_of_a_plan_can_be_read_off_its_director() -> None:
    assert planned_on(SMALL.director.started_on) == TODAY
    assert SMALL.director.ref == director_ref("small", 1)


@BOTH
def test_almost_every_registered_worker_is_renewed_once_the_window_is_about_to_close(plan: Plan) -> None:
    late = make_plan(plan.size, 1, date(2026, 11, 22)).upkeep.entries
    renewed = [entry for entry in late if entry.valid_to == date(2027, 11, 30)]
    assert len(renewed) / len(late) > 0.8
    assert {entry.valid_to for entry in plan.upkeep.entries} == {date(2026, 11, 30)}
    assert {entry.number for entry in late} == {p.registration_number for p in plan.people if not p.left} - {None}


@BOTH
def test_upkeep_is_about_people_who_are_here_and_happens_before_today(plan: Plan) -> None:
    here = {person.ref: person for person in plan.people if not person.left}
    upkeep = plan.upkeep
    about = {one.person for one in upkeep.entries} | {one.person for one in upkeep.concerns}
    happened = [(learning.person, learning.on) for learning in upkeep.learnings]
    happened += [(incident.person, incident.on) for incident in upkeep.incidents]
    happened += [(year.person, held_on) for year in upkeep.years for _, held_on in year.reviews]
    assert about | {person for person, _ in happened} <= here.keys()
    assert all(here[ref].started_on <= day <= plan.today for ref, day in happened)
    assert {year.person for year in upkeep.years} == {ref for ref, one in here.items() if one.newly_qualified}
    assert len(upkeep.provision) == 6 * sum(unit.kind == "team" for unit in plan.units)


@BOTH
def test_everyone_is_managed_by_someone_recorded_before_them_and_still_there(plan: Plan) -> None:
    seen: dict[str, Person] = {}
    for person in plan.people:
        assert person.manager is None or (person.manager in seen and not seen[person.manager].left)
        seen[person.ref] = person
    assert [person.ref for person in plan.people if person.manager is None] == [plan.director.ref]


@BOTH
def test_each_unit_has_an_accountable_person_of_its_own(plan: Plan) -> None:
    people = people_by_ref(plan)
    assert all(people[unit.accountable].unit == unit.ref for unit in plan.units)


@BOTH
def test_names_references_and_addresses_are_unique(plan: Plan) -> None:
    for values in ([p.name for p in plan.people], [p.ref for p in plan.people], [p.email for p in plan.people]):
        assert len(set(values)) == len(values)
    cases = [(case.source, case.reference) for case in plan.cases]
    assert len(set(cases)) == len(cases)
    assert len({session.ref for session in plan.sessions}) == len(plan.sessions)
    assert len({(a.person, a.first) for a in plan.absences}) == len(plan.absences)


@BOTH
def test_addresses_can_never_receive_mail(plan: Plan) -> None:
    assert all(person.email.endswith(".example") for person in plan.people)


def test_the_workforce_is_mixed_as_in_england() -> None:
    staff = [person for person in FULL.people if person.career_stage != "manager"]
    shares = {
        "agency": sum(p.is_agency for p in staff) / len(staff),
        "leavers": sum(p.left for p in staff) / len(staff),
        "newly qualified": sum(p.newly_qualified for p in staff) / len(staff),
        "part-time": sum(p.hours < 37 for p in staff) / len(staff),
    }
    assert 0.08 < shares["agency"] < 0.18
    assert 0.08 < shares["leavers"] < 0.18
    assert 0.05 < shares["newly qualified"] < 0.15
    assert 0.1 < shares["part-time"] < 0.4
    assert len(FULL.vacancies) == SIZES["full"].vacancies


@BOTH
def test_no_agency_worker_is_newly_qualified_and_no_leaver_holds_a_case(plan: Plan) -> None:
    assert not any(person.is_agency and person.newly_qualified for person in plan.people)
    left = {person.ref for person in plan.people if person.left}
    assert not left & plan.caseloads().keys()
    assert not any(people_by_ref(plan)[holder].career_stage == "manager" for holder in plan.caseloads())


def test_newly_qualified_workers_stand_at_every_cadence() -> None:
    weeks = [(TODAY - person.started_on).days // 7 for person in FULL.people if person.newly_qualified]
    assert {"weekly" if w < 6 else "fortnightly" if w < 26 else "monthly" for w in weeks} == {
        "weekly",
        "fortnightly",
        "monthly",
    }


@BOTH
def test_nobody_starts_or_leaves_in_the_future(plan: Plan) -> None:
    for person in plan.people:
        assert person.started_on < plan.today
        assert person.ended_on is None or person.started_on < person.ended_on < plan.today


@BOTH
def test_absences_lie_within_employment_and_never_overlap(plan: Plan) -> None:
    people = people_by_ref(plan)
    last_day: dict[str, date] = {}
    for absence in plan.absences:
        person = people[absence.person]
        assert person.started_on <= absence.first <= absence.last
        assert person.ended_on is None or absence.last <= person.ended_on
        assert absence.first > last_day.get(absence.person, date.min)
        last_day[absence.person] = absence.last


@BOTH
def test_someone_has_been_away_for_a_whole_required_period(plan: Plan) -> None:
    assert any((absence.last - absence.first).days >= 13 for absence in plan.absences)
    assert any(plan.today in absence for absence in plan.absences)


@BOTH
def test_sessions_are_held_in_the_past_during_employment_on_working_days(plan: Plan) -> None:
    people = people_by_ref(plan)
    working = WorkingDays(plan.today - timedelta(days=400), plan.today)
    for session in plan.sessions:
        person, day = people[session.person], london_date(session.held_at)
        assert person.started_on <= day < plan.today
        assert day >= person.monitored_from
        assert person.ended_on is None or day <= person.ended_on
        assert day in working
        assert 9 <= session.held_at.hour < 16


@BOTH
def test_nobody_is_supervised_while_away_or_by_themselves(plan: Plan) -> None:
    away: dict[str, list[tuple[date, date]]] = {}
    for absence in plan.absences:
        away.setdefault(absence.person, []).append((absence.first, absence.last))
    for session in plan.sessions:
        assert session.person != session.supervisor
        day = london_date(session.held_at)
        assert not any(first <= day <= last for first, last in away.get(session.person, []))


@BOTH
def test_supervision_is_mostly_kept_and_sometimes_not(plan: Plan) -> None:
    by_person: dict[str, list[Session]] = {}
    for session in plan.sessions:
        by_person.setdefault(session.person, []).append(session)
    required = met = 0
    for person in plan.people[1:]:
        for period in ended_periods(plan, person):
            required += 1
            met += any(meets(session, period) for session in by_person.get(person.ref, []))
    assert 0.75 < met / required < 0.95


def test_sessions_fail_in_every_way_in_which_they_do() -> None:
    assert any(session.minutes < 90 for session in FULL.sessions)
    assert any(not session.uninterrupted for session in FULL.sessions)
    assert any(session.kind == "group" for session in FULL.sessions)
    cancelled = [session.cancelled for session in FULL.sessions if session.cancelled]
    assert any(one.rebooked_for for one in cancelled)
    assert any(one.rebooked_for is None for one in cancelled)


def test_workers_whose_manager_is_no_social_worker_get_professional_supervision_too() -> None:
    people = people_by_ref(FULL)
    supervised = {session.person for session in FULL.sessions if session.stream == "professional"}
    assert supervised
    for ref in supervised:
        assert not people[str(people[ref].manager)].is_social_worker
    assert all(people[s.supervisor].is_social_worker for s in FULL.sessions if s.stream == "professional")


@BOTH
def test_most_workers_are_within_the_limit_some_close_to_it_and_some_above(plan: Plan) -> None:
    found = bands(plan)
    everyone = found.total()
    assert 0.6 < found["ok"] / everyone < 0.9
    assert 0.04 < found["amber"] / everyone < 0.3
    assert 0.03 < found["over"] / everyone < 0.16


def test_the_average_caseload_is_one_that_england_knows() -> None:
    loads = FULL.caseloads()
    assert 14 < loads.total() / len(loads) < 21


@BOTH
def test_every_case_above_the_limit_has_a_reason_and_only_those(plan: Plan) -> None:
    people = people_by_ref(plan)
    loads = {
        person.ref: standing(person, plan.responsibilities, plan.reductions, plan.today) for person in people.values()
    }
    for case in plan.cases:
        if case.holder:
            available, load = loads[case.holder]
            load += Fraction(WEIGHTS[case.kind])
            loads[case.holder] = available, load
            assert bool(case.override_reason) is (band_of(POLICY, load, available) == "over")
    assert any(case.override_reason for case in plan.cases)


@BOTH
def test_waiting_cases_have_waited_for_different_times(plan: Plan) -> None:
    ages = [(plan.today - case.received_on).days for case in plan.cases if not case.holder and not case.closed]
    assert len(ages) == SIZES[plan.size].waiting
    assert min(ages) <= 2
    assert len(set(ages)) >= 4


@BOTH
def test_no_case_comes_in_from_the_future_and_each_weighs_something(plan: Plan) -> None:
    assert all(case.received_on <= plan.today and case.kind in WEIGHTS for case in plan.cases)
    assert all(case.reason for case in plan.cases if case.holder)


@given(seed=st.integers(0, 10_000), day=st.dates(date(2024, 1, 1), date(2032, 12, 31)))
@settings(max_examples=25, deadline=None)
def test_every_seed_on_every_day_makes_a_whole_authority(seed: int, day: date) -> None:
    plan = make_plan("small", seed, day)
    assert (len(plan.people), len(plan.cases)) == (24, 250)
    assert sum(1 for case in plan.cases if case.override_reason) > 0
    assert all(london_date(session.held_at) < day for session in plan.sessions)


@given(count=st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_no_two_people_share_a_name(count: int) -> None:
    assert len(set(full_names(stream(count), count))) == count


async def test_a_deployment_that_is_not_there_is_said_to_be_away() -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await simulate("http://127.0.0.1:9", "small", 1, Console(quiet=True))
