"""Every published event has its name, its example and its schema, and carries nobody's name."""

from __future__ import annotations

import re

import pytest

from chassis.testing import load
from contracts import EVENT_TYPES, Event
from tests.architecture.source import ROOT, SERVICES

NAME = re.compile(r"[a-z]+(\.[a-z][a-z_]*){2}\.v[1-9][0-9]*")
# Fields of these names may hold one of a few listed words, never text.
PERSONAL = {
    "name",
    "email",
    "reason",
    "text",
    "note",
    "notes",
    "description",
    "reference",
    "employee_ref",
    "registration_number",
    "phone",
    "address",
    "date_of_birth",
    "ethnicity",
    "gender",
}
EVENTS = sorted(EVENT_TYPES.values(), key=lambda event: event.TYPE)


def ids(event: type[Event]) -> str:
    return event.TYPE


@pytest.mark.parametrize("event", EVENTS, ids=ids)
def test_an_event_is_named_for_what_happened_and_its_class_likewise(event: type[Event]) -> None:
    assert NAME.fullmatch(event.TYPE)
    words = re.split(r"[._]", event.TYPE)[1:]
    wanted = "".join(word.capitalize() for word in words)
    assert wanted.endswith(event.__name__), f"{event.__name__} should end {wanted}"
    assert event.__module__ == f"contracts.{event.service()}"


@pytest.mark.parametrize("event", EVENTS, ids=ids)
def test_an_event_is_about_one_of_its_fields(event: type[Event]) -> None:
    assert event.SUBJECT in event.model_fields


@pytest.mark.parametrize("event", EVENTS, ids=ids)
def test_an_event_carries_no_name_no_free_text_and_no_reference(event: type[Event]) -> None:
    told = {name for name, field in event.model_fields.items() if "str" in str(field.annotation)}
    assert PERSONAL & told == set()


@pytest.mark.parametrize("event", EVENTS, ids=ids)
def test_an_event_has_an_example_and_a_schema(event: type[Event]) -> None:
    for folder in ("examples", "schemas"):
        assert (ROOT / "contracts" / folder / f"{event.TYPE}.json").is_file(), folder


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_listens_to_those_whose_events_it_reacts_to(service: str) -> None:
    declared = load(service)
    assert {event.service() for event in declared.reactions} <= set(declared.listens_to)
    assert service not in {event.service() for event in declared.reactions}
