"""The checkers of what must not be found, and of who leaves in order, find their bugs too: I16, I18, I19."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chassis.bus import Message
from chassis.bus.embedded import EmbeddedBus
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.testing import MONDAY_MORNING, FakeClock, open_database
from chassis.tests.sample.service import service
from services.feedback.rules.suppression import OUTSIDE, Cell, hidden, small
from services.feedback.tests.test_suppression import given_away, table_of
from tests.faults.checks import i16_left_by_themselves
from tests.faults.traces import i18_nowhere

CANARY = "canary-4711"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
HASTY = "import time; print('up', flush=True); time.sleep(60)"
ORDERLY = "import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); print('up', flush=True); signal.pause()"


@pytest.mark.checks("I16")
@pytest.mark.parametrize(
    "program",
    [pytest.param(DEAF, id="heeds no request to leave"), pytest.param(HASTY, id="drops what it is at")],
)
def test_a_process_that(program: str) -> None:
    assert i16_left_by_themselves({"orderly": [asked_to_leave(ORDERLY)]}) == []
    [wrong] = i16_left_by_themselves({"other": [asked_to_leave(program)]})
    assert wrong.startswith("I16: other")


def spoken(name: str) -> str:
    """The name of a place as words."""
    return name.replace("_", " ")


def asked_to_leave(program: str) -> int:
    """The exit status of a process after SIGTERM, and SIGKILL when that is not heeded."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


class Kept:
    """A database, a topic and a folder of logs, in which a mark may be left."""

    def __init__(self, database: Database, bus: EmbeddedBus, folder: Path) -> None:
        self.database, self.bus, self.folder = database, bus, folder

    async def in_a_table(self) -> None:
        async with self.database.transaction() as tx:
            unit = {"id": new_id(), "kinds": CANARY}
            await tx.execute("insert into counters (org_unit_id, told, kinds) values (%(id)s, 1, %(kinds)s)", unit)

    async def in_a_header(self) -> None:
        await self.bus.publish([Message("plumbline.sample", "k", {"ce_traceparent": CANARY}, b"{}")])

    async def in_a_payload(self) -> None:
        await self.bus.publish([Message("plumbline.sample", "k", {}, CANARY.encode())])

    async def in_a_log(self) -> None:
        with (self.folder / "safety.log").open("a") as log:
            log.write(f"a request failed, headers={CANARY}\n")

    async def found(self) -> list[str]:
        databases = {"sample": self.database.url}
        return await i18_nowhere([CANARY], databases, self.bus, ["plumbline.sample"], [self.folder])


@pytest.fixture
async def kept(postgres: str, tmp_path: Path) -> AsyncIterator[Kept]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(postgres, service, FakeClock(MONDAY_MORNING)))
        bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
        await bus.ensure_topics(["plumbline.sample"])
        yield Kept(database, bus, tmp_path)
        await bus.close()


@pytest.mark.checks("I18")
@pytest.mark.parametrize("place", ["in_a_table", "in_a_header", "in_a_payload", "in_a_log"], ids=spoken)
async def test_a_mark_of_the_sender(kept: Kept, place: str) -> None:
    assert await kept.found() == []
    await getattr(kept, place)()
    [wrong] = await kept.found()
    assert wrong.startswith("I18")


@pytest.mark.checks("I19")
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(((3,), (12,), (20,)), id="a small team that its total gives away"),
        pytest.param(((3, 12), (14, 20)), id="a small cell that its row and column give away"),
    ],
)
def test_a_table_with(rows: tuple[tuple[int, ...], ...]) -> None:
    table = table_of(*rows)
    assert given_away(table, hidden(table, OUTSIDE), OUTSIDE) == []
    only_small: set[Cell] = {cell for cell, count in table.items() if small(count, OUTSIDE)}
    assert given_away(table, only_small, OUTSIDE)
    assert given_away(table, set(), OUTSIDE)
