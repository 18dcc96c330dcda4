"""A service in process with two authorities in it, and a way to send it anything from a test that is not asynchronous."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest

from chassis import directory
from chassis.database import Database
from chassis.ids import new_id
from chassis.permissions import ROLES
from chassis.testing import FakeClock, published, receive, serving, token
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from plumbline.services import load

Result = TypeVar("Result")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(T|$)")
_NAMES = frozenset({"source", "reference", "receipt"})
ENDLESS = "/v1/events"
LONG = os.environ.get("SECURITY") == "long"
"""Whether to search for minutes instead of seconds."""
SEED = int(os.environ.get("SECURITY_SEED", "20260302"))


@dataclass(frozen=True, slots=True)
class Places:
    """Who and what is known of two authorities: one of the caller's own, one far away."""

    here: UUID
    me: UUID
    boss: UUID
    colleague: UUID
    far_unit: UUID
    far_worker: UUID
    far_boss: UUID

    @property
    def near(self) -> dict[str, str]:
        """Parameters and fields that name the own authority."""
        return _named(self.me, self.boss, self.here)

    @property
    def beside(self) -> dict[str, str]:
        """The same, about a colleague of the own unit."""
        return _named(self.colleague, self.boss, self.here)

    @property
    def far(self) -> dict[str, str]:
        """The same, pointing into the other authority."""
        return _named(self.far_worker, self.far_boss, self.far_unit)

    @property
    def staff(self) -> tuple[tuple[UUID, tuple[UUID, ...]], ...]:
        """Each unit with its workers."""
        return (self.here, (self.me, self.boss, self.colleague)), (self.far_unit, (self.far_worker, self.far_boss))


def _named(worker: UUID, boss: UUID, unit: UUID) -> dict[str, str]:
    bosses = ("supervisor_id", "assessor_id", "line_manager_id", "owner_id", "stated_by_id")
    return (
        dict.fromkeys(("worker_id", "subject_id"), str(worker))
        | dict.fromkeys(bosses, str(boss))
        | dict.fromkeys(("org_unit_id", "under", "parent_id"), str(unit))
    )


@dataclass(slots=True)
class Stage:
    """A service that answers: the loop it lives in, its client, its database and its places."""

    service: str
    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    document: dict[str, Any]
    places: Places
    about: dict[str, str] = field(default_factory=dict)
    """Whom requests are about, when not the caller of the own authority."""
    made: dict[str, str] = field(default_factory=dict)
    """The latest value of every id, reference and receipt that an answer named."""

    def send(self, method: str, url: str, **request: Any) -> httpx.Response:
        """The answer to one request; of an endless one, its beginning."""
        return self.loop.run_until_complete(self._send(httpx.Request(method, f"http://service{url}", **request)))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of something asynchronous, in the loop that the service lives in."""
        return self.loop.run_until_complete(work)

    def hear(self, *events: Event) -> None:
        """Events of other services, through the real consumer."""
        self.run(receive(self.database, load(self.service), *events))

    def told(self, *kinds: type[Event]) -> list[Any]:
        """The events of these types that the service has told so far, in their order."""

        async def read() -> list[Event]:
            async with self.database.reading() as tx:
                return await published(tx)

        return [event for event in self.run(read()) if isinstance(event, kinds)]

    def scan(self) -> None:
        """Do everything that passing time has caused by now."""
        for scan in load(self.service).scans:
            while self.run(run_scan(self.database, scan)):
                pass

    def remember(self, answer: httpx.Response) -> None:
        """Know from now on what an answer to a write named."""
        if answer.is_success and answer.content and answer.headers["content-type"] == "application/json":
            self.made.update(named_in(answer.json()))

    @property
    def known(self) -> dict[str, str]:
        """Values that a request may name so that it is about something."""
        return {**self.made, **(self.about or self.places.near)}

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await asyncio.wait_for(self.client.send(request), 0.5 if request.url.path == ENDLESS else 30)
        except TimeoutError:
            return _begun(request)

    def as_everyone(self) -> dict[str, str]:
        """Someone with every role and no unit: whom no permission stops, so that what lies behind is reached."""
        return token(roles=list(ROLES), worker_id=self.known["worker_id"])

    def as_role(self, role: str, **claims: Any) -> dict[str, str]:
        """Someone of the own authority with one role."""
        return token(roles=[role], **{"worker_id": self.places.me, "org_unit_id": self.places.here, **claims})


def _begun(request: httpx.Request) -> httpx.Response:
    """What is known of an answer that does not end: it is a stream that somebody may stay on."""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, request=request)
    response.elapsed = timedelta()
    return response


@asynccontextmanager
async def stage_of(server: str, name: str) -> AsyncIterator[Stage]:
    """A service on a fresh database."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("ATTACHMENTS_FOLDER", folder)
        async with _served(server, name) as stage:
            yield stage


