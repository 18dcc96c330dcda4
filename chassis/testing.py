"""Builders for tests: real databases, a settable clock, tokens, and events fed through the real consumer.

Load it with ``pytest_plugins = ["chassis.testing"]`` in the root conftest. Set ``DATABASE_URL`` to use a PostgreSQL server of
your own; otherwise the embedded one is started once a session.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest

from chassis import migrations
from chassis.app import create_app
from chassis.bus import Message, Received
from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Database, Tx
from chassis.envelope import Cause, headers_of
from chassis.ids import new_id
from chassis.outbox import source_of
from chassis.postgres import EmbeddedPostgres, create_database, drop_database
from chassis.service import Service
from chassis.settings import Settings
from chassis.tokens import TokenIssuer
from contracts import Event, event_type, topic_of

ISSUER = TokenIssuer.generate("https://test.invalid", "plumbline")
_numbers = count(1)
_templates: dict[Path, str] = {}


class FakeClock(Clock):
    """A clock that stands where a test puts it."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self.instant = instant

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant

    def forward(self, **delta: float) -> None:
        """Move on by a timedelta's keywords."""
        self.instant += timedelta(**delta)


MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def token(**claims: Any) -> dict[str, str]:
    """Headers with a token of ``roles``, ``worker_id`` and ``org_unit_id``."""
    texts: dict[str, Any] = {
        name: None if value is None else str(value) for name, value in claims.items() if name != "roles"
    }
    return {"Authorization": f"Bearer {ISSUER.issue(claims.get('roles', ()), **texts)}"}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server for this test session."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    folder: Path = tmp_path_factory.mktemp("postgres") / "data"
    with EmbeddedPostgres(folder, for_tests=True) as server:
        yield server.url


def load(name: str) -> Service:
    """The service of a name, as its ``service.py`` declares it."""
    service: Service = import_module(f"services.{name}.service").service
    return service


def fresh_database(server: str, service: Service) -> str:
    """A new, migrated database of a service: a copy of a template that is migrated once a session."""
    if service.migrations not in _templates:
        template = f"template_{service.name}_{os.getpid()}_{next(_numbers)}"
        migrations.migrate(create_database(server, template), service.migrations, service.tables)
        _templates[service.migrations] = template
    return create_database(server, f"{service.name}_{os.getpid()}_{next(_numbers)}", _templates[service.migrations])


def name_of(url: str) -> str:
    """The name of the database that a URL leads to."""
    return urlsplit(url).path.removeprefix("/")


def settings_for(url: str, **more: Any) -> Settings:
    """Settings of a service under test."""
    return Settings(database_url=url, oidc_issuer="https://test.invalid", oidc_jwks=ISSUER.jwks(), **more)


@asynccontextmanager
async def open_database(server: str, service: Service, clock: Clock) -> AsyncIterator[Database]:
    """A fresh database of a service, connected; dropped afterwards."""
    url = fresh_database(server, service)
    database = Database(url, service.name, clock, pool_size=5)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
        drop_database(server, name_of(url))


class _RolledBack(Exception):
    pass


@asynccontextmanager
async def rolled_back(database: Database) -> AsyncIterator[Tx]:
    """A transaction of a test, of which nothing remains."""
    try:
        async with database.transaction(Cause("tester", "test")) as tx:
            yield tx
            raise _RolledBack
    except _RolledBack:
        pass


Clients: TypeAlias = Callable[..., Any]


@asynccontextmanager
async def serving(server: str, service: Service, clock: Clock) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """A client of a service's app on a fresh database, and that database; background loops do not run."""
    url = fresh_database(server, service)
    app = create_app(service, settings_for(url), clock=clock, verifier=ISSUER.verifier(), role="api")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://service") as client,
        ):
            yield client, app.state.database
    finally:
        drop_database(server, name_of(url))


def record(event: Event, sequence: int, *, offset: int | None = None, time: datetime = MONDAY_MORNING) -> Received:
    """An event as a consumer receives it."""
    cause = Cause("tester", "test")
    headers = headers_of(event, new_id(), source_of(event.service()), time, cause) | {"ce_sequence": str(sequence)}
    place = next(_numbers) if offset is None else offset
    return Received.of(topic_of(event.service()), 0, place, event.subject, headers, event.model_dump_json().encode())


async def receive(database: Database, service: Service, *events: Event, first_sequence: int | None = None) -> None:
    """Feed events to a service through its real consumer: inbox, directory, reactions, one transaction."""
    start = next(_numbers) if first_sequence is None else first_sequence
    records = [record(event, start + index) for index, event in enumerate(events)]
    for _ in events:
        next(_numbers)
    await Consumer(database, service).apply(records)


async def react_in(tx: Tx, service: Service, *events: Event) -> None:
    """Feed events to a service's consumer inside a transaction that the test will roll back."""
    await apply_in(tx, service, [record(event, next(_numbers)) for event in events])


async def apply_in(tx: Tx, service: Service, records: Sequence[Received]) -> None:
    """Feed records to a service's consumer inside a transaction that the test will roll back."""
    consumer = Consumer(Database("", service.name, Clock()), service)
    await consumer._apply_in(tx, records)


async def published(tx: Tx) -> list[Event]:
    """The events in the outbox, oldest first, those of this transaction that are not yet written included."""
    await tx.flush()
    rows = await tx.fetch_all("select attributes, data from outbox order by id")
    return [event for event in (_event(row["attributes"], row["data"]) for row in rows) if event is not None]


def _event(attributes: str, data: bytes) -> Event | None:
    model = event_type(json.loads(attributes).get("ce_type", ""))
    return None if model is None else model.model_validate_json(data)


def message(event: Event, sequence: int = 1) -> Message:
    """An event as a producer sends it."""
    received = record(event, sequence)
    return Message(received.topic, received.key, received.headers, received.value)
