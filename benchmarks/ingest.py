"""Taking in a batch of 50,000 cases over HTTP beside COPY of the same rows into one table.

Each turn begins with a checkpoint, after a first batch that does not count: so both write into log files that are used again,
as on a server that has run for a day, and neither is charged for making new ones.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID

import aiohttp
import psycopg

from benchmarks.command import until_answering
from benchmarks.report import Figure, in_turns
from chassis import migrations
from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.testing import receive
from chassis.tokens import TokenIssuer
from contracts.workforce import OrgUnitRecordedV1
from services.allocation.service import service
from tests.support.processes import serving

CASES = 50_000
KINDS = ("child_in_need", "child_protection", "looked_after", "care_leaver", "adult_review")
PRIORITIES = ("urgent", "high", "medium", "low")
TABLE = """create table if not exists bare_cases (
    source text not null, reference text not null, case_type text not null, complexity text not null,
    org_unit_id uuid not null, priority text not null, received_on date not null, primary key (source, reference))"""


def cases(team: UUID, run: str) -> list[dict[str, str]]:
    """Cases that no earlier run has sent."""
    return [
        {
            "source": "mosaic",
            "reference": f"{run}-{number}",
            "case_type": KINDS[number % len(KINDS)],
            "complexity": "standard",
            "org_unit_id": str(team),
            "priority": PRIORITIES[number % len(PRIORITIES)],
            "received_on": (date.today() - timedelta(days=number % 300)).isoformat(),
        }
        for number in range(CASES)
    ]


async def ours_rate(url: str, database_url: str, team: UUID, issuer: TokenIssuer) -> float:
    """Cases a second until the answer that counts them all."""
    await checkpoint(database_url)
    body = "\n".join(json.dumps(case) for case in cases(team, new_id().hex)).encode()
    headers = {
        "Authorization": f"Bearer {issuer.issue(['integration'])}",
        "Content-Type": "application/x-ndjson",
    }
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        began = perf_counter()
        async with session.post(f"{url}/v1/allocation/cases:batch", data=body, headers=headers) as answer:
            result = await answer.json()
        if result.get("accepted") != CASES:
            raise RuntimeError(f"{answer.status} {str(result)[:300]}")
        return CASES / (perf_counter() - began)


async def checkpoint(url: str) -> None:
    """Have the server write out what it holds, so that the next turn finds it as the one before did."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("checkpoint")


async def copy_rate(url: str, team: UUID) -> float:
    """Rows a second of COPY in one transaction."""
    await checkpoint(url)
    rows = [tuple(case.values()) for case in cases(team, new_id().hex)]
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(TABLE)
        await connection.commit()
        began = perf_counter()
        async with connection.cursor() as cursor, cursor.copy("copy bare_cases from stdin") as copy:
            for row in rows:
                await copy.write_row(row)
        await connection.commit()
        return CASES / (perf_counter() - began)


async def compare(postgres: EmbeddedPostgres, url: str, ours: str, issuer: TokenIssuer) -> tuple[float, float]:
    """Both rates, in turns."""
    team = new_id()
    database = Database(url, "allocation", Clock())
    await database.open()
    await receive(database, service, OrgUnitRecordedV1(org_unit_id=team, parent_id=None, kind="authority"))
    await database.close()
    await until_answering(ours)
    bare = postgres.create_database("bare")
    await ours_rate(ours, url, team, issuer)
    return await in_turns(lambda: ours_rate(ours, url, team, issuer), lambda: copy_rate(bare, team))


async def measure() -> list[Figure]:
    """One figure."""
    issuer = TokenIssuer.generate("https://bench.invalid", "plumbline")
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        url = postgres.create_database("allocation")
        migrations.migrate(url, service.migrations, service.tables)
        settings = {
            "DATABASE_URL": url,
            "OIDC_ISSUER": "https://bench.invalid",
            "OIDC_JWKS": issuer.jwks(),
            "CASE_KEY_SECRET": "0" * 64,
        }
        with serving(["plumbline", "serve", "allocation", "--role", "api"], settings) as ours:
            mine, known = await compare(postgres, url, ours, issuer)
    return [Figure("batch of 50,000 cases", "COPY of the same rows", mine, known, "rows/s", 0.2)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
