"""The main job: cases come in, a manager allocates them, supervision happens or not, and leaders and tools see both.

Every journey runs twice: in one process on the embedded bus, and with a process for each service on a real Kafka.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from contracts import topic_of
from plumbline.services import SERVICES
from tests.e2e.deployment import Deployment, eventually
from tests.e2e.following import follow, follow_until
from tests.e2e.place import Place


@dataclass(frozen=True)
class Team:
    """Three social workers of one manager, whose workload and supervision the journeys share."""

    experienced: str
    supervised: str
    unsupervised: str


@pytest.fixture(scope="module")
def team(place: Place) -> Team:
    """An experienced worker at 95 %, a newly qualified one with a record of sessions, and one with none."""
    team = Team(place.worker("A"), place.newly_qualified("B"), place.newly_qualified("C"))
    place.until_known(team.experienced, team.supervised, team.unsupervised)
    for n in range(10):
        place.allocate(place.case(f"A{n}"), team.experienced)
    responsibility = {"description": "practice educator", "points": 10, "from": place.days_ago(1)}
    place.boss.post(f"/v1/allocation/workers/{team.experienced}/responsibilities", **responsibility)
    return team


def test_a_manager_sees_how_full_a_worker_is_and_why(place: Place, team: Team) -> None:
    seen = place.workload(team.experienced)
    assert (seen["load_points"], seen["available_points"], seen["utilisation_pct"]) == (95, 100, 95)
    assert (seen["band"], seen["overloaded"]) == ("amber", False)
    for side, points in (("load", 95), ("available", 100)):
        assert sum(line["points"] for line in seen["lines"] if line["side"] == side) == points


def test_a_case_system_may_send_the_same_case_again(place: Place) -> None:
    path = place.case("twice")
    body = {
        "case_type": "child_in_need",
        "complexity": "standard",
        "org_unit_id": place.team,
        "priority": "high",
        "received_on": place.days_ago(5),
    }
    place.case_system.put(path, 200, **body)
    place.case_system.put(path, 200, **{**body, "priority": "urgent"})


def test_a_case_too_many_is_refused_until_the_manager_says_why_and_the_overload_is_one_alert(
    place: Place, team: Team
) -> None:
    heavy = place.case("heavy", "child_protection")
    preview = place.boss.post(f"{heavy}/preview", 200, worker_id=team.experienced)
    shares = preview["before"]["utilisation_pct"], preview["after"]["utilisation_pct"]
    assert (shares, preview["allowed"], preview["problems"]) == ((95, 105), False, ["workload-limit"])

    refusal = place.allocate(heavy, team.experienced, expect=409)
    assert refusal["type"].endswith("/problems/workload-limit")
    assert place.workload(team.experienced)["utilisation_pct"] == 95

    best = place.boss.get(f"{heavy}/recommendations")["items"][0]
    assert best["worker_id"] != team.experienced
    assert best["reasons"]

    place.allocate(heavy, team.experienced, override_reason="no other worker speaks the family's language")
    assert place.workload(team.experienced)["band"] == "over"
    alert = place.one_alert("workload.overloaded", team.experienced)
    assert (alert["accountable"]["worker_id"], alert["standard"]) == (place.manager, 3)


def test_giving_a_worker_a_case_that_is_theirs_changes_nothing(place: Place, team: Team) -> None:
    case = place.case("held")
    first = place.allocate(case, team.supervised)
    again = place.allocate(case, team.supervised, expect=200)
    assert again["allocation_id"] == first["allocation_id"]
    assert again["after"]["load_points"] == first["after"]["load_points"]


def test_a_newly_qualified_worker_is_due_weekly_then_fortnightly_and_only_whole_sessions_count(
    place: Place, team: Team
) -> None:
    held = [
        (3, 90, True),
        (10, 95, True),
        (17, 85, True),
        (24, 90, False),
        (31, 90, True),
        (38, 120, True),
        (50, 90, True),
    ]
    for day, minutes, uninterrupted in held:
        recorded = place.hold_session(team.supervised, 60 - day, minutes, uninterrupted=uninterrupted)
        assert recorded["qualifies"] is (minutes >= 90 and uninterrupted), day

    record = place.periods(team.supervised)
    weekly = [("weekly", status) for status in ("met", "met", "missed", "missed", "met", "met")]
    found = [(period["cadence"], period["status"]) for period in record["periods"]]
    assert found == [*weekly, ("fortnightly", "met"), ("fortnightly", "open")]
    assert (record["met"], record["missed"], record["on_time_pct"]) == (5, 2, 71.4)
    assert record["next_due_by"] == place.days_ago(-9)


def test_missed_supervision_is_an_alert_for_the_manager_until_it_is_back_on_track(place: Place, team: Team) -> None:
    alert = place.one_alert("supervision.missed", team.unsupervised)
    assert (alert["accountable"]["worker_id"], alert["standard"]) == (place.manager, 5)
    back_on_track = team.supervised
    eventually(lambda: place.alerts("supervision.missed", back_on_track), lambda found: not found, "no alert any more")


def test_figures_of_a_team_and_of_its_authority_add_up(place: Place, team: Team) -> None:
    def figures() -> tuple[Any, Any]:
        measure = "supervision.on_time"
        return place.figure(measure), place.figure(measure, place.authority)

    def add_up(pair: tuple[Any, Any]) -> bool:
        (met, judged), _ = pair
        return bool(pair[0] == pair[1] and met >= 5 and judged - met >= 9)

    eventually(figures, add_up, "met and missed periods roll up to the team and to the authority")
    unit = place.boss.get(f"/v1/allocation/org-units/{place.team}/workload")
    load, available = (sum(worker[side] for worker in unit["workers"]) for side in ("load_points", "available_points"))
    assert abs(unit["utilisation_pct"] - 100 * load / available) <= 0.05


def test_every_figure_opens_to_the_events_that_made_it(place: Place, team: Team) -> None:
    path = "/v1/accountability/measures"
    span = {"org_unit_id": place.team, "from": place.days_ago(90), "to": place.days_ago(-1), "grain": "month"}
    for row in place.reporting.get(path, measure="supervision.missed_periods", **span)["items"]:
        asked = {"org_unit_id": place.team, "period_start": row["period_start"], "grain": "month"}
        events = place.reporting.get(f"{path}/supervision.missed_periods/events", **asked)["items"]
        assert sum(event["numerator"] for event in events) == row["numerator"]


def test_a_reporting_tool_follows_everything_and_learns_no_name(place: Place, team: Team) -> None:
    wanted = {
        "workforce.worker.recorded.v1",
        "allocation.case.received.v1",
        "allocation.case.allocated.v1",
        "allocation.workload.overloaded.v1",
        "allocation.limit.overridden.v1",
        "supervision.session.recorded.v1",
        "supervision.period.met.v1",
        "supervision.period.missed.v1",
        "accountability.alert.raised.v1",
    }
    whole = follow_until(place.reporting, wanted)
    for _, event in whole:
        assert event["specversion"] == "1.0"
        assert event["id"]
        assert event["source"]
        assert event["subject"]
    everything = json.dumps([event for _, event in whole])
    for secret in ("Worker A", f"A0-{place.run}", "family's language", "practice educator"):
        assert secret not in everything


def test_a_stream_that_broke_off_goes_on_without_a_gap_or_a_repeat(place: Place, team: Team) -> None:
    whole = [event["id"] for _, event in follow(place.reporting)]
    first = follow(place.reporting, stop_after=7)
    rest = follow(place.reporting, after=first[-1][0])
    together = [event["id"] for _, event in first + rest]
    assert together[: len(whole)] == whole
    assert len(set(together)) == len(together)


def test_nobody_gets_in_without_a_token_or_beyond_their_reach(place: Place, team: Team) -> None:
    path = f"/v1/allocation/workers/{team.experienced}/workload"
    assert httpx.get(place.deployment.url + path).status_code == 401
    other = place.practitioner(team.supervised)
    assert other.status_of(path) in (403, 404)
    assert other.status_of(f"/v1/allocation/workers/{team.supervised}/workload") == 200


async def test_the_topics_hold_the_same_events_as_the_stream(on_kafka: Deployment, kafka: str) -> None:
    reporting = on_kafka.someone("reporting")
    streamed = {event["id"]: event for _, event in await asyncio.to_thread(follow, reporting)}
    on_topics = await _records(kafka)
    assert streamed
    assert streamed.keys() <= on_topics.keys()
    late = {record["id"] for record in on_topics.values()} - streamed.keys()
    assert late <= {event["id"] for _, event in await asyncio.to_thread(follow, reporting)}
    for event_id, event in streamed.items():
        record = on_topics[event_id]
        assert (record["type"], record["subject"], record["data"]) == (event["type"], event["subject"], event["data"])


async def _records(kafka: str) -> dict[str, dict[str, Any]]:
    """Every record of every topic, by the id of its event."""
    topics = [topic_of(service) for service in SERVICES]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: dict[str, dict[str, Any]] = {}
        order: dict[str, list[int]] = defaultdict(list)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                for record in batch:
                    headers = {name: value.decode() for name, value in record.headers}
                    event = {name.removeprefix("ce_"): value for name, value in headers.items()}
                    found[event["id"]] = {**event, "data": json.loads(record.value)}
                    order[f"{record.topic} {record.key}"].append(int(event["sequence"]))
        assert all(sequences == sorted(sequences) for sequences in order.values())
        return found
    finally:
        await consumer.stop()
