"""Every route, as everyone: who is named may enter, nobody else, and nobody reaches beyond their part of the organisation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis import directory
from chassis.database import Database
from chassis.ids import new_id
from chassis.permissions import ROLES
from chassis.testing import FakeClock, receive, serving, token
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from plumbline.services import SERVICES, load

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an OpenAPI document with who may call it."""

    method: str
    path: str
    allow: dict[str, str]
    public: bool
    parameters: tuple[dict[str, Any], ...]
    has_body: bool
    endless: bool
    """Whether it streams for as long as the caller stays; its own tests say what may be seen on it."""

    def url(self, known: dict[str, str]) -> str:
        """The path with its parameters filled in, required query parameters included."""
        path, query = self.path, {}
        for parameter in self.parameters:
            value = known.get(parameter["name"], _value(parameter["schema"]))
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", value)
            elif parameter["in"] == "query" and (parameter.get("required") or parameter["name"] in known):
                query[parameter["name"]] = value
        return f"{path}?{httpx.QueryParams(query)}" if query else path


def _value(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return str(schema["enum"][0])
    if "const" in schema:
        return str(schema["const"])
    by_format = {"uuid": str(new_id()), "date": "2026-03-01", "date-time": NOW.isoformat()}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    return "1" if schema.get("type") in ("integer", "number") else "x"


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            described = methods[method]
            yield Operation(
                method.upper(),
                path,
                described.get("x-allow", {}),
                described.get("security") == [],
                tuple(described.get("parameters", ())),
                "requestBody" in described,
                "text/event-stream" in json.dumps(described.get("responses", {})),
            )


@dataclass(frozen=True, slots=True)
class Served:
    """A service with two authorities, and what is known of the far one."""

    client: httpx.AsyncClient
    operations: tuple[Operation, ...]
    here: UUID
    me: UUID
    far_unit: UUID
    far_worker: UUID

    @property
    def far(self) -> dict[str, str]:
        """Path and query parameters that point into the other authority."""
        return {
            "worker_id": str(self.far_worker),
            "subject_id": str(self.far_worker),
            "supervisor_id": str(self.far_worker),
            "org_unit_id": str(self.far_unit),
            "under": str(self.far_unit),
        }


async def _two_authorities(name: str, database: Database) -> tuple[UUID, UUID, UUID, UUID]:
    here, me, far_unit, far_worker = (new_id() for _ in range(4))
    if not load(name).keeps_directory:
        async with database.transaction() as tx:
            for unit, worker in ((here, me), (far_unit, far_worker)):
                await directory.record_unit(tx, unit, None, "authority", 1)
                await directory.record_worker(tx, worker, unit, None, None, 1)
        return here, me, far_unit, far_worker
    for unit, worker in ((here, me), (far_unit, far_worker)):
        await receive(database, load(name), OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="authority"))
        await receive(database, load(name), _worker(worker, unit))
    return here, me, far_unit, far_worker


def _worker(worker: UUID, unit: UUID) -> WorkerRecordedV1:
    return WorkerRecordedV1(
        worker_id=worker,
        org_unit_id=unit,
        line_manager_id=None,
        job_role="social worker",
        career_stage="practitioner",
        newly_qualified=False,
        is_social_worker=True,
        has_registration_number=True,
        contracted_hours=Decimal(37),
        employment_started_on=date(2024, 1, 8),
        monitored_from=date(2026, 1, 8),
    )


@pytest.fixture(scope="module", params=SERVICES)
async def served(request: pytest.FixtureRequest, postgres: str) -> AsyncIterator[Served]:
    async with serving(postgres, load(request.param), FakeClock(NOW)) as (client, database):
        document = (await client.get("/openapi.json")).json()
        places = await _two_authorities(request.param, database)
        yield Served(client, tuple(operations(document)), *places)


async def call(served: Served, operation: Operation, headers: dict[str, str]) -> httpx.Response:
    content = json.dumps({**served.far, "roles": []}) if operation.has_body else None
    kind = {"Content-Type": "application/json", "If-Match": '"1"'} if operation.has_body else {}
    return await served.client.request(
        operation.method, operation.url(served.far), headers={**headers, **kind}, content=content
    )


async def test_every_route_says_who_may_call_it(served: Served) -> None:
    assert served.operations
    unlisted = [f"{o.method} {o.path}" for o in served.operations if not o.public and not o.allow]
    assert unlisted == []


async def test_without_a_token_nobody_gets_an_answer(served: Served) -> None:
    for operation in served.operations:
        if not operation.public:
            answer = await call(served, operation, {})
            assert answer.status_code == 401, f"{operation.method} {operation.path}"


async def test_a_role_that_is_not_named_is_turned_away_before_anything_is_read(served: Served) -> None:
    for operation in served.operations:
        for role in ROLES:
            if operation.public or role in operation.allow:
                continue
            headers = token(roles=[role], worker_id=served.me, org_unit_id=served.here)
            answer = await call(served, operation, headers)
            named = f"{role}: {operation.method} {operation.path}"
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/role-not-allowed"), named


async def test_a_role_that_is_named_reaches_nothing_of_another_authority(served: Served) -> None:
    for operation in served.operations:
        for role, scope in operation.allow.items():
            if scope == "any" or operation.endless:
                continue
            headers = token(roles=[role], worker_id=served.me, org_unit_id=served.here)
            answer = await call(served, operation, headers)
            named = f"{role} ({scope}): {operation.method} {operation.url(served.far)}: {answer.text[:200]}"
            assert answer.status_code < 500, named
            if answer.status_code < 300:
                assert str(served.far_worker) not in answer.text, named
                assert not points_into_far(operation), named


def points_into_far(operation: Operation) -> bool:
    """Whether the path itself names an object of the other authority."""
    return any(name in operation.path for name in ("{worker_id}", "{org_unit_id}"))
