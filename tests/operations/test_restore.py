"""After a restore to a moment, with one database a little behind the others and an empty bus, everything holds again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from chassis.bus.embedded import EmbeddedBus
from chassis.postgres import create_database, database_url
from plumbline.doctor.restored import forgotten
from plumbline.home import prepare_databases
from plumbline.services import SERVICES, load
from tests.faults import watch
from tests.faults.checks import CREATED, i6_projections_equal_the_log
from tests.faults.evidence import collect
from tests.faults.invariants import i1_state_and_outbox, violations
from tests.faults.job import MainJob
from tests.faults.journal import Client, Journal
from tests.operations.archived import Archive
from tests.operations.running import running
from tests.support.kafka.broker import free_port

pytestmark = pytest.mark.skipif(os.environ.get("FAULTS") != "long", reason="in the long run: FAULTS=long")
ALL = [load(name) for name in SERVICES]


class Story:
    """What happened before the loss: what was acknowledged when, and the moments to which one can go back."""

    def __init__(self, folder: Path) -> None:
        self.before = Journal(folder / "before.jsonl")
        self.between = Journal(folder / "between.jsonl")
        self.after = Journal(folder / "after.jsonl")
        self.port = free_port()
        self.behind: datetime
        self.point: datetime

    def close(self) -> None:
        for journal in (self.before, self.between, self.after):
            journal.close()


def now(url: str) -> datetime:
    with psycopg.connect(url) as connection:
        [instant] = connection.execute("select clock_timestamp()").fetchone() or [None]
    return cast("datetime", instant)


async def write_more(url: str, job: MainJob, journal: Journal, mark: str) -> None:
    """Workers, cases and an allocation more, as the job's authority goes on."""
    client = Client(url, journal)
    usual, job.client = job.client, client
    worker = await job._worker(f"{mark}-worker", line_manager_id=job.manager)
    for n in range(3):
        case = await job._case(f"{mark}-{n}", "child_in_need")
        await job._allocate(case, job.unsupervised)
    job.client = usual
    await client.close()
    assert worker


async def until_heard(databases: Mapping[str, str]) -> None:
    assert await watch.until_quiet(ALL, databases) == []


async def live_and_lose(
    home: Path, databases: Mapping[str, str], archive: Archive, server: str, story: Story
) -> MainJob:
    """The main job; a backup; more; the first moment; more; the second; and what will be lost."""
    async with running(home, story.port, databases) as url:
        client = Client(url, story.before)
        job = MainJob(client)
        await job.go()
        await asyncio.to_thread(archive.base_backup, server)
        await write_more(url, job, story.before, "before")
        story.behind = now(server)
        await write_more(url, job, story.between, "between")
        await until_heard(databases)
        await job._add_up()
        story.point = now(server)
        await write_more(url, job, story.after, "after")
        await until_heard(databases)
        await asyncio.to_thread(archive.complete, server)
        await client.close()
    return job


def on(server: str) -> dict[str, str]:
    return {name: database_url(server, f"plumbline_{name}") for name in SERVICES}


def lost_or_invented(databases: Mapping[str, str], story: Story) -> list[str]:
    """I2 as far as a restore can keep it: acknowledged before the moment is there, after it is not."""
    wrong = []
    for service, table, column, path in CREATED:
        with psycopg.connect(databases[service]) as connection:
            kept = {row[0] for row in connection.execute(f"select {column}::text from {table}")}
        told = story.before.acknowledged(path, column) | story.between.acknowledged(path, column)
        wrong += [f"{service}.{table} lost {sorted(told - kept)}"] if told - kept else []
        ghosts = kept & story.after.acknowledged(path, column)
        wrong += [f"{service}.{table} kept {sorted(ghosts)} from after the moment"] if ghosts else []
    return wrong


async def everything_that_is_wrong(databases: Mapping[str, str]) -> list[str]:
    """I1, I3 to I6, I8, I11, I12 and I14."""
    services = {name: databases[name] for name in SERVICES}
    wrong = await watch.until_quiet(ALL, services)
    wrong += i1_state_and_outbox(services)
    wrong += await i6_projections_equal_the_log(services, ALL)
    bus = EmbeddedBus(databases["bus"])
    await bus.open()
    wrong += violations(await collect(ALL, services, bus))
    await bus.close()
    return wrong


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The lost deployment's home and story, and two servers restored from its backup: at the moment, and a little before."""
    folder = tmp_path_factory.mktemp("restore")
    archive, story, home = Archive(folder / "archive"), Story(folder), folder / "home"
    home.mkdir()
    async with AsyncExitStack() as stack:
        stack.callback(story.close)
        with archive.server(folder / "lost") as lost:
            databases = await asyncio.to_thread(prepare_databases, lost)
            job = await live_and_lose(home, databases, archive, lost, story)
        late = stack.enter_context(archive.restored(folder / "late", story.point))
        early = stack.enter_context(archive.restored(folder / "early", story.behind))
        yield SimpleNamespace(home=home, story=story, job=job, late=late, early=early)


async def test_a_database_that_remembers_what_its_teller_forgot_is_found_before_anything_starts(servers: Any) -> None:
    mixed = {**on(servers.late), "workforce": on(servers.early)["workforce"]}
    found = forgotten(mixed)
    assert any(finding.startswith("supervision remembers") for finding in found)
    assert any(finding.startswith("accountability remembers") for finding in found)


async def test_after_a_restore_everything_holds_and_work_goes_on(servers: Any, tmp_path: Path) -> None:
    databases = {**on(servers.late), "accountability": on(servers.early)["accountability"]}
    assert forgotten(databases) == []
    databases["bus"] = create_database(servers.late, "new_bus")
    job: MainJob = servers.job
    async with running(servers.home, servers.story.port, databases) as url:
        await until_heard({name: databases[name] for name in SERVICES})
        assert lost_or_invented(databases, servers.story) == []
        resumed = Journal(tmp_path / "resumed.jsonl")
        client = Client(url, resumed)
        job.client, totals = client, job.totals
        await job._add_up()
        assert job.totals == totals
        await write_more(url, job, resumed, "resumed")
        assert await everything_that_is_wrong(databases) == []
        await client.close()
        resumed.close()
