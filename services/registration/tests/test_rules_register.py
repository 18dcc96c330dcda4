"""The register's file as it may come: read where it can be understood, reported where it cannot."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.rules.checks import compare
from services.registration.rules.registers import REGISTERS
from services.registration.rules.social_work_england import SocialWorkEngland
from services.registration.rules.sources import Answer, Found, UnreadableAnswerError, lists_of

REGISTER = SocialWorkEngland()
HEADER = "Registration number,Name,Status,Registered until,Town of employment"


def read(*lines: str, header: str = HEADER) -> Answer:
    return REGISTER.read("\r\n".join([header, *lines]).encode())


def test_known_columns_are_understood_and_unknown_ones_kept_but_never_the_name_among_them() -> None:
    found = read("sw 12,Ann Lee,Registered,30/11/2026,Leeds").found
    assert found == [Found(2, "SW12", "registered", date(2026, 11, 30), "Ann Lee", (), {"Town of employment": "Leeds"})]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Registered", "registered"),
        ("Registered with conditions", "conditions"),
        ("Interim Conditions of Practice Order", "interim_conditions"),
        ("Suspension order", "suspended"),
        ("Interim suspension", "interim_suspension"),
        ("Removal Order", "removed"),
        ("Removed (non-renewal)", "not_renewed"),
        ("Voluntary removal", "voluntary_removal"),
        ("Not found", "not_found"),
    ],
)
def test_the_words_of_the_register_become_a_status(said: str, status: str) -> None:
    assert [one.status for one in read(f"SW1,Ann Lee,{said},,").found] == [status]


def test_a_date_may_stand_in_the_words() -> None:
    found = read("SW1,Ann Lee,Registered until 30 November 2026,,").found
    assert [(one.status, one.valid_until) for one in found] == [("registered", date(2026, 11, 30))]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param("12,Ann Lee,Registered,,", "number", id="no number"),
        pytest.param("SW1,Ann Lee,Wandering,,", "status", id="a status nobody knows"),
        pytest.param("SW1,Ann Lee,,,", "status", id="no status"),
        pytest.param("SW1,Ann Lee,Registered,soon,", "valid_until", id="no date"),
        pytest.param("SW1,Lee, Ann,Registered,,Leeds,", "", id="more cells than columns"),
    ],
)
def test_a_bad_line_is_reported_and_stops_no_good_one(line: str, field: str) -> None:
    answer = read(line, "SW2,Bo Ek,Registered,2026-11-30,")
    assert [one.number for one in answer.found] == ["SW2"]
    assert [(problem.line, problem.field) for problem in answer.problems] == [(2, field)]


def test_a_number_counts_once() -> None:
    answer = read("SW1,Ann Lee,Registered,,", "SW1,Ann Lee,Removed,,")
    assert [one.status for one in answer.found] == ["registered"]
    assert [problem.line for problem in answer.problems] == [3]


def test_other_separators_first_and_last_names_and_a_byte_order_mark_are_understood() -> None:
    text = "\ufeffReference Number;Forename;Surname;Registration Status;Annotations\nSW7;Zoë;Ek;Registered;AMHP, BIA\n"
    found = REGISTER.read(text.encode()).found
    assert [(one.name, one.annotations) for one in found] == [("Zoë Ek", ("AMHP", "BIA"))]
    assert REGISTER.read(text.removeprefix("\ufeff").encode("cp1252")).found == found


@pytest.mark.parametrize("content", [b"", b"\n\n", b"Name,Town\nAnn,Leeds\n", b"\0\0", b"%PDF-1.7 \xff\xfe"])
def test_a_file_that_is_no_answer_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(UnreadableAnswerError):
        REGISTER.read(content)


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    for file in (content, HEADER.encode() + b"\n" + content):
        try:
            answer = REGISTER.read(file)
        except UnreadableAnswerError:
            continue
        assert len({one.number for one in answer.found}) == len(answer.found)


@given(st.sets(st.integers(1, 10**9), max_size=350))
def test_lists_hold_every_number_once_and_at_most_a_hundred(numbers: set[int]) -> None:
    wanted = [f"SW{number}" for number in numbers]
    lists = lists_of(wanted, REGISTERS["social_work_england"].most_at_once)
    assert sorted(number for one in lists for number in one) == sorted(wanted)
    assert all(0 < len(one) <= 100 for one in lists)


def test_an_answer_is_held_against_its_question() -> None:
    answer = read("SW1,Ann Lee,Registered,30/11/2026,", "SW2,Bo Ek,Registered,30/11/2026,", "SW9,Cy,Registered,,")
    report = compare(["SW1", "SW2", "SW3"], answer, {"SW1": "Ann Lee", "SW2": "Dee Poe"}, date(2026, 12, 20), 14)
    assert [(one.found.number, one.reading.status, one.name_differs) for one in report.compared] == [
        ("SW1", "not_renewed", False),
        ("SW2", "not_renewed", True),
    ]
    assert report.missing == ["SW3"]
    assert [problem.line for problem in report.problems] == [4]


def test_a_name_that_cannot_be_compared_is_not_a_difference() -> None:
    report = compare(["SW1"], read("SW1,Ann Lee,Registered,,"), {}, date(2026, 3, 2), 14)
    assert [(one.name_score, one.name_differs) for one in report.compared] == [(None, False)]
