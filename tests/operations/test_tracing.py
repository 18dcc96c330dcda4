"""What a trace is made of: spans that continue what came, events that carry it on, and nothing at all without a collector."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chassis import tracing
from chassis.clock import Clock
from chassis.database import Tx
from chassis.envelope import Cause
from chassis.ids import new_id
from chassis.service import Scan
from chassis.testing import load, open_database
from chassis.tracing import span, trace_of
from chassis.worker import run_scan
from contracts.workforce import OrgUnitRecordedV1

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
SECRET = "Perpetua Zwetschkenbaum"


@pytest.fixture
def told() -> Iterator[InMemorySpanExporter]:
    """The spans that workforce tells a collector."""
    kept = InMemorySpanExporter()
    before = list(tracing._sending)
    tracing._sending[:] = [SimpleSpanProcessor(tracing.Discreet(kept))]
    tracing.configure("workforce", "http://collector.invalid")
    yield kept
    tracing._sending[:] = before
    del tracing._providers["workforce"]


def test_without_a_collector_a_span_is_the_header_that_came() -> None:
    with span("react", "cpd", PARENT) as one:
        assert one.header == PARENT
    assert tracing.told("react", "cpd", PARENT, 0) == PARENT


def test_a_request_continues_the_trace_that_came_or_begins_one() -> None:
    assert trace_of(PARENT).trace_id == "a" * 32
    assert trace_of("nonsense").trace_id != trace_of(None).trace_id


def test_a_span_continues_what_came_and_what_follows_continues_the_span(told: InMemorySpanExporter) -> None:
    with span("react", "workforce", PARENT) as outer:
        assert trace_of("another").header == outer.header
        assert tracing.current_trace_id() == "a" * 32
    [one] = told.get_finished_spans()
    assert one.parent is not None
    assert f"{one.parent.span_id:016x}" == "b" * 16
    assert outer.header.split("-")[2] == f"{one.context.span_id:016x}"
    assert tracing.current_trace_id() == ""


def test_a_span_that_is_not_worth_telling_is_not_told(told: InMemorySpanExporter) -> None:
    with span("scan", "workforce") as one:
        one.keep = False
    assert told.get_finished_spans() == ()


def test_a_failure_is_told_by_its_kind_without_its_message(told: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), span("react", "workforce", PARENT, messaging_message_id=7, person=SECRET):
        raise KeyError(SECRET)
    [one] = told.get_finished_spans()
    assert (one.status.status_code, dict(one.attributes or {})) == (
        StatusCode.ERROR,
        {"error.type": "KeyError", "messaging.message.id": "7"},
    )
    assert one.status.description is None
    assert one.events == ()


async def test_a_single_event_may_have_a_cause_of_its_own(postgres: str) -> None:
    async with open_database(postgres, load("workforce"), Clock()) as database:
        usual, own = Cause("someone", "request", traceparent=PARENT), Cause("someone", "other", "its cause")
        async with database.transaction(usual) as tx:
            for _ in range(3):
                tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
            tx.causes[1] = own
        async with database.reading() as tx:
            rows = await tx.fetch_all("select attributes from outbox order by id")
    attributes = [json.loads(row["attributes"]) for row in rows]
    assert [one["ce_correlationid"] for one in attributes] == ["request", "other", "request"]
    assert [one.get("ce_causationid") for one in attributes] == [None, "its cause", None]
    assert [one.get("ce_traceparent") for one in attributes] == [PARENT, None, PARENT]


async def test_what_a_scan_does_begins_a_trace_and_a_scan_that_found_nothing_is_not_told(
    postgres: str, told: InMemorySpanExporter
) -> None:
    found = iter((1, 0))

    async def run(tx: Tx) -> int:
        done = next(found)
        if done:
            tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
        return done

    async with open_database(postgres, load("workforce"), Clock()) as database:
        assert [await run_scan(database, Scan("units", run)) for _ in range(2)] == [1, 0]
        async with database.reading() as tx:
            row = await tx.fetch_one("select attributes from outbox")
    [one] = told.get_finished_spans()
    assert one.name == "scan units"
    assert row is not None
    assert f"{one.context.trace_id:032x}" in json.loads(row["attributes"])["ce_traceparent"]
