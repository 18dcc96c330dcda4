"""Whoever writes what in a concern in whatever order: both sides read the same words, nobody else any, and no name slips out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from chassis.ids import new_id
from chassis.testing import token
from contracts import Event
from contracts.workforce import AccountableChangedV1
from tests.security.histories import History, run_histories
from tests.security.stage import NOW, Stage, stage_of, worker_recorded
from tests.security.tally import Tally

FIRST = "The first words."
modes = st.sampled_from(["named", "confidential", "anonymous"])


class Concerns(History):
    """One worker, the worker's manager, a guardian, and one concern between them."""

    def __init__(self) -> None:
        super().__init__()
        places, self.worker = self.stage.places, new_id()
        self.stage.hear(worker_recorded(self.worker, places.here, line_manager_id=places.boss))
        self.me = token(roles=["practitioner"], worker_id=self.worker, org_unit_id=places.here)
        self.guardian = token(roles=["concerns_guardian"], worker_id=new_id(), org_unit_id=places.here)
        self.manager = token(roles=["team_manager"], worker_id=places.boss, org_unit_id=places.here)
        self.stranger = token(roles=["practitioner"], worker_id=places.far_worker, org_unit_id=places.far_unit)
        self.far_guardian = token(roles=["concerns_guardian"], worker_id=new_id(), org_unit_id=places.far_unit)
        self.concern, self.receipt, self.mode, self.about_manager = "", "", "", False
        self.words: list[str] = []

    def send(self, path: str, who: dict[str, str], body: Any = None, method: str = "POST") -> httpx.Response:
        if path.startswith("/anonymous"):
            self.stage.clock.forward(minutes=5)  # whoever asks without a name has to wait a little
        return self.stage.send(method, f"/v1/safety{path}", headers=who, json=body)

    @precondition(lambda self: not self.concern)
    @rule(mode=modes, about_manager=st.booleans())
    def raise_it(self, mode: str, about_manager: bool) -> None:
        before = self.listed()
        topic = {"topic": "workload", "words": FIRST}
        self.mode, self.about_manager = mode, about_manager
        if mode == "anonymous":
            body = {"org_unit_id": str(self.stage.places.here), "about_manager": about_manager, **topic}
            self.receipt = self.send("/anonymous-concerns", {}, body).json()["receipt"]
        else:
            subject = {"subject_id": str(self.stage.places.boss)} if about_manager else {}
            assert self.send("/concerns", self.me, {"mode": mode, **topic, **subject}).status_code == 201
        (self.concern,) = self.listed() - before
        self.words = [FIRST]

    def listed(self) -> set[str]:
        answer = self.send("/concerns?open_only=false&limit=500", self.guardian, method="GET")
        assert answer.is_success, answer.text
        return {one["concern_id"] for one in answer.json()["items"]}

    @precondition(lambda self: self.concern)
    @rule(number=st.integers(0, 99))
    def reporter_writes(self, number: int) -> None:
        words = f"The reporter's message {number}."
        if self.mode == "anonymous":
            answer = self.send("/anonymous-concerns/replies", {}, {"receipt": self.receipt, "words": words})
        else:
            answer = self.send(f"/concerns/mine/{self.concern}/messages", self.me, {"words": words})
        assert answer.status_code == 201, answer.text
        self.words.append(words)

    @precondition(lambda self: self.concern)
    @rule(number=st.integers(0, 99))
    def guardian_writes(self, number: int) -> None:
        words = f"The guardian's message {number}."
        answer = self.send(f"/concerns/{self.concern}/messages", self.guardian, {"words": words})
        assert answer.status_code in {201, 409}, answer.text
        if answer.is_success:
            self.words.append(words)

    @precondition(lambda self: self.concern)
    @rule(step=st.sampled_from(["acknowledge", "assess", "answer"]))
    def guardian_moves_on(self, step: str) -> None:
        bodies = {
            "acknowledge": None,
            "assess": {"risk": "low"},
            "answer": {"outcome": "no_action", "words": "Because."},
        }
        answer = self.send(f"/concerns/{self.concern}/{step}", self.guardian, bodies[step])
        assert answer.status_code in {200, 409, 422}, answer.text

    @precondition(lambda self: self.concern)
    @rule(
        who=st.sampled_from(["manager", "stranger", "far_guardian"]), doing=st.sampled_from(["read", "write", "assess"])
    )
    def somebody_else_tries(self, who: str, doing: str) -> None:
        headers: dict[str, str] = getattr(self, who)
        if doing == "read":
            answer = self.send(f"/concerns/{self.concern}", headers, method="GET")
        elif doing == "write":
            answer = self.send(f"/concerns/{self.concern}/messages", headers, {"words": "Mine."})
        else:
            answer = self.send(f"/concerns/{self.concern}/assess", headers, {"risk": "low"})
        if who == "manager" and not self.about_manager:
            assert answer.status_code in {200, 201, 409}, answer.text
            self.words += ["Mine."] if answer.status_code == 201 else []
        else:
            assert answer.status_code == 403, answer.text

    @rule(guess=st.integers(10**15, 10**16 - 1))
    def guess_a_receipt(self, guess: int) -> None:
        answer = self.send("/anonymous-concerns/conversation", {}, {"receipt": str(guess)})
        assert answer.status_code in {404, 422, 429}, answer.text

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.stage.clock.forward(days=days)
        self.stage.scan()

    def as_guardian(self) -> Any:
        answer = self.send(f"/concerns/{self.concern}", self.guardian, method="GET")
        assert answer.is_success, answer.text
        return answer.json()

    @precondition(lambda self: self.concern)
    @invariant()
    def both_sides_read_the_same(self) -> None:
        seen = self.as_guardian()
        if self.mode == "anonymous":
            mine = self.send("/anonymous-concerns/conversation", {}, {"receipt": self.receipt}).json()
        else:
            items = self.send("/concerns/mine", self.me, method="GET").json()["items"]
            (mine,) = [one for one in items if one["concern_id"] == self.concern]
        for side in (seen, mine):
            assert [side.get("words", FIRST), *(one["words"] for one in side["messages"])] == self.words

    @precondition(lambda self: self.concern)
    @invariant()
    def the_reporter_is_named_to_nobody_unless_by_name(self) -> None:
        if self.mode != "named":
            answer = self.send(f"/concerns/{self.concern}", self.guardian, method="GET")
            assert str(self.worker) not in answer.text
            assert answer.json()["reporter_id"] is None

    def teardown(self) -> None:
        """Nothing of who or what is told to other services."""
        told = [event.model_dump_json() for event in self.stage.told(Event)]
        assert not [one for one in told if str(self.worker) in one or "message" in one]


@pytest.fixture(scope="module")
async def stage(postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, "safety") as stage:
        yield stage


def test_any_history_of_a_concern_stays_between_its_two_sides(stage: Stage, tally: Tally) -> None:
    answers = {"org_unit_id": stage.places.here, "worker_id": stage.places.boss}
    stage.hear(AccountableChangedV1(**answers, from_on=NOW.date()))
    run_histories(Concerns, stage, tally, short=5)
