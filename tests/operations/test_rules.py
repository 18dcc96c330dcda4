"""Prometheus' own tool reads its settings and rules, and tries each alert on made-up series; where it is (Debian: prometheus)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operations.test_observability import FOLDER, rules

TRIALS = Path(__file__).with_name("rules.test.yaml")


@pytest.mark.parametrize(
    "asked",
    [
        ["check", "config", str(FOLDER / "prometheus" / "prometheus.yaml")],
        ["check", "rules", str(FOLDER / "prometheus" / "rules.yaml")],
        ["test", "rules", str(TRIALS)],
    ],
    ids=lambda asked: " ".join(asked[:2]),
)
def test_prometheus_takes_what_it_is_given_and_alerts_as_meant(asked: list[str]) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("RULES WERE NOT TRIED: there is no promtool")
    done = subprocess.run([tool, *asked], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried() -> None:
    tried = TRIALS.read_text()
    assert [rule["alert"] for rule in rules() if "alert" in rule and f'alertname="{rule["alert"]}"' not in tried] == []
