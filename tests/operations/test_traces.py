"""One trace runs from the gateway through the bus to the alert and the mail, and says nothing personal."""

from __future__ import annotations

import secrets

import pytest

from tests.e2e.deployment import eventually
from tests.e2e.place import Place
from tests.operations.collector import Collector, Seen

NAME = "Tabitha Canary-Featherstone"


def named(spans: list[Seen], service: str, name: str) -> list[Seen]:
    return [span for span in spans if (span.service, span.name) == (f"plumbline-{service}", name)]


def below(spans: list[Seen], span: Seen) -> str:
    """The names of a span and its ancestors, the outermost first."""
    parents = {one.span_id: one for one in spans}
    path = [span]
    while path[0].parent_id in parents:
        path.insert(0, parents[path[0].parent_id])
    return " > ".join(f"{one.service.removeprefix('plumbline-')}: {one.name}" for one in path)


@pytest.fixture(scope="module")
def overloading(place: Place, collector: Collector) -> list[Seen]:
    """The trace of the allocation that overloads a worker, once the manager has been told."""
    told = place.worker("told", job_role="team manager", email="told@council.example")
    worker = place.worker("traced", name=NAME, line_manager_id=told)
    place.until_known(worker)
    for n in range(8):
        place.allocate(place.case(f"trace-{n}", "child_protection"), worker)
    last = place.case("trace-last", "child_protection")
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)
    boss = place.boss
    boss._http.headers["traceparent"] = f"00-{trace_id}-{caller}-01"
    place.allocate(last, worker, override_reason="nobody else speaks the language")
    del boss._http.headers["traceparent"]
    return eventually(
        lambda: collector.of(trace_id),
        lambda spans: bool(named(spans, "accountability", "notify")),
        "the trace reaches the mail",
        within_s=30,
    )


def test_a_trace_runs_from_the_gateway_through_the_bus_to_the_alert_and_the_mail(overloading: list[Seen]) -> None:
    told = named(overloading, "accountability", "notify")
    assert below(overloading, told[0]) == (
        "gateway: POST allocation > "
        "allocation: POST /v1/allocation/cases/{source}/{reference}/allocations > "
        "accountability: react allocation.workload.overloaded.v1 > "
        "accountability: notify"
    )


def test_every_span_but_the_first_has_its_parent_in_the_trace(overloading: list[Seen]) -> None:
    known = {span.span_id for span in overloading}
    assert [span.name for span in overloading if span.parent_id not in known] == ["POST allocation"]


def test_spans_hold_no_path_no_query_and_no_message(overloading: list[Seen], collector: Collector) -> None:
    said = [span.name + str(span.attributes) + span.other for span in collector.spans]
    assert not [text for text in said if "trace-last" in text or NAME in text or "url." in text]
    assert not [span for span in collector.spans if span.other]


def test_probes_and_requests_that_need_no_token_are_not_traced(overloading: list[Seen], collector: Collector) -> None:
    assert not [span for span in collector.spans if "health" in span.name or "openapi" in span.name]
