"""What registration tells: no new case, the held ones listed, conditions pointed at."""

from __future__ import annotations

from uuid import UUID

from chassis.ids import new_id
from chassis.testing import token
from contracts.registration import PostJudgedV1, RegistrationStatus
from services.allocation.tests.office import Office


def judged(office: Office, worker: UUID, status: RegistrationStatus, *, breach: bool = False) -> PostJudgedV1:
    unit = office.team
    return PostJudgedV1(
        worker_id=worker, org_unit_id=unit, status=status, posts=1, registered=not breach, breach=breach
    )


async def test_a_lapse_stops_new_cases_and_lists_the_held_ones_until_it_is_put_right(office: Office) -> None:
    await office.agree()
    worker, other = await office.hire(), await office.hire()
    held = await office.give_cases(worker, 2)
    await office.give_cases(other, 1)
    assert (await office.get("/to-reallocate", office.boss))["items"] == []
    await office.hear(judged(office, worker, "not_renewed", breach=True))
    refused = await office.allocate(await office.case(), worker, 409, override_reason="nobody else")
    assert refused["type"] == "/problems/not-registered"
    listed = (await office.get("/to-reallocate", office.boss))["items"]
    assert [f"/cases/{one['source']}/{one['reference']}" for one in listed] == held
    assert {one["worker_id"] for one in listed} == {str(worker)}
    await office.allocate(held[0], other)
    assert len((await office.get(f"/to-reallocate?org_unit_id={office.service}", office.psw))["items"]) == 1
    await office.hear(judged(office, worker, "registered"))
    assert (await office.get("/to-reallocate", office.boss))["items"] == []
    await office.allocate(await office.case(), worker)


async def test_a_preview_points_at_conditions_without_saying_what_they_are(office: Office) -> None:
    await office.agree()
    worker, case = await office.hire(), await office.case()
    offer = {"worker_id": str(worker)}
    assert (await office.post(f"{case}/preview", offer, office.boss, 200))["notes"] == []
    await office.hear(judged(office, worker, "interim_conditions"))
    preview = await office.post(f"{case}/preview", offer, office.boss, 200)
    assert (preview["allowed"], preview["notes"]) == (True, ["registration-conditions"])


async def test_word_of_a_worker_may_come_before_the_worker_and_old_word_changes_nothing(office: Office) -> None:
    await office.agree()
    worker = new_id()
    await office.hear(judged(office, worker, "removed", breach=True))
    await office.hire(worker_id=worker)
    assert (await office.allocate(await office.case(), worker, 409))["type"] == "/problems/not-registered"


async def test_cases_to_reallocate_are_seen_within_reach(office: Office) -> None:
    await office.get(f"/to-reallocate?org_unit_id={office.authority}", office.boss, 403)
    for role in ("practitioner", "integration", "reporting", "workforce_admin"):
        who = token(roles=[role], worker_id=new_id(), org_unit_id=office.team)
        await office.get("/to-reallocate", who, 403)
