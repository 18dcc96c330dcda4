"""The requests that were answered so far, as the services recorded them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

from rich.console import Console
from rich.table import Column, Table

from plumbline.databases import opened, urls

_ANSWERED: LiteralString = "select request_id, kind, worker_id, made_by, reason, made_at from subject_requests"


async def list_requests(home: Path, console: Console) -> None:
    """Show every request once, oldest first, with the services that answered it: after a restore some are missing."""
    found: dict[UUID, tuple[dict[str, Any], list[str]]] = {}
    with urls(home) as databases:
        for name, url in databases.items():
            async with opened(url, name) as database, database.reading() as tx:
                for row in await tx.fetch_all(_ANSWERED):
                    found.setdefault(row["request_id"], (row, []))[1].append(name)
    table = Table("when", "kind", Column("worker", min_width=36), "by", "reason", "services")
    for row, services in sorted(found.values(), key=lambda one: one[0]["made_at"]):
        when, worker = row["made_at"].isoformat(timespec="minutes"), str(row["worker_id"] or "by other marks")
        missing = [name for name in databases if name not in services]
        answered = "all" if not missing else f"not {', '.join(missing)}"
        table.add_row(when, row["kind"], worker, row["made_by"], row["reason"], answered)
    console.print(table if table.row_count else "No request has been answered yet.")
