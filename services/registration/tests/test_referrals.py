"""Referrals to the regulator: in their order, seen by those named, and never on the stream."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import published
from services.registration.tests.world import World

CONCERN = "Signed visits that did not happen."


@pytest.fixture
async def leader(world: World) -> UUID:
    return await world.worker(is_social_worker=False)


class Case:
    """A referral that a leader opened."""

    def __init__(self, world: World, leader: UUID, worker: UUID) -> None:
        self.world, self.leader, self.worker = world, leader, worker
        self.who = world.someone("principal_social_worker", leader, world.authority)
        self.id = ""

    async def open(self, **fields: Any) -> Case:
        body = {"worker_id": str(self.worker), "concern": CONCERN, **fields}
        self.id = (await self.world.call("POST", "/referrals", 201, self.who, json=body))["referral_id"]
        return self

    async def post(self, path: str, expect: int = 200, **body: Any) -> Any:
        return await self.world.call("POST", f"/referrals/{self.id}{path}", expect, self.who, json=body)

    async def read(self, who: dict[str, str] | None = None, expect: int = 200) -> Any:
        return await self.world.call("GET", f"/referrals/{self.id}", expect, who or self.who)


@pytest.fixture
async def case(world: World, leader: UUID) -> Case:
    return await Case(world, leader, await world.worker()).open()


async def test_a_referral_from_the_concern_to_what_the_employer_did(world: World, case: Case) -> None:
    await case.post("/decision", 422, decision="refer", reasons="It is a pattern.")
    decided = await case.post("/decision", decision="refer", reasons="It is a pattern.", investigated_on="2026-02-20")
    assert (decided["decision"], decided["decided_by_id"]) == ("refer", str(case.leader))
    await case.post("/steps", 422, kind="triage", happened_on="2026-02-25")
    await case.post("/outcome", 422, outcome="advice", outcome_on="2026-03-01", employer_action="None.")
    await case.post("/sent", sent_on="2026-02-23", what="The report and two statements.")
    await case.post("/sent", 422, sent_on="2026-02-24", what="Again.")
    await case.post("/decision", 409, decision="not_refer", reasons="Changed our mind.")
    for kind, day in (("triage", "2026-02-25"), ("interim_order", "2026-02-26"), ("investigation", "2026-03-01")):
        await case.post("/steps", 201, kind=kind, happened_on=day, note=f"By letter: {kind}.")
    ended = await case.post(
        "/outcome", outcome="suspension", outcome_on="2026-03-02", employer_action="Suspended and supported."
    )
    assert [step["kind"] for step in ended["steps"]] == ["triage", "interim_order", "investigation"]
    assert (ended["outcome"], ended["employer_action"]) == ("suspension", "Suspended and supported.")


async def test_a_decision_not_to_refer_is_kept_with_its_reasons(case: Case) -> None:
    kept = await case.post("/decision", decision="not_refer", reasons="A matter of capability, supported at work.")
    assert (kept["decision"], kept["reasons"]) == ("not_refer", "A matter of capability, supported at work.")
    await case.post("/sent", 422, sent_on="2026-03-01", what="Nothing.")


async def test_a_serious_matter_is_referred_before_the_investigation_ends(case: Case) -> None:
    assert (await case.post("/decision", decision="refer", reasons="Risk of harm.", serious=True))["serious"] is True


async def test_requests_of_the_regulator_have_deadlines_and_answers(world: World, case: Case) -> None:
    asked = {"asked_on": "2026-02-10", "due_on": "2026-02-24", "asked_for": "Supervision records"}
    made = await case.post("/requests", 201, **asked)
    request = made["requests"][0]["request_id"]
    assert [one["overdue"] for one in made["requests"]] == [True]
    await case.post("/requests", 422, asked_on="2026-02-10", due_on="2026-02-09", asked_for="Too early")
    await case.post(f"/requests/{request}/answer", 422, answered_on="2026-02-09")
    answered = await case.post(f"/requests/{request}/answer", answered_on="2026-02-27", note="By secure mail.")
    assert [(one["overdue"], one["answer"]) for one in answered["requests"]] == [(False, "By secure mail.")]
    await case.post(f"/requests/{request}/answer", 409, answered_on="2026-02-28")
    await case.post(f"/requests/{new_id()}/answer", 404, answered_on="2026-02-28")


async def test_only_those_named_see_a_referral_whatever_their_role(world: World, case: Case) -> None:
    roles = ("practitioner", "team_manager", "principal_social_worker", "senior_leader", "workforce_admin")
    stranger = await world.worker()
    for role in roles:
        other = world.someone(role, stranger, world.authority)
        await case.read(other, 403)
        await world.call("POST", f"/referrals/{case.id}/people", 403, other, json={"worker_id": str(stranger)})
        assert (await world.call("GET", "/referrals", who=other))["items"] == []
        await world.call("GET", f"/referrals/{new_id()}", 403, other)
    await case.read(world.someone("practitioner", case.worker, world.team), 403)
    await case.read(world.psw, 403)
    await case.post("/people", worker_id=str(stranger))
    for role in roles:
        assert (await case.read(world.someone(role, stranger)))["concern"] == CONCERN
    listed = await world.call("GET", "/referrals", who=world.someone("senior_leader", stranger))
    assert [one["referral_id"] for one in listed["items"]] == [case.id]


async def test_somebody_always_sees_a_referral(world: World, case: Case) -> None:
    path, other = f"/referrals/{case.id}/people", await world.worker()
    await world.call("DELETE", f"{path}/{case.leader}", 409, case.who)
    await case.post("/people", worker_id=str(other))
    await case.post("/people", 404, worker_id=str(new_id()))
    await world.call("DELETE", f"{path}/{case.leader}", 204, case.who)
    await case.read(expect=403)
    assert (await case.read(world.someone("team_manager", other)))["people"] == [str(other)]


async def test_nothing_of_a_referral_is_published(world: World, case: Case) -> None:
    async with world.database.reading() as tx:
        before = len(await published(tx))
    await case.post("/decision", decision="refer", reasons="Risk of harm.", serious=True)
    await case.post("/sent", sent_on="2026-03-01", what="The report.")
    await case.post("/steps", 201, kind="interim_order", happened_on="2026-03-02")
    async with world.database.reading() as tx:
        assert len(await published(tx)) == before
        assert (
            await tx.fetch_value("select count(*) from outbox where convert_from(data, 'utf8') like '%%visits%%'") == 0
        )


async def test_the_words_of_a_referral_can_be_erased_and_its_dates_stay(world: World, case: Case) -> None:
    await case.post("/requests", 201, asked_on="2026-02-10", due_on="2026-02-24", asked_for="Records")
    admin = world.someone("workforce_admin")
    assert (await world.call("DELETE", f"/workers/{case.worker}/notes", who=admin)) == {"erased": 0}
    assert (await world.call("DELETE", f"/referrals/{case.id}/notes", who=case.who)) == {"erased": 2}
    seen = await case.read()
    assert (seen["concern"], seen["opened_on"], len(seen["requests"])) == (None, "2026-03-02", 1)


async def test_a_manager_opens_a_referral_about_their_own_people_only(world: World, leader: UUID) -> None:
    elsewhere = await world.worker(org_unit_id=world.other_team, line_manager_id=None)
    body = {"worker_id": str(elsewhere), "concern": CONCERN}
    await world.call("POST", "/referrals", 403, world.boss, json=body)
    await world.call("POST", "/referrals", 403, world.psw, json={**body, "worker_id": str(leader)})
