"""Each test of manifests runs over every overlay."""

from __future__ import annotations

import pytest

from tests.deploy.built import OVERLAYS, Overlay, overlay


@pytest.fixture(params=OVERLAYS)
def built(request: pytest.FixtureRequest) -> Overlay:
    return overlay(request.param)
