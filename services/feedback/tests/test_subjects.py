"""What feedback holds about a person is shown to them and erased for them, and nothing else is."""

from __future__ import annotations

from chassis.subjects import Person, erase, parameters, show
from services.feedback.commands.subjects import RECORDS
from services.feedback.tests.world import World


async def test_a_person_gets_and_loses_what_key_and_address_lead_to(world: World) -> None:
    campaign = await world.campaign()
    token = await world.link(campaign)
    answers = {"answers": {"s1_1": 4, "change": "Less paper."}, "contact": "Me@Example.org"}
    key = (await world.post(f"/answers/{token}", None, **answers))["key"]
    await world.post(f"/answers/{token}", None, answers={"change": "Somebody else."}, contact="other@example.org")
    person = Person(by="officer", worker_id=world.worker, contacts=("me@example.org",), receipts=(key.upper(),))
    async with world.database.transaction() as tx:
        found = await parameters(tx, RECORDS, person)
        given, addresses, actions = await show(tx, RECORDS.sections, found)
        assert [(row["answers"], row["written"]) for row in given.rows] == [({"s1_1": 4}, {"change": "Less paper."})]
        assert [row["address"] for row in addresses.rows] == ["me@example.org"]
        assert actions.rows == []
        await erase(tx, RECORDS.sections, found)
        left = [shown.rows for shown in await show(tx, RECORDS.sections, found)]
        assert left == [[], [], []]
        assert await tx.fetch_value("select count(*) from responses") == 1
        assert await tx.fetch_value("select address from contacts") == "other@example.org"


async def test_an_owner_sees_the_actions_and_they_stay(world: World) -> None:
    campaign = await world.closed(12, 14, 20)
    body = {"org_unit_id": str(world.teams[0]), "owner_id": str(world.worker), "due_on": "2026-03-20", "what": "Act."}
    await world.post(f"/campaigns/{campaign['campaign_id']}/actions", world.psw, 201, **body)
    async with world.database.transaction() as tx:
        found = await parameters(tx, RECORDS, Person(by="officer", worker_id=world.worker))
        erased = await erase(tx, RECORDS.sections, found)
        assert [one.left for one in erased] == [0, 0, 1]
