"""The database is what the tables say."""

from __future__ import annotations

from chassis import migrations
from chassis.testing import fresh_database
from services.cpd.service import service


def test_migrated_database_has_no_drift(postgres: str) -> None:
    assert migrations.drift(fresh_database(postgres, service), service.tables) == []
