"""Waiting for a database to have the schema that this release needs, while another process migrates it."""

from __future__ import annotations

import time

import structlog
from sqlalchemy.exc import OperationalError

from chassis import migrations
from chassis.service import Service

LOOK_EVERY_S = 1.0
log = structlog.get_logger("plumbline")


def schema_within(seconds: float, database_url: str, service: Service) -> bool:
    """Look until the schema is there or the time is up; a database that does not answer yet is waited for as well."""
    end = time.monotonic() + seconds
    while True:
        try:
            if not migrations.behind(database_url, service.migrations, service.tables):
                return True
        except OperationalError as away:
            log.warning("the database does not answer", service=service.name, reason=str(away.orig))
        if time.monotonic() + LOOK_EVERY_S > end:
            return False
        time.sleep(LOOK_EVERY_S)
