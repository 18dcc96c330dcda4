"""The invariants as programs: each takes evidence and names every violation in a sentence; none means it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import LiteralString

import psycopg
from psycopg import sql

from contracts import topic_of
from tests.faults.evidence import Evidence, Sent

SHOWN = 5


def _some(what: str, ids: Iterable[object]) -> list[str]:
    """One sentence for many: how many, and the first few."""
    found = sorted(str(one) for one in ids)
    return [f"{len(found)} {what}: {', '.join(found[:SHOWN])}"] if found else []


@dataclass(frozen=True)
class StateOfEvent:
    """A table whose every row is announced by an event that carries its id; ``once`` when exactly one announces it."""

    service: str
    table: LiteralString
    id_column: LiteralString
    event_type: str
    once: bool = True


ANNOUNCED = (
    StateOfEvent("workforce", "org_units", "org_unit_id", "workforce.org_unit.recorded.v1", once=False),
    StateOfEvent("workforce", "workers", "worker_id", "workforce.worker.recorded.v1", once=False),
    StateOfEvent("allocation", "allocations", "allocation_id", "allocation.case.allocated.v1"),
    StateOfEvent("allocation", "responsibilities", "responsibility_id", "allocation.responsibility.recorded.v1"),
    StateOfEvent("supervision", "sessions", "session_id", "supervision.session.recorded.v1"),
    StateOfEvent("accountability", "alerts", "alert_id", "accountability.alert.raised.v1"),
)


def i1_state_and_outbox(databases: Mapping[str, str], announced: Sequence[StateOfEvent] = ANNOUNCED) -> list[str]:
    """I1: a state change and its outbox row exist together or not at all, by two anti-joins."""
    wrong = []
    for state in announced:
        with psycopg.connect(databases[state.service]) as connection:
            written = sql.SQL(
                """select convert_from(data, 'UTF8')::json->>{id} as id, count(*) as n from outbox
                where attributes::json->>'ce_type' = {type} group by 1"""
            ).format(id=sql.Literal(state.id_column), type=sql.Literal(state.event_type))
            rows = connection.execute(
                sql.SQL(
                    """select coalesce(s.{id}::text, w.id), s.{id} is not null, coalesce(w.n, 0)
                    from {table} s full join ({written}) w on w.id = s.{id}::text"""
                ).format(id=sql.Identifier(state.id_column), table=sql.Identifier(state.table), written=written)
            ).fetchall()
        name = f"{state.service}.{state.table}"
        wrong += _some(f"rows of {name} without their event", [one for one, kept, n in rows if kept and not n])
        wrong += _some(f"events without their row of {name}", [one for one, kept, _ in rows if not kept])
        doubled = [one for one, _, n in rows if state.once and n > 1]
        wrong += _some(f"rows of {name} announced more than once", doubled)
    return wrong


def i3_ids_agree(evidence: Evidence) -> list[str]:
    """I3: once quiet, outbox ids = topic ids = the ids each subscriber applied, set aside or buried."""
    wrong = []
    for service in evidence.outboxes:
        written = {row.event_id for row in evidence.events(service)}
        sent = {record.event_id for record in evidence.topics[topic_of(service)]}
        wrong += _some(f"events of {service} that never reached the topic", written - sent)
    for consumer, seen in evidence.inboxes.items():
        heard = {record.event_id for record in evidence.heard(consumer)}
        aside = {record.event_id for record in evidence.parked[consumer]} | evidence.dead.get(consumer, set())
        wrong += _some(f"events that {consumer} never took in", heard - seen - aside)
        wrong += _some(f"events that {consumer} took in and no topic has", seen - heard)
    return wrong


def i4_nothing_unwritten(evidence: Evidence) -> list[str]:
    """I4: nothing is in a topic or in the log without a committed outbox row."""
    wrong = []
    every = {row.event_id for rows in evidence.outboxes.values() for row in rows}
    for topic, records in evidence.topics.items():
        wrong += _some(f"records of {topic} without an outbox row", {r.event_id for r in records} - every)
    wrong += _some("rows of the log without an outbox row", {row.event_id for row in evidence.log} - every)
    return wrong


def i5_sequences_without_gap(evidence: Evidence) -> list[str]:
    """I5: per key the outbox counts 1..n, and a topic first shows them in that order; repeats may follow."""
    wrong = []
    for service in evidence.outboxes:
        counted: dict[str, list[int]] = defaultdict(list)
        for row in evidence.events(service):
            counted[row.key].append(row.sequence)
        gaps = [key for key, numbers in counted.items() if numbers != list(range(1, len(numbers) + 1))]
        wrong += _some(f"keys of {service} whose outbox does not count 1..n", gaps)
    for topic, records in evidence.topics.items():
        shown = _first_appearances(records)
        gaps = [key for key, numbers in shown.items() if numbers != list(range(1, len(numbers) + 1))]
        wrong += _some(f"keys of {topic} out of order or with a gap", gaps)
    return wrong


def _first_appearances(records: Sequence[Sent]) -> dict[str, list[int]]:
    shown: dict[str, list[int]] = defaultdict(list)
    seen: set[str] = set()
    for record in records:
        if record.event_id not in seen:
            seen.add(record.event_id)
            shown[record.key].append(record.sequence)
    return shown


def i8_one_payload(evidence: Evidence) -> list[str]:
    """I8: one event id has one payload, in the outbox, in every copy on the topic and in the log."""
    hashes: dict[str, set[str]] = defaultdict(set)
    for rows in evidence.outboxes.values():
        for row in rows:
            hashes[row.event_id].add(row.payload)
    for records in evidence.topics.values():
        for record in records:
            hashes[record.event_id].add(record.payload)
    for logged in evidence.log:
        hashes[logged.event_id].add(logged.payload)
    return _some("events with more than one payload", [one for one, found in hashes.items() if len(found) > 1])


def i11_parked_or_applied(evidence: Evidence) -> list[str]:
    """I11: a record is parked, buried or applied, only one of these; nothing is applied behind a parked one of its key."""
    wrong = []
    for consumer, parked in evidence.parked.items():
        seen = evidence.inboxes[consumer]
        wrong += _some(f"events that {consumer} applied and parked", [p.event_id for p in parked if p.event_id in seen])
        buried = evidence.dead.get(consumer, set())
        wrong += _some(f"records that {consumer} buried and applied as well", buried & seen)
        first: dict[tuple[str, str], int] = {}
        for record in parked:
            place = (record.topic, record.key)
            first[place] = min(first.get(place, record.sequence), record.sequence)
        behind = [
            record.event_id
            for name in evidence.listens_to[consumer]
            for record in evidence.topics.get(topic_of(name), ())
            if record.sequence > first.get((topic_of(name), record.key), record.sequence) and record.event_id in seen
        ]
        wrong += _some(f"events that {consumer} applied behind a parked record of their key", set(behind))
    return wrong


def i12_log_without_gap(evidence: Evidence) -> list[str]:
    """Part of I12: positions of the log count on without a gap, each event once."""
    positions = [row.position for row in evidence.log]
    expected = list(range(positions[0], positions[0] + len(positions))) if positions else []
    wrong = [] if positions == expected else ["the positions of the log have a gap"]
    return wrong + (
        [] if len({row.event_id for row in evidence.log}) == len(positions) else ["an event is logged twice"]
    )


def i12_stream_without_gap(seen: Sequence[tuple[int, str]], log: Sequence[tuple[int, str]]) -> list[str]:
    """I12: a client that may see everything sees every position of the log once, in order, across reconnects."""
    if not seen:
        return ["the stream showed nothing"]
    positions = [position for position, _ in seen]
    wrong = [] if all(one < other for one, other in pairwise(positions)) else ["positions do not increase"]
    due = {place for place in log if positions[0] <= place[0] <= positions[-1]}
    wrong += _some("places of the log that the stream left out", due - set(seen))
    return wrong + _some("places that the stream showed and the log has not", set(seen) - due)


OVER_EVIDENCE: tuple[Callable[[Evidence], list[str]], ...] = (
    i3_ids_agree,
    i4_nothing_unwritten,
    i5_sequences_without_gap,
    i8_one_payload,
    i11_parked_or_applied,
    i12_log_without_gap,
)


def violations(evidence: Evidence) -> list[str]:
    """All violations of the invariants over evidence, each with the number of its invariant."""
    return [f"{check.__name__}: {found}" for check in OVER_EVIDENCE for found in check(evidence)]
