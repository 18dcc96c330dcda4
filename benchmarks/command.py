"""Recording a supervision session through the service beside a bare FastAPI route with one ORM insert.

Both run as a process of their own under uvicorn, alone on one core; PostgreSQL and the load generator share the other cores. The
service checks token, role and reach, decides whether the session meets the standard, and writes session, event and sequence in
one transaction. Needs wrk: a client in Python costs as much as a server, and leaves the database no core.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.load import on_cores, shared_out, wrk, wrk_is_here
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

PATH = "/v1/supervision/sessions"
AT_ONCE = 8
WORKERS = 200
SECONDS = 2
WARM_UP_SECONDS = 2
ROUNDS = 21
DEADLINE_S = 30.0
POST = """
local bodies, next = {}, 0
for line in io.lines("%s") do bodies[#bodies + 1] = line end
wrk.method = "POST"
request = function()
  next = next %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[next])
end
"""
"""What wrk sends: one line of a file after the other, from the beginning again after the last."""


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


def bodies(manager: Any, workers: list[Any]) -> list[str]:
    """Sessions held an hour ago, one of each worker."""
    held_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    common = {"supervisor_id": str(manager), "held_at": held_at, "minutes": 95, "uninterrupted": True}
    return [json.dumps({**common, "worker_id": str(worker), "kind": "individual"}) for worker in workers]


def posting(folder: Path, sessions: list[str]) -> list[str]:
    """The options with which wrk sends sessions, one after the other."""
    (folder / "sessions").write_text("\n".join(sessions))
    file = folder / "post.lua"
    file.write_text(POST % (folder / "sessions"))
    return ["-s", str(file), "-H", "Content-Type: application/json"]


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


async def heard_of(database_url: str, facts: list[Event]) -> None:
    """Let the service's database know its staff."""
    database = Database(database_url, "supervision", Clock())
    await database.open()
    await receive(database, service, *facts)
    await database.close()


async def compare(bare_url: str, service_url: str, token: str, post: list[str]) -> tuple[float, float]:
    """Both rates, in turns."""

    async def ours(seconds: int = SECONDS) -> float:
        return await wrk(service_url + PATH, AT_ONCE, seconds, [*post, "-H", f"Authorization: Bearer {token}"])

    async def theirs(seconds: int = SECONDS) -> float:
        return await wrk(f"{bare_url}/sessions", AT_ONCE, seconds, post)

    await asyncio.gather(until_answering(bare_url), until_answering(service_url))
    await theirs(WARM_UP_SECONDS)
    await ours(WARM_UP_SECONDS)
    return await in_turns(ours, theirs, ROUNDS)


async def measure() -> list[Figure]:
    """One figure; none where wrk is absent."""
    if not wrk_is_here("command"):
        return []
    alone, others = shared_out()
    issuer = TokenIssuer.generate("https://bench.invalid", "plumbline")
    with (
        tempfile.TemporaryDirectory() as folder,
        on_cores(others),
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
    ):
        url, bare = postgres.create_database("supervision"), postgres.create_database("bare")
        migrations.migrate(url, service.migrations, service.tables)
        facts, manager, workers = staff()
        await heard_of(url, facts)
        settings = {"DATABASE_URL": url, "OIDC_ISSUER": "https://bench.invalid", "OIDC_JWKS": issuer.jwks()}
        with ExitStack() as stack:
            with on_cores(alone):
                ours = stack.enter_context(serving(["plumbline", "serve", "supervision", "--role", "api"], settings))
                theirs = stack.enter_context(bare_server("benchmarks.bare_command:app", {"DATABASE_URL": bare}))
            token = issuer.issue(["principal_social_worker"])
            mine, known = await compare(theirs, ours, token, posting(Path(folder), bodies(manager, workers)))
    what = "record a session: checks, rule, rows, outbox"
    return [Figure(what, "a bare FastAPI route with one ORM insert", mine, known, "requests/s", 1.2)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
