"""OpenAPI links: which operations go on with what one has just made, read off the document itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PARAMETER = re.compile(r"{(\w+)}")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    described: dict[str, Any]

    @property
    def parameters(self) -> set[str]:
        return set(_PARAMETER.findall(self.path))


def link(document: dict[str, Any]) -> None:
    """Give every answer that says 201 its links: the id in its body, or its own path, is a parameter elsewhere."""
    operations = [
        _Operation(method, path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]
    for source in operations:
        if created := source.described["responses"].get("201"):
            links = dict(_links(document, source, created, operations))
            if links:
                created["links"] = links


def _links(
    document: dict[str, Any], source: _Operation, created: dict[str, Any], operations: list[_Operation]
) -> Iterator[tuple[str, dict[str, Any]]]:
    made = _made(document, source, created)
    for target in operations:
        needed = target.parameters
        follows = needed & made or (source.method == "put" and target.path.startswith(source.path))
        if target is source or not needed <= made | source.parameters or not follows:
            continue
        values = {name: f"$response.body#/{name}" if name in made else f"$request.path.{name}" for name in needed}
        operation_id = target.described["operationId"]
        yield operation_id, {"operationId": operation_id, "parameters": dict(sorted(values.items()))}


def _made(document: dict[str, Any], source: _Operation, created: dict[str, Any]) -> set[str]:
    """The ids in an answer that the request did not bring."""
    asked = source.described.get("requestBody", {})
    brought = source.parameters | _properties(document, asked).keys()
    return {name for name in _properties(document, created) if name.endswith("_id")} - brought


def _properties(document: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = message.get("content", {}).get(_JSON, {}).get("schema", {})
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    found: dict[str, Any] = schema.get("properties", {})
    return found
