"""kustomize, to build manifests with: kubectl's where there is one, else its own, else built once by Go into the tree's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.kafka.jars import one_at_a_time

VERSION = "v5.8.0"
CACHE = Path(__file__).resolve().parents[2] / ".plumbline" / f"kustomize-{VERSION}"
BUILD_TIMEOUT_S = 600


class NoKustomizeError(Exception):
    """Nothing on this machine can build manifests; the message says what would."""


def command() -> list[str]:
    """The command that builds the folder named after it."""
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    built = CACHE / "kustomize"
    with one_at_a_time(CACHE.with_suffix(".lock")):
        if not built.exists():
            _install()
    return [str(built), "build"]


def _install() -> None:
    if not shutil.which("go"):
        raise NoKustomizeError("there is no kubectl, no kustomize, and no Go to build one with")
    done = subprocess.run(
        ["go", "install", f"sigs.k8s.io/kustomize/kustomize/v5@{VERSION}"],
        env={**os.environ, "GOBIN": str(CACHE)},
        check=False,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise NoKustomizeError(f"Go could not build kustomize: {done.stderr[-400:]}")


def build(folder: Path) -> str:
    """The manifests of a kustomization as one YAML text."""
    done = subprocess.run([*command(), str(folder)], check=False, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{folder} cannot be built: {done.stderr[-800:]}")
    return done.stdout
