"""Which change keeps a version and which one breaks it, one row each."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import EVENT_TYPES
from plumbline.contracts.compatibility import incompatibilities
from plumbline.contracts.schemas import schema_of

PUBLISHED: dict[str, Any] = {
    "$id": "/schemas/sample.thing.done.v1.json",
    "title": "sample.thing.done.v1",
    "description": "A thing was done.",
    "type": "object",
    "properties": {
        "thing_id": {"type": "string", "format": "uuid"},
        "minutes": {"type": "integer"},
        "kind": {"enum": ["individual", "group"], "type": "string"},
        "ended_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "problems": {"type": "array", "items": {"type": "string"}, "default": []},
        "place": {"$ref": "#/$defs/Place"},
    },
    "required": ["thing_id", "minutes", "kind", "ended_on", "place"],
    "$defs": {"Place": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]}},
    "x-topic": "plumbline.sample",
    "x-subject": "thing_id",
}
OPTIONAL_FIELD = {"type": "boolean", "default": False}
NULLABLE = [{"type": "string", "format": "date"}, {"type": "null"}]


def put(path: str, value: Any) -> Any:
    """A change that sets what a dotted path names."""

    def change(schema: dict[str, Any]) -> None:
        *way, last = path.split("/")
        place: Any = schema
        for step in way:
            place = place[step]
        place[last] = value

    return change


def drop(path: str) -> Any:
    """A change that removes what a dotted path names."""

    def change(schema: dict[str, Any]) -> None:
        *way, last = path.split("/")
        place: Any = schema
        for step in way:
            place = place[step]
        del place[last]

    return change


def without(field: str) -> Any:
    """A change that removes a field and its mention among the required."""

    def change(schema: dict[str, Any]) -> None:
        del schema["properties"][field]
        schema["required"] = [name for name in schema["required"] if name != field]

    return change


def required(*fields: str) -> Any:
    """A change that makes exactly these fields required."""
    return put("required", list(fields))


ALL = tuple(PUBLISHED["required"])

ALLOWED = [
    ("nothing changes", []),
    ("an optional field is added", [put("properties/restates", OPTIONAL_FIELD)]),
    ("an optional field is added to a nested object", [put("$defs/Place/properties/quiet", OPTIONAL_FIELD)]),
    ("a sentence of explanation is written better", [put("description", "Something was done.")]),
    ("a field is explained", [put("properties/minutes/description", "whole minutes")]),
    ("the required fields are named in another order", [required(*reversed(ALL))]),
    ("the values of an enumeration are named in another order", [put("properties/kind/enum", ["group", "individual"])]),
    (
        "a nested object is written in place instead of by reference",
        [put("properties/place", PUBLISHED["$defs"]["Place"]), drop("$defs")],
    ),
]

REFUSED = [
    ("a required field is removed", [without("minutes")], "minutes: the field was removed"),
    ("an optional field is removed", [without("problems")], "problems: the field was removed"),
    (
        "a field is renamed",
        [without("minutes"), put("properties/duration", {"type": "integer", "default": 0})],
        "minutes: the field was removed",
    ),
    (
        "a required field is added",
        [put("properties/room", {"type": "string"}), required(*ALL, "room")],
        "room: a new field must be optional, with a default",
    ),
    (
        "an optional field becomes required",
        [required(*ALL, "problems")],
        "problems: the field became required, and older events lack it",
    ),
    (
        "a required field becomes optional",
        [required(*ALL[1:])],
        "thing_id: the field became optional, and readers rely on it",
    ),
    (
        "a field changes its type",
        [put("properties/minutes/type", "number")],
        "minutes: type changed from 'integer' to 'number'",
    ),
    (
        "a field loses its format",
        [drop("properties/thing_id/format")],
        "thing_id: format changed from 'uuid' to nothing",
    ),
    (
        "a field gains a limit that older events may exceed",
        [put("properties/minutes/maximum", 480)],
        "minutes: maximum changed from nothing to 480",
    ),
    (
        "an enumeration is narrowed",
        [put("properties/kind/enum", ["individual"])],
        "kind: the value 'group' was taken away, and older events hold it",
    ),
    (
        "an enumeration is widened",
        [put("properties/kind/enum", ["individual", "group", "peer"])],
        "kind: the value 'peer' was added, and readers do not know it",
    ),
    (
        "a field may no longer be null",
        [put("properties/ended_on", {"type": "string", "format": "date"})],
        "ended_on: anyOf changed from",
    ),
    (
        "a field may now be null",
        [put("properties/minutes", {"anyOf": [{"type": "integer"}, {"type": "null"}]})],
        "minutes: anyOf changed from nothing to",
    ),
    (
        "a field may hold a third kind of thing",
        [put("properties/ended_on/anyOf", [*NULLABLE, {"type": "integer"}])],
        "ended_on: what the field may hold changed",
    ),
    (
        "what a nullable field holds changes",
        [put("properties/ended_on/anyOf", [{"type": "string", "format": "date-time"}, {"type": "null"}])],
        "ended_on: format changed from 'date' to 'date-time'",
    ),
    (
        "the items of a list change their type",
        [put("properties/problems/items", {"type": "integer"})],
        "problems[]: type changed from 'string' to 'integer'",
    ),
    (
        "a default changes, and with it what older events mean",
        [put("properties/problems/default", ["unknown"])],
        "problems: default changed from [] to ['unknown']",
    ),
    (
        "a field of a nested object is removed",
        [put("$defs/Place/properties", {}), put("$defs/Place/required", [])],
        "place.room: the field was removed",
    ),
    (
        "a required field is added to a nested object",
        [put("$defs/Place/properties/floor", {"type": "string"}), put("$defs/Place/required", ["room", "floor"])],
        "place.floor: a new field must be optional, with a default",
    ),
    (
        "another field becomes the key, so that order is kept for something else",
        [put("x-subject", "place")],
        "the schema: x-subject changed from 'thing_id' to 'place'",
    ),
    (
        "the type moves to another topic",
        [put("x-topic", "plumbline.other")],
        "the schema: x-topic changed from 'plumbline.sample' to 'plumbline.other'",
    ),
    (
        "unknown fields are forbidden, so that nothing can be added again",
        [put("additionalProperties", False)],
        "the schema: additionalProperties changed from nothing to False",
    ),
]


def after(changes: list[Any]) -> dict[str, Any]:
    """The published schema after some changes."""
    schema = deepcopy(PUBLISHED)
    for change in changes:
        change(schema)
    return schema


@pytest.mark.parametrize("changes", [row[1] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
def test_a_version_stays_the_same_when(changes: list[Any]) -> None:
    assert incompatibilities(PUBLISHED, after(changes)) == []


@pytest.mark.parametrize(("changes", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_version_is_broken_when(changes: list[Any], reason: str) -> None:
    found = incompatibilities(PUBLISHED, after(changes))
    assert any(line.startswith(reason) for line in found), found


def test_every_break_is_named_at_once() -> None:
    changes = [without("minutes"), put("properties/kind/enum", ["individual", "peer"])]
    assert len(incompatibilities(PUBLISHED, after(changes))) == 3


@given(st.sampled_from(sorted(EVENT_TYPES)), st.data())
def test_no_published_field_can_be_removed_unnoticed(name: str, data: st.DataObject) -> None:
    schema = schema_of(EVENT_TYPES[name])
    field = data.draw(st.sampled_from(sorted(schema["properties"])))
    changed = deepcopy(schema)
    del changed["properties"][field]
    assert f"{field}: the field was removed" in incompatibilities(schema, changed)
