"""Accountability, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Service
from services.accountability.tables import metadata

service = Service(
    name="accountability",
    standard=1,
    routes=(),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
)
