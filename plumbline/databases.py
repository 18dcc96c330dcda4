"""Opening a deployment's databases for the commands that operate it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from chassis.clock import Clock
from chassis.database import Database
from chassis.postgres import database_url
from plumbline.home import Home
from plumbline.services import SERVICES


def variable(service: str) -> str:
    """The environment variable that names a service's database where there is no home folder."""
    return f"DATABASE_URL_{service.upper()}"


@contextmanager
def urls(home: Path) -> Iterator[dict[str, str]]:
    """Every service's database URL: from ``DATABASE_URL_<SERVICE>``, else from the embedded PostgreSQL of ``home``."""
    named = {name: os.environ[variable(name)] for name in SERVICES if variable(name) in os.environ}
    if named:
        yield named
        return
    with Home(home).postgres() as postgres:
        yield {name: database_url(postgres.url, f"plumbline_{name}") for name in SERVICES}


@asynccontextmanager
async def opened(url: str, service: str) -> AsyncIterator[Database]:
    """A service's database, connected."""
    database = Database(url, service, Clock(), pool_size=2)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
