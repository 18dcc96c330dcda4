"""The professional stream, what may change it, and supervisors' training: a table of cases for each sentence."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.supervision.rules.professional import Facts, needs_professional_supervision
from services.supervision.rules.timeline import ALWAYS, Timeline
from services.supervision.rules.training import Currency, currency, current_until
from services.supervision.tests.builders import MANAGER, OTHER_MANAGER, always, day, facts, worker

REGISTERED = facts(manager=None)
UNREGISTERED = facts(manager=None, social_worker=False, registered=False)
NUMBER_NOT_ENTERED = facts(manager=None, registered=False)
NO_SOCIAL_WORKER = facts(manager=None, social_worker=False)


@pytest.mark.parametrize(
    ("about", "manager", "needed"),
    [
        pytest.param(facts(), REGISTERED, False, id="manager is a registered social worker"),
        pytest.param(facts(), UNREGISTERED, True, id="not a registered social worker"),
        pytest.param(facts(), NUMBER_NOT_ENTERED, False, id="a social worker whose number is not entered yet"),
        pytest.param(facts(), NO_SOCIAL_WORKER, True, id="no social worker"),
        pytest.param(facts(manager=None), None, False, id="no line manager at all"),
        pytest.param(facts(), None, False, id="nothing known of the manager yet"),
        pytest.param(facts(social_worker=False), NO_SOCIAL_WORKER, False, id="the worker is no social worker"),
    ],
)
def test_professional_stream_exists_only_while_the_line_manager_is_not_registered(
    about: Facts, manager: Facts | None, needed: bool
) -> None:
    assert needs_professional_supervision(about, manager) is needed


def spans(
    known: list[tuple[str, Facts]],
    managers: dict[UUID, list[tuple[str, Facts]]],
    ended_on: str | None = None,
) -> list[tuple[str, str | None]]:
    about = worker(
        "2026-01-15",
        ended_on=ended_on,
        known=timeline(known),
        managers={manager: timeline(entries) for manager, entries in managers.items()},
    )
    return [(s.start.isoformat(), s.end.isoformat() if s.end else None) for s in about.spans("professional")]


def timeline(entries: list[tuple[str, Facts]]) -> Timeline[Facts]:
    return Timeline.of((ALWAYS if when == "always" else day(when), value) for when, value in entries)


@pytest.mark.parametrize(
    ("known", "managers", "expected"),
    [
        pytest.param([("always", facts())], {MANAGER: [("always", REGISTERED)]}, [], id="never needed"),
        pytest.param(
            [("always", facts())], {MANAGER: [("always", UNREGISTERED)]}, [("2026-01-15", None)], id="needed throughout"
        ),
        pytest.param(
            [("always", facts())],
            {MANAGER: [("always", REGISTERED), ("2026-03-10", UNREGISTERED)]},
            [("2026-03-10", None)],
            id="manager's registration lapses",
        ),
        pytest.param(
            [("always", facts())],
            {MANAGER: [("always", UNREGISTERED), ("2026-03-10", REGISTERED)]},
            [("2026-01-15", "2026-03-10")],
            id="manager registers",
        ),
        pytest.param(
            [("always", facts()), ("2026-03-10", facts(OTHER_MANAGER))],
            {MANAGER: [("always", REGISTERED)], OTHER_MANAGER: [("always", NO_SOCIAL_WORKER)]},
            [("2026-03-10", None)],
            id="a manager who is no social worker takes over",
        ),
        pytest.param(
            [("always", facts()), ("2026-03-10", facts(OTHER_MANAGER))],
            {MANAGER: [("always", UNREGISTERED)], OTHER_MANAGER: [("always", NO_SOCIAL_WORKER)]},
            [("2026-01-15", None)],
            id="from one unregistered manager to another leaves the stream unbroken",
        ),
        pytest.param(
            [("always", facts()), ("2026-03-10", facts(None))],
            {MANAGER: [("always", UNREGISTERED)]},
            [("2026-01-15", "2026-03-10")],
            id="the manager goes and nobody follows",
        ),
        pytest.param(
            [("always", facts()), ("2026-03-10", facts(OTHER_MANAGER)), ("2026-04-20", facts())],
            {MANAGER: [("always", UNREGISTERED)], OTHER_MANAGER: [("always", REGISTERED)]},
            [("2026-01-15", "2026-03-10"), ("2026-04-20", None)],
            id="an acting manager between",
        ),
        pytest.param(
            [("always", facts())],
            {MANAGER: [("always", REGISTERED), ("2025-06-01", UNREGISTERED)]},
            [("2026-01-15", None)],
            id="lapsed before employment began",
        ),
    ],
)
def test_the_streams_periods_tile_each_span_during_which_it_was_needed(
    known: list[tuple[str, Facts]],
    managers: dict[UUID, list[tuple[str, Facts]]],
    expected: list[tuple[str, str | None]],
) -> None:
    assert spans(known, managers) == expected


def test_change_of_manager_mid_period_cuts_the_professional_period_short() -> None:
    about = worker(
        "2026-01-15",
        known=timeline([("always", facts()), ("2026-03-10", facts(OTHER_MANAGER)), ("2026-04-20", facts())]),
        managers={MANAGER: always(UNREGISTERED), OTHER_MANAGER: always(REGISTERED)},
    )
    periods = [p for p, _ in zip(about.periods("professional"), range(4), strict=False)]
    assert [(p.start.isoformat(), p.end.isoformat(), p.cut_short) for p in periods] == [
        ("2026-01-15", "2026-02-15", False),
        ("2026-02-15", "2026-03-10", True),
        ("2026-04-20", "2026-05-20", False),
        ("2026-05-20", "2026-06-20", False),
    ]
    assert {p.cadence for p in periods} == {"monthly"}


def test_professional_stream_is_monthly_for_a_newly_qualified_worker_too() -> None:
    about = worker("2026-01-15", newly_qualified=True, managers={MANAGER: always(UNREGISTERED)})
    assert next(about.periods("professional")).cadence == "monthly"
    assert next(about.periods("line")).cadence == "weekly"


def test_leaving_closes_both_streams() -> None:
    known = [("always", facts())]
    assert spans(known, {MANAGER: [("always", UNREGISTERED)]}, ended_on="2026-02-20") == [("2026-01-15", "2026-02-21")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param("2026-01-01", "2026-01-15", id="before employment: its first day"),
        pytest.param("2026-01-15", "2026-01-22", id="first week: its end"),
        pytest.param("2026-02-12", "2026-02-15", id="the professional month ends before the line week"),
        pytest.param("2026-02-15", "2026-02-19", id="then the line week"),
    ],
)
def test_the_next_look_is_when_a_period_of_either_stream_ends(today: str, expected: str) -> None:
    about = worker("2026-01-15", newly_qualified=True, managers={MANAGER: always(UNREGISTERED)})
    assert about.next_look_on(day(today)) == day(expected)


def test_nobody_looks_again_at_a_worker_who_left() -> None:
    assert worker("2026-01-15", ended_on="2026-02-01").next_look_on(day("2026-02-02")) is None


def test_worker_whose_employment_ended_before_it_began_has_no_periods() -> None:
    assert list(worker("2026-01-15", ended_on="2025-12-31").periods("line")) == []


@pytest.mark.parametrize(
    ("completed_on", "valid_months", "today", "expected"),
    [
        pytest.param(None, 24, "2026-03-01", "none", id="never trained"),
        pytest.param("2024-02-29", 24, "2026-02-28", "current", id="last day, clamped from 29 February"),
        pytest.param("2024-02-29", 24, "2026-03-01", "expired", id="the day after"),
        pytest.param("2025-06-01", 24, "2026-03-01", "current", id="well within"),
        pytest.param("2001-01-01", None, "2026-03-01", "no_validity_set", id="the authority has set no validity"),
    ],
)
def test_training_is_current_for_as_long_as_policy_says(
    completed_on: str | None, valid_months: int | None, today: str, expected: Currency
) -> None:
    assert currency(day(completed_on) if completed_on else None, valid_months, day(today)) == expected


def test_no_validity_is_invented() -> None:
    assert current_until(day("2026-01-01"), None) is None


def test_manager_unknown_at_first_counts_from_the_beginning_once_known() -> None:
    unknown = worker("2026-01-15", known=always(facts(uuid4())))
    assert unknown.spans("professional") == []
