"""One fault: a sentence, a kind, and what does it beside the main job."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.faults.journal import Client
from tests.faults.world import World

Fault: TypeAlias = Callable[[World, Client], Coroutine[Any, Any, None]]


def nothing_missing() -> str:
    """What a fault needs is everywhere."""
    return ""


@dataclass(frozen=True)
class Case:
    """``moves_back``: the broker loses records, so that stored offsets may go back. ``missing`` says what a machine lacks."""

    says: str
    kind: str
    fault: Fault
    in_every_run: bool = False
    moves_back: bool = False
    missing: Callable[[], str] = nothing_missing
