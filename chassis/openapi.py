"""A service's OpenAPI document as it is: problems where requests are refused, and the bearer token that routes ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from chassis.links import link

MEDIA_TYPE = "application/problem+json"
_REFUSALS = {
    "400": "The request cannot be read",
    "401": "No valid token",
    "403": "Not for this role, or outside its part of the organisation",
    "404": "Nothing with this id",
    "409": "The state of things refuses it",
    "412": "Changed since it was read",
    "413": "The body is too large",
    "422": "The input breaks a rule; `errors` names the field and the remedy",
    "428": "Send If-Match",
    "429": "Too many of these arrive at the moment; try again later",
    "503": "Something this needs does not answer; try again",
}
_ALWAYS = ("401", "403", "422", "503")
_BY_METHOD = {
    "post": ("400", "404", "409"),
    "put": ("400", "404", "409"),
    "patch": ("400", "404", "412", "428"),
    "delete": ("409",),
}


class ProblemField(BaseModel):
    """One wrong field of the input."""

    field: str = Field(description="dotted path of the field")
    problem: str = Field(description="what is wrong and what would be right")


class Problem(BaseModel):
    """A refusal as RFC 9457 describes it."""

    type: str = Field(description="`/problems/<code>`; the code is stable")
    title: str
    status: int
    detail: str = Field(description="what happened and what to do next")
    errors: list[ProblemField] = []


def describe(app: FastAPI) -> None:
    """Let the document of ``app`` show problems and the bearer scheme."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    for model in (Problem, ProblemField):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _refuse(path, method, operation)
    link(document)
    return document


def _refuse(path: str, method: str, operation: dict[str, Any]) -> None:
    public = operation.get("security") == []
    named = {*_ALWAYS, *_BY_METHOD.get(method, ()), *_by_parameters(operation.get("parameters", ()))}
    if "{" in path:
        named.add("404")
    if "requestBody" in operation:
        named.add("413")
    if public:
        named = (named - {"401", "403"}) | {"429"}
    responses = operation["responses"]
    for status in sorted(named):
        declared = responses.get(status, {}).get("content", {})
        problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        content = {kind: shape for kind, shape in declared.items() if kind != "application/json"} | problem
        responses[status] = {"description": _REFUSALS[status], "content": content}


def _by_parameters(parameters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """An id in the query may be nobody's, and a cursor no cursor."""
    for parameter in parameters:
        if parameter["name"].endswith(("_id", "_ref")):
            yield "404"
        elif parameter["name"] == "cursor":
            yield "400"
