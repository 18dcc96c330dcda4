"""Raising a concern without fear, a guardian who keeps a name, and a worker who does not come back from a visit."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from chassis.postgres import database_url
from plumbline.home import Home
from plumbline.services import SERVICES
from tests.e2e.deployment import Deployment, Someone, eventually
from tests.e2e.following import follow_until
from tests.e2e.place import Place

AFTERNOON = datetime.fromisoformat("2026-03-02T15:00:00+00:00")
REPORTS, REPLIES = "/v1/safety/anonymous-concerns", "/v1/safety/anonymous-concerns/replies"
TOPIC, WORDS = "operations", "Nobody answers the duty line at night."
FAR_ADDRESS, FLOODING_ADDRESS = "127.0.0.77", "127.0.0.99"


class Collector:
    """A collector of traces that keeps every byte it is sent."""

    def __init__(self) -> None:
        self.received = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.received += self.rfile.read(int(self.headers["content-length"] or 0))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Week:
    """A deployment that says and traces all it can, and whose business clock can be moved forward."""

    def __init__(self, home: Path) -> None:
        self.home, self.now, self.collector = home, AFTERNOON, Collector()
        self.said = ""
        self.running = self._start()
        self.place = Place(self.running, AFTERNOON.date())
        self.worker, self.colleague = self.place.worker("reports"), self.place.worker("answers")
        self.guardian = self.running.someone("concerns_guardian", worker_id=str(uuid.uuid4()))
        me = self.running.someone("practitioner", worker_id=self.colleague)
        asked = {"item": "transport", "words": "A bicycle."}
        path = f"{self.running.url}/v1/safety/provision-requests"
        eventually(
            lambda: httpx.post(path, json=asked, headers=me.headers).status_code,
            lambda status: status == 201,
            "safety knows the workers",
        )

    def _start(self) -> Deployment:
        environment = {
            "PLUMBLINE_CLOCK_START": self.now.isoformat(),
            "LOG_LEVEL": "DEBUG",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url,
        }
        return Deployment(self.home, environment=environment)

    def travel(self, **delta: float) -> None:
        self.stop()
        self.now += timedelta(**delta)
        self.running = self._start()
        self.place.moved_to(self.running, self.now.date())
        self.guardian = self.running.someone("concerns_guardian", worker_id=str(uuid.uuid4()))

    def stop(self) -> None:
        self.said += self.running.log()
        assert self.running.stop() == 0, self.running.log()[-3000:]
        self.said += self.running.log()

    def me(self, worker: str) -> Someone:
        return self.place.practitioner(worker)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    week = Week(tmp_path_factory.mktemp("week") / "home")
    yield week
    week.stop()
    week.collector.stop()


class Canary:
    """Everything about a sender that could be kept, each of it to be recognised."""

    def __init__(self, week: Week) -> None:
        run = uuid.uuid4().hex
        self.worker_id = str(uuid.uuid4())
        sender = week.running.someone("practitioner", worker_id=self.worker_id, org_unit_id=week.place.team)
        self.trace = f"ca4a{run[:28]}"
        self.marks = {
            name: f"canary-{name}-{run}" for name in ("agent", "session", "request", "key", "referer", "query")
        }
        self.headers = {
            **sender.headers,
            "User-Agent": self.marks["agent"],
            "Cookie": f"session={self.marks['session']}",
            "X-Request-Id": self.marks["request"],
            "Idempotency-Key": self.marks["key"],
            "Referer": f"http://intranet/{self.marks['referer']}",
            "X-Forwarded-For": "203.0.113.77",
            "Forwarded": "for=203.0.113.77",
            "traceparent": f"00-{self.trace}-ca4a7ca4a7ca4a70-01",
            "tracestate": f"canary={run}",
        }
        token = sender.headers["Authorization"].removeprefix("Bearer ")
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        self.token = [token, token.split(".")[2], self.worker_id, *([claims["jti"]] if "jti" in claims else [])]

    @property
    def traces(self) -> list[str]:
        """What must be found nowhere."""
        return [*self.marks.values(), *self.token, FAR_ADDRESS, "203.0.113.77", self.trace, "ca4a7ca4a7ca4a70"]


def send(week: Week, canary: Canary, path: str, expect: int = 201, **body: Any) -> Any:
    """A request of the sender from an address of their own."""
    query = {"from": canary.marks["query"]}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=FAR_ADDRESS), timeout=30) as client:
        answer = client.post(week.running.url + path, params=query, json=body, headers=canary.headers)
    assert answer.status_code == expect, answer.text[:600]
    return answer.json()


def kept_rows(home: Path) -> Iterator[tuple[str, str]]:
    """Every row of every table of every database as text, with where it stands; bytes as what they spell."""
    with Home(home).postgres() as server:
        for name in (*(f"plumbline_{service}" for service in SERVICES), "plumbline_bus"):
            with psycopg.connect(database_url(server.url, name)) as connection:
                tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
                for (table,) in tables:
                    statement = sql.SQL("select * from {}").format(sql.Identifier(table))
                    for row in connection.execute(statement):
                        yield f"{name}.{table}", " ".join(_spelled(value) for value in row)


def _spelled(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)


def kept_files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the deployment: tables, write-ahead log, server logs, keys."""
    for file in home.rglob("*"):
        if file.is_file():
            yield str(file), file.read_bytes()


