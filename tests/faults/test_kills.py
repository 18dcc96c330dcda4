"""Killing any process while the main job runs loses and doubles nothing, and nobody has to mend anything."""

from __future__ import annotations

import signal

import pytest

from plumbline.services import SERVICES
from tests.faults.cluster import Cluster
from tests.faults.journal import Client, Journal
from tests.faults.run import LONG, after_writes, job_under, until

pytestmark = pytest.mark.fault("kill")


@pytest.mark.fault("none")
@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_without_a_fault_everything_holds(cluster: Cluster, journal: Journal) -> None:
    async def nothing(_: Client) -> None:
        return

    await job_under(cluster, journal, nothing)


PARTS = (*SERVICES, "gateway")
THREE_AT_A_TIME = [PARTS[start : start + 3] for start in range(0, len(PARTS), 3)]


@pytest.mark.parametrize("victims", [(name,) * 3 for name in PARTS] if LONG else THREE_AT_A_TIME, ids=" ".join)
async def test_processes_killed_during_the_job(cluster: Cluster, journal: Journal, victims: tuple[str, ...]) -> None:
    async def kill(client: Client) -> None:
        for name, writes in zip(victims, (4, 14, 24), strict=False):
            await after_writes(client, writes)
            await cluster.parts[name].kill()

    deaths = sum(len(part.deaths) for part in cluster.parts.values())
    await job_under(cluster, journal, kill)
    assert sum(len(part.deaths) for part in cluster.parts.values()) >= deaths + len(victims)


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_everything_killed_at_once_comes_back(cluster: Cluster, journal: Journal) -> None:
    async def kill_all(client: Client) -> None:
        await after_writes(client, 14)
        for part in cluster.parts.values():
            part.signal(signal.SIGKILL)

    await job_under(cluster, journal, kill_all)


FAILPOINTS = [
    pytest.param({"allocation": "after-state-write:9", "workforce": "after-state-write:3"}, id="after the state write"),
    pytest.param({"allocation": "before-commit:9", "supervision": "before-commit:6"}, id="before the commit"),
    pytest.param({"workforce": "after-commit:4", "allocation": "after-commit:12"}, id="after the commit, unanswered"),
    pytest.param({"workforce": "relay-after-claim:1", "allocation": "relay-after-claim:1"}, id="relay with its claim"),
    pytest.param({"workforce": "relay-after-send:2", "allocation": "relay-after-send:2"}, id="relay with some sent"),
    pytest.param(
        {"workforce": "relay-after-ack:1", "allocation": "relay-after-ack:1", "supervision": "relay-after-ack:1"},
        id="relay acknowledged, not marked",
    ),
    pytest.param({"allocation": "consumer-after-fetch:8", "accountability": "consumer-after-fetch:8"}, id="fetched"),
    pytest.param({"allocation": "consumer-after-inbox:1", "accountability": "consumer-after-inbox:2"}, id="inbox"),
    pytest.param(
        {"supervision": "consumer-after-effect:1", "accountability": "consumer-after-effect:2"},
        id="effect done, not committed",
    ),
    pytest.param(
        {
            "allocation": "consumer-after-commit:1",
            "supervision": "consumer-after-commit:1",
            "accountability": "consumer-after-commit:2",
        },
        id="effect committed, offset not",
    ),
]


@pytest.mark.parametrize("armed", FAILPOINTS if LONG else FAILPOINTS[1:6:4] + FAILPOINTS[8:])
async def test_a_process_killed_at_a_named_line(cluster: Cluster, journal: Journal, armed: dict[str, str]) -> None:
    parts = [cluster.parts[name] for name in armed]
    # One death to start it armed, one at the failpoint.
    expected = {part.name: len(part.deaths) + 2 for part in parts}
    for part in parts:
        await part.arm(armed[part.name])
    await until(lambda: all(len(part.deaths) >= expected[part.name] - 1 for part in parts), "the old processes live on")
    await cluster.ready()

    async def fired(_: Client) -> None:
        await until(
            lambda: all(len(part.deaths) >= expected[part.name] for part in parts), f"one of {armed} was never reached"
        )

    await job_under(cluster, journal, fired)
    assert {part.deaths[-1] for part in parts} == {-signal.SIGKILL}
