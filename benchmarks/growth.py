"""What a person waits for as one database grows from one authority to many: the time of each operation, and how it grows.

The slope is that of a line through the measured points on logarithmic scales: 0 means that size does not matter, 1 that twice as
much takes twice as long. Only measured points are used. Everything but the lists of everyone stays within one authority, and
should cost the same however many there are. The pages that PostgreSQL touches are counted too: no other work on the machine moves
them.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from math import log
from pathlib import Path
from random import Random
from statistics import mean, median
from time import perf_counter
from typing import Any, LiteralString
from uuid import UUID

from benchmarks.consumer import Place, year_of_events
from benchmarks.counted import count_up
from benchmarks.population import Size, id_of, populate
from chassis import migrations
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.postgres import EmbeddedPostgres
from chassis.service import Service
from chassis.testing import receive
from services.accountability.queries.alert_pages import AlertFilter, list_alerts
from services.accountability.queries.figures import list_figures
from services.accountability.queries.reach import Reach
from services.accountability.rules.measures import CATALOGUE
from services.accountability.service import service as accountability
from services.allocation.commands.allocations import AllocateCase, allocate_case
from services.allocation.queries.cases import CaseName, get_case, list_waiting_cases
from services.allocation.queries.recommendations import read_recommendations
from services.allocation.queries.units import read_unit_workload
from services.allocation.queries.workloads import get_workload
from services.allocation.rules.offer import Terms
from services.allocation.service import service as allocation

SIZES = (1, 5, 25, 150)
"""From one authority to about as many as England has."""
SIZE = Size()
PAGE = 101
TIMES = 9
WARM_UP = 6
EVENTS = 50
FLAT = 0.2
"""A slope up to this is called constant: caches miss a little more often in a larger database."""

_PAGES: LiteralString = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
Operation = Callable[[], Awaitable[Any]]
Making = Callable[[str, int, int, Size], None]


def slope_of(points: Mapping[int, float]) -> float:
    """The slope of the least squares line through the logarithms of some points."""
    across, up = [log(size) for size in points], [log(value) for value in points.values()]
    middle, height = mean(across), mean(up)
    slopes = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return slopes / sum((x - middle) ** 2 for x in across)


@dataclass(frozen=True, slots=True)
class Growth:
    """An operation's milliseconds and pages at each number of authorities; ``most`` is the slope wanted at most."""

    what: str
    points: dict[int, float]
    pages: dict[int, float]
    most: float | None = FLAT

    @property
    def slope(self) -> float:
        """How the time grows."""
        return slope_of(self.points)

    def line(self) -> str:
        """The growth as one line of text."""
        wanted = ""
        if self.most is not None:
            wanted = f"; wanted at most {self.most:g}, {'reached' if self.slope <= self.most else 'not reached'}"
        return f"{self.what}: slope {self.slope:.2f} ({self._shown()}{wanted})"

    def outcome(self) -> Mapping[str, Any]:
        """The growth as plain values."""
        kept: dict[str, Any] = {"what": self.what, "slope": self.slope}
        if self.most is not None:
            kept |= {"wanted": f"at most {self.most:g}", "passed": self.slope <= self.most}
        return {**kept, "times": self._times(), "pages": self._pages()}

    def _shown(self) -> str:
        return f"{self._times()}; pages {self._pages()}"

    def _times(self) -> str:
        return ", ".join(f"{size}: {time:.1f} ms" for size, time in self.points.items())

    def _pages(self) -> str:
        pages = ", ".join(f"{size}: {touched:,.0f}" for size, touched in self.pages.items())
        return f"{pages}; slope {slope_of(self.pages):.2f}"


async def milliseconds(operation: Operation) -> float:
    """The median of several runs; what PostgreSQL prepares is prepared before."""
    for _ in range(WARM_UP):
        await operation()
    taken = []
    for _ in range(TIMES):
        gc.collect()
        began = perf_counter()
        await operation()
        taken.append((perf_counter() - began) * 1000)
    return median(taken)


async def pages_touched(database: Database, operation: Operation) -> float:
    """How many pages PostgreSQL looks at for an operation, in its memory or not."""
    before = await _pages(database)
    await operation()
    return await _pages(database) - before


async def _pages(database: Database) -> int:
    async with database.reading() as tx:
        await tx.fetch_one("select pg_stat_force_next_flush()")
        return int(await tx.fetch_value(_PAGES))


