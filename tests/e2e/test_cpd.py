"""An assessed year from agreement to panel with one pause, and learning that makes a registration year ready.

The deployment is stopped and started again with a later business clock, as if months had passed; its state stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.e2e.deployment import eventually
from tests.e2e.place import Place
from tests.e2e.test_passing_time import FRIDAY, Calendar

PAUSED_DAYS = 60


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendar]:
    """A deployment that begins on Friday 6 March 2026."""
    calendar = Calendar(tmp_path_factory.mktemp("assessed") / "home")
    yield calendar
    calendar.stop()


@pytest.fixture(scope="module")
def newcomer(calendar: Calendar) -> str:
    """Someone who starts today in the assessed and supported year."""
    worker = calendar.place.newly_qualified("newcomer", started_days_ago=0)
    known_to_cpd(calendar.place, worker)
    return worker


def known_to_cpd(place: Place, worker: str) -> None:
    path = f"/v1/cpd/workers/{worker}/entitlement"
    eventually(lambda: place.overseer.status_of(path), lambda status: status == 200, "cpd knows the worker")


@pytest.fixture(scope="module")
def path(calendar: Calendar, newcomer: str) -> str:
    """The assessed year that was agreed today, with the manager as assessor."""
    place, today = calendar.place, FRIDAY.date().isoformat()
    made = place.boss.post(
        "/v1/cpd/assessed-years",
        worker_id=newcomer,
        programme="asye-child-and-family",
        assessor_id=place.manager,
        started_on=today,
        agreed_on=today,
    )
    assert [review["month"] for review in made["reviews"]] == [3, 6, 9, 12]
    return f"/v1/cpd/assessed-years/{made['assessed_year_id']}"


def review(place: Place, path: str, month: int) -> Any:
    """The manager holds a review today."""
    today = place.today.isoformat()
    return place.boss.post(f"{path}/reviews", 201, month=month, held_on=today, progress="on_track")


def due(year: Any, month: int) -> date:
    return date.fromisoformat(next(one["due_on"] for one in year["reviews"] if one["month"] == month))


def test_a_review_that_nobody_holds_reaches_the_manager_and_holding_it_ends_the_alert(
    calendar: Calendar, newcomer: str, path: str
) -> None:
    calendar.travel(days=95)
    place = calendar.place
    alert = place.one_alert("cpd.review_overdue", newcomer)
    assert alert["standard"] == 6
    assert alert["accountable"]["worker_id"] == place.manager
    review(place, path, 3)
    eventually(lambda: place.alerts("cpd.review_overdue", newcomer), lambda found: not found, "the alert ends")


def test_a_pause_moves_what_is_to_come_by_its_days(calendar: Calendar, newcomer: str, path: str) -> None:
    place = calendar.place
    before = place.boss.get(path)
    body = {"from_on": place.today.isoformat(), "cause": "parental_leave", "reason": "Leave until August."}
    assert place.boss.post(f"{path}/pause", 200, **body)["status"] == "paused"
    calendar.travel(days=PAUSED_DAYS)
    after = place.boss.post(f"{path}/resume", 200, resumed_on=place.today.isoformat())
    moved = timedelta(days=PAUSED_DAYS)
    assert [due(after, month) - due(before, month) for month in (3, 6, 12)] == [timedelta(0), moved, moved]
    assert after["limit_on"] == before["limit_on"]
    assert place.alerts("cpd.review_overdue", newcomer) == []


def test_the_panel_lets_pass_once_every_review_was_held_and_the_evidence_is_there(
    calendar: Calendar, newcomer: str, path: str
) -> None:
    place = calendar.place
    for month in (6, 12):
        calendar.travel(days=(due(place.boss.get(path), month) - place.today).days)
        review(place, path, month)
    today = place.today.isoformat()
    panel = {"decided_on": today, "recommended": "pass", "outcome": "passed"}
    assert place.boss.post(f"{path}/panel", 409, **panel)["missing"][0] == "direct_observation"
    for item in place.boss.get(path)["evidence"]:
        for _ in range(item["needed"]):
            place.boss.post(f"{path}/evidence", 201, item=item["item"], done_on=today)
    done = place.boss.post(f"{path}/panel", 200, **panel)
    assert (done["status"], done["outcome"], done["beyond_limit"]) == ("ended", "passed", False)
    span = {"from": FRIDAY.date().isoformat(), "to": today, "grain": "month", "org_unit_id": place.team}

    def on_time() -> tuple[float, float]:
        rows = place.reporting.get("/v1/accountability/measures", measure="cpd.reviews_on_time", **span)["items"]
        return sum(row["numerator"] for row in rows), sum(row["denominator"] for row in rows)

    eventually(on_time, lambda found: found == (2, 3), "two of three reviews were in time")


def test_two_pieces_of_learning_with_a_peer_make_the_cpd_part_of_the_renewal_complete(calendar: Calendar) -> None:
    place = calendar.place
    worker = place.worker("learner")
    known_to_cpd(place, worker)
    me = place.practitioner(worker)
    words = {"kind": "formal", "learned": "Much.", "impact": "I do it now."}
    me.post("/v1/cpd/learning", worker_id=worker, description="A course", **words)
    peer = {"peer_role": "peer", "peer_added": "A second view."}
    year = me.post("/v1/cpd/learning", worker_id=worker, description="A book", **words, **peer)["year"]
    assert year["ready"] is True
    listed = me.get("/v1/cpd/learning", worker_id=worker)["items"]
    certificate = f"/v1/cpd/attachments?learning_id={listed[0]['learning_id']}&file_name=certificate.pdf"
    me.send_file(certificate, "application/pdf", "%PDF-1.7 a certificate", 201)
    assert len(list((place.deployment.home / "attachments").iterdir())) >= 1
    renewal = f"/v1/registration/workers/{worker}/renewal"
    eventually(lambda: me.get(renewal)["cpd_complete"], lambda complete: complete is True, "registration knows")
