"""How Alembic runs here: on a connection and a metadata handed over by :mod:`chassis.migrations`."""

from __future__ import annotations

from alembic import context

config = context.config
connection = config.attributes["connection"]
metadata = config.attributes["metadata"]
version_table = config.attributes["version_table"]


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Look only at the tables of this layer: each of the chassis and the service leaves the other's alone."""
    return kind != "table" or name in metadata.tables


context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=version_table,
    include_name=include_name,
    compare_type=True,
    transactional_ddl=True,
    transaction_per_migration=True,  # each holds the locks of its own tables only, and for no longer than it takes
)
with context.begin_transaction():
    context.run_migrations()
