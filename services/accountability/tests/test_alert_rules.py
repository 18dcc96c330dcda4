"""Who answers, what begins and ends an alert, and how it lives, as tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accountability.rules import alerts, chain
from services.accountability.rules.conditions import Condition, conditions_of, supervision_condition
from services.accountability.rules.line import Answerable, Candidate, line_of, next_after, replacement
from services.accountability.tests.builders import UNIT, WORKER, fact

MARCH_2 = date(2026, 3, 2)
TODAY = date(2026, 3, 30)

LINE_MANAGER = Candidate("line_manager", 0, "lm")
TEAM = Candidate("team", 0, "team lead")
SERVICE = Candidate("service", 1, "head")
PSW = Candidate("principal_social_worker", 0, "psw")
AUTHORITY = Candidate("authority", 3, "director")
GONE = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("candidates", "about", "expected"),
    [
        pytest.param(
            [AUTHORITY, PSW, SERVICE, TEAM, LINE_MANAGER],
            WORKER,
            ["line_manager:lm", "head_of_service:head", "principal_social_worker:psw", "director:director"],
            id="the whole line, nearest first",
        ),
        pytest.param(
            [TEAM, SERVICE], WORKER, ["line_manager:team lead", "head_of_service:head"], id="the unit stands in"
        ),
        pytest.param(
            [Candidate("line_manager", 0, "lm", GONE), TEAM],
            WORKER,
            ["line_manager:team lead"],
            id="never a former manager",
        ),
        pytest.param(
            [Candidate("line_manager", 0, "lm", TODAY), TEAM],
            WORKER,
            ["line_manager:lm"],
            id="still here on the last day",
        ),
        pytest.param([LINE_MANAGER, SERVICE], "lm", ["head_of_service:head"], id="nobody answers for themselves"),
        pytest.param(
            [Candidate("team", 0, "x"), Candidate("service", 1, "x"), AUTHORITY],
            WORKER,
            ["line_manager:x", "director:director"],
            id="nobody twice",
        ),
        pytest.param(
            [Candidate("service", 0, "head"), AUTHORITY],
            WORKER,
            ["line_manager:head", "director:director"],
            id="in the service itself its head comes first",
        ),
        pytest.param(
            [Candidate("directorate", 2, "dir"), SERVICE],
            WORKER,
            ["head_of_service:head"],
            id="service before directorate",
        ),
        pytest.param([Candidate("team", 0, "a", GONE)], WORKER, [], id="nobody at all"),
    ],
)
def test_the_line_of_accountability(candidates: list[Candidate], about: str, expected: list[str]) -> None:
    assert [f"{one.role}:{one.worker_id}" for one in line_of(candidates, about, TODAY)] == expected


_WHOLE = line_of([LINE_MANAGER, SERVICE, PSW, AUTHORITY], WORKER, TODAY)


def test_a_matter_moves_up_one_step_at_a_time_and_ends_with_the_director() -> None:
    assert next_after(_WHOLE, "line_manager", "lm") == Answerable("head_of_service", "head")
    assert next_after(_WHOLE, "head_of_service", "head") == Answerable("principal_social_worker", "psw")
    assert next_after(_WHOLE, "director", "director") is None
    assert next_after([Answerable("director", "director")], "line_manager", None) == Answerable("director", "director")


def test_someone_who_is_no_longer_on_the_line_is_replaced() -> None:
    assert replacement(_WHOLE, "line_manager", "lm") == Answerable("line_manager", "lm")
    assert replacement(_WHOLE, "line_manager", "gone") == Answerable("line_manager", "lm")
    assert replacement(_WHOLE[1:], "line_manager", "lm") == Answerable("head_of_service", "head")
    assert replacement(_WHOLE[:1], "director", "gone") == Answerable("line_manager", "lm")
    assert replacement((), "line_manager", "lm") is None


@pytest.mark.parametrize(
    ("outcomes", "holds"),
    [
        pytest.param({}, False, id="nothing judged"),
        pytest.param({"2026-01-01": "met", "2026-02-01": "missed"}, True, id="the latest is missed"),
        pytest.param({"2026-01-01": "missed", "2026-02-01": "met"}, False, id="back on track"),
        pytest.param(
            {"2026-02-01": "missed", "2026-01-01": "met"}, True, id="an older period restated changes nothing"
        ),
        pytest.param({"2026-01-01": "missed", "2026-02-01": "excused"}, True, id="an excused period resolves nothing"),
        pytest.param({"2026-01-01": "met", "2026-02-01": "excused"}, False, id="an excused period opens nothing"),
    ],
)
def test_supervision_is_missed_while_the_latest_judged_period_is(outcomes: dict[str, Any], holds: bool) -> None:
    assert supervision_condition(WORKER, "line", outcomes).holds is holds


def test_relief_ends_both_conditions_of_workload() -> None:
    relieved = conditions_of(fact("allocation.workload.relieved.v1", MARCH_2, worker_id=WORKER))
    assert relieved == (
        Condition("workload.overloaded", WORKER, "", holds=False),
        Condition("workload.sustained", WORKER, "", holds=False),
    )


@pytest.mark.parametrize(
    ("event_type", "data", "kind", "holds"),
    [
        pytest.param("allocation.workload.overloaded.v1", {}, "workload.overloaded", True, id="above the limit"),
        pytest.param("allocation.workload.sustained.v1", {}, "workload.sustained", True, id="week after week"),
        pytest.param(
            "registration.post.judged.v1",
            {"breach": True},
            "registration.unregistered_in_post",
            True,
            id="not on the register and in a designated post",
        ),
        pytest.param(
            "registration.post.judged.v1",
            {"breach": False},
            "registration.unregistered_in_post",
            False,
            id="on the register",
        ),
        pytest.param(
            "registration.renewal.changed.v1",
            {"at_risk": True},
            "registration.renewal_at_risk",
            True,
            id="renewal at risk",
        ),
        pytest.param(
            "cpd.balance.changed.v1", {"repeatedly_refused": True}, "cpd.time_refused", True, id="time refused"
        ),
        pytest.param("cpd.review.judged.v1", {"overdue_reviews": 1}, "cpd.review_overdue", True, id="a review overdue"),
        pytest.param(
            "cpd.review.judged.v1", {"overdue_reviews": 0}, "cpd.review_overdue", False, id="no review overdue"
        ),
    ],
)
def test_a_fact_begins_or_ends_a_condition(event_type: str, data: dict[str, Any], kind: str, holds: bool) -> None:
    said = conditions_of(fact(event_type, MARCH_2, worker_id=WORKER, **data))
    assert said == (Condition(kind, WORKER, "", holds),)
    assert kind in alerts.KINDS


def test_a_missed_check_in_is_answered_for_until_a_person_closes_it() -> None:
    about = {"worker_id": WORKER, "visit_id": "v"}
    for ending, holds in (("missed", True), ("closed", False)):
        said = conditions_of(fact(f"safety.checkin.{ending}.v1", MARCH_2, **about))
        assert said == (Condition("safety.checkin_missed", "v", "", holds, WORKER),)
    assert alerts.KINDS["safety.checkin_missed"].subject_type == "visit"


def test_an_overdue_action_is_answered_for_until_it_is_done_or_moved() -> None:
    for ending, holds in (("overdue", True), ("moved", False), ("done", False)):
        said = conditions_of(fact(f"feedback.action.{ending}.v1", MARCH_2, action_id="a", owner_id=WORKER))
        assert said == (Condition("feedback.action_overdue", "a", "", holds),)
    assert alerts.KINDS["feedback.action_overdue"].subject_type == "action"


def test_nothing_is_asked_any_more_of_someone_who_left() -> None:
    said = conditions_of(fact("workforce.worker.left.v1", MARCH_2, worker_id=WORKER))
    assert not any(condition.holds for condition in said)
    of_workers = {kind.id for kind in alerts.KINDS.values() if kind.subject_type == "worker"}
    assert {condition.kind for condition in said} == of_workers


def _raised(**changes: Any) -> alerts.Alert:
    data = {
        "alert_id": "a",
        "kind": "workload.overloaded",
        "standard": 3,
        "clause": "3.2",
        "severity": "warning",
        "subject_type": "worker",
        "subject_id": WORKER,
        "org_unit_id": UNIT,
        "accountable_role": "line_manager",
        "accountable_worker_id": "lm",
        "due_at": "2026-03-07T12:00:00+00:00",
        "caused_by": ["e1"],
    }
    return alerts.raised({**data, **changes}, datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_an_alert_lives_from_raised_to_resolved() -> None:
    alert = _raised()
    due = datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert (alert.status, alert.level, alert.due_at) == ("open", "line_manager", due)
    moved = alerts.after(
        alert,
        "accountability.alert.escalated.v1",
        {"level": "head_of_service", "accountable_worker_id": "head", "due_at": "2026-03-12T12:00:00+00:00"},
        due,
    )
    assert (moved.level, moved.accountable_worker_id) == ("head_of_service", "head")
    taken = alerts.after(moved, "accountability.alert.acknowledged.v1", {"acknowledged_by": "sub"}, due)
    assert (taken.status, taken.acknowledged_by, taken.due_at) == ("acknowledged", "sub", None)
    done = alerts.after(taken, "accountability.alert.resolved.v1", {"caused_by": ["e2"]}, due)
    assert (done.status, done.event_ids) == ("resolved", ("e1", "e2"))
    assert alerts.after(done, "accountability.alert.acknowledged.v1", {"acknowledged_by": "late"}, due) == done


def test_an_answer_is_in_time_before_the_alert_moves_on() -> None:
    alert = _raised()
    assert alert.due_at is not None
    assert alerts.answered_in_time(alert, alert.due_at)
    assert not alerts.answered_in_time(alert, alert.due_at + timedelta(seconds=1))
    assert not alerts.answered_in_time(
        alerts.after(alert, "accountability.alert.expired.v1", {}, alert.due_at), alert.due_at
    )


def _chain(contents: list[str]) -> list[chain.Link]:
    links, before = [], chain.GENESIS
    for position, content in enumerate(contents, start=1):
        before = chain.next_hash(before, position, content)
        links.append(chain.Link(position, content, before))
    return links


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        pytest.param(lambda links: links, None, id="untouched"),
        pytest.param(lambda links: [*links[:2], chain.Link(3, "x", links[2].hash), *links[3:]], 3, id="edited"),
        pytest.param(lambda links: [*links[:2], *links[3:]], 3, id="deleted"),
        pytest.param(lambda links: [links[1], links[0], *links[2:]], 1, id="reordered"),
    ],
)
def test_the_chain_shows_where_it_was_broken(spoil: Any, found: int | None) -> None:
    assert chain.first_break(spoil(_chain(["a", "b", "c", "d"])), chain.GENESIS, 0) == found


_attributes = st.lists(st.text("ab1:sl\x1f", max_size=3), min_size=1, max_size=4)


@given(_attributes, _attributes)
def test_no_two_rows_share_a_canonical_text(one: list[str], other: list[str]) -> None:
    assert (chain.canonical(*one) == chain.canonical(*other)) == (one == other)
