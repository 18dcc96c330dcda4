"""Registration at work: a lapse found in the register stops new cases, and nobody loses registration for want of a form.

The business clock stands in the autumn, inside the renewal window, and moves on to the days after it has closed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import Deployment, Someone, eventually
from tests.e2e.following import follow
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place

AUTUMN = datetime.fromisoformat("2026-10-12T09:00:00+00:00")
AFTER_THE_LAG = datetime.fromisoformat("2026-12-16T09:00:00+00:00")
HEADER = "Registration number,Name,Status,Registered until,Town of employment"
SECONDS = 10.0


class Autumn:
    """A deployment whose business clock stands in the renewal window, and can be moved past it."""

    def __init__(self, home: Path, mail: dict[str, str]) -> None:
        self._home, self._mail = home, mail
        self.running = self._start(AUTUMN)
        self.place = Place(self.running, AUTUMN.date())
        self.register: dict[str, str] = {}

    def _start(self, now: datetime) -> Deployment:
        return Deployment(self._home, environment={**self._mail, "PLUMBLINE_CLOCK_START": now.isoformat()})

    def travel_to(self, now: datetime) -> None:
        self.stop()
        self.running = self._start(now)
        self.place.moved_to(self.running, now.date())

    def stop(self) -> None:
        assert self.running.stop() == 0, self.running.log()[-3000:]

    def registered(self, ref: str, **facts: Any) -> str:
        """A social worker with a number on file in workforce, in a designated post, whom registration knows."""
        self.register[ref] = f"SW{uuid.uuid4().int % 10**9}"
        worker = self.place.worker(ref, registration_number=self.register[ref], **facts)
        post = {"org_unit_id": self.place.team, "job_role": "social worker", "fte": 1, "opened_on": "2024-01-01"}
        self.place.hr.post("/v1/workforce/posts", **post, holder_id=worker)
        self.place.until_known(worker)
        path = f"/v1/registration/workers/{worker}"
        eventually(lambda: self.place.overseer.status_of(path), lambda status: status == 200, "registration knows")
        return worker

    def ask_the_register(self, *lines: str, who: Someone | None = None) -> dict[str, Any]:
        """Put the team's list to the register, and send what it answers."""
        asking = who or self.place.overseer
        made = asking.post("/v1/registration/check-lists", org_unit_id=self.place.team)["lists"]
        path = f"/v1/registration/check-lists/{made[0]['list_id']}/answers"
        answer: dict[str, Any] = asking.send_file(path, "text/csv", "\r\n".join([HEADER, *lines]))
        return answer


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Autumn]:
    autumn = Autumn(tmp_path_factory.mktemp("autumn") / "home", mailbox.environment)
    yield autumn
    autumn.stop()


@pytest.fixture(scope="module")
def lapsing(autumn: Autumn) -> str:
    """A worker who is on the register in October."""
    worker = autumn.registered("lapsing")
    number = autumn.register["lapsing"]
    answer = autumn.ask_the_register(f"{number},Worker lapsing,Registered,30/11/2026,Leeds", "SW1,broken")
    assert [(line["status"], line["outcome"], line["name_score"]) for line in answer["lines"]] == [
        ("registered", "changed", 100)
    ]
    assert answer["rejected"]
    return worker


def test_paid_and_cpd_filed_without_the_form_is_caught(autumn: Autumn, lapsing: str) -> None:
    place, path = autumn.place, f"/v1/registration/workers/{lapsing}/renewal"
    me = place.practitioner(lapsing)
    done = {"fee_paid_on": place.days_ago(3), "cpd_filed_on": place.days_ago(2)}
    trapped = me.put(path, form_submitted_on=None, **done)
    assert (trapped["ready"], trapped["missing"], trapped["at_risk"]) == (False, ["form"], True)
    alert = place.one_alert("registration.renewal_at_risk", lapsing)
    assert (alert["accountable"]["worker_id"], alert["standard"], alert["clause"]) == (place.manager, 7, "7.2")
    me.put(path, form_submitted_on=place.today.isoformat(), **done)
    gone = lambda: place.alerts("registration.renewal_at_risk", lapsing)  # noqa: E731 # read once more each time
    eventually(gone, lambda found: not found, "with the form the renewal is safe")


