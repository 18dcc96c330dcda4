"""docker-compose.yml comes up for real, where an engine runs: every service healthy, in its order, behind the gateway."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest

from tests.support.compose.up import NoEngineError, compose, running


@pytest.mark.skipif(os.environ.get("COMPOSE") != "up", reason="builds images for minutes: COMPOSE=up")
def test_the_composed_deployment_comes_up() -> None:
    try:
        compose()
    except NoEngineError as lacking:
        pytest.skip(f"COMPOSE WAS NOT TESTED: {lacking}")
    with running() as url, urllib.request.urlopen(f"{url}/health/ready", timeout=10) as answer:
        assert json.load(answer)["missing"] == []
