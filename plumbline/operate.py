"""Commands for whoever runs a deployment: parked records, and rebuilding projections."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString

from rich.console import Console
from rich.table import Column, Table

from chassis.consumer import Consumer
from plumbline.databases import opened, urls
from plumbline.rebuilding import rebuild_service, rebuildable
from plumbline.services import SERVICES, load

_PARKED: LiteralString = """
select key, count(*) as records, min(parked_at) as since, (array_agg(reason order by id))[1] as reason
from parked_records group by key order by min(id)
"""


async def list_parked(home: Path, console: Console) -> None:
    """Show every parked key of every service."""
    table = Table("service", Column("key", overflow="fold", min_width=36), "records", "since", "reason")
    with urls(home) as databases:
        for name, url in databases.items():
            async with opened(url, name) as database, database.reading() as tx:
                for row in await tx.fetch_all(_PARKED):
                    since = row["since"].isoformat(timespec="seconds")
                    table.add_row(name, row["key"], str(row["records"]), since, row["reason"])
    if table.row_count:
        console.print(table)
        console.print("Mend the cause, then: plumbline parked redrive SERVICE KEY")
    else:
        console.print("Nothing is parked.")


async def redrive(service: str, key: str, home: Path, console: Console) -> int:
    """Apply a parked key in order; exit status 1 when a record of it still fails."""
    with urls(home) as databases:
        async with opened(databases[service], service) as database:
            try:
                applied = await Consumer(database, load(service)).redrive(key)
            except Exception as failure:
                console.print(f"{key} stays parked: {failure!r}")
                return 1
    console.print(f"{applied} records of {key} were applied; the key goes on.")
    return 0


async def rebuild(service: str, home: Path, check: bool, console: Console) -> int:
    """Fold the log afresh into a service's projections; exit status 1 when a check found a difference."""
    if service not in SERVICES:
        console.print(f"There is no service {service}. Choose one of {', '.join(SERVICES)}.")
        return 2
    if not rebuildable(load(service)):
        console.print(
            f"{service} names projections that nothing folds, so a rebuild would only empty them. Nothing was done."
        )
        return 2
    with urls(home) as databases:
        async with opened(databases["accountability"], "accountability") as log:
            if service == "accountability":
                result = await rebuild_service(load(service), log, log, keep=not check)
            else:
                async with opened(databases[service], service) as database:
                    result = await rebuild_service(load(service), database, log, keep=not check)
    for table, same in result.same.items():
        console.print(f"{table}: {'the same as before' if same else 'different'}")
    if result.left_out:
        console.print(f"Left out, because they are not what their schema says: events {', '.join(result.left_out)}")
    outcome = "compared only" if check else "rebuilt"
    console.print(f"{service}: {result.events} events folded, {outcome}.")
    return 1 if check and not all(result.same.values()) else 0