@asynccontextmanager
async def _served(server: str, name: str) -> AsyncIterator[Stage]:
    clock = FakeClock(NOW)
    async with serving(server, load(name), clock) as (client, database):
        document = (await client.get("/openapi.json")).json()
        places = await (_hired(client) if name == "workforce" else two_authorities(name, database))
        yield Stage(name, asyncio.get_running_loop(), client, database, clock, document, places)


async def two_authorities(name: str, database: Database) -> Places:
    """Two authorities with a worker and a manager each, as the service's directory has them."""
    places = Places(*(new_id() for _ in range(7)))
    managers = {places.me: places.boss, places.colleague: places.boss, places.far_worker: places.far_boss}
    service = load(name)
    for unit, workers in places.staff:
        if service.keeps_directory:
            await receive(database, service, OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="authority"))
            for worker in workers:
                boss = managers.get(worker)
                await receive(database, service, worker_recorded(worker, unit, line_manager_id=boss))
            continue
        async with database.transaction() as tx:
            await directory.record_unit(tx, unit, None, "authority", 1)
            for worker in workers:
                await directory.record_worker(tx, worker, unit, None, None, 1)
    return places


async def _hired(client: httpx.AsyncClient) -> Places:
    """The same, told to the service that owns those facts."""
    headers = token(roles=list(ROLES), worker_id=new_id())

    async def made(path: str, **body: Any) -> UUID:
        answer = await client.post(f"/v1/workforce/{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return UUID(next(value for name, value in answer.json().items() if name.endswith("_id")))

    async def hire(unit: UUID, reference: str) -> UUID:
        facts = worker_recorded(unit, unit).model_dump(
            mode="json", exclude={"worker_id", "has_registration_number", "line_manager_id"}, exclude_none=True
        )
        return await made("workers", **facts, name="Someone", employee_ref=reference)

    here, far = (
        await made("org-units", name="Here", kind="authority"),
        await made("org-units", name="Far", kind="authority"),
    )
    me, boss, colleague = [await hire(here, reference) for reference in ("1", "2", "3")]
    far_worker, far_boss = [await hire(far, reference) for reference in ("4", "5")]
    return Places(here, me, boss, colleague, far, far_worker, far_boss)


def worker_recorded(worker: UUID, unit: UUID, **more: Any) -> WorkerRecordedV1:
    """The event of an ordinary worker of a unit."""
    usual: dict[str, Any] = {
        "line_manager_id": None,
        "job_role": "social worker",
        "career_stage": "practitioner",
        "newly_qualified": False,
        "is_social_worker": True,
        "has_registration_number": True,
        "contracted_hours": Decimal(37),
        "employment_started_on": date(2024, 1, 8),
        "monitored_from": date(2026, 1, 8),
    }
    return WorkerRecordedV1(worker_id=worker, org_unit_id=unit, **{**usual, **more})


def aimed(value: Any, known: Mapping[str, str]) -> Any:
    """A body whose ids are known ones and whose dates are near today, so that more than its form is looked at."""
    if isinstance(value, list):
        return [aimed(item, known) for item in value]
    if isinstance(value, dict):
        return {name: known[name] if name in known else aimed(item, known) for name, item in value.items()}
    return near_today(value) if isinstance(value, str) else value


def near_today(text: str) -> str:
    """A date or an instant moved to within two months of now; any other text as it is."""
    if not _DATED.match(text):
        return text
    moved = NOW + timedelta(days=sum(text.encode()) % 120 - 90)
    return moved.date().isoformat() if len(text) == 10 else moved.isoformat()


def named_in(answer: Any) -> Iterator[tuple[str, str]]:
    """Every id, reference and receipt in an answer."""
    if isinstance(answer, list):
        for item in answer[:3]:
            yield from named_in(item)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, str) and (name.endswith("_id") or name in _NAMES):
                yield name, value
            else:
                yield from named_in(value)


def encoded(value: Any) -> bytes:
    """JSON as a hostile client writes it: lone surrogates and all."""
    return json.dumps(value).encode()
