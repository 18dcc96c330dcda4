"""The reference page says what the document says."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.reference import reference


def document(operation: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    whole = {"operationId": "s_get_it", "tags": ["s"], "security": [{"bearer": []}], "responses": {}, **operation}
    return {
        "info": {"description": "All of it."},
        "tags": [{"name": "s", "description": "The service."}],
        "paths": {"/v1/s/it": {"get": whole}},
        "components": {"schemas": schemas},
    }


@pytest.mark.parametrize(
    ("operation", "shown"),
    [
        ({"summary": "Get It", "description": "What there is. And more."}, '<span class="title">What there is</span>'),
        ({"summary": "All that is", "description": "And more."}, '<span class="title">All that is</span>'),
        ({"summary": "Get It"}, '<span class="title">Get It</span>'),
        ({"description": "Uses `this` & that"}, "Uses <code>this</code> &amp; that"),
        ({"security": []}, "Needs no token."),
        ({}, "Needs a token."),
        ({"x-allow": {"team_manager": "own unit and below"}}, "team_manager (own unit and below)"),
        (
            {"parameters": [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]},
            "query, required",
        ),
        (
            {"requestBody": {"content": {"text/csv": {"schema": {"$ref": "#/components/schemas/In"}}}}},
            '<code>text/csv</code> <a href="#schema-In">In</a>',
        ),
    ],
)
def test_an_operation_is_shown(operation: dict[str, Any], shown: str) -> None:
    assert shown in reference(document(operation, In={"type": "object"}))


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date"}, "string (date)"),
        ({"type": ["string", "null"]}, "string or null"),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
            'list of <a href="#schema-Other">Other</a>',
        ),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "map of number"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"allOf": [{"type": "integer"}, {"type": "number"}]}, "integer and number"),
        ({"const": 1}, "<code>1</code>"),
        ({"enum": ["a", "<b>"]}, "<code>&quot;a&quot;</code> or <code>&quot;&lt;b&gt;&quot;</code>"),
        ({"type": "integer", "minimum": 0, "default": 3}, "default 3; at least 0"),
        ({}, "anything"),
    ],
)
def test_a_field_is_shown_with_its_type(schema: Any, shown: str) -> None:
    shape = {"type": "object", "required": ["field"], "properties": {"field": schema}}
    page = reference(document({}, Shape=shape, Other={"type": "object"}))
    assert shown in page
    assert "required" in page
