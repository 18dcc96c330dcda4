"""Met, missed, excused, restated; and the figures of a reading: a table of cases for each sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.supervision.rules.judgement import (
    Absence,
    Judgement,
    Outcome,
    due_for_judgement,
    is_excused,
    judge,
    rulings,
    working_days,
)
from services.supervision.rules.periods import Period
from services.supervision.rules.reading import on_time_pct, read_periods
from services.supervision.rules.sessions import Session
from services.supervision.tests.builders import absent, day, evidence, session, tiles, worker

EASTER = ("2026-04-03", "2026-04-06")
CHRISTMAS = ("2025-12-25", "2025-12-26", "2026-01-01")


def week(start: str) -> Period:
    return tiles(start, start)[0]


@pytest.mark.parametrize(
    ("start", "bank_holidays", "absences", "excused"),
    [
        pytest.param("2026-03-02", (), (absent("2026-03-02", "2026-03-08"),), True, id="absent all week"),
        pytest.param("2026-03-02", (), (absent("2026-03-02", "2026-03-06"),), True, id="weekend is not working time"),
        pytest.param("2026-03-02", (), (absent("2026-03-02", "2026-03-05"),), False, id="back on Friday"),
        pytest.param("2026-03-02", (), (absent("2026-03-03", "2026-03-08"),), False, id="at work on Monday"),
        pytest.param(
            "2026-03-30", EASTER, (absent("2026-03-30", "2026-04-02"),), True, id="Good Friday excuses Friday"
        ),
        pytest.param("2026-03-30", (), (absent("2026-03-30", "2026-04-02"),), False, id="an ordinary Friday does not"),
        pytest.param(
            "2025-12-22",
            CHRISTMAS,
            (absent("2025-12-22", "2025-12-24"),),
            True,
            id="Christmas week, away until the Eve",
        ),
        pytest.param(
            "2026-03-02",
            (),
            (absent("2026-03-02", "2026-03-04"), absent("2026-03-05", "2026-03-20")),
            True,
            id="two absences that meet",
        ),
        pytest.param(
            "2026-03-02",
            (),
            (absent("2026-03-02", "2026-03-03"), absent("2026-03-05", "2026-03-06")),
            False,
            id="one day at work between two absences",
        ),
        pytest.param("2026-03-02", (), (), False, id="no absence"),
        pytest.param(
            "2026-03-02", (), (absent("2026-02-01", "2026-06-30"),), True, id="absence far wider than the week"
        ),
    ],
)
def test_period_is_excused_when_absent_on_every_working_day(
    start: str, bank_holidays: tuple[str, ...], absences: tuple[Absence, ...], excused: bool
) -> None:
    assert is_excused(week(start), absences, {day(d) for d in bank_holidays}) is excused


def test_bank_holidays_and_weekends_are_not_working_days() -> None:
    assert [d.isoformat() for d in working_days(week("2026-03-30"), {day(d) for d in EASTER})] == [
        "2026-03-30",
        "2026-03-31",
        "2026-04-01",
        "2026-04-02",
    ]


@pytest.mark.parametrize(
    ("sessions", "absences", "outcome"),
    [
        pytest.param((session("2026-03-04T10:00"),), (), "met", id="one qualifying session"),
        pytest.param((), (), "missed", id="none"),
        pytest.param((session("2026-03-04T10:00", 89),), (), "missed", id="one of 89 minutes"),
        pytest.param(
            (session("2026-03-04T10:00", 45), session("2026-03-05T10:00", 45)),
            (),
            "missed",
            id="two halves are no whole",
        ),
        pytest.param((session("2026-03-01T23:59"),), (), "missed", id="held the minute before it began"),
        pytest.param((session("2026-03-08T23:59"),), (), "met", id="held in its last minute"),
        pytest.param((session("2026-03-09T00:00"),), (), "missed", id="held in the first minute of the next"),
        pytest.param((session("2026-03-04T10:00", stream="professional"),), (), "missed", id="of the other stream"),
        pytest.param((), (absent("2026-03-02", "2026-03-06"),), "excused", id="absent throughout"),
        pytest.param(
            (session("2026-03-07T10:00"),),
            (absent("2026-03-02", "2026-03-06"),),
            "met",
            id="absent, yet met on Saturday",
        ),
    ],
)
def test_an_ended_period_is_met_missed_or_excused(
    sessions: tuple[Session, ...], absences: tuple[Absence, ...], outcome: Outcome
) -> None:
    assert judge("line", week("2026-03-02"), evidence(*sessions, absences=absences)).outcome == outcome


def test_the_first_qualifying_session_meets_the_period() -> None:
    short, second, first = session("2026-03-02T10:00", 30), session("2026-03-05T10:00"), session("2026-03-04T10:00")
    assert judge("line", week("2026-03-02"), evidence(short, second, first)).session_id == first.session_id


@pytest.mark.parametrize(
    ("today", "monitored_from", "judged"),
    [
        pytest.param("2026-03-08", "2026-03-02", [], id="not on its last day"),
        pytest.param("2026-03-09", "2026-03-02", ["2026-03-02"], id="on the day it ends"),
        pytest.param("2026-03-16", "2026-03-02", ["2026-03-02", "2026-03-09"], id="every period that has ended"),
        pytest.param("2026-03-16", "2026-03-03", ["2026-03-09"], id="not when it started before monitoring"),
        pytest.param("2026-03-16", "2026-03-09", ["2026-03-09"], id="when it started on the day monitoring began"),
        pytest.param("2026-03-16", "2027-01-01", [], id="never a future"),
    ],
)
def test_periods_are_due_for_judgement_on_the_day_they_end(today: str, monitored_from: str, judged: list[str]) -> None:
    due = due_for_judgement(tiles("2026-03-02", "2026-12-31"), day(monitored_from), day(today))
    assert [period.start.isoformat() for period in due] == judged


def test_period_cut_short_by_leaving_is_not_judged() -> None:
    periods = tiles("2026-03-02", "2026-12-31", end="2026-03-20")
    due = due_for_judgement(periods, day("2026-03-02"), day("2026-12-31"))
    assert [period.start.isoformat() for period in due] == ["2026-03-02", "2026-03-09"]


# Restatement

FIRST, SECOND = UUID(int=11), UUID(int=12)


def judged(outcome: Outcome, session_id: UUID | None = None, start: str = "2026-03-02") -> Judgement:
    return Judgement("line", week(start), outcome, session_id)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param([], [judged("missed")], [("missed", False)], id="judged for the first time"),
        pytest.param([judged("missed")], [judged("missed")], [], id="judged again, nothing to tell"),
        pytest.param([judged("met", FIRST)], [judged("met", FIRST)], [], id="met stays met"),
        pytest.param([judged("missed")], [judged("met", FIRST)], [("met", True)], id="session recorded late"),
        pytest.param([judged("met", FIRST)], [judged("missed")], [("missed", True)], id="its only session cancelled"),
        pytest.param([judged("met", FIRST)], [judged("met", SECOND)], [("met", True)], id="another session stands in"),
        pytest.param([judged("missed")], [judged("excused")], [("excused", True)], id="absence reported late"),
        pytest.param(
            [judged("excused")], [judged("met", FIRST)], [("met", True)], id="excused, then a session after all"
        ),
        pytest.param([judged("missed")], [], [("withdrawn", True)], id="no longer required"),
        pytest.param([judged("withdrawn")], [], [], id="withdrawn once only"),
        pytest.param([judged("withdrawn")], [judged("missed")], [("missed", True)], id="required again"),
    ],
)
def test_what_differs_from_the_judgement_that_stands_is_restated(
    before: list[Judgement], after: list[Judgement], told: list[tuple[str, bool]]
) -> None:
    stands = {(j.stream, j.period.start): j for j in before}
    assert [(r.judgement.outcome, r.restates) for r in rulings(stands, after)] == told


def test_rulings_come_oldest_period_first() -> None:
    after = [judged("missed", start="2026-03-09"), judged("missed", start="2026-03-02")]
    assert [r.judgement.period.start for r in rulings({}, after)] == [date(2026, 3, 2), date(2026, 3, 9)]


# The reading

NEW = worker("2026-01-05", newly_qualified=True)


@pytest.mark.parametrize(
    ("as_of", "statuses", "next_due_by"),
    [
        pytest.param("2026-01-04", [], "2026-01-11", id="before the first day"),
        pytest.param("2026-01-05", ["open"], "2026-01-11", id="on the first day"),
        pytest.param("2026-01-08", ["met"], "2026-01-18", id="the open one is met: the next one counts"),
        pytest.param("2026-01-12", ["met", "open"], "2026-01-18", id="the day after the first week"),
        pytest.param("2026-01-19", ["met", "missed", "open"], "2026-01-25", id="the second week was missed"),
        pytest.param("2026-01-26", ["met", "missed", "excused", "open"], "2026-02-01", id="absent in the third"),
    ],
)
def test_reading_shows_what_was_so_on_the_day(as_of: str, statuses: list[str], next_due_by: str) -> None:
    held = evidence(
        session("2026-01-08T10:00"), session("2026-01-15T10:00", 60), absences=(absent("2026-01-19", "2026-01-25"),)
    )
    reading = read_periods(NEW, "line", held, day(as_of))
    assert [p.status for p in reading.periods] == statuses
    assert reading.next_due_by == day(next_due_by)


def test_reading_counts_ended_periods_only_and_names_their_sessions() -> None:
    first, short, now = session("2026-01-08T10:00"), session("2026-01-15T10:00", 60), session("2026-01-20T10:00")
    reading = read_periods(NEW, "line", evidence(first, short, now), day("2026-01-21"))
    assert (reading.met, reading.missed, reading.excused, reading.on_time_pct) == (1, 1, 0, Decimal("50.0"))
    assert [(p.session_ids, p.other_session_ids) for p in reading.periods] == [
        ((first.session_id,), ()),
        ((), (short.session_id,)),
        ((now.session_id,), ()),
    ]
    assert reading.longest_gap_days == 12


def test_reading_starts_with_the_first_period_that_began_while_monitored() -> None:
    monitored = worker("2024-01-31", monitored_from="2026-02-15")
    reading = read_periods(monitored, "line", evidence(), day("2026-04-10"))
    assert [p.period.start.isoformat() for p in reading.periods] == ["2026-02-28", "2026-03-31"]


def test_reading_after_leaving_leaves_out_the_period_cut_short() -> None:
    left = worker("2026-01-05", newly_qualified=True, ended_on="2026-01-20")
    on_last_day = read_periods(left, "line", evidence(), day("2026-01-20"))
    assert [p.status for p in on_last_day.periods] == ["missed", "missed", "open"]
    assert on_last_day.next_due_by == day("2026-01-20")
    after = read_periods(left, "line", evidence(), day("2026-03-01"))
    assert [p.status for p in after.periods] == ["missed", "missed"]
    assert after.next_due_by is None


@pytest.mark.parametrize(
    ("met", "missed", "expected"),
    [
        pytest.param(5, 2, "71.4", id="5 of 7"),
        pytest.param(2, 1, "66.7", id="2 of 3 rounds up"),
        pytest.param(1, 15, "6.3", id="6.25 rounds half up"),
        pytest.param(0, 7, "0.0", id="none of 7 is zero, not nothing"),
        pytest.param(0, 0, None, id="nothing ended, no rate"),
    ],
)
def test_on_time_rate_is_met_of_met_and_missed(met: int, missed: int, expected: str | None) -> None:
    assert on_time_pct(met, missed) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("days", "gap"),
    [
        pytest.param([], None, id="no session"),
        pytest.param(["2026-01-06"], None, id="one session has no gap"),
        pytest.param(["2026-01-06", "2026-01-27", "2026-02-03"], 21, id="the longest of two gaps"),
        pytest.param(["2026-01-06", "2026-01-06"], 0, id="twice on one day"),
    ],
)
def test_longest_gap_lies_between_qualifying_sessions(days: list[str], gap: int | None) -> None:
    held = evidence(*(session(f"{d}T10:00") for d in days), session("2026-01-15T10:00", 10))
    assert read_periods(NEW, "line", held, day("2026-03-01")).longest_gap_days == gap
