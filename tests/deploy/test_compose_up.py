"""docker-compose.yml comes up for real, where an engine runs: every service healthy, in its order, and the main job done on it.

People and machines get their tokens from the Keycloak beside it, and Prometheus reads every part.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest

from plumbline.services import SERVICES
from tests.e2e.deployment import Deployment, Someone, eventually
from tests.e2e.place import Place
from tests.e2e.test_main_job import Team
from tests.oidc.front import opened_beside
from tests.oidc.test_keycloak_main_job import JOURNEYS, team
from tests.support.compose.up import Composed, NoEngineError, compose, running

__all__ = ["team"]
pytestmark = pytest.mark.skipif(os.environ.get("COMPOSE") != "up", reason="builds images for minutes: COMPOSE=up")


@pytest.fixture(scope="session")
def composed() -> Iterator[Composed]:
    """The whole of it, up."""
    try:
        compose()
    except NoEngineError as lacking:
        pytest.skip(f"COMPOSE WAS NOT TESTED: {lacking}")
    with running() as up:
        yield up


@dataclass(frozen=True)
class Asking:
    """The composed deployment as journeys know one: whoever comes gets a token at the door."""

    url: str
    door: str

    def someone(self, *roles: str, worker_id: str | None = None, org_unit_id: str | None = None) -> Someone:
        """A person who signs in, or a machine with its secret."""
        return Someone(self.door, roles, worker_id, org_unit_id)


@pytest.fixture(scope="session")
def place(composed: Composed) -> Iterator[Place]:
    """An authority in it."""
    with opened_beside(composed.keycloak, composed.url) as door:
        yield Place(cast("Deployment", Asking(composed.url, door)))


def test_every_service_answers_behind_the_gateway(composed: Composed) -> None:
    assert httpx.get(f"{composed.url}/health/ready", timeout=10).json()["missing"] == []


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_the_main_job_holds(journey: Callable[..., None], place: Place, team: Team) -> None:
    given = {"place": place, "team": team}
    journey(**{name: given[name] for name in inspect.signature(journey).parameters})


def test_prometheus_reads_every_part(composed: Composed) -> None:
    def health() -> dict[str, str]:
        targets = httpx.get(f"{composed.prometheus}/api/v1/targets", timeout=10).json()["data"]["activeTargets"]
        return {target["labels"]["instance"].partition(":")[0]: target["health"] for target in targets}

    parts = {"gateway", *SERVICES}
    eventually(health, lambda seen: {name for name, how in seen.items() if how == "up"} >= parts, "all are read", 60)


def test_every_rule_is_worked_out_without_an_error(composed: Composed) -> None:
    def rules() -> list[Any]:
        groups = httpx.get(f"{composed.prometheus}/api/v1/rules", timeout=10).json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    seen = eventually(rules, lambda them: all(rule["health"] != "unknown" for rule in them), "all are worked out", 90)
    assert {rule["name"]: rule.get("lastError", "") for rule in seen if rule["health"] != "ok"} == {}


def test_whoever_operates_it_finds_it_well_and_its_copies_as_the_log_says(composed: Composed) -> None:
    examined = composed.operate("doctor")
    assert examined.returncode == 0, examined.stdout
    for name in SERVICES:
        compared = composed.operate("rebuild", name, "--check")
        assert compared.returncode == 0, compared.stdout + compared.stderr
        assert "different" not in compared.stdout
