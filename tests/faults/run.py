"""The main job with a fault beside it, and every invariant afterwards: the frame of all fault tests."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from plumbline.services import SERVICES
from tests.faults.checks import everything_that_is_wrong
from tests.faults.cluster import Cluster
from tests.faults.job import FellShort, MainJob
from tests.faults.journal import Client, Journal, Unanswered
from tests.faults.watch import Watch

LONG = os.environ.get("FAULTS") == "long"
"""``FAULTS=long`` runs every case; without it a run takes the cases that every change must survive."""
PATIENCE_S = 180.0 if LONG else 60.0
"""How long the job waits for an outcome: the long cases are outages of their own length, on machines that may be busy."""
FIRE_WITHIN_S = max(90.0, PATIENCE_S)

Fault: TypeAlias = Callable[[Client], Coroutine[Any, Any, None]]


async def job_under(cluster: Cluster, journal: Journal, fault: Fault, groups: Sequence[str] = SERVICES) -> None:
    """Run the main job with a fault beside it, and hold the deployment to every invariant afterwards.

    ``groups`` are those whose stored offsets must not go back; none, when the broker is to lose its log.
    """
    client = Client(cluster.url, journal)
    watching = Watch(cluster.server_url, cluster.kafka, groups)
    try:
        async with watching:
            beside = asyncio.create_task(fault(client))
            await MainJob(client, patience_s=PATIENCE_S).go()
            await asyncio.wait_for(beside, FIRE_WITHIN_S)
            await cluster.ready()
    except (FellShort, Unanswered, TimeoutError) as failure:
        beside.cancel()
        raise AssertionError(f"{failure!r}\n{cluster.tails()}") from failure
    finally:
        await client.close()
    await hold(cluster, journal, watching.violations)


async def hold(cluster: Cluster, journal: Journal, seen: Sequence[str]) -> None:
    """Fail with every violated invariant, those seen while it ran included."""
    wrong = [*seen, *await everything_that_is_wrong(cluster, journal)]
    new = [one for one in wrong if one not in cluster.charged]
    cluster.charged.update(new)
    assert not new, "\n".join([*new, cluster.tails()])


async def after_writes(client: Client, count: int) -> None:
    """Wait until that many writes of the job were answered."""
    await until(lambda: client.writes >= count, f"the job did not come to {count} writes")


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + FIRE_WITHIN_S
    while not holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)
