"""The JSON Schema of an event type: what its data looks like on the wire."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from contracts import Event, topic_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# An exact amount travels as text, because a JSON number loses digits in most readers.
DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$"}


class _WireSchema(GenerateJsonSchema):
    """Without titles that only repeat the field's name; amounts by one pattern, whatever release of pydantic writes it."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:  # noqa: ARG002 - as above
        return dict(DECIMAL)


def schema_id(event: type[Event]) -> str:
    """The address of a type's schema, the ``dataschema`` of its events."""
    return f"/schemas/{event.TYPE}.json"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The schema of a type's data, with its topic and the field that is its subject and key."""
    described = event.model_json_schema(mode="serialization", schema_generator=_WireSchema)
    return {
        "$schema": DIALECT,
        "$id": schema_id(event),
        **described,
        "title": event.TYPE,
        "x-topic": topic_of(event.service()),
        "x-subject": event.SUBJECT,
    }