def found(traces: list[str], rows: list[tuple[str, str]], files: list[tuple[str, bytes]], other: bytes) -> list[str]:
    """Where something of the sender stands."""
    hits = [f"{trace} in {where}" for trace in traces for where, text in rows if trace in text]
    hits += [f"{trace} in {where}" for trace in traces for where, data in files if trace.encode() in data]
    return hits + [f"{trace} in logs or traces" for trace in traces if trace.encode() in other]


def test_of_whoever_reports_without_a_name_nothing_is_found_anywhere(week: Week) -> None:
    canary = Canary(week)
    body: dict[str, Any] = {"org_unit_id": week.place.team, "topic": TOPIC, "words": WORDS}
    receipt = send(week, canary, REPORTS, **body)["receipt"]
    send(week, canary, REPLIES, receipt=receipt, words="It rang for an hour on Sunday.")
    send(week, canary, f"{REPORTS}/conversation", 200, receipt=receipt)
    send(week, canary, REPORTS, 422, **{**body, "topic": "nonsense"})
    send(week, canary, REPLIES, 404, receipt="0" * 16, words="Lost it.")

    week.travel(days=1)
    events = follow_until(week.place.reporting, {"safety.concern.raised.v1"})
    raised = [event for _, event in events if event["type"] == "safety.concern.raised.v1"]
    assert [event["data"]["mode"] for event in raised] == ["anonymous"]
    assert all("traceparent" not in event and not event.get("correlationid") for event in raised)
    (concern,) = week.place.boss.get("/v1/safety/concerns", open_only=True)["items"]
    seen = week.place.boss.get(f"/v1/safety/concerns/{concern['concern_id']}")
    assert seen["words"] == WORDS
    assert len(seen["messages"]) == 1

    week.stop()
    rows = list(kept_rows(week.home))
    files = list(kept_files(week.home))
    other = week.said.encode() + week.collector.received
    assert found([*canary.traces, receipt], rows, files, other) == []
    known = [WORDS, week.worker]
    assert {where.split(" in ")[0] for where in found(known, rows, files, b"")} == set(known), (
        "the search finds what is there"
    )
    assert any(where == "plumbline_bus.bus_records" for where, text in rows if concern["concern_id"] in text)
    assert week.collector.received, "traces were collected"
    week.running = week._start()
    week.place.moved_to(week.running, week.now.date())
    week.guardian = week.running.someone("concerns_guardian", worker_id=str(uuid.uuid4()))


def test_the_guardian_keeps_a_name_and_gives_it_for_a_reason(week: Week) -> None:
    me, boss = week.me(week.worker), week.place.boss
    about = {"mode": "confidential", "topic": "workload", "words": "I cannot see my families often enough."}
    concern = me.post("/v1/safety/concerns", **about)["concern_id"]
    path = f"/v1/safety/concerns/{concern}"
    assert week.worker not in json.dumps(boss.get(path))
    boss.post(f"{path}/identity/looks", 403)
    request = boss.post(f"{path}/identity-requests", reason="To take two cases off this worker.")["request_id"]
    decision = f"/v1/safety/identity-requests/{request}/decision"
    boss.post(decision, 403, granted=True, reason="I need it.")
    week.guardian.post(decision, 204, granted=True, reason="The worker agreed.")
    assert boss.post(f"{path}/identity/looks")["reporter_id"] == week.worker
    (look,) = week.guardian.get(f"{path}/identity/looks")["items"]
    assert (look["looked_by_id"], look["request_id"]) == (week.place.manager, request)

    boss.post(f"{path}/acknowledge", 200)
    boss.post(f"{path}/assess", 200, risk="high")
    boss.post(f"{path}/answer", 200, outcome="acted_on", words="Two cases have moved.")
    (mine,) = me.get("/v1/safety/concerns/mine")["items"]
    assert [message["words"] for message in mine["messages"]] == ["Two cases have moved."]
    eventually(lambda: week.place.figure("safety.days_to_answer"), lambda seen: seen == (0, 1), "the answer is counted")
    told = follow_until(week.place.reporting, {"safety.concern.answered.v1"})
    mentions = [event for _, event in told if event["data"].get("concern_id") == concern]
    assert len(mentions) == 4
    assert week.worker not in json.dumps(mentions)


