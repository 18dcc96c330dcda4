"""Everything a fault may reach for: the deployment, its broker, the network between them, and the databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from tests.faults.cluster import Cluster, Part
from tests.faults.journal import Client, Journal
from tests.faults.proxy import Proxy
from tests.faults.run import PATIENCE_S, after_writes, until
from tests.support.plugin import Broker

__all__ = ["World", "after_writes", "until"]


_BESIDE = ThreadPoolExecutor(1, "beside")


@dataclass
class World:
    """One deployment with everything around it."""

    cluster: Cluster
    journal: Journal
    network: Proxy
    broker: Broker

    def client(self) -> Client:
        """A further caller, whose answers are journalled as well."""
        return Client(self.cluster.url, self.journal)

    def connect(self, service: str, **more: Any) -> psycopg.Connection[dict[str, Any]]:
        """A connection to a service's database, not in autocommit."""
        return psycopg.connect(self.cluster.databases[service], row_factory=dict_row, **more)

    def database_over(self, service: str, host: str, proxy: Proxy) -> str:
        """The URL of a service's database by a proxy in front of PostgreSQL."""
        given = conninfo_to_dict(self.cluster.databases[service])
        return f"postgresql://{given['user']}@{host}:{proxy.port}/{given['dbname']}"

    def execute(self, service: str, sql: LiteralString) -> list[dict[str, Any]]:
        """Run one statement in a service's database; its rows."""
        with self.connect(service) as connection:
            result = connection.execute(sql)
            return result.fetchall() if result.description else []

    async def beside(self, do: Callable[[], None]) -> None:
        """Run what blocks in a thread of its own that lives on: a broker dies with the thread that started it."""
        await asyncio.get_running_loop().run_in_executor(_BESIDE, do)

    async def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds, looking at it beside the event loop."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < end, what
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def with_settings(
        self, settings: dict[str, str], *names: str, through: tuple[str, ...] = ()
    ) -> AsyncIterator[None]:
        """Parts restarted with further settings and in other surroundings, and without them afterwards."""
        parts = [self.cluster.parts[name] for name in names]
        try:
            await self._restart(parts, settings, through)
            yield
        finally:
            await self._restart(parts, {}, ())

    async def _restart(self, parts: list[Part], settings: dict[str, str], through: tuple[str, ...]) -> None:
        for part in parts:
            part.extra, part.through = settings, through
            await part.kill()
