"""An access request shows what safety holds about a person; an erasure takes the words away and keeps what the law asks for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.subjects import Erased, Person, erase, parameters, sections_of, show
from services.safety.service import service
from services.safety.tests.world import World

SECTIONS = sections_of(service.subjects)
CANARY = "canary-7f3a"
BY = "data protection officer"


async def shown(tx: Tx, person: Person) -> dict[str, list[dict[str, Any]]]:
    found = await parameters(tx, service.subjects, person)
    return {part.section.name: list(part.rows) for part in await show(tx, SECTIONS, found) if part.rows}


async def erased(tx: Tx, person: Person) -> dict[str, Erased]:
    found = await parameters(tx, service.subjects, person)
    return {part.name: part for part in await erase(tx, SECTIONS, found)}


async def words_left(tx: Tx) -> str:
    rows = await tx.fetch_all("select words from notes union all select words from concern_messages")
    return " ".join(row["words"] for row in rows)


async def test_who_raised_concerns_is_shown_them_and_looking_at_a_protected_identity_is_logged(world: World) -> None:
    await world.concern("confidential", words=CANARY)
    await world.concern("named", words=f"{CANARY} by name")
    async with world.database.transaction() as tx:
        concerns = (await shown(tx, Person(BY, world.worker)))["concerns that the person raised"]
        assert {concern["mode"] for concern in concerns} == {"confidential", "named"}
        assert all(CANARY in concern["written"]["concern"] for concern in concerns)
        looked = await tx.fetch_value("select looked_by from identity_looks")
        assert looked == f"request of the person, answered by {BY}"


async def test_who_erases_their_concerns_leaves_topic_and_days_only(world: World) -> None:
    await world.concern("confidential", words=CANARY)
    async with world.database.transaction() as tx:
        done = await erased(tx, Person(BY, world.worker))
        assert done["concerns that the person raised"].changed > 0
        assert CANARY not in await words_left(tx)
        assert await tx.fetch_value("select count(*) from guarded_identities") == 0
        assert await tx.fetch_value("select topic from concerns") == "workload"


async def test_a_receipt_is_enough_to_read_and_to_erase_a_report_without_a_name(world: World) -> None:
    receipt = await world.without_name(words=CANARY)
    async with world.database.transaction() as tx:
        assert await shown(tx, Person(BY, receipts=("0000 0000 0000 0000",))) == {}
        nobody = Person(BY, receipts=(receipt,))
        assert CANARY in str(await shown(tx, nobody))
        await erased(tx, nobody)
        assert CANARY not in await words_left(tx)
        assert await tx.fetch_value("select count(*) from concern_receipts") == 0


async def test_the_subject_of_a_concern_sees_that_there_is_one_and_neither_words_nor_reporter(world: World) -> None:
    await world.concern("named", words=CANARY, subject_id=str(world.colleague))
    async with world.database.transaction() as tx:
        answer = await shown(tx, Person(BY, world.colleague))
        assert len(answer["concerns about the person"]) == 1
        assert CANARY not in str(answer)
        assert str(world.worker) not in str(answer)
        await erased(tx, Person(BY, world.colleague))
        assert CANARY in await words_left(tx), "a concern that waits for its answer stays whole"


async def incident(world: World, **fields: Any) -> None:
    usual = {
        "worker_id": str(world.worker),
        "kind": "physical_violence",
        "by_whom": "service_user",
        "place": "home_visit",
    }
    more = {"occurred_on": "2026-03-01", "injury": "minor", "words": CANARY}
    await world.post("/incidents", world.me, 201, **{**usual, **more, **fields})


async def test_an_incident_that_the_law_asks_to_record_stays_whole_for_three_years(world: World) -> None:
    await incident(world, injury="specified")
    async with world.database.transaction() as tx:
        person = Person(BY, world.worker)
        found = await parameters(tx, service.subjects, person)
        assert "RIDDOR" in await tx.fetch_value(service.subjects.needs_name, found)
        await erased(tx, person)
        assert CANARY in await words_left(tx)
    world.clock.forward(days=3 * 366)
    async with world.database.transaction() as tx:
        found = await parameters(tx, service.subjects, person)
        assert await tx.fetch_value(service.subjects.needs_name, found) is None
        await erased(tx, person)
        assert CANARY not in await words_left(tx)


async def test_the_words_of_any_other_incident_go_at_once_and_its_facts_stay(world: World) -> None:
    await incident(world, kind="verbal_abuse", injury="none")
    async with world.database.transaction() as tx:
        assert CANARY in str(await shown(tx, Person(BY, world.worker)))
        await erased(tx, Person(BY, world.worker))
        assert CANARY not in await words_left(tx)
        assert await tx.fetch_value("select kind from incidents") == "verbal_abuse"


async def test_a_person_of_whom_nothing_is_known_is_shown_nothing(world: World) -> None:
    await world.concern()
    async with world.database.transaction() as tx:
        assert await shown(tx, Person(BY, UUID(int=5), contacts=("nobody@example.org",))) == {}
