"""The migrations make exactly the tables that are described."""

from __future__ import annotations

from chassis import migrations
from chassis.testing import fresh_database
from services.feedback.service import service


async def test_the_migrations_leave_no_difference_to_the_described_tables(postgres: str) -> None:
    assert migrations.drift(fresh_database(postgres, service), service.tables) == []
