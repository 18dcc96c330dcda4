"""Provision: a checklist with evidence and gaps, requests with their age, and statements by people."""

from __future__ import annotations

from contracts.safety import AttestationRecordedV1, ProvisionCheckedV1
from services.safety.tests.world import World


async def test_a_checklist_shows_evidence_gaps_and_what_nobody_looked_at(world: World) -> None:
    team = str(world.team)
    for item, state in (("quiet_room", "met"), ("transport", "missing"), ("interpreters", "partly")):
        body = {"org_unit_id": team, "state": state, "evidence": f"Seen: {item}."}
        await world.call("PUT", f"/provision/{item}", world.boss, 204, json=body)
    seen = await world.get("/provision", world.boss, org_unit_id=team)
    assert (seen["gaps"], seen["unchecked"]) == (["transport", "interpreters"], 10)
    assert seen["items"][0] == {
        "item": "quiet_room",
        "clause": "4.1",
        "state": "met",
        "checked_on": "2026-03-02",
        "evidence": "Seen: quiet_room.",
    }
    await world.call("PUT", "/provision/transport", world.boss, 204, json={"org_unit_id": team, "state": "met"})
    assert (await world.get("/provision", world.boss, org_unit_id=team))["gaps"] == ["interpreters"]
    assert len(await world.events(ProvisionCheckedV1)) == 4
    await world.call("PUT", "/provision/piano", world.boss, 422, json={"org_unit_id": team, "state": "met"})


async def test_a_request_shows_its_age_until_it_is_answered(world: World) -> None:
    made = await world.post("/provision-requests", world.me, 201, item="mobile_phone", words="Mine is broken.")
    await world.to("2026-03-12T09:00")
    (seen,) = (await world.get("/provision-requests", world.upper, org_unit_id=str(world.service)))["items"]
    assert (seen["age_days"], seen["words"]) == (10, "Mine is broken.")
    path = f"/provision-requests/{made['request_id']}/answer"
    await world.post(path, world.boss, 204, answer="provided")
    await world.post(path, world.boss, 409, answer="refused")
    assert (await world.get("/provision-requests", world.boss, org_unit_id=str(world.team)))["items"] == []


async def test_a_person_states_what_holds_with_evidence_and_until_when(world: World) -> None:
    body = {"org_unit_id": str(world.team), "clause": "4.8", "holds": True, "evidence": "Contract with the law centre."}
    await world.post("/attestations", world.boss, 422, **body, valid_to="2028-03-01")
    await world.post("/attestations", world.boss, 201, **body, valid_to="2026-06-01")
    await world.to("2026-06-02T09:00")
    (seen,) = (await world.get("/attestations", world.psw, org_unit_id=str(world.authority)))["items"]
    assert (seen["attested_by_id"], seen["in_force"]) == (str(world.manager), False)
    (told,) = await world.events(AttestationRecordedV1)
    assert told.holds
    nobody = world.someone("team_manager", None, world.team)
    await world.post("/attestations", nobody, 403, **body, valid_to="2026-07-01")
