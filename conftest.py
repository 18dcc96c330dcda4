"""The fixtures every test may use."""

from __future__ import annotations

pytest_plugins = ["chassis.testing", "tests.support.plugin"]
