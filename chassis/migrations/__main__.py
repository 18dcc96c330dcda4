"""Drafts a migration: ``python -m chassis.migrations new <service|chassis> "verb what"``."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from chassis import migrations, tables
from chassis.postgres import EmbeddedPostgres
from chassis.service import Service


def main(arguments: list[str]) -> int:
    """Draft against a database migrated so far; the exit status."""
    if len(arguments) != 3 or arguments[0] != "new":
        sys.stderr.write(f"{__doc__}\n")
        return 2
    name, message = arguments[1], arguments[2]
    with tempfile.TemporaryDirectory() as home, EmbeddedPostgres(Path(home) / "postgres") as postgres:
        url = postgres.create_database("draft")
        if name == "chassis":
            versions, metadata = migrations.CHASSIS_VERSIONS, tables.metadata
            if any(versions.glob("0*.py")):
                migrations.migrate(url, None, metadata)
        else:
            service: Service = import_module(f"services.{name}.service").service
            versions, metadata = service.migrations, service.tables
            versions.mkdir(exist_ok=True)
            migrations.migrate(url, versions, metadata)
        migrations.draft(url, versions, metadata, message, chassis=name == "chassis")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
