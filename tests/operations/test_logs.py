"""Logs hold nothing personal: every operation is called with names, addresses and words that must not be found again."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import errors

from chassis.app import create_app
from chassis.failures import OfLibraries, reason_of
from chassis.permissions import PUBLIC
from chassis.routing import Routes
from chassis.testing import ISSUER, load, settings_for
from tests.e2e.deployment import Deployment, Someone
from tests.e2e.place import Place

NAME = "Perpetua Zwetschkenbaum"
EMAIL = "perpetua.zwetschkenbaum@example.org"
WORDS = "she cried in the corridor about quincunx"
REFERENCE = "MOSAIC-QUINCUNX-4711"
CANARIES = ("zwetschkenbaum", "perpetua", "quincunx", "example.org", "the corridor")
ROLES = (
    *("workforce_admin", "team_manager", "principal_social_worker", "senior_leader", "integration", "reporting"),
    *("concerns_guardian", "platform_admin", "practitioner"),
)


@dataclass(frozen=True)
class Call:
    """One request to an operation, full of what must not be logged."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


def calls(document: dict[str, Any]) -> Iterator[Call]:
    """A request for each operation of an OpenAPI document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete") and not path.endswith("/events"):
                yield _call(document, path, method, operation)


def _call(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Call:
    filled = re.sub(r"\{(\w+)\}", lambda named: _segment(named.group(1)), path)
    given = [one for one in operation.get("parameters", ()) if one.get("in") == "query"]
    query = {one["name"]: f"{NAME} {REFERENCE}" for one in given if one["name"] != "limit"}
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return Call(method.upper(), filled, query, None if schema is None else _value(document, schema, ""))


def _segment(name: str) -> str:
    return str(uuid4()) if name.endswith("_id") else quote(REFERENCE)


def _value(document: dict[str, Any], schema: dict[str, Any], name: str) -> Any:
    if "$ref" in schema:
        return _value(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
    chosen = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if chosen:
        return _value(document, chosen[0], name)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    return _of_type(document, schema, name)


def _of_type(document: dict[str, Any], schema: dict[str, Any], name: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {field: _value(document, inner, field) for field, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [_value(document, schema.get("items", {}), name)]
    if kind in ("integer", "number"):
        return 7
    return True if kind == "boolean" else _text(schema.get("format", ""), name)


def _text(form: str, name: str) -> str:
    known = {"uuid": str(uuid4()), "date": "2026-03-02", "date-time": "2026-03-02T10:00:00Z", "email": EMAIL}
    return known.get(form) or (EMAIL if "mail" in name else NAME if "name" in name else f"{WORDS} {REFERENCE}")


@pytest.fixture(scope="module")
def said(place: Place) -> str:
    """What a deployment logged, in lower case, after everything was called, rightly and wrongly."""
    _work(place)
    _call_everything(place.deployment)
    return place.deployment.log().lower()


def _work(place: Place) -> None:
    """What people do every day, so that much of it succeeds and is told to others."""
    worker = place.worker("logged", name=NAME, email=EMAIL)
    place.until_known(worker)
    path = place.case(REFERENCE)
    place.allocate(path, worker, reason=WORDS)
    place.hold_session(worker, 3, agreed_actions=[WORDS])


def _call_everything(deployment: Deployment) -> None:
    everybody = Someone(deployment.url, ROLES, None, None).headers
    document = httpx.get(f"{deployment.url}/openapi.json", timeout=30).json()
    with httpx.Client(base_url=deployment.url, timeout=30) as client:
        for call in calls(document):
            client.request(call.method, call.path, params=call.query, json=call.body, headers=everybody)
            if call.body is not None:
                broken = json.dumps(call.body)[:-1] + f', "{WORDS}": "\\u0000{NAME}'
                client.request(call.method, call.path, content=broken, headers=everybody)
        client.get(f"/v1/workforce/workers/{EMAIL}", headers={"Authorization": f"Bearer {EMAIL}"})
        client.get(f"/{EMAIL}")
        client.post("/v1/workforce/workers", json={"name": NAME})


@pytest.mark.parametrize("canary", CANARIES)
def test_logs_hold_nothing_personal(said: str, canary: str) -> None:
    found = [line[:600] for line in said.splitlines() if canary in line]
    assert found == []


def test_each_line_of_the_log_is_an_event_of_its_own(place: Place, said: str) -> None:
    lines = [line for line in said.splitlines() if not line.startswith("plumbline is running")]
    assert [line[:600] for line in lines if not line.startswith("{")] == []


def test_a_violated_constraint_is_told_without_the_row(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("create temporary table people (name text constraint uq_people_name unique)")
        connection.execute("insert into people values (%s)", (NAME,))
        with pytest.raises(errors.UniqueViolation) as violated:
            connection.execute("insert into people values (%s)", (NAME,))
    assert NAME in str(violated.value)
    assert reason_of(violated.value) == "UniqueViolation 23505 people uq_people_name"


def test_a_conversion_that_fails_is_told_without_the_value() -> None:
    with pytest.raises(ValueError, match="Perpetua") as failed:
        int(NAME)
    assert reason_of(failed.value).startswith("ValueError in operations/test_logs.py:")
    assert NAME not in reason_of(failed.value)


def test_our_own_words_and_those_of_the_network_are_kept() -> None:
    assert reason_of(ConnectionRefusedError(111, "Connection refused")).endswith("Connection refused")
    assert reason_of(RuntimeError("The log has no head")) == "RuntimeError: The log has no head"


def test_what_a_library_logs_with_a_failure_is_told_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.Logger("some.library")
    log.addHandler(OfLibraries())
    try:
        int(NAME)
    except ValueError:
        log.exception("it went wrong")
    said = capsys.readouterr().out
    assert "it went wrong" in said
    assert NAME not in said


async def test_a_request_that_fails_is_logged_by_its_route_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    routes = Routes("sample")

    @routes.get("/people/{reference}", allow=PUBLIC)
    async def get_person(reference: str) -> int:
        return int(reference)

    service = replace(load("workforce"), routes=(routes,), on_start=None)
    app = create_app(service, settings_for("postgresql://nowhere"), verifier=ISSUER.verifier(), role="api")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get(f"/v1/sample/people/{quote(NAME)}")
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer.status_code == 500
    assert (line["event"], line["route"]) == ("a request failed", "/v1/sample/people/{reference}")
    assert "get_person" in line["where"]
    assert NAME not in json.dumps(line) + answer.text
