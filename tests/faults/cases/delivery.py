"""Events that come three times, cannot be applied, or are slow to apply; streams whose gateway dies."""

from __future__ import annotations

import asyncio
import uuid
from typing import LiteralString

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.etags import etag
from plumbline.services import load
from tests.faults.cases.case import Case
from tests.faults.follower import Follower
from tests.faults.journal import Client
from tests.faults.world import World, after_writes

REFUSE: LiteralString = """
create function broken_on_purpose() returns trigger language plpgsql as $$ begin
    if new.org_unit_id in (select org_unit_id from broken_units) then raise exception 'broken on purpose'; end if;
    return new;
end $$;
create table broken_units (org_unit_id uuid);
create trigger broken before insert or update on directory_workers for each row execute function broken_on_purpose();
"""
MEND: LiteralString = """
drop trigger broken on directory_workers; drop function broken_on_purpose; drop table broken_units;
"""
DAWDLE: LiteralString = """
create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(12); return null; end $$;
create trigger dawdling after insert on directory_workers for each statement execute function dawdle();
"""
CUT_OFF: LiteralString = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""
HURRY: LiteralString = "drop trigger dawdling on directory_workers; drop function dawdle;"


async def publish_everything_three_times(world: World, client: Client) -> None:
    for writes in (12, 24):
        await after_writes(client, writes)
        for service in world.cluster.databases:
            if service != "bus":
                world.execute(service, "update outbox set published_at = null where published_at is not null")


async def park_a_key_and_redrive_it(world: World, client: Client) -> None:
    """A record that a service cannot take waits with its key, and nothing else does; then the cause is mended."""
    await after_writes(client, 4)
    who = await client.token(roles=["workforce_admin"])
    unit = {"kind": "authority", "name": f"Elsewhere {uuid.uuid4().hex[:6]}"}
    made = await client.write("POST", "/v1/workforce/org-units", who, (201,), unit)
    world.execute("allocation", REFUSE)
    with world.connect("allocation") as connection:
        connection.execute("insert into broken_units values (%s)", (made["org_unit_id"],))
    try:
        worker = await _worker(client, who, made["org_unit_id"])
        for version, hours in ((1, 30), (2, 20)):
            seen = {**who, "If-Match": etag(version)}
            await client.write("PATCH", f"/v1/workforce/workers/{worker}", seen, (200,), {"contracted_hours": hours})
        await world.wait_for(lambda: _parked(world, worker) >= 3, "the worker's three records are parked, and more")
    finally:
        world.execute("allocation", MEND)
    while _parked(world, worker):
        assert await _redrive(world, "allocation", worker)


async def _worker(client: Client, who: dict[str, str], unit: str) -> str:
    body = {
        "name": "Someone",
        "employee_ref": uuid.uuid4().hex[:10],
        "org_unit_id": unit,
        "job_role": "social worker",
        "career_stage": "practitioner",
        "newly_qualified": False,
        "is_social_worker": True,
        "contracted_hours": 37,
        "employment_started_on": "2024-01-01",
    }
    made = await client.write("POST", "/v1/workforce/workers", who, (201,), body)
    return str(made["worker_id"])


def _parked(world: World, key: str) -> int:
    with world.connect("allocation") as connection:
        row = connection.execute("select count(*) as n from parked_records where key = %s", (key,)).fetchone()
    return int(row["n"]) if row else 0


async def _redrive(world: World, name: str, key: str) -> int:
    database = Database(world.cluster.databases[name], name, Clock())
    await database.open()
    try:
        return await Consumer(database, load(name)).redrive(key)
    finally:
        await database.close()


async def dawdle_past_the_session(world: World, client: Client) -> None:
    """A reaction that takes longer than the group waits for a silent member."""
    world.execute("allocation", DAWDLE)
    try:
        await asyncio.sleep(15)
    finally:
        world.execute("allocation", HURRY)


async def break_what_reads_ahead(world: World, client: Client) -> None:
    """Batches so small that the next is always on its way: it is lost, read twice, or its transaction fails."""
    readers = ("allocation", "accountability", "supervision")
    async with world.with_settings({"BATCH_SIZE": "2"}, *readers):
        await world.cluster.ready()
        for writes in (8, 14, 20, 26):
            await after_writes(client, writes)
            world.execute("accountability", CUT_OFF)
            await asyncio.sleep(0.5)
            world.network.cut()
            await world.cluster.parts["allocation"].kill()
            world.execute("supervision", CUT_OFF)
        await after_writes(client, 30)


async def kill_what_serves_a_stream(world: World, client: Client) -> None:
    """Reporting tools that follow the stream resume where they were, whoever of those in between dies."""
    async with Follower(client.url, await client.token(roles=["reporting"])) as follower:
        for name, writes in (("gateway", 8), ("accountability", 14), ("gateway", 20), ("accountability", 26)):
            await after_writes(client, writes)
            await world.cluster.parts[name].kill()
        await world.wait_for(lambda: follower.count > 50, "the stream goes on")
        await follower.until_at_head(world)
        wrong = follower.violations(world)
    assert not wrong, "\n".join(wrong)


async def cut_the_readers_of_a_stream(world: World, client: Client) -> None:
    async with Follower(client.url, await client.token(roles=["reporting"])) as follower:
        for writes in range(4, 30, 4):
            await after_writes(client, writes)
            await follower.cut()
        await follower.until_at_head(world)
        wrong = follower.violations(world)
    assert not wrong, "\n".join(wrong)


CASES = (
    Case("every event is published three times", "delivery", publish_everything_three_times, in_every_run=True),
    Case(
        "a record that cannot be applied waits with its key until it is redriven", "delivery", park_a_key_and_redrive_it
    ),
    Case("consumers that read ahead are killed and cut off in the middle", "delivery", break_what_reads_ahead),
    Case("a reaction takes longer than a consumer's session", "delivery", dawdle_past_the_session),
    Case(
        "gateway and log die under an open stream, four times", "stream", kill_what_serves_a_stream, in_every_run=True
    ),
    Case("a reader of the stream is cut off seven times", "stream", cut_the_readers_of_a_stream),
)
