"""Each committed example against the committed schema, by a validator that knows nothing of our models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml

from plumbline.contracts.generation import ROOT, read_examples, spoken_types

TYPES = spoken_types()
EXAMPLES = read_examples()
ASYNCAPI = yaml.safe_load((ROOT / "asyncapi.yaml").read_text())


def committed_schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.json").read_text())
    return schema


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(committed_schema(name), validate_formats=True)


@pytest.mark.parametrize("name", TYPES)
def test_a_committed_schema_is_a_json_schema(name: str) -> None:
    jsonschema_rs.meta.validate(committed_schema(name))


@pytest.mark.parametrize("name", TYPES)
def test_the_example_of_a_type_is_what_its_schema_allows(name: str) -> None:
    assert [error.message for error in validator(name).iter_errors(EXAMPLES[name])] == []


@pytest.mark.parametrize("name", TYPES)
def test_the_schema_misses_each_required_field_that_an_example_leaves_out(name: str) -> None:
    required = committed_schema(name)["required"]
    assert required
    for field in required:
        shorter = {key: value for key, value in EXAMPLES[name].items() if key != field}
        assert not validator(name).is_valid(shorter), field


@pytest.mark.parametrize("name", TYPES)
def test_a_field_that_readers_do_not_know_is_allowed(name: str) -> None:
    validator(name).validate({**EXAMPLES[name], "something_new": 1})
    TYPES[name].model_validate_json(json.dumps({**EXAMPLES[name], "something_new": 1}))


@pytest.mark.parametrize("name", TYPES)
def test_what_the_model_writes_is_what_the_schema_allows(name: str) -> None:
    written = TYPES[name].model_validate_json(json.dumps(EXAMPLES[name])).model_dump_json()
    validator(name).validate(json.loads(written))


@pytest.mark.parametrize("name", TYPES)
def test_the_subject_of_an_example_is_one_of_its_fields(name: str) -> None:
    assert isinstance(EXAMPLES[name][TYPES[name].SUBJECT], str)


def references(node: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    for reference in references(ASYNCAPI):
        if reference.startswith("./"):
            assert (ROOT / reference).is_file(), reference
            continue
        place = ASYNCAPI
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_asyncapi_document_has_one_message_for_each_type_on_its_own_topic() -> None:
    assert set(ASYNCAPI["components"]["messages"]) == set(TYPES)
    for name, event in TYPES.items():
        assert name in ASYNCAPI["channels"][event.service()]["messages"]


def test_the_asyncapi_document_shows_the_committed_examples() -> None:
    shown = {name: message["examples"][0]["payload"] for name, message in ASYNCAPI["components"]["messages"].items()}
    assert shown == {name: EXAMPLES[name] for name in TYPES}
