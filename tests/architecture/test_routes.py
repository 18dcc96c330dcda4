"""Every route says who may call it, answers nobody else, and explains itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.app import create_app
from chassis.permissions import Allow
from chassis.routing import DeclaredRoute
from chassis.testing import ISSUER, load, settings_for
from tests.architecture.source import SERVICE_MODULES, SERVICES

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"
NO_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Operation:
    """One method of one path of one service."""

    service: str
    method: str
    route: APIRoute

    def __str__(self) -> str:
        return f"{self.method} {self.route.path}"

    @property
    def path(self) -> str:
        return "/".join(NO_ID if part.startswith("{") else part for part in self.route.path.split("/"))


def app_of(service: str) -> FastAPI:
    return create_app(load(service), settings_for(NOWHERE), verifier=ISSUER.verifier(), role="api")


def operations() -> Iterator[Operation]:
    for service in SERVICES:
        for routes in load(service).routes:
            for route in routes.routes:
                assert isinstance(route, APIRoute), f"{route} is no route of the chassis"
                yield from (Operation(service, method, route) for method in sorted(route.methods or ()))


OPERATIONS = list(operations())
CLOSED = [operation for operation in OPERATIONS if not getattr(operation.route, "allow", Allow()).public]


def test_there_are_operations_to_look_at() -> None:
    assert {operation.service for operation in OPERATIONS} == set(SERVICES)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_route_declares_who_may_call_it_and_says_what_it_does(operation: Operation) -> None:
    route = operation.route
    assert isinstance(route, DeclaredRoute)
    assert route.allow.public or route.allow.scopes
    assert route.path.startswith((f"/v1/{operation.service}", "/v1/events"))
    assert route.description, "the docstring is the text of the OpenAPI document"


@pytest.mark.parametrize("service", SERVICES)
async def test_without_a_valid_token_nothing_is_answered(service: str) -> None:
    transport = httpx.ASGITransport(app=app_of(service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        for operation in CLOSED:
            if operation.service == service:
                for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
                    answer = await client.request(operation.method, operation.path, headers=headers)
                    assert answer.status_code == 401, f"{operation}: {answer.status_code}"


@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_document_marks_what_needs_no_token(service: str) -> None:
    document = app_of(service).openapi()
    for operation in OPERATIONS:
        if operation.service == service and operation.route.include_in_schema:
            described = document["paths"][operation.route.path][operation.method.lower()]
            assert described["security"] == ([{"bearer": []}] if operation in CLOSED else [])


def test_a_path_and_method_are_served_once() -> None:
    served = [(operation.method, operation.route.path) for operation in OPERATIONS]
    assert len(served) == len(set(served))


def test_an_update_of_a_part_takes_the_version_that_was_read() -> None:
    careless = [
        str(operation)
        for operation in OPERATIONS
        if operation.method == "PATCH"
        and "if-match" not in {field.alias for field in operation.route.dependant.header_params}
    ]
    assert careless == []


def test_a_door_is_narrow() -> None:
    """A route calls a command or a query; what it decides belongs into a rule."""
    wide = [
        module.at(function.lineno)
        for module in SERVICE_MODULES
        if module.room == "routes"
        for function in module.functions()
        if any(ast_name in {"For", "While"} for ast_name in _statements(function))
    ]
    assert wide == []


def _statements(function: object) -> list[str]:
    return [type(node).__name__ for node in getattr(function, "body", [])]
