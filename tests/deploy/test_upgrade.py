"""An upgrade without downtime: under load, replica by replica, the old release beside the new one, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from plumbline.services import SERVICES
from tests.deploy.releases import TREE, Deployment, NoSuchReleaseError, services_of, unpack
from tests.faults.checks import everything_that_is_wrong
from tests.faults.cluster import Cluster
from tests.faults.job import MainJob
from tests.faults.journal import Client, Journal

LONG = os.environ.get("FAULTS") == "long"
UPGRADED_FROM = (TREE / "deploy" / "upgraded-from").read_text().split()[0]


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_old_and_new_replicas_serve_side_by_side_and_lose_nothing(kafka: str, tmp_path: Path) -> None:
    try:
        old = unpack(UPGRADED_FROM, tmp_path / "old")
    except NoSuchReleaseError as unknown:
        pytest.skip(f"THE UPGRADE WAS NOT TESTED: {unknown}")
    with closing(Journal(tmp_path / "answers.jsonl")) as journal:
        await _upgrade(Deployment(tmp_path, kafka, old), old, journal)


async def _upgrade(deployment: Deployment, old: Path, journal: Journal) -> None:
    upgraded = asyncio.Event()
    async with deployment:
        before = services_of(old)  # one that the old release does not have starts with the new one
        await deployment.migrate(old, before)
        for part in (*before, "gateway"):
            await deployment.add(part, old)
        client = Client(deployment.url, journal)
        try:
            working = asyncio.create_task(_work(client, upgraded))
            await _until(lambda: client.writes >= 8, working)
            await deployment.migrate(TREE, SERVICES)  # the old release goes on with the new schema
            for part in (*SERVICES, "gateway"):
                await _exchange(deployment, part, client, working)
            upgraded.set()
            await working
            await MainJob(client).go()
        finally:
            await client.close()
        wrong = await everything_that_is_wrong(cast("Cluster", deployment), journal)
        assert not wrong, "\n".join([*wrong, deployment.tails()])


async def _work(client: Client, upgraded: asyncio.Event) -> None:
    """The main job again and again, with its outcomes checked each time, until all is upgraded."""
    while not upgraded.is_set():
        await MainJob(client).go()


async def _exchange(deployment: Deployment, part: str, client: Client, working: asyncio.Task[None]) -> None:
    """The new replica beside the old one for some writes, then the old one goes."""
    before = list(deployment.running(part))
    await deployment.add(part, TREE)
    writes = client.writes
    await _until(lambda: client.writes >= writes + 3, working)
    for replica in before:
        assert await deployment.remove(replica) == 0, f"the old {part} did not end in order"


async def _until(holds: Any, working: asyncio.Task[None]) -> None:
    """Wait while the work goes on; its failure is ours."""
    async with asyncio.timeout(120):
        while not holds():
            if working.done():
                await working
            await asyncio.sleep(0.05)
