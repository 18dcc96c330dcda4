"""The main job with a real Keycloak's tokens: people sign in with the authorization code flow and PKCE, machines with secrets.

The journeys are those of tests/e2e in their order, with this folder's ``place``: the same steps, another issuer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from tests.e2e import test_main_job as main_job
from tests.e2e.place import Place
from tests.e2e.test_main_job import Team, team

__all__ = ["team"]

JOURNEYS = {
    name.removeprefix("test_"): journey
    for name, journey in vars(main_job).items()
    if name.startswith("test_") and inspect.signature(journey).parameters.keys() <= {"place", "team"}
}


def test_every_journey_of_a_place_is_taken() -> None:
    assert len(JOURNEYS) >= 10


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_the_main_job_holds_with_an_identity_providers_tokens(
    journey: Callable[..., None], place: Place, team: Team
) -> None:
    given = {"place": place, "team": team}
    journey(**{name: given[name] for name in inspect.signature(journey).parameters})
