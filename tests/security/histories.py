"""Histories of random steps on a real service: run from a seed, counted, and checked after each step."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test

from tests.security.stage import LONG, SEED, Stage
from tests.security.tally import Tally


class History(RuleBasedStateMachine):
    """One history; a service's own adds its rules and invariants."""

    stage: ClassVar[Stage]
    steps: ClassVar[list[int]]

    @invariant()
    def is_counted(self) -> None:
        self.steps[0] += 1


def run_histories(history: type[History], stage: Stage, tally: Tally, short: int = 8) -> None:
    """So many histories of up to twelve steps, or in a long run fifty times as many of up to forty."""
    bound: Any = type(history.__name__, (history,), {"stage": stage, "steps": [0]})
    chosen = settings(
        max_examples=short * 50 if LONG else short,
        stateful_step_count=40 if LONG else 12,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    failed = True
    try:
        run_state_machine_as_test(seed(SEED)(bound), settings=chosen)
        failed = False
    finally:
        tally.add(f"steps of histories of {stage.service}", bound.steps[0], not failed)
