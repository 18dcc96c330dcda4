"""Whether, after each database was restored to a moment of its own, anybody remembers what its teller has forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
from rich.console import Console

from plumbline.databases import urls
from plumbline.doctor.words import say

_SAID: LiteralString = "select event_id from outbox"
# What is older was said long before any moment that a restore is about.
_HEARD: LiteralString = """
select event_id, received_at from inbox
where received_at > (select max(received_at) from inbox) - interval '1 day'
"""


def forgotten(databases: Mapping[str, str]) -> list[str]:
    """Findings: services that have heard events which no outbox holds any more. Empty when the services may be started."""
    said: set[UUID] = set()
    for url in databases.values():
        with psycopg.connect(url) as connection:
            said |= {row[0] for row in connection.execute(_SAID)}
    found = []
    for name, url in databases.items():
        with psycopg.connect(url) as connection:
            heard = [row[1] for row in connection.execute(_HEARD) if row[0] not in said]
        if heard:
            found.append(_finding(name, heard))
    return found


def after_restore(home: Path, console: Console) -> int:
    """Say what was found; exit status 1 when a service may not be started."""
    with urls(home) as databases:
        found = forgotten(databases)
    for finding in found:
        console.print(f"[yellow]![/yellow] {finding}", soft_wrap=True)
    if not found:
        console.print("Every event that a service remembers is still held by who said it. The services may be started.")
    return 1 if found else 0


def _finding(name: str, heard: list[datetime]) -> str:
    return say(
        f"{name} remembers {len(heard)} events that nobody has said. Do not start it: restore its database to a moment",
        f"before {min(heard):%Y-%m-%d %H:%M:%S.%f}+00, or those who said them to a later one, and look again.",
    )
