"""Records that no reader can take, as a buggy publisher sends them: each goes aside, and everything else goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID, uuid4

from plumbline.services import SERVICES, load
from tests.faults.cases.case import Case, Fault
from tests.faults.journal import Client
from tests.faults.world import World, after_writes

PUBLISHER = "workforce"
KEYS_AT_A_TIME = 4
_WRITE: LiteralString = """
insert into outbox (event_id, topic, key, sequence, attributes, data)
values (%(id)s, 'plumbline.workforce', %(key)s, 1, %(attributes)s, %(data)s)
"""
_WHERE: LiteralString = """
select (select count(*) from inbox where event_id = any(%(ids)s)) as applied,
    (select count(*) from parked_records where event_id = any(%(ids)s)) as parked,
    (select count(distinct attributes::json->>'ce_id') from outbox
        where topic like '%%.dead.%%' and attributes::json->>'ce_id' = any(%(names)s)) as buried
"""


@dataclass(frozen=True)
class Poison:
    """``without``: attributes that are missing. ``parked_by`` and ``buried_by``: who sets it aside; others take it in."""

    type: str
    data: bytes
    parked_by: frozenset[str] = frozenset()
    buried_by: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def attributes(self, event_id: UUID, key: str) -> Mapping[str, str]:
        """The headers of one such record."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(event_id),
            "ce_source": f"/services/{PUBLISHER}",
            "ce_type": self.type,
            "ce_subject": key,
            "ce_time": datetime.now(UTC).isoformat(),
            "content-type": "application/json",
        }
        return {name: value for name, value in headers.items() if name not in self.without}

    def expected(self, consumer: str) -> str:
        """Where a consumer puts it."""
        return "parked" if consumer in self.parked_by else "buried" if consumer in self.buried_by else "applied"


READERS = frozenset(name for name in SERVICES if PUBLISHER in load(name).listens_to)
HEED_ABSENCES = frozenset({"allocation", "supervision"})


@dataclass
class Sending:
    """One kind of poison, sent under keys of its own over all partitions."""

    world: World
    poison: Poison
    ids: list[UUID] = field(default_factory=list)

    def send(self) -> None:
        """As many records as go at a time."""
        with self.world.connect(PUBLISHER) as connection:
            for _ in range(KEYS_AT_A_TIME):
                event_id, key = uuid4(), str(uuid4())
                attributes = json.dumps(dict(self.poison.attributes(event_id, key)))
                given = {"id": event_id, "key": key, "attributes": attributes, "data": self.poison.data}
                connection.execute(_WRITE, given)
                self.ids.append(event_id)

    def places(self, consumer: str) -> Counter[str]:
        """How many of the records a consumer has where."""
        with self.world.connect(consumer) as connection:
            given = {"ids": self.ids, "names": [str(one) for one in self.ids]}
            row = connection.execute(_WHERE, given).fetchone() or {}
        return +Counter({place: int(n) for place, n in row.items()})

    def all_in_place(self) -> bool:
        """Whether every consumer has all of them where they belong, and nowhere else."""
        return all(self.places(name) == Counter({self.poison.expected(name): len(self.ids)}) for name in READERS)


def poisoned(poison: Poison) -> Fault:
    """A fault: such records come three times during the job, and go where they belong."""

    async def fault(world: World, client: Client) -> None:
        sending = Sending(world, poison)
        for writes in (4, 12, 20):
            await after_writes(client, writes)
            sending.send()
        shown = f"{ {name: dict(sending.places(name)) for name in sorted(READERS)} }"
        await world.wait_for(sending.all_in_place, f"the poison is where it belongs; it was {shown}")

    return fault


NOT_JSON = Poison("workforce.absence.recorded.v1", b'{"worker_id": \xff', parked_by=HEED_ABSENCES | {"accountability"})
NOT_THE_SCHEMA = Poison("workforce.absence.recorded.v1", b'{"absence_id": 17}', parked_by=HEED_ABSENCES)
OF_NO_KNOWN_TYPE = Poison("workforce.worker.promoted.v9", b'{"worker_id": "x", "to": "somewhere"}')
WITHOUT_ATTRIBUTES = Poison(
    "workforce.absence.recorded.v1", b"{}", buried_by=READERS, without=frozenset({"ce_type", "ce_source", "ce_time"})
)

CASES = (
    Case("records come that are no JSON", "poison", poisoned(NOT_JSON)),
    Case("records come that are JSON and not what their schema says", "poison", poisoned(NOT_THE_SCHEMA)),
    Case("records come of a type that nobody knows", "poison", poisoned(OF_NO_KNOWN_TYPE)),
    Case("records come without the attributes of an event", "poison", poisoned(WITHOUT_ATTRIBUTES)),
)
