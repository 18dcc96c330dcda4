"""How a run in several processes (``pytest -n 2``) is spread over them: what shares something costly stays in one process."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from plumbline.services import SERVICES

SHARED = {
    "the cluster of the faults": (
        "tests/faults/test_cases",
        "tests/faults/test_kills",
        "tests/faults/test_network",
        "tests/faults/test_pauses",
        "tests/faults/test_soak",
    ),
    "the deployments of the journeys": ("tests/e2e/test_main_job", "tests/e2e/test_daily_work", "tests/e2e/test_demo"),
    "brokers that come and go": ("chassis/bus/",),
    "the watched deployment": ("tests/operations/test_logs", "tests/operations/test_traces"),
    "manifests and images": ("tests/deploy/",),
    "an identity provider": ("tests/oidc/",),
    **{f"services/{name}": (f"services/{name}/",) for name in SERVICES},
}
"""What some tests share, with how the paths of those tests begin. Those of a service share its migrated database."""
LONGEST_FIRST = (
    *(unit for unit in SHARED if not unit.startswith("services/")),
    "tests/e2e/",
    "services/",
    "tests/security/",
)
"""How the longest units begin, the longest first."""


def unit_of(nodeid: str) -> str:
    """What a test must not be parted from: the others that share something costly with it, else those of its file."""
    return next((unit for unit, begins in SHARED.items() if nodeid.startswith(begins)), nodeid.split("::", 1)[0])


def longest_first(items: list[pytest.Item]) -> None:
    """Put long units before short ones, so that all processes end at about the same time."""
    items.sort(key=lambda item: _rank(unit_of(item.nodeid)))


def _rank(unit: str) -> int:
    return next((rank for rank, begin in enumerate(LONGEST_FIRST) if unit.startswith(begin)), len(LONGEST_FIRST))


class Units(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist ships no types
    """Gives each process a unit, and the next one, in the order of collection, when that is nearly done."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
