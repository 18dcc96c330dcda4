"""How large a deployment has to be: measured per event and worker in a deployment that has data, worked out for larger ones.

``python -m benchmarks.size --home .plumbline --pid PID --keep`` measures a deployment that is there, `plumbline up` with a
demonstration authority, and keeps the figures; without ``--home`` the kept ones are used.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg

from plumbline.databases import urls

KEPT = Path(__file__).with_name("measured_size.json")
EVENTS_A_YEAR_PER_WORKER = 200
OPEN_CASES_PER_WORKER = 12
WORKING_DAYS = 230
IN_BUSIEST_HOUR = 0.2
"""Of a day's events."""
READS_PER_WRITE = 10
HEADROOM = 3
OUTBOX_DAYS = 14
GB = 1e9
READS = 300
PATHS = (
    "/v1/allocation/unallocated?limit=50",
    "/v1/accountability/alerts?status=open",
    "/v1/workforce/workers?limit=50",
)
COLUMNS = (
    *("", "events a year", "open cases", "events/s, busiest hour", "cores", "memory"),
    *("disk, first year", "each further year", "bus"),
)

# Without the pages that an empty table and its indexes have as well: a demonstration is small, and those would count double.
_ROWS: LiteralString = """
select c.relname, greatest(pg_total_relation_size(c.oid)
    - 8192 * (2 + 2 * (select count(*) from pg_index i where i.indrelid = c.oid)), 0)::bigint
from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'
"""
_WIRE: LiteralString = "select coalesce(sum(length(attributes) + length(data)), 0) from outbox"
_OF_EVENTS = frozenset({"outbox", "inbox", "log"})


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, in bytes, CPU seconds and megabytes."""

    outbox_per_event: float
    inbox_per_event: float
    """In all the databases of those who hear it."""
    log_per_event: float
    wire_per_event: float
    state_per_worker: float
    """Everything else, by worker: sessions, cases, figures, people."""
    cpu_per_event: float
    """Of gateway, services and databases, from the request that causes it to the last who hears it."""
    cpu_per_read: float
    memory_per_process_mb: float
    workers: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Who runs one deployment."""

    name: str
    workers: int


PLACES = (
    Place("200 workers", 200),
    Place("2,000 workers", 2_000),
    Place("5,000 workers", 5_000),
    Place("a region of ten authorities, 12,000 workers", 12_000),
    Place("England: 153 authorities, 100,000 workers", 100_000),
)


@dataclass(frozen=True, slots=True)
class Size:
    """What a place needs."""

    events_a_year: int
    open_cases: int
    events_a_second: float
    cores: float
    memory_gb: float
    disk_first_year_gb: float
    disk_each_further_gb: float
    bus_gb: float


def size_of(place: Place, costs: Costs, processes: int = 9) -> Size:
    """The busiest hour decides about cores, a year about disks."""
    events = place.workers * EVENTS_A_YEAR_PER_WORKER
    rate = events / WORKING_DAYS * IN_BUSIEST_HOUR / 3600
    kept = events * (costs.inbox_per_event + costs.log_per_event)
    outbox = events * costs.outbox_per_event * OUTBOX_DAYS / 365
    state = place.workers * costs.state_per_worker
    cores = rate * (costs.cpu_per_event + READS_PER_WRITE * costs.cpu_per_read) * HEADROOM
    replicas = max(1.0, cores / processes)
    return Size(
        events,
        place.workers * OPEN_CASES_PER_WORKER,
        rate,
        cores,
        processes * replicas * costs.memory_per_process_mb / 1000 + (state + outbox) / GB / 4,
        (kept + outbox + 2 * state) / GB,
        (kept + state) / GB,
        events * costs.wire_per_event * OUTBOX_DAYS / 365 * 3 / GB,
    )


def table(costs: Costs) -> str:
    """The sizes as a table of Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" + "|--:" * (len(COLUMNS) - 1) + "|"]
    return "\n".join([*lines, *(_row(place, size_of(place, costs)) for place in PLACES)])


def _row(place: Place, size: Size) -> str:
    cells = (
        place.name,
        f"{size.events_a_year:,}",
        f"{size.open_cases:,}",
        f"{size.events_a_second:.2f}",
        f"{max(size.cores, 0.1):.1f}",
        f"{size.memory_gb:.1f} GB",
        f"{size.disk_first_year_gb:,.1f} GB",
        f"{size.disk_each_further_gb:,.1f} GB",
        f"{size.bus_gb:,.1f} GB",
    )
    return f"| {' | '.join(cells)} |"


def measured(databases: Mapping[str, str], known: Costs) -> Costs:
    """What a deployment with data takes on disk, beside the costs in time that other benchmarks measured."""
    sizes: dict[str, float] = dict.fromkeys((*_OF_EVENTS, "state"), 0.0)
    for url in databases.values():
        with psycopg.connect(url, autocommit=True) as connection:
            for name, size in connection.execute(_ROWS).fetchall():
                sizes[name if name in _OF_EVENTS else "state"] += size
    workers = _number(databases["workforce"], "select count(*) from workers")
    said = sum(_number(url, "select count(*) from outbox") for url in databases.values())
    logged = _number(databases["accountability"], "select count(*) from log")
    wire = sum(
        _number(url, "select coalesce(sum(length(attributes) + length(data)), 0) from outbox")
        for url in databases.values()
    )
    return Costs(
        sizes["outbox"] / said,
        sizes["inbox"] / said,
        sizes["log"] / logged,
        wire / said,
        sizes["state"] / workers,
        known.cpu_per_event,
        known.cpu_per_read,
        known.memory_per_process_mb,
        workers,
        said,
    )


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, with those that it started; of one that has just ended, its parent knows."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in started)


def busy(pid: int, home: Path) -> float:
    """CPU seconds so far of an all-in-one and its PostgreSQL."""
    return cpu_seconds(pid) + cpu_seconds(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def per_read(pid: int, home: Path, url: str) -> float:
    """CPU seconds of a read, of pages that people open: workload, alerts, figures."""
    wanted = {"roles": ["principal_social_worker"], "worker_id": None, "org_unit_id": None}
    token = httpx.post(f"{url}/auth/demo/tokens", json=wanted).raise_for_status().json()["access_token"]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        before = busy(pid, home)
        for n in range(READS):
            client.get(PATHS[n % len(PATHS)]).raise_for_status()
        return (busy(pid, home) - before) / READS


def _number(url: str, query: LiteralString) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def kept() -> Costs:
    """The figures that were kept last."""
    return Costs(**json.loads(KEPT.read_text()))


def main() -> None:
    """Measure if a deployment is named, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="measure the deployment in this folder")
    parser.add_argument("--pid", type=int, help="of its `plumbline up`, which has done nothing but load an authority")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="of its gateway")
    parser.add_argument("--keep", action="store_true", help=f"keep what was measured in {KEPT.name}")
    chosen = parser.parse_args()
    costs = kept()
    if chosen.home:
        with urls(chosen.home) as databases:
            costs = measured(databases, costs)
    if chosen.home and chosen.pid:
        spent = busy(chosen.pid, chosen.home) / costs.events
        costs = replace(costs, cpu_per_event=spent, cpu_per_read=per_read(chosen.pid, chosen.home, chosen.url))
    if chosen.keep:
        KEPT.write_text(json.dumps(asdict(costs), indent=1) + "\n")
    print(json.dumps(asdict(costs), indent=1))
    print(table(costs))


if __name__ == "__main__":
    main()
