"""Schema migrations: the chassis's own and each service's, applied by ``plumbline migrate``, drafted by ``new``.

``python -m chassis.migrations new <service> "verb what"`` compares the service's tables with a freshly migrated database and
writes the next numbered migration.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, MetaData, create_engine, pool, text
from sqlalchemy.exc import OperationalError

from chassis import tables

HERE = Path(__file__).parent
CHASSIS_VERSIONS = HERE / "versions"
LOCK_WITHIN = "800ms"
"""Below PostgreSQL's ``deadlock_timeout``."""
PAUSE_S = 0.5
TRIES = 100
_PATIENCE = text("select set_config('lock_timeout', :patience, false)")
_LOCK = text("select pg_advisory_lock(hashtext('plumbline migrate'))")
_UNLOCK = text("select pg_advisory_unlock(hashtext('plumbline migrate'))")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection, versions: Path, version_table: str, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, version_table=version_table, metadata=metadata)
    return config


def migrate(url: str, service_versions: Path | None, metadata: MetaData) -> None:
    """Bring one service's database to the newest schema; safe to run twice and from two places at once.

    Without ``service_versions`` only the chassis's own tables are made.
    """
    with _connected(url) as connection:
        connection.execute(_LOCK)
        connection.commit()
        try:
            for versions, version_table, layer in _layers(service_versions, metadata):
                _upgrade(connection, _config(connection, versions, version_table, layer))
        finally:
            connection.rollback()
            connection.execute(_UNLOCK)
            connection.commit()


def _upgrade(connection: Connection, config: Config) -> None:
    """Migrate beside those who write: whoever waits for a lock of theirs lets go of all and tries again.

    A migration locks tables in its own order, and writers in theirs. It gives up before PostgreSQL looks for a deadlock, which
    might end a writer's transaction instead, and before those who queue behind it notice much.
    """
    for left in reversed(range(TRIES)):
        try:
            connection.execute(_PATIENCE, {"patience": LOCK_WITHIN})
            connection.commit()
            command.upgrade(config, "head")
            connection.commit()
        except OperationalError as refused:
            connection.rollback()
            if not left or not isinstance(refused.orig, LockNotAvailable | DeadlockDetected):
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _layers(service_versions: Path | None, metadata: MetaData) -> list[tuple[Path, str, MetaData]]:
    layers = [(CHASSIS_VERSIONS, "alembic_version_chassis", tables.metadata)]
    if service_versions is not None:
        layers.append((service_versions, "alembic_version", metadata))
    return layers


def behind(url: str, service_versions: Path | None, metadata: MetaData) -> bool:
    """Whether the database lacks a migration that this code knows; one that is ahead, by a newer release, does not."""
    with _connected(url) as connection:
        for versions, version_table, layer in _layers(service_versions, metadata):
            script = ScriptDirectory.from_config(_config(connection, versions, version_table, layer))
            context = MigrationContext.configure(connection, opts={"version_table": version_table})
            current = context.get_current_revision()
            known = {revision.revision for revision in script.walk_revisions()}
            if current is None or (current in known and current != script.get_current_head()):
                return True
    return False


def drift(url: str, metadata: MetaData) -> list[Any]:
    """What differs between a migrated database and the tables described in code; empty when nothing does."""
    with _connected(url) as connection:
        whole = tables.new_metadata()
        for described in (tables.metadata, metadata):
            for table in described.tables.values():
                table.to_metadata(whole)
        context = MigrationContext.configure(
            connection, opts={"include_name": _not_alembics_own, "compare_type": True, "target_metadata": whole}
        )
        return list(compare_metadata(context, whole))


def _not_alembics_own(name: str | None, kind: str, _: Any) -> bool:
    return not (kind == "table" and name is not None and name.startswith("alembic_version"))


def draft(url: str, versions: Path, metadata: MetaData, message: str, *, chassis: bool = False) -> None:
    """Write the next migration of a service from the difference between ``metadata`` and the database at ``url``."""
    number = 1 + len(list(versions.glob("[0-9]*.py")))
    version_table = "alembic_version_chassis" if chassis else "alembic_version"
    with _connected(url) as connection:
        config = _config(connection, versions, version_table, metadata)
        command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