def test_whoever_has_not_finished_is_reminded_by_mail(autumn: Autumn, mailbox: Mailbox) -> None:
    address = f"late-{autumn.place.run}@council.example"
    late = autumn.registered("late", email=address)
    autumn.ask_the_register(f"{autumn.register['late']},Worker late,Registered until 30 November 2026,,")
    path = f"/v1/registration/workers/{late}/renewal"
    seen = autumn.place.boss.get(path)
    assert [one["days_before"] for one in seen["reminders"]] == [60]
    assert (seen["due"], seen["missing"]) == (True, ["form", "fee", "cpd"])
    [message] = eventually(lambda: mailbox.to(address), bool, "the reminder arrives")
    assert "60 days" in message["Subject"]
    assert "the application form; the fee; continuing professional development" in message.get_content()


def test_a_lapse_found_in_the_register_stops_allocation_within_seconds_and_reaches_the_principal_social_worker(
    autumn: Autumn, lapsing: str
) -> None:
    place = autumn.place
    held = place.case("held-by-lapsing")
    place.allocate(held, lapsing)
    autumn.travel_to(AFTER_THE_LAG)
    waiting = place.case("waiting")
    number = autumn.register["lapsing"]
    answer = autumn.ask_the_register(f"{number},Worker lapsing,Registered,30/11/2026,Leeds")
    assert [(line["status"], line["outcome"]) for line in answer["lines"]] == [("not_renewed", "changed")]

    offer = {"worker_id": lapsing}
    refused = eventually(
        lambda: place.boss.post(f"{waiting}/preview", 200, **offer)["problems"],
        lambda problems: "not-registered" in problems,
        "allocation has heard of the lapse",
        SECONDS,
    )
    assert refused == ["not-registered"]
    assert place.allocate(waiting, lapsing, expect=409, override_reason="nobody else")["type"].endswith(
        "not-registered"
    )
    listed = place.boss.get("/v1/allocation/to-reallocate", org_unit_id=place.team)["items"]
    assert [(case["reference"], case["worker_id"]) for case in listed] == [(f"held-by-lapsing-{place.run}", lapsing)]
    alert = place.one_alert("registration.unregistered_in_post", lapsing)
    assert (alert["standard"], alert["clause"], alert["severity"]) == (7, "7.1", "serious")


def test_renewed_after_all_the_worker_may_hold_cases_again(autumn: Autumn, lapsing: str) -> None:
    place = autumn.place
    autumn.ask_the_register(f"{autumn.register['lapsing']},Lapsing Worker,Registered,30/11/2027,Leeds")
    gone = lambda: place.alerts("registration.unregistered_in_post", lapsing)  # noqa: E731 # read once more each time
    eventually(gone, lambda found: not found, "the alert resolves itself")
    case = place.case("after-all")
    eventually(
        lambda: place.boss.post(f"{case}/preview", 200, worker_id=lapsing)["problems"],
        lambda problems: not problems,
        "allocation has heard of the renewal",
        SECONDS,
    )
    place.allocate(case, lapsing)
    assert place.boss.get("/v1/allocation/to-reallocate", org_unit_id=place.team)["items"] == []


def test_a_referral_is_seen_by_those_named_and_nothing_of_it_nor_any_number_travels(
    autumn: Autumn, lapsing: str
) -> None:
    place, concern = autumn.place, "Recorded visits that did not take place."
    leader = autumn.running.someone("principal_social_worker", worker_id=place.psw, org_unit_id=place.authority)
    made = leader.post("/v1/registration/referrals", worker_id=lapsing, concern=concern, serious=True)
    path = f"/v1/registration/referrals/{made['referral_id']}"
    leader.post(f"{path}/decision", 200, decision="refer", reasons="Risk of harm.", serious=True)
    assert leader.get(path)["concern"] == concern
    for other in (place.overseer, place.boss, place.hr, place.practitioner(lapsing)):
        assert other.status_of(path) == 403
    everything = json.dumps([event for _, event in follow(place.reporting)])
    for secret in (concern, "Risk of harm", made["referral_id"], *autumn.register.values(), "Worker lapsing"):
        assert secret not in everything


def test_the_share_of_registered_posts_and_the_readiness_for_renewal_are_figures(autumn: Autumn) -> None:
    place = autumn.place
    span = {"org_unit_id": place.team, "from": (AUTUMN.date() - timedelta(days=1)).isoformat(), "grain": "day"}
    until = {"to": (AFTER_THE_LAG.date() + timedelta(days=1)).isoformat()}

    def figure(measure: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = place.reporting.get(
            "/v1/accountability/measures", measure=measure, **span, **until
        )["items"]
        return found

    posts = eventually(
        lambda: figure("registration.registered_posts"),
        lambda rows: any(row["denominator"] >= 2 for row in rows),
        "posts are counted",
    )
    assert all(0 <= row["numerator"] <= row["denominator"] for row in posts)
    ready = figure("registration.renewal_ready")
    assert any(row["numerator"] == 1 for row in ready), "the worker who added the form"
