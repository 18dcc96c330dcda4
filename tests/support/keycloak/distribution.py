"""The Keycloak distribution: fetched and built once per version by Maven into a folder of the tree that git ignores."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
TREE = Path(__file__).resolve().parents[3]
REALM = TREE / "deploy" / "keycloak" / "realm.json"
CACHE = TREE / ".plumbline" / "keycloak"
FETCH_TIMEOUT_S = 900
BUILD_TIMEOUT_S = 300
BUILD = ("--db=dev-file", "--health-enabled=false", "--metrics-enabled=false")
"""What is settled at build time, so that a start has less to do."""
# Small heap and the quick compiler only: a test server lives for seconds and shares two cores with what it serves.
JVM = {"JAVA_OPTS": "-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"}


def distribution() -> Path:
    """The folder of a server that is ready to start; the first call ever downloads and builds it, two runs at once do it once."""
    version = hashlib.sha256(POM.read_bytes() + REALM.read_bytes() + " ".join(BUILD).encode()).hexdigest()[:12]
    home = CACHE / f"server-{version}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _prepare(home)
    return home


def _prepare(home: Path) -> None:
    unfinished = home.with_name(home.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unpack = ["mvn", "-B", "-q", "-f", str(POM), "dependency:unpack-dependencies"]
    _run([*unpack, f"-DoutputDirectory={unfinished}", f"-DmarkersDirectory={unfinished}/markers"], FETCH_TIMEOUT_S)
    (inner,) = unfinished.glob("keycloak-*")
    (inner / "data" / "import").mkdir(parents=True)
    shutil.copy(REALM, inner / "data" / "import" / "plumbline-realm.json")
    inner.rename(home)
    try:
        _run([str(home / "bin" / "kc.sh"), "build", *BUILD], BUILD_TIMEOUT_S)
    except BaseException:
        shutil.rmtree(home)
        raise
    shutil.rmtree(unfinished)


def _run(command: list[str], timeout_s: int) -> None:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=timeout_s, env={**os.environ, **JVM}
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {(done.stdout + done.stderr)[-800:]}")