class Allocation:
    """What people do in allocation, all in the first authority unless it says everyone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = count()
        self.operations: dict[str, Operation] = {
            "workload of a worker": self.reading(lambda tx: get_workload(tx, id_of("worker", 0, 50), tx.today)),
            "workload of a team": self.reading(lambda tx: read_unit_workload(tx, id_of("team", 0, 1), tx.today)),
            "workload of an authority": self.reading(
                lambda tx: read_unit_workload(tx, id_of("authority", 0), tx.today)
            ),
            "waiting cases of a team": self.reading(lambda tx: self.waiting(tx, id_of("team", 0, 1))),
            "waiting cases of an authority": self.reading(lambda tx: self.waiting(tx, id_of("authority", 0))),
            "recommendations for a case": self.reading(self.recommend),
            "allocating a case": self.allocate,
            "waiting cases of everyone": self.reading(lambda tx: self.waiting(tx, None)),
        }

    def reading(self, read: Callable[[Tx], Awaitable[Any]]) -> Operation:
        """A read on a connection of its own."""

        async def run() -> None:
            async with self._database.reading() as tx:
                await read(tx)

        return run

    async def waiting(self, tx: Tx, unit: UUID | None) -> None:
        """The first page of the list."""
        await list_waiting_cases(tx, unit, unit, None, PAGE)

    async def recommend(self, tx: Tx) -> None:
        """Who in the authority could take a case."""
        case = await get_case(tx, CaseName("bench", "held 0 50 1"))
        await read_recommendations(tx, case, id_of("authority", 0), None)

    async def allocate(self) -> None:
        """Give a case from one to another and back, above the limit if need be."""
        terms = Terms("balance", discussed_with_worker=True, override_reason="measured")
        worker = id_of("worker", 0, 60 + next(self._turns) % 2)
        async with self._database.transaction() as tx:
            await allocate_case(tx, AllocateCase(CaseName("bench", "held 0 51 1"), worker, terms))


class Accountability:
    """What people and events do in accountability, all in the first authority unless it says everyone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        places = [Place(id_of("worker", 0, n), id_of("team", 0, n % SIZE.teams)) for n in range(SIZE.workers)]
        self._events = year_of_events(places, Random(1))
        boss = id_of("worker", 0)
        within = {name: Reach(everything=False, unit=id_of(name, 0), worker=boss) for name in ("authority", "team")}
        self.operations: dict[str, Operation] = {
            "figures of a team": lambda: self.figures(id_of("team", 0)),
            "figures of an authority": lambda: self.figures(id_of("authority", 0)),
            "alerts of a team": lambda: self.alerts(within["team"]),
            "alerts of an authority": lambda: self.alerts(within["authority"]),
            f"taking in {EVENTS} events": self.take_in,
            "alerts of everyone": lambda: self.alerts(Reach(everything=True, unit=None, worker=None)),
        }

    async def figures(self, unit: UUID) -> None:
        """All measures of three months."""
        async with self._database.reading() as tx:
            end = tx.today + timedelta(days=1)
            await list_figures(tx, list(CATALOGUE.values()), unit, end - timedelta(days=90), end, "month")

    async def alerts(self, reach: Reach) -> None:
        """The first page of open alerts."""
        async with self._database.reading() as tx:
            await list_alerts(tx, reach, AlertFilter(status="open"), None, PAGE)

    async def take_in(self) -> None:
        """A batch through inbox, log and figures."""
        await receive(self._database, accountability, *islice(self._events, EVENTS))


async def grown(
    database: Database, operations: Mapping[str, Operation], grow: Callable[[int, int], None]
) -> list[Growth]:
    """Every operation at every size."""
    found = {name: Growth(name, {}, {}, None if name.endswith("everyone") else FLAT) for name in operations}
    before = 0
    for size in SIZES:
        await asyncio.to_thread(grow, before, size - 1)
        before = size
        for name, operation in operations.items():
            found[name].points[size] = await milliseconds(operation)
            found[name].pages[size] = await pages_touched(database, operation)
    return list(found.values())


async def grown_service(
    postgres: EmbeddedPostgres, service: Service, doing: Callable[[Database], Mapping[str, Operation]], making: Making
) -> list[Growth]:
    """Every operation of a service, on a database of its own that grows."""
    url = postgres.create_database(service.name)
    migrations.migrate(url, service.migrations, service.tables)
    database = Database(url, service.name, Clock())
    await database.open()
    try:
        return await grown(database, doing(database), lambda first, last: making(url, first, last, SIZE))
    finally:
        await database.close()


async def measure() -> list[Growth]:
    """How each operation grows."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        return [
            *await grown_service(postgres, allocation, lambda held: Allocation(held).operations, populate),
            *await grown_service(postgres, accountability, lambda held: Accountability(held).operations, count_up),
        ]


if __name__ == "__main__":
    for growth in asyncio.run(measure()):
        print(growth.line())
