"""Concerns by name and in confidence: clocks, escalation past the subject, the guardian, and what comes after."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contracts.safety import (
    ConcernAcknowledgedV1,
    ConcernAnsweredV1,
    ConcernEscalatedV1,
    ConcernRaisedV1,
    FollowUpMadeV1,
)
from services.safety.tests.world import World


async def closed(world: World, concern: str, who: dict[str, str]) -> Any:
    await world.post(f"/concerns/{concern}/acknowledge", who)
    await world.post(f"/concerns/{concern}/assess", who, risk="high", words="Two visits missed.")
    return await world.post(f"/concerns/{concern}/answer", who, outcome="acted_on", words="Two cases were moved.")


async def test_a_named_concern_from_raising_to_the_answer(world: World) -> None:
    raised = await world.concern()
    path = f"/concerns/{raised['concern_id']}"
    assert (raised["handler_id"], raised["reporter_id"]) == (str(world.manager), str(world.worker))
    assert (raised["due_on"], raised["waiting_for"]) == ("2026-03-05", "acknowledge")
    await world.post(f"{path}/answer", world.boss, 409, outcome="acted_on", words="Too soon.")
    await world.to("2026-03-04T09:00")
    answered = await closed(world, raised["concern_id"], world.boss)
    assert answered["waiting_for"] == "done"
    assert [one["due_on"] for one in answered["follow_ups"]] == ["2026-04-04", "2026-06-04", "2026-09-04"]
    await world.post(f"{path}/acknowledge", world.boss, 409)
    mine = (await world.get("/concerns/mine", world.me))["items"]
    assert [message["words"] for message in mine[0]["messages"]] == ["Two cases were moved."]
    (told,) = await world.events(ConcernAnsweredV1)
    assert (told.days, told.in_time, told.org_unit_id) == (2, True, world.team)


async def test_a_concern_about_the_manager_goes_past_the_manager_at_every_step(world: World) -> None:
    raised = await world.concern(topic="conduct", subject_id=str(world.manager))
    path = f"/concerns/{raised['concern_id']}"
    assert raised["handler_id"] == str(world.head)
    await world.get(path, world.boss, 403)
    assert (await world.get("/concerns", world.boss))["items"] == []
    await world.get(path, world.someone("team_manager", world.colleague, world.team), 403)
    await world.get(path, world.someone("principal_social_worker", None, world.authority), 403)
    (told,) = await world.events(ConcernRaisedV1)
    assert told.org_unit_id == world.service
    await world.to("2026-03-06T09:00")
    assert (await world.get(path, world.upper))["handler_id"] == str(world.director)
    (passed_on,) = await world.events(ConcernEscalatedV1)
    assert (passed_on.step, passed_on.level, passed_on.org_unit_id) == ("acknowledge", 2, world.authority)
    assert await world.scan() == 0


async def test_a_concern_nobody_acknowledges_climbs_the_line_once_for_each_step(world: World) -> None:
    concern = (await world.concern())["concern_id"]
    await world.to("2026-03-05T23:30")
    assert await world.events(ConcernEscalatedV1) == []
    await world.to("2026-03-06T00:30")
    assert (await world.get(f"/concerns/{concern}", world.upper))["handler_id"] == str(world.head)
    await world.post(f"/concerns/{concern}/acknowledge", world.upper)
    (told,) = await world.events(ConcernAcknowledgedV1)
    assert (told.days, told.in_time) == (4, False)
    await world.to("2026-03-13T09:00")
    await world.to("2026-04-20T09:00")
    steps = [(one.step, one.level) for one in await world.events(ConcernEscalatedV1)]
    assert steps == [("acknowledge", 2), ("assess", 3)]


async def test_whoever_raised_a_concern_does_not_deal_with_it(world: World) -> None:
    me = world.someone("team_manager", world.manager, world.team)
    raised = await world.post("/concerns", me, 201, mode="named", topic="resources", words="No interpreters.")
    assert raised["handler_id"] == str(world.head)


async def test_the_guardian_keeps_an_identity_until_it_is_granted_and_every_look_is_logged(world: World) -> None:
    concern = (await world.concern("confidential"))["concern_id"]
    path = f"/concerns/{concern}"
    seen = await world.get(path, world.boss)
    assert str(world.worker) not in str(seen)
    await world.post(f"{path}/identity/looks", world.boss, 403)
    request = (await world.post(f"{path}/identity-requests", world.boss, 201, reason="To offer support."))["request_id"]
    await world.post(f"/identity-requests/{request}/decision", world.boss, 403, granted=True, reason="Mine.")
    await world.post(f"/identity-requests/{request}/decision", world.guardian, 204, granted=False, reason="Ask first.")
    await world.post(f"{path}/identity/looks", world.boss, 403)
    await world.post(f"/identity-requests/{request}/decision", world.guardian, 409, granted=True, reason="After all.")
    request = (await world.post(f"{path}/identity-requests", world.boss, 201, reason="They agreed."))["request_id"]
    await world.post(f"/identity-requests/{request}/decision", world.guardian, 204, granted=True, reason="They did.")
    looked = await world.post(f"{path}/identity/looks", world.boss, 201)
    assert looked["reporter_id"] == str(world.worker)
    await world.post(f"{path}/identity/looks", world.guardian, 201)
    await world.get(f"{path}/identity/looks", world.boss, 403)
    looks = (await world.get(f"{path}/identity/looks", world.guardian))["items"]
    assert [one["looked_by_id"] for one in looks] == [str(world.manager), str(UUID(int=7))]
    assert [one["request_id"] for one in looks] == [request, None]
    asked = (await world.get("/identity-requests", world.guardian))["items"]
    assert [(one["granted"], one["reason"], one["decision"]) for one in asked] == [
        (False, "To offer support.", "Ask first."),
        (True, "They agreed.", "They did."),
    ]


@pytest.mark.parametrize("asker", ["head", "director"])
async def test_the_line_of_the_subject_never_sees_who_raised_it(world: World, asker: str) -> None:
    concern = (await world.concern("confidential", subject_id=str(world.manager)))["concern_id"]
    above = world.someone("team_manager", getattr(world, asker), world.authority)
    problem = await world.post(f"/concerns/{concern}/identity-requests", above, 403, reason="I must know.")
    assert problem["type"] == "/problems/conflict-of-interest"
    await world.post(f"/concerns/{concern}/identity/looks", above, 403)


async def test_an_identity_granted_is_closed_again_to_whoever_becomes_the_subjects_line(world: World) -> None:
    other = UUID(int=99)
    await world.hire(other, world.authority, None)
    asker = world.someone("team_manager", other, world.authority)
    concern = (await world.concern("confidential", subject_id=str(world.manager)))["concern_id"]
    request = (await world.post(f"/concerns/{concern}/identity-requests", asker, 201, reason="To help."))["request_id"]
    await world.post(f"/identity-requests/{request}/decision", world.guardian, 204, granted=True, reason="Outside.")
    await world.post(f"/concerns/{concern}/identity/looks", asker, 201)
    await world.hire(world.head, world.service, other)
    await world.post(f"/concerns/{concern}/identity/looks", asker, 403)


async def test_a_confidential_concern_is_published_with_its_whole_day(world: World) -> None:
    await world.concern("confidential")
    await world.scan()
    assert await world.events(ConcernRaisedV1) == []
    await world.to("2026-03-03T00:10")
    assert [one.mode for one in await world.events(ConcernRaisedV1)] == ["confidential"]


async def test_follow_ups_are_made_when_due_and_once(world: World) -> None:
    concern = (await world.concern())["concern_id"]
    await world.to("2026-08-31T09:00")
    await closed(world, concern, world.psw)
    path = f"/concerns/{concern}/follow-ups"
    await world.post(f"{path}/1", world.psw, 409, outcome="no_detriment")
    await world.to("2026-09-30T09:00")
    due = (await world.get("/follow-ups", world.psw))["items"]
    assert [(one["months"], one["due_on"]) for one in due] == [(1, "2026-09-30")]
    await world.post(f"{path}/1", world.psw, outcome="detriment", words="Left off the rota.")
    await world.post(f"{path}/1", world.psw, 409, outcome="no_detriment")
    await world.post(f"{path}/2", world.psw, 404, outcome="no_detriment")
    (told,) = await world.events(FollowUpMadeV1)
    assert (told.months, told.outcome) == (1, "detriment")
    assert (await world.get("/follow-ups", world.psw))["items"] == []


async def test_words_can_be_erased_while_days_and_outcomes_stay(world: World) -> None:
    concern = (await world.concern())["concern_id"]
    await closed(world, concern, world.boss)
    assert (await world.call("DELETE", f"/concerns/{concern}/words", world.guardian))["erased"] == 3
    left = await world.get(f"/concerns/{concern}", world.boss)
    assert (left["words"], left["messages"], left["outcome"]) == (None, [], "acted_on")


async def test_an_authority_sets_its_own_days(world: World) -> None:
    policy = {
        "org_unit_id": str(world.service),
        "effective_from": "2026-03-01",
        "acknowledge_days": 1,
        "assess_days": 2,
    }
    await world.call("PUT", "/policy", world.psw, json={**policy, "answer_days": 5})
    assert (await world.concern())["due_on"] == "2026-03-03"
    await world.call("PUT", "/policy", world.psw, 422, json={**policy, "answer_days": 1})


async def test_another_teams_manager_sees_nothing(world: World) -> None:
    concern = (await world.concern())["concern_id"]
    stranger = world.someone("team_manager", UUID(int=5), UUID(int=6))
    for path in (f"/concerns/{concern}", f"/concerns/{UUID(int=1)}"):
        await world.get(path, stranger, 403)
    assert (await world.get("/concerns", stranger))["items"] == []
