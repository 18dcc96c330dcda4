"""Recording a supervision session through the service beside a bare FastAPI route with one ORM insert.

Both run as a process of their own under uvicorn on one PostgreSQL, and answer the same client. The service checks token, role
and reach, decides whether the session meets the standard, and writes session, event and sequence in one transaction.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from benchmarks.report import Figure, in_turns
from chassis import migrations
from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.testing import receive
from chassis.tokens import TokenIssuer
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from services.supervision.service import service
from tests.support.processes import bare_server, serving

REQUESTS = 3000
AT_ONCE = 8
WORKERS = 200
ROUNDS = 11
DEADLINE_S = 30.0


async def rate(url: str, bodies: list[bytes], headers: dict[str, str]) -> float:
    """Requests a second, a few at once, each answered with 201."""
    waiting = iter(bodies)

    async def send(session: aiohttp.ClientSession) -> None:
        for body in waiting:
            async with session.post(url, data=body, headers=headers) as answer:
                if answer.status != 201:
                    raise RuntimeError(f"{url}: {answer.status} {await answer.text()}")
                await answer.read()

    async with aiohttp.ClientSession() as session:
        began = perf_counter()
        await asyncio.gather(*(send(session) for _ in range(AT_ONCE)))
        return len(bodies) / (perf_counter() - began)


def staff() -> tuple[list[Event], Any, list[Any]]:
    """A team of long-standing workers under one manager."""
    team, manager = new_id(), new_id()
    workers = [new_id() for _ in range(WORKERS)]
    return (
        [
            OrgUnitRecordedV1(org_unit_id=team, parent_id=None, kind="authority"),
            *(_worker(worker, team, manager) for worker in (manager, *workers)),
        ],
        manager,
        workers,
    )


def _worker(worker: Any, team: Any, manager: Any) -> Event:
    return WorkerRecordedV1(
        worker_id=worker,
        org_unit_id=team,
        line_manager_id=None if worker == manager else manager,
        job_role="social worker",
        career_stage="practitioner",
        newly_qualified=False,
        is_social_worker=True,
        has_registration_number=True,
        contracted_hours=Decimal(37),
        employment_started_on=date.today() - timedelta(days=20),
        monitored_from=date.today() - timedelta(days=20),
    )


def bodies(manager: Any, workers: list[Any]) -> list[bytes]:
    """Sessions held an hour ago, each worker in turn."""
    held_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    common = {"supervisor_id": str(manager), "held_at": held_at, "minutes": 95, "uninterrupted": True}
    return [
        json.dumps({**common, "worker_id": str(workers[n % len(workers)]), "kind": "individual"}).encode()
        for n in range(REQUESTS)
    ]


async def until_answering(url: str) -> None:
    """Wait until a server accepts requests."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(DEADLINE_S):
        while True:
            try:
                async with session.get(url) as answer:
                    await answer.read()
                return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def compare(database_url: str, bare_url: str, service_url: str, issuer: TokenIssuer) -> tuple[float, float]:
    """Both rates, in turns."""
    facts, manager, workers = staff()
    database = Database(database_url, "supervision", Clock())
    await database.open()
    await receive(database, service, *facts)
    await database.close()
    sessions = bodies(manager, workers)
    kind = {"Content-Type": "application/json"}
    bearer = {"Authorization": f"Bearer {issuer.issue(['principal_social_worker'])}", **kind}
    await asyncio.gather(until_answering(bare_url), until_answering(service_url))
    for url, path, headers in ((bare_url, "/sessions", kind), (service_url, "/v1/supervision/sessions", bearer)):
        await rate(url + path, sessions[:300], headers)
    return await in_turns(
        lambda: rate(f"{service_url}/v1/supervision/sessions", sessions, bearer),
        lambda: rate(f"{bare_url}/sessions", sessions, kind),
        ROUNDS,
    )


async def measure() -> list[Figure]:
    """One figure."""
    issuer = TokenIssuer.generate("https://bench.invalid", "plumbline")
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        url, bare = postgres.create_database("supervision"), postgres.create_database("bare")
        migrations.migrate(url, service.migrations, service.tables)
        settings = {"DATABASE_URL": url, "OIDC_ISSUER": "https://bench.invalid", "OIDC_JWKS": issuer.jwks()}
        with (
            serving(["plumbline", "serve", "supervision", "--role", "api"], settings) as ours,
            bare_server("benchmarks.bare_command:app", {"DATABASE_URL": bare}) as theirs,
        ):
            mine, known = await compare(url, theirs, ours, issuer)
    what = "record a session: checks, rule, rows, outbox"
    return [Figure(what, "a bare FastAPI route with one ORM insert", mine, known, "requests/s", 1.2)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