def test_a_concern_about_the_manager_goes_past_the_manager(week: Week) -> None:
    me, boss, place = week.me(week.worker), week.place.boss, week.place
    about = {"mode": "confidential", "topic": "conduct", "words": "Shouting.", "subject_id": place.manager}
    concern = me.post("/v1/safety/concerns", **about)
    assert concern["handler_id"] == place.head
    path = f"/v1/safety/concerns/{concern['concern_id']}"
    boss.get(path, 403)
    head = week.running.someone("team_manager", worker_id=place.head, org_unit_id=place.service)
    head.get(path)
    problem = head.post(f"{path}/identity-requests", 403, reason="I am their manager.")
    assert problem["type"].endswith("/problems/conflict-of-interest")


def test_a_missed_check_in_is_an_alert_until_a_person_closes_it(week: Week) -> None:
    me, colleague = week.me(week.worker), week.me(week.colleague)
    planned = {"planned_at": (week.now - timedelta(hours=2)).isoformat(), "contacts": [week.colleague]}
    back_at = (week.now - timedelta(minutes=20)).isoformat()
    address = "14 High Street"
    visit = me.post("/v1/safety/visits", worker_id=week.worker, expected_back_at=back_at, address=address, **planned)
    path = f"/v1/safety/visits/{visit['visit_id']}"
    alert = week.place.one_alert("safety.checkin_missed", visit["visit_id"])
    assert (alert["standard"], alert["clause"], alert["accountable"]["worker_id"]) == (4, "4.5", week.place.manager)
    assert (alert["subject"]["type"], alert["worker_id"]) == ("visit", week.worker)
    assert week.place.alerts("safety.checkin_missed", week.worker) == [alert]
    assert colleague.get(path)["address"] == address
    assert me.post(f"{path}/check-in", 200)["state"] == "missed"
    me.post(f"{path}/close", 409, words="All is well.")
    assert week.place.alerts("safety.checkin_missed", visit["visit_id"])
    closed = colleague.post(f"{path}/close", 200, words="Spoke to her at her door.")
    assert (closed["state"], closed["address"]) == ("closed", None)
    eventually(lambda: week.place.alerts("safety.checkin_missed", visit["visit_id"]), lambda seen: not seen, "resolved")
    told = follow_until(week.place.reporting, {"safety.checkin.closed.v1"})
    assert address not in json.dumps(told)


def test_whoever_gets_a_case_is_told_to_ask_before_a_visit_and_not_why(week: Week) -> None:
    place, me = week.place, week.me(week.worker)
    place.until_known(week.worker)
    case, reference = place.case("dogs"), f"dogs-{place.run}"
    happened = {
        "kind": "physical_violence",
        "by_whom": "family_member",
        "place": "home_visit",
        "words": "A dog was set on me.",
    }
    incident = me.post(
        "/v1/safety/incidents",
        worker_id=week.worker,
        occurred_on=place.days_ago(1),
        case={"source": "mosaic", "reference": reference},
        **happened,
    )
    offer = {"worker_id": week.colleague}
    notes = eventually(
        lambda: place.boss.post(f"{case}/preview", 200, **offer)["notes"], bool, "the preview points at safety"
    )
    assert notes == ["safety-incident"]
    eventually(lambda: place.figure("safety.violent_incidents"), lambda seen: seen[0] == 1, "violence is counted")
    path = f"/v1/safety/incidents/{incident['incident_id']}"
    place.boss.post(f"{path}/assess", 200, risk="high")
    place.boss.post(f"{path}/close", 200)
    eventually(lambda: place.boss.post(f"{case}/preview", 200, **offer)["notes"], lambda seen: not seen, "closed again")
    told = json.dumps(follow_until(place.reporting, {"safety.case.marked.v1"}))
    assert "dog was" not in told
    assert reference not in told


def test_hostile_input_is_refused_and_a_flood_loses_nothing_that_was_taken(week: Week) -> None:
    body = {"org_unit_id": week.place.team, "topic": "other", "words": "Flood."}
    before = len(week.guardian.get("/v1/safety/concerns", limit=500)["items"])
    with httpx.Client(
        base_url=week.running.url, transport=httpx.HTTPTransport(local_address=FLOODING_ADDRESS), timeout=60
    ) as client:
        large = client.post(REPORTS, json={**body, "words": "x" * 10_000_000})
        script = client.post(REPORTS, json={**body, "words": "<script>alert(1)</script>"})
        answers = [client.post(REPORTS, json=body) for _ in range(1000)]
    assert (large.status_code, large.json()["type"]) == (413, "/problems/body-too-large")
    assert (script.status_code, script.json()["errors"][0]["field"]) == (422, "words")
    taken = [answer.json()["receipt"] for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 429}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 429)
    assert 60 <= len(taken) == len(set(taken)) < 200
    after = week.guardian.get("/v1/safety/concerns", limit=500)["items"]
    assert len(after) - before == len(taken)
    read = httpx.post(f"{week.running.url}{REPORTS}/conversation", json={"receipt": taken[-1]})
    assert read.status_code == 200
