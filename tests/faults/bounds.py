"""What a process may hold: memory, descriptors and connections stay bounded, and no transaction stands idle (I15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

CROWDED: LiteralString = """
select datname, count(*) from pg_stat_activity
where backend_type = 'client backend' and datname is not null group by 1 having count(*) > %(most)s order by 1
"""
IDLE: LiteralString = """
select datname, pid, round(extract(epoch from clock_timestamp() - state_change))::int from pg_stat_activity
where state like 'idle in transaction%%' and clock_timestamp() - state_change > make_interval(secs => %(most)s) order by 1, 2
"""


@dataclass(frozen=True)
class Bounds:
    """What one process, one database and one idle transaction may come to."""

    memory_mb: int = 400
    descriptors: int = 300
    connections: int = 30
    idle_in_transaction_s: float = 15.0


def i15_bounded(pids: Mapping[str, int], server_url: str, bounds: Bounds | None = None) -> list[str]:
    """I15: memory, descriptors and connections are within bounds, and no transaction stands idle."""
    most = bounds or Bounds()
    wrong = []
    for name, pid in pids.items():
        with suppress(FileNotFoundError):
            memory, descriptors = _memory_mb(pid), len(list(Path(f"/proc/{pid}/fd").iterdir()))
            wrong += [f"I15: {name} holds {memory} MB"] if memory > most.memory_mb else []
            wrong += [f"I15: {name} holds {descriptors} descriptors"] if descriptors > most.descriptors else []
    with psycopg.connect(server_url, autocommit=True) as connection:
        crowded = connection.execute(CROWDED, {"most": most.connections}).fetchall()
        idle = connection.execute(IDLE, {"most": most.idle_in_transaction_s}).fetchall()
    wrong += [f"I15: {count} connections to {database}" for database, count in crowded]
    return wrong + [f"I15: {pid} leaves {database} idle in a transaction for {s} s" for database, pid, s in idle]


def _memory_mb(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0
