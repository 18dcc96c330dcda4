"""What a service is, in one value: its doors, tables, reactions, scans, and the clauses it serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from fastapi import FastAPI
from sqlalchemy import MetaData

from chassis.bus import Received
from chassis.database import Tx
from chassis.envelope import Envelope
from chassis.routing import Routes
from chassis.subjects import SubjectRecords
from contracts import Event


class Incoming(NamedTuple):
    """One event of a batch, with its place on the bus; ``record.value`` holds the data as JSON bytes."""

    envelope: Envelope
    record: Received


Reaction: TypeAlias = Callable[[Tx, Any, Envelope], Awaitable[None]]
BatchReaction: TypeAlias = Callable[[Tx, Sequence[Incoming]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scan:
    """Work that time causes: an idempotent batch over state. ``run`` returns how many items it did; 0 = nothing left."""

    name: str
    run: Callable[[Tx], Awaitable[int]]
    every_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the standards that the service serves, by what, and with which measure or part of the service."""

    id: str
    by: Literal["measure", "workflow", "attestation"]
    with_: str


@dataclass(frozen=True)
class Service:
    """One service of Plumbline. ``listens_to`` names the services whose topics it consumes."""

    name: str
    standard: int
    routes: Sequence[Routes]
    tables: MetaData
    migrations: Path
    listens_to: Sequence[str] = ()
    reactions: Mapping[type[Event], Reaction] = field(default_factory=dict)
    react_all: BatchReaction | None = None
    scans: Sequence[Scan] = ()
    projections: Sequence[str] = ()
    """Tables that are a fold of others' events and nothing else: they can be dropped and rebuilt from the log."""
    projectors: Mapping[type[Event], Reaction] = field(default_factory=dict)
    """The reactions that fold ``projections``, and have no other effect; a rebuild runs these alone."""
    rebuild: Callable[[Tx], Awaitable[int]] | None = None
    """Folds the log that the service itself keeps into ``projections``, instead of projectors; how many events it folded."""
    clauses: Sequence[Clause] = ()
    subjects: SubjectRecords = field(default_factory=lambda: SubjectRecords(()))
    """What it holds about people, and how an access request and an erasure are answered."""
    publishes: bool = True
    keeps_directory: bool = True
    """Whether the local directory is fed from workforce's events; workforce writes its own."""
    on_start: Callable[[FastAPI], Awaitable[None]] | None = None
