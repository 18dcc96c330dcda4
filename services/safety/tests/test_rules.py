"""The rules of safety, as tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.safety.rules.concerns import Answerable, clocks, in_conflict, may_not_know, next_handler, step_problem
from services.safety.rules.follow_ups import MONTHS, due_dates, early_problem
from services.safety.rules.incidents import Injury, Kind, category, closing_problem, days_unable, report_by
from services.safety.rules.policy import DEFAULT, Policy, UnitPolicy, in_force, order_problem
from services.safety.rules.provision import CLAUSE_OF, gaps, validity_problem
from services.safety.rules.visits import overdue_at, plain, plan_problem, raise_alarm
from services.safety.rules.words import words_problem

MANAGER, HEAD, DIRECTOR, WORKER = (UUID(int=n) for n in (1, 2, 3, 4))
TEAM, SERVICE, AUTHORITY = (UUID(int=n) for n in (11, 12, 13))
LINE = [Answerable(MANAGER, TEAM), Answerable(HEAD, SERVICE), Answerable(DIRECTOR, AUTHORITY)]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "injury", "days", "private", "wanted"),
    [
        pytest.param("physical_violence", "fatal", 0, False, "report_without_delay", id="a death is reported at once"),
        pytest.param("physical_violence", "specified", 0, False, "report_without_delay", id="a broken arm at once"),
        pytest.param("physical_violence", "minor", 8, False, "report_within_15_days", id="eight days are over seven"),
        pytest.param("physical_violence", "minor", 7, False, "record", id="seven days are not over seven"),
        pytest.param("physical_violence", "minor", 4, False, "record", id="four days are over three"),
        pytest.param("physical_violence", "minor", 3, False, "none", id="three days are not over three"),
        pytest.param("physical_violence", "none", 0, False, "none", id="no injury and no absence"),
        pytest.param(
            "physical_violence", "minor", 20, True, "none", id="a private dispute between workers is not work"
        ),
        pytest.param("physical_violence", "specified", 0, True, "none", id="however serious"),
        pytest.param("threat", "none", 30, False, "none", id="a threat is not reportable, nor the absence it causes"),
        pytest.param("verbal_abuse", "none", 30, False, "none", id="nor is verbal abuse"),
        pytest.param("bullying", "none", 30, False, "none", id="nor bullying"),
    ],
)
def test_what_the_law_asks_for(kind: Kind, injury: Injury, days: int, private: bool, wanted: str) -> None:
    assert category(kind, injury, days, private_dispute=private) == wanted


@pytest.mark.parametrize(
    ("unable_to", "days"),
    [
        pytest.param(None, 0, id="able to work"),
        pytest.param(date(2026, 3, 2), 0, id="the day of the accident does not count"),
        pytest.param(date(2026, 3, 5), 3, id="three days after it"),
        pytest.param(date(2026, 3, 9), 7, id="a week, weekend included"),
        pytest.param(date(2026, 3, 10), 8, id="eight days"),
    ],
)
def test_days_of_incapacity_are_counted_from_the_day_after(unable_to: date | None, days: int) -> None:
    assert days_unable(date(2026, 3, 2), unable_to) == days


def test_a_report_is_due_within_fifteen_days_or_at_once() -> None:
    assert report_by(date(2026, 3, 2), "report_within_15_days") == date(2026, 3, 17)
    assert report_by(date(2026, 3, 2), "report_without_delay") == date(2026, 3, 2)
    assert report_by(date(2026, 3, 2), "record") is None


@pytest.mark.parametrize(
    ("assessed", "due", "measures", "says"),
    [(False, False, 0, "Assess"), (True, True, 0, "by law"), (True, False, 2, "2 protective"), (True, False, 0, None)],
)
def test_an_incident_is_closed_when_nothing_is_left(assessed: bool, due: bool, measures: int, says: str | None) -> None:
    problem = closing_problem(assessed=assessed, report_due=due, open_measures=measures)
    assert problem is None if says is None else says in (problem or "")


@pytest.mark.parametrize(
    ("closed_on", "wanted"),
    [
        pytest.param(
            date(2026, 1, 31), {1: date(2026, 2, 28), 3: date(2026, 4, 30), 6: date(2026, 7, 31)}, id="clamped"
        ),
        pytest.param(date(2028, 1, 31), {1: date(2028, 2, 29), 3: date(2028, 4, 30), 6: date(2028, 7, 31)}, id="leap"),
        pytest.param(
            date(2026, 8, 31), {1: date(2026, 9, 30), 3: date(2026, 11, 30), 6: date(2027, 2, 28)}, id="winter"
        ),
    ],
)
def test_follow_ups_come_after_calendar_months(closed_on: date, wanted: dict[int, date]) -> None:
    assert due_dates(closed_on) == wanted


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_follow_ups_come_in_their_order_and_not_before_their_day(closed_on: date) -> None:
    due = due_dates(closed_on)
    assert list(due) == list(MONTHS)
    assert closed_on < due[1] < due[3] < due[6] <= closed_on + timedelta(days=184)
    assert all((early_problem(day, day) is None, early_problem(day, closed_on)) for day in due.values())


@pytest.mark.parametrize(
    ("closed_to", "current", "wanted"),
    [
        pytest.param([], None, MANAGER, id="first the nearest"),
        pytest.param([MANAGER], None, HEAD, id="past the subject"),
        pytest.param([], MANAGER, HEAD, id="then the next"),
        pytest.param([HEAD], MANAGER, DIRECTOR, id="past the subject on the way up"),
        pytest.param([], DIRECTOR, None, id="above the last there is nobody"),
        pytest.param([MANAGER, HEAD, DIRECTOR], None, None, id="everyone is the subject or below"),
        pytest.param([], WORKER, MANAGER, id="whoever dealt with it answers for nothing any more"),
    ],
)
def test_a_concern_moves_up_past_whoever_it_is_about(
    closed_to: list[UUID], current: UUID | None, wanted: UUID | None
) -> None:
    found = next_handler(LINE, closed_to, current)
    assert (found.worker_id if found else None) == wanted


@pytest.mark.parametrize(
    ("asker", "line", "closed"),
    [
        pytest.param(HEAD, [HEAD, DIRECTOR], True, id="the subject"),
        pytest.param(MANAGER, [MANAGER, HEAD, DIRECTOR], True, id="someone below the subject"),
        pytest.param(DIRECTOR, [DIRECTOR], True, id="someone above the subject"),
        pytest.param(WORKER, [WORKER], False, id="someone in another line"),
    ],
)
def test_the_subjects_line_may_not_know_who_raised_it(asker: UUID, line: list[UUID], closed: bool) -> None:
    assert may_not_know(HEAD, asker, line, [HEAD, DIRECTOR]) is closed
    assert may_not_know(None, asker, line, []) is False
    assert in_conflict(HEAD, line) is (HEAD in line)


@pytest.mark.parametrize(
    ("waiting_for", "wanted", "says"),
    [
        ("acknowledge", "acknowledge", None),
        ("acknowledge", "answer", "First acknowledge"),
        ("answer", "assess", "done already"),
        ("done", "answer", "was answered"),
    ],
)
def test_steps_come_once_and_in_their_order(waiting_for: str, wanted: str, says: str | None) -> None:
    problem = step_problem(waiting_for, wanted)  # type: ignore[arg-type] # a step, from a table of texts
    assert problem is None if says is None else says in (problem or "")


def test_clocks_count_days_from_the_day_it_came_in() -> None:
    due = clocks(date(2026, 2, 27), Policy(3, 10, 28))
    assert [due.of(step) for step in ("acknowledge", "assess", "answer")] == [
        date(2026, 3, 2),
        date(2026, 3, 9),
        date(2026, 3, 27),
    ]


def test_the_nearest_units_policy_holds_from_its_date() -> None:
    strict, mild = Policy(1, 2, 3), Policy(5, 20, 40)
    policies = [UnitPolicy(AUTHORITY, date(2026, 1, 1), mild), UnitPolicy(TEAM, date(2026, 3, 1), strict)]
    path = [AUTHORITY, SERVICE, TEAM]
    assert in_force(path, policies, date(2026, 3, 1)) == strict
    assert in_force(path, policies, date(2026, 2, 28)) == mild
    assert in_force(path, policies, date(2025, 12, 31)) == DEFAULT
    assert order_problem(Policy(5, 3, 9)) is not None


@pytest.mark.parametrize(
    ("level", "contact", "told", "next_minutes"),
    [(0, MANAGER, 1, 10), (1, HEAD, 2, 10), (2, DIRECTOR, 3, None)],
)
def test_each_contact_of_the_chain_is_told_in_turn(
    level: int, contact: UUID, told: int, next_minutes: int | None
) -> None:
    alarm = raise_alarm([MANAGER, HEAD, DIRECTOR], level, NOON, 10)
    assert alarm is not None
    assert (alarm.contact, alarm.level) == (contact, told)
    assert alarm.next_at == (None if next_minutes is None else NOON + timedelta(minutes=next_minutes))


def test_after_the_last_contact_nobody_new_is_told_and_nothing_ends_it() -> None:
    assert raise_alarm([MANAGER], 1, NOON, 10) is None
    assert overdue_at(NOON, 15) == NOON + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("hours", "chain", "fine"),
    [(1, [MANAGER], True), (0, [MANAGER], False), (25, [MANAGER], False), (1, [], False), (1, [WORKER], False)],
)
def test_a_visit_has_an_end_and_a_contact(hours: int, chain: list[UUID], fine: bool) -> None:
    assert (plan_problem(NOON, NOON + timedelta(hours=hours), chain, WORKER) is None) is fine


def test_an_address_is_compared_by_its_letters_and_digits() -> None:
    assert plain("Flat 2, 14 High-Street") == plain("flat 2 14 high street") != plain("14 High Street")


@pytest.mark.parametrize(
    ("words", "fine"),
    [
        ("5 < 6 and 7 > 3", True),
        ("a <b> b", True),
        ("<ScRiPt>", False),
        ("</ script>", False),
        ("\x00", False),
        ("🙂\n", True),
    ],
)
def test_plain_words_are_taken_and_programs_are_not(words: str, fine: bool) -> None:
    assert (words_problem(words) is None) is fine


def test_gaps_are_what_is_missing_or_there_in_part() -> None:
    assert gaps({"quiet_room": "met", "transport": "partly", "interpreters": "missing"}) == [
        "transport",
        "interpreters",
    ]
    assert set(CLAUSE_OF.values()) == {"4.1", "4.6", "4.7", "4.8", "4.9"}


@pytest.mark.parametrize(
    ("valid_to", "fine"),
    [(date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2027, 3, 2), True), (date(2027, 3, 3), False)],
)
def test_a_statement_holds_for_at_most_a_year(valid_to: date, fine: bool) -> None:
    assert (validity_problem(date(2026, 3, 2), valid_to) is None) is fine
