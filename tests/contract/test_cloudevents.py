"""A record of ours, read by the CloudEvents project's own library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import jsonschema_rs
import pytest
import yaml
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from chassis.bus import Received
from chassis.envelope import Cause, envelope_of, headers_of, structured
from chassis.testing import record
from plumbline.contracts.generation import ROOT, read_examples, spoken_types

TYPES = spoken_types()
EXAMPLES = read_examples()
HEADERS = {
    name: message["headers"]
    for name, message in yaml.safe_load((ROOT / "asyncapi.yaml").read_text())["components"]["messages"].items()
}


def example_record(name: str, sequence: int = 3) -> Received:
    return record(TYPES[name].model_validate_json(json.dumps(EXAMPLES[name])), sequence)


def as_cloudevent(received: Received) -> BaseCloudEvent:
    headers = {name: value.encode() for name, value in received.headers.items()}
    return from_binary(KafkaMessage(headers, received.key, received.value), JSONFormat(), CloudEvent)


@pytest.mark.parametrize("name", TYPES)
def test_a_record_is_a_cloudevent_in_binary_mode(name: str) -> None:
    received = example_record(name)
    event = as_cloudevent(received)
    about = envelope_of(received.headers)
    assert event.get_specversion() == "1.0"
    assert (event.get_type(), event.get_id(), event.get_source()) == (
        name,
        str(about.id),
        f"/services/{name.split('.', maxsplit=1)[0]}",
    )
    assert event.get_subject() == received.key == EXAMPLES[name][TYPES[name].SUBJECT]
    assert event.get_time() == about.time
    assert event.get_datacontenttype() == "application/json"
    assert event.get_dataschema() == f"/schemas/{name}.json"
    assert (event.get_extension("sequence"), event.get_extension("correlationid")) == ("3", "test")
    assert event.get_data() == EXAMPLES[name]


@pytest.mark.parametrize("name", TYPES)
def test_the_headers_of_a_record_are_those_that_asyncapi_describes(name: str) -> None:
    described = jsonschema_rs.Draft202012Validator(HEADERS[name], validate_formats=True)
    headers = dict(example_record(name).headers)
    described.validate(headers)
    assert set(headers) <= set(HEADERS[name]["properties"])


@pytest.mark.parametrize("name", TYPES)
def test_the_structured_form_is_the_same_cloudevent(name: str) -> None:
    received = example_record(name)
    text = json.dumps(structured(envelope_of(received.headers), json.loads(received.value)))
    event = JSONFormat().read(CloudEvent, text)
    binary = as_cloudevent(received)
    same = ("get_id", "get_source", "get_type", "get_subject", "get_time", "get_dataschema", "get_data")
    assert [getattr(event, part)() for part in same] == [getattr(binary, part)() for part in same]
    assert event.get_extension("sequence") == "3"


def test_cause_and_trace_travel_as_extensions() -> None:
    fact = TYPES["workforce.org_unit.recorded.v1"].model_validate(EXAMPLES["workforce.org_unit.recorded.v1"])
    cause = Cause("someone", "request-1", "019af1aa-0000-7000-8000-000000000001", f"00-{'a' * 32}-{'b' * 16}-01")
    when = datetime(2026, 3, 2, 9, tzinfo=UTC)
    headers = headers_of(fact, UUID("019af1ab-0000-7000-8000-000000000002"), "/services/workforce", when, cause)
    event = as_cloudevent(Received.of("plumbline.workforce", 0, 0, fact.subject, headers, b"{}"))
    assert event.get_extension("causationid") == cause.causation_id
    assert event.get_extension("traceparent") == cause.traceparent
    assert not any("someone" in value for value in headers.values()), "who did it stays at home"
