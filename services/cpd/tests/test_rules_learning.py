"""The learning log, the registration year and mandatory training: tables of cases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import london_date
from services.cpd.rules.export import COLUMNS, csv_of
from services.cpd.rules.learning import Piece, fingerprint, is_year_end, reading, year_end_of, year_start_of
from services.cpd.rules.training import Course, Status, binding, status, valid_until

LONDON = ZoneInfo("Europe/London")
END = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("clock", "year_end"),
    [
        pytest.param("2026-11-30T23:59:00", date(2026, 11, 30), id="a minute before midnight on 30 November is in"),
        pytest.param("2026-11-30T23:59:59.999999", date(2026, 11, 30), id="the last instant is in"),
        pytest.param("2026-12-01T00:00:00", date(2027, 11, 30), id="midnight itself is the next year"),
        pytest.param("2025-12-01T00:00:00", date(2026, 11, 30), id="the first instant is in"),
        pytest.param("2026-07-01T00:30:00", date(2026, 11, 30), id="summer time makes no difference to the year"),
    ],
)
def test_the_london_date_decides_the_registration_year(clock: str, year_end: date) -> None:
    instant = datetime.fromisoformat(clock).replace(tzinfo=LONDON)
    assert year_end_of(london_date(instant)) == year_end


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_day_belongs_to_exactly_the_year_that_contains_it(day: date) -> None:
    end = year_end_of(day)
    assert year_start_of(end) <= day <= end
    assert is_year_end(end)
    assert year_end_of(end + timedelta(days=1)) == date(end.year + 1, 11, 30)


def piece(description: str, peer: bool = False, day: date = date(2026, 3, 2)) -> Piece:
    return Piece(day, fingerprint(description), peer)


@pytest.mark.parametrize(
    ("pieces", "ready", "missing"),
    [
        pytest.param([], False, ("pieces", "peer_reflection"), id="nothing"),
        pytest.param([piece("a")], False, ("pieces", "peer_reflection"), id="one piece"),
        pytest.param([piece("a", peer=True)], False, ("pieces",), id="one piece with a peer"),
        pytest.param([piece("a"), piece("b")], False, ("peer_reflection",), id="two without a peer"),
        pytest.param([piece("a"), piece("b", peer=True)], True, (), id="two, one with a peer"),
        pytest.param([piece("a", peer=True), piece("A!", peer=True)], False, ("pieces",), id="the same twice"),
        pytest.param(
            [piece("a"), piece("b", peer=True, day=date(2026, 12, 1))],
            False,
            ("pieces", "peer_reflection"),
            id="the second a day too late",
        ),
        pytest.param([piece("a", day=date(2025, 12, 1)), piece("b", peer=True, day=END)], True, (), id="both edges"),
    ],
)
def test_a_year_is_ready_with_two_different_pieces_one_of_them_with_a_peer(
    pieces: list[Piece], ready: bool, missing: tuple[str, ...]
) -> None:
    found = reading(pieces, END)
    assert (found.ready, found.missing) == (ready, missing)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=8))
def test_more_learning_never_makes_a_year_less_ready(given_pieces: list[tuple[str, bool]]) -> None:
    pieces = [piece(name, peer) for name, peer in given_pieces]
    ready = [reading(pieces[:n], END).ready for n in range(len(pieces) + 1)]
    assert ready == sorted(ready)


def test_the_export_has_the_fields_of_the_form_and_no_formulas() -> None:
    row = {"kind": "formal", "done_on": END, "peer_role": None, "texts": {"description": "=1+1", "learned": "a,b"}}
    header, line = csv_of([row]).splitlines()
    assert header.split(",")[:3] == list(COLUMNS)[:3]
    assert line.startswith('2026-11-30,formal,\'=1+1,,"a,b"')


@pytest.mark.parametrize(
    ("completed", "months", "expected"),
    [
        pytest.param(None, 12, "missing", id="never completed"),
        pytest.param(date(2020, 1, 1), None, "ok", id="never expires"),
        pytest.param(date(2025, 3, 1), 12, "expired", id="its last day was yesterday"),
        pytest.param(date(2025, 3, 2), 12, "expiring", id="its last day is today"),
        pytest.param(date(2025, 5, 31), 12, "expiring", id="90 days are left"),
        pytest.param(date(2025, 6, 1), 12, "ok", id="91 days are left"),
        pytest.param(date(2024, 2, 29), 24, "expired", id="completed on a leap day"),
    ],
)
def test_training_expires_after_its_last_day(completed: date | None, months: int | None, expected: Status) -> None:
    assert status(completed, months, date(2026, 3, 2)) == expected


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 60))
def test_training_counts_on_its_last_day_and_not_on_the_next(completed: date, months: int) -> None:
    until = valid_until(completed, months)
    assert until is not None
    assert status(completed, months, until) == "expiring"
    assert status(completed, months, until + timedelta(days=1)) == "expired"


ABOVE, OWN, ELSEWHERE = (UUID(int=n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("stages", "roles", "expected"),
    [
        pytest.param([], [], True, id="for everyone"),
        pytest.param(["asye"], [], False, id="for another stage"),
        pytest.param(["practitioner"], ["social worker"], True, id="for this stage and role"),
        pytest.param(["practitioner"], ["driver"], False, id="for another role"),
    ],
)
def test_a_course_is_mandatory_for_the_stages_and_roles_that_it_names(
    stages: list[str], roles: list[str], expected: bool
) -> None:
    course = Course(OWN, "x", "X", None, True, stages, roles)
    assert course.is_for("practitioner", "social worker") is expected
    assert not Course(OWN, "x", "X", None, False).is_for("practitioner", "social worker")


def test_of_two_courses_with_one_code_the_nearer_unit_s_holds() -> None:
    courses = [Course(unit, "x", str(n), n, True) for n, unit in enumerate((OWN, ABOVE, ELSEWHERE), start=1)]
    assert binding(courses, [ABOVE, OWN])["x"].valid_months == 1
    assert binding(courses, [ABOVE])["x"].valid_months == 2
