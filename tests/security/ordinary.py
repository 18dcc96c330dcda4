"""An ordinary request for an operation, worked out from its document: what hostile ones differ from in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.security.stage import NOW, Stage

_BY_FORMAT = {
    "date": (NOW - timedelta(days=3)).date().isoformat(),
    "date-time": (NOW - timedelta(hours=3)).isoformat(),
    "email": "someone@example.org",
    "uri": "https://example.org/",
}

_SOON = NOW + timedelta(days=40)
_BY_NAME = {
    "link": "https://example.org/paper",
    "home_page": "https://example.org/learning",
    "review_on": _SOON.date().isoformat(),
    "review_due_on": _SOON.date().isoformat(),
    "valid_to": _SOON.date().isoformat(),
    "expected_back_at": (NOW + timedelta(hours=2)).isoformat(),
    "minutes": 90,
    "case_type": "child_in_need",
    "complexity": "standard",
    "programme": "asye",
    "course_code": "safeguarding",
    "measure": "supervision.on_time",
}
"""What a field of this name takes that its schema does not say."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that could be sent."""

    method: str
    path: str
    query: Mapping[str, Any]
    media: str
    body: Any
    operation: Mapping[str, Any]


def _bounds(name: str, query: Mapping[str, Any]) -> bool:
    """Whether a list is bounded by this parameter, of which it needs one: a worker or a unit."""
    choice = {"org_unit_id", "worker_id"}
    return name in choice and not query.keys() & choice


class Ordinary:
    """Makes ordinary values for the schemas of one service."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._schemas = stage.document["components"]["schemas"]
        self._paths = stage.document["paths"]

    def request(self, method: str, path: str, changes: Mapping[str, Any]) -> Request:
        """The request for an operation; ``changes`` are fields that the document alone does not say."""
        described = self._paths[path][method.lower()]
        query: dict[str, Any] = {}
        for parameter in described.get("parameters", ()):
            name = parameter["name"]
            value = changes.get(name, self.value(parameter["schema"], name))
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", str(value))
            elif parameter["in"] == "query" and (parameter.get("required") or name in changes or _bounds(name, query)):
                query[name] = value
        for media, content in described.get("requestBody", {}).get("content", {}).items():
            body = self.value(content["schema"], "")
            return Request(
                method, path, query, media, {**body, **changes} if isinstance(body, dict) else body, described
            )
        return Request(method, path, query, "", None, described)

    def fields(self, operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The fields of an operation's JSON body, each with the kind of value that it takes."""
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for name, schema in self._resolved(content["schema"]).get("properties", {}).items():
                yield name, self._kind(schema)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _kind(self, schema: Mapping[str, Any]) -> str:
        kinds = {self._kind(choice) for choice in schema.get("anyOf", ())} - {"nothing"}
        if kinds:
            return "number" if "number" in kinds else kinds.pop() if len(kinds) == 1 else "several"
        schema = self._resolved(schema)
        if "enum" in schema or "const" in schema:
            return "text"
        by_format = {"uuid": "id", "date": "date", "date-time": "date"}
        names = {"integer": "number", "number": "number", "null": "nothing", "string": "text"}
        return by_format.get(schema.get("format", ""), names.get(schema.get("type", ""), "several"))

    def value(self, schema: Mapping[str, Any], name: str) -> Any:
        """An ordinary value of a schema; of an object its required fields."""
        schema = self._resolved(schema)
        hints = {"number": self._number(), **_BY_NAME, **self.stage.known}
        if name in hints:
            return hints[name]
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.value(schema[choice][0], name)
        for fixed in ("const", "default"):
            if schema.get(fixed) is not None:
                return schema[fixed]
        if "enum" in schema:
            return schema["enum"][0]
        return self._of_type(schema, name)

    def _number(self) -> str:
        """A registration number that only the worker in question has."""
        return f"SW{int(UUID(self.stage.known['worker_id'])) % 10**9}"

    def _of_type(self, schema: Mapping[str, Any], name: str) -> Any:
        match schema.get("type"):
            case "object":
                fields = schema.get("properties", {})
                return {field: self.value(fields[field], field) for field in schema.get("required", ())}
            case "array":
                return [self.value(schema["items"], name.removesuffix("s"))] * max(1, schema.get("minItems", 0))
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0)) + 1
            case "boolean" | "null" as kind:
                return True if kind == "boolean" else None
        return self._text(schema)

    def _text(self, schema: Mapping[str, Any]) -> str:
        if schema.get("format") == "uuid":
            return str(self.stage.places.me)
        plain = "ordinary".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 99)]
        return _BY_FORMAT.get(schema.get("format", ""), plain)
