"""Status, posts, renewal, names and referrals: the rules of Standard 7, case by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.rules.names import LIKELY_THE_SAME, name_score
from services.registration.rules.policy import DEFAULT, Policy, UnitPolicy, in_force
from services.registration.rules.posts import Holder, Judged, judge
from services.registration.rules.referrals import (
    Decision,
    decision_problem,
    is_overdue,
    request_problem,
    sending_problem,
    step_problem,
)
from services.registration.rules.renewal import (
    Parts,
    Reminder,
    part_problem,
    reminder_on,
    renewal_on,
    window_start_of,
    year_end_of,
)
from services.registration.rules.status import Reading, Status, is_stale, number_of, read_on

END = date(2026, 11, 30)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("sw 123", "SW123", id="lower case and spaces are mended"),
        pytest.param("SW1234567890", "SW1234567890", id="ten digits"),
        pytest.param("SW", None, id="no digits"),
        pytest.param("SW12345678901", None, id="eleven digits"),
        pytest.param("123456", None, id="no letters"),
        pytest.param("SW12A", None, id="a letter among the digits"),
    ],
)
def test_a_number_is_judged_loosely_by_its_shape(text: str, number: str | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("said", "until", "on", "read"),
    [
        pytest.param("registered", END, date(2026, 11, 30), Reading("registered"), id="on the last day"),
        pytest.param("registered", END, date(2026, 12, 1), Reading("registered", True), id="the day after is no proof"),
        pytest.param("registered", END, date(2026, 12, 14), Reading("registered", True), id="the last day of the lag"),
        pytest.param("registered", END, date(2026, 12, 15), Reading("not_renewed"), id="after the lag it is a lapse"),
        pytest.param("conditions", END, date(2026, 12, 15), Reading("not_renewed"), id="with conditions likewise"),
        pytest.param("registered", date(2027, 11, 30), date(2026, 12, 15), Reading("registered"), id="renewed"),
        pytest.param("registered", None, date(2026, 12, 15), Reading("registered"), id="without a date"),
        pytest.param("removed", END, date(2026, 12, 1), Reading("removed"), id="removed is removed, lag or not"),
        pytest.param("suspended", END, date(2027, 5, 1), Reading("suspended"), id="suspended whatever the date"),
    ],
)
def test_what_the_register_says_of_a_date_that_has_passed(
    said: Status, until: date | None, on: date, read: Reading
) -> None:
    assert read_on(said, until, on, lag_days=14) == read


@given(on=DAYS, until=DAYS, lag=st.integers(0, 60))
def test_a_reading_is_awaited_a_lapse_or_as_said_and_nothing_else(on: date, until: date, lag: int) -> None:
    late = (on - until).days
    read = read_on("registered", until, on, lag)
    assert read == (Reading("registered", 0 < late <= lag) if late <= lag else Reading("not_renewed"))
    assert is_stale("registered", until, on, lag) == (late > lag)


def holder(status: Status, **facts: Any) -> Holder:
    usual = {"employed": True, "is_social_worker": True, "posts": 1, "designated": 1}
    return Holder(**{**usual, **facts}, status=status)


@pytest.mark.parametrize(
    ("who", "judged"),
    [
        pytest.param(holder("registered"), Judged(1, True, False), id="registered in a designated post"),
        pytest.param(holder("conditions"), Judged(1, True, False), id="with conditions is on the register"),
        pytest.param(holder("interim_conditions"), Judged(1, True, False), id="interim conditions likewise"),
        pytest.param(holder("suspended"), Judged(1, False, True), id="suspended in a designated post"),
        pytest.param(holder("interim_suspension"), Judged(1, False, True), id="suspended for the time being"),
        pytest.param(holder("removed"), Judged(1, False, True), id="removed"),
        pytest.param(holder("not_renewed"), Judged(1, False, True), id="did not renew"),
        pytest.param(holder("voluntary_removal"), Judged(1, False, True), id="left the register"),
        pytest.param(holder("not_found"), Judged(1, False, True), id="unknown to the register"),
        pytest.param(holder("unknown"), Judged(1, False, False), id="never asked is neither registered nor a breach"),
        pytest.param(holder("removed", posts=1, designated=0), Judged(0, False, False), id="in a post that needs none"),
        pytest.param(
            holder("removed", posts=0, designated=0), Judged(1, False, True), id="no post recorded counts as one"
        ),
        pytest.param(holder("removed", employed=False), Judged(0, False, False), id="not employed any more"),
        pytest.param(
            holder("unknown", is_social_worker=False),
            Judged(1, False, True),
            id="no social worker in a designated post",
        ),
        pytest.param(
            holder("unknown", is_social_worker=False, posts=0, designated=0), Judged(0, False, False), id="anyone else"
        ),
    ],
)
def test_only_those_on_the_register_are_rightly_in_designated_posts(who: Holder, judged: Judged) -> None:
    assert judge(who) == judged


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2027, 11, 30)),
        (date(2026, 1, 1), date(2026, 11, 30)),
    ],
)
def test_a_registration_year_runs_from_december_to_november(day: date, end: date) -> None:
    assert year_end_of(day) == end


@given(DAYS)
def test_every_day_lies_in_its_registration_year_and_windows_open_on_the_first_of_september(day: date) -> None:
    end = year_end_of(day)
    assert date(end.year - 1, 12, 1) <= day <= end
    assert (end - window_start_of(end)).days == 90


def renewal(day: date, parts: Parts, **facts: Any) -> tuple[bool, bool, bool]:
    usual: dict[str, Any] = {"must_renew": True, "valid_until": END, "policy": DEFAULT}
    found = renewal_on(day, END, parts, **{**usual, **facts})
    return found.due, found.ready, found.at_risk


TRAP = Parts(fee=True, cpd=True)


@pytest.mark.parametrize(
    ("day", "parts", "facts", "due_ready_risk"),
    [
        pytest.param(date(2026, 8, 31), Parts(), {}, (False, False, False), id="before the window"),
        pytest.param(date(2026, 9, 1), Parts(), {}, (True, False, False), id="the window opens"),
        pytest.param(
            date(2026, 9, 1), TRAP, {}, (True, False, True), id="paid and CPD filed without the form: at once"
        ),
        pytest.param(date(2026, 10, 30), Parts(True), {}, (True, False, False), id="31 days left"),
        pytest.param(date(2026, 10, 31), Parts(True), {}, (True, False, True), id="30 days left"),
        pytest.param(date(2026, 11, 29), Parts(True, True), {}, (True, False, True), id="only CPD is missing"),
        pytest.param(date(2026, 11, 30), Parts(True, True, True), {}, (True, True, False), id="all three parts"),
        pytest.param(date(2026, 12, 1), Parts(True, True), {}, (True, False, True), id="too late, and not known yet"),
        pytest.param(date(2026, 12, 14), Parts(True, True), {}, (True, False, True), id="the register still lags"),
        pytest.param(date(2026, 12, 15), Parts(True, True), {}, (False, False, False), id="the register has spoken"),
        pytest.param(
            date(2026, 11, 29), Parts(), {"valid_until": date(2027, 11, 30)}, (True, True, False), id="renewed already"
        ),
        pytest.param(date(2026, 11, 29), TRAP, {"must_renew": False}, (False, False, False), id="who need not renew"),
    ],
)
def test_a_renewal_is_ready_with_all_three_parts_and_at_risk_in_time(
    day: date, parts: Parts, facts: dict[str, Any], due_ready_risk: tuple[bool, bool, bool]
) -> None:
    assert renewal(day, parts, **facts) == due_ready_risk


@given(form=st.booleans(), fee=st.booleans(), cpd=st.booleans(), days=st.integers(0, 90))
def test_no_two_parts_stand_for_the_third(form: bool, fee: bool, cpd: bool, days: int) -> None:
    _, ready, at_risk = renewal(END - timedelta(days=days), Parts(form, fee, cpd))
    assert ready == (form and fee and cpd)
    assert not (ready and at_risk)


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        pytest.param(date(2026, 9, 1), True, id="the first day of the window"),
        pytest.param(date(2026, 11, 30), True, id="the last day"),
        pytest.param(date(2026, 8, 31), False, id="before the window"),
        pytest.param(date(2026, 12, 1), False, id="the day after"),
        pytest.param(date(2027, 1, 5), False, id="in the future"),
    ],
)
def test_a_part_is_done_within_the_window(day: date, fits: bool) -> None:
    assert (part_problem(day, date(2026, 12, 31), END) is None) == fits


@pytest.mark.parametrize(
    ("day", "told", "reminder"),
    [
        pytest.param(date(2026, 8, 31), (), None, id="not before the window"),
        pytest.param(date(2026, 9, 1), (), Reminder(90, ("worker",)), id="90 days before, to the worker"),
        pytest.param(date(2026, 9, 2), (90,), None, id="once each"),
        pytest.param(date(2026, 10, 1), (90,), Reminder(60, ("worker",)), id="60 days before"),
        pytest.param(date(2026, 10, 31), (90, 60), Reminder(30, ("worker", "line_manager")), id="then the manager too"),
        pytest.param(
            date(2026, 11, 20), (90,), Reminder(14, ("worker", "line_manager")), id="what was missed is not caught up"
        ),
        pytest.param(date(2026, 11, 29), (7,), Reminder(1, ("worker", "line_manager")), id="the day before the last"),
        pytest.param(date(2026, 11, 30), (1,), None, id="nothing more on the last day"),
        pytest.param(date(2026, 12, 1), (), None, id="nothing once it is too late"),
    ],
)
def test_reminders_go_to_the_worker_and_then_the_line_manager(
    day: date, told: tuple[int, ...], reminder: Reminder | None
) -> None:
    unfinished = renewal_on(day, END, Parts(), must_renew=True, valid_until=END, policy=DEFAULT)
    assert reminder_on(day, END, unfinished, told, DEFAULT) == reminder


def test_whoever_is_ready_is_not_reminded() -> None:
    done = renewal_on(date(2026, 11, 1), END, Parts(True, True, True), must_renew=True, valid_until=END, policy=DEFAULT)
    assert reminder_on(date(2026, 11, 1), END, done, (), DEFAULT) is None


@given(st.lists(st.integers(0, 100), max_size=100))
def test_no_threshold_is_reminded_of_twice(waits: list[int]) -> None:
    told: list[int] = []
    for days in sorted(waits, reverse=True):
        day = END - timedelta(days=days)
        unfinished = renewal_on(day, END, Parts(), must_renew=True, valid_until=END, policy=DEFAULT)
        reminder = reminder_on(day, END, unfinished, told, DEFAULT)
        told += [reminder.days_before] if reminder else []
    assert len(told) == len(set(told)) <= len(DEFAULT.reminder_days)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        pytest.param("Ann Lee", "ANN LEE", True, id="capitals"),
        pytest.param("Lee, Ann", "Ann Lee", True, id="order"),
        pytest.param("Ann Lee", "Ann Mary Lee", True, id="a middle name"),
        pytest.param("Zoë O'Neill", "Zoe ONeill", True, id="accents and apostrophes"),
        pytest.param("Ann-Marie Lee", "Ann Marie Lee", True, id="hyphens"),
        pytest.param("Katherine Brown", "Katharine Brown", True, id="one letter"),
        pytest.param("Ann Lee", "Robert Okafor", False, id="somebody else"),
        pytest.param("Ann Lee", "Ann Lindqvist", False, id="the same first name only"),
        pytest.param("", "Ann Lee", False, id="nothing to compare"),
    ],
)
def test_names_are_alike_whatever_the_spelling(ours: str, theirs: str, same: bool) -> None:
    assert (name_score(ours, theirs) >= LIKELY_THE_SAME) == same


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_name_score_is_a_percentage_and_the_same_both_ways_when_equal(one: str, other: str) -> None:
    assert 0 <= name_score(one, other) <= 100
    assert name_score(one, one) in (0, 100)


def test_the_nearest_unit_with_a_policy_in_force_decides() -> None:
    root, team = UUID(int=1), UUID(int=2)
    policies = [
        UnitPolicy(root, date(2026, 1, 1), Policy(lag_days=7)),
        UnitPolicy(root, date(2026, 9, 1), Policy(lag_days=21)),
        UnitPolicy(team, date(2026, 10, 1), Policy(lag_days=3)),
    ]
    found = [in_force([root, team], policies, date(2026, month, 1)).lag_days for month in (8, 9, 10)]
    assert found == [7, 21, 3]
    assert in_force([root], policies, date(2025, 1, 1)) == DEFAULT


@pytest.mark.parametrize(
    ("decision", "serious", "investigated_on", "fits"),
    [
        pytest.param("refer", False, None, False, id="our own investigation comes first"),
        pytest.param("refer", False, date(2026, 3, 1), True, id="after the investigation"),
        pytest.param("refer", True, None, True, id="at once when it is serious"),
        pytest.param("not_refer", False, None, True, id="not to refer needs no investigation"),
    ],
)
def test_the_employer_investigates_before_it_refers(
    decision: Decision, serious: bool, investigated_on: date | None, fits: bool
) -> None:
    found = decision_problem(decision, serious=serious, investigated_on=investigated_on)
    assert (found is None) == fits


TODAY, SENT = date(2026, 3, 2), date(2026, 2, 2)


def test_things_happen_in_their_order() -> None:
    assert sending_problem("not_refer", None, SENT, TODAY)
    assert sending_problem(None, None, SENT, TODAY)
    assert sending_problem("refer", SENT, SENT, TODAY)
    assert sending_problem("refer", None, TODAY + timedelta(days=1), TODAY)
    assert sending_problem("refer", None, SENT, TODAY) is None
    assert step_problem("triage", None, SENT, TODAY)
    assert step_problem("interim_order", None, SENT, TODAY) is None
    assert step_problem("triage", SENT, SENT - timedelta(days=1), TODAY)
    assert step_problem("hearing", SENT, TODAY, TODAY) is None
    assert request_problem(TODAY, SENT, TODAY)
    assert request_problem(SENT, TODAY, TODAY) is None


def test_a_request_is_overdue_after_its_deadline_until_it_is_answered() -> None:
    assert [is_overdue(TODAY, None, TODAY + timedelta(days=days)) for days in (0, 1)] == [False, True]
    assert not is_overdue(TODAY, TODAY, TODAY + timedelta(days=9))
