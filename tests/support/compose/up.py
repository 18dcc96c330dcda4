"""Bring docker-compose.yml up on the engine of this machine, with stand-ins for the images that would be pulled.

    python -m tests.support.compose.up                # up, every service answers, down
    python -m tests.support.compose.up --door 8240    # stays up; a door gives Keycloak's tokens to programs that ask it

Where registries of images can be reached none of this is needed: ``docker compose up`` pulls. Here every image is made: a
Debian root by debootstrap, Plumbline on it by its Dockerfile, PostgreSQL from the wheel that the tests use, Kafka and Keycloak
from Maven, Prometheus from Debian. The collector, Tempo and Grafana stay down: of these nothing is at hand to make a stand-in of.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.oidc.front import until_stopped
from tests.support.compose.images import IMAGES, TREE, build_images, run
from tests.support.keycloak.server import Keycloak

PROJECT = "plumbline-stand-in"
READY_WITHIN_S = 900.0
OPERATE_TIMEOUT_S = 120
PORT = 8230
KEYCLOAK_PORT = 8080
PASSWORD = "only-here"


class NoEngineError(Exception):
    """No Docker engine with compose answers here; the message says what is missing."""


@dataclass(frozen=True)
class Composed:
    """A deployment that is up."""

    url: str
    keycloak: Keycloak
    prometheus: str
    whole: tuple[str, ...]
    environment: Mapping[str, str]

    def operate(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of Plumbline's, run as somebody who operates it would."""
        command = [*self.whole, "run", "--rm", "--no-deps", "-T", "operate", *words]
        return subprocess.run(
            command, check=False, text=True, capture_output=True, timeout=OPERATE_TIMEOUT_S, env=self.environment
        )


def compose() -> list[str]:
    """The command of compose, after making sure that an engine answers it."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], check=False, capture_output=True, timeout=30).returncode:
        raise NoEngineError("no Docker engine answers")
    if subprocess.run([docker, "compose", "version"], check=False, capture_output=True, timeout=30).returncode == 0:
        return [docker, "compose"]
    alone = shutil.which("docker-compose")
    if alone is None:
        raise NoEngineError("the engine has no compose")
    return [alone]


@contextmanager
def running() -> Iterator[Composed]:
    """The whole deployment, ready. Everything of it is removed afterwards."""
    command = compose()
    build_images()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **IMAGES, **_settings(_keys(Path(folder)))}
        file = _nameless(Path(folder))
        whole = [*command, "--file", str(file), "--project-directory", str(TREE), "--project-name", PROJECT]
        try:
            run([*whole, "up", "--detach", "--no-build"], environment)
            run([*whole, "up", "--detach", "--no-build", "--no-deps", "prometheus"], environment)
            keycloak = Keycloak(Path(folder), KEYCLOAK_PORT, PASSWORD)
            url = f"http://127.0.0.1:{PORT}"
            _await_ready([f"{url}/health/ready", keycloak.issuer], whole, environment)
            prometheus = f"http://{_address('prometheus', whole, environment)}:9090"
            yield Composed(url, keycloak, prometheus, tuple(whole), environment)
        finally:
            run([*whole, "down", "--volumes", "--timeout", "60"], environment)


def _keys(folder: Path) -> Path:
    """Keys of service tokens, which the user of the containers can read."""
    keys = folder / "keys"
    run([sys.executable, "-m", "plumbline", "service-key", str(keys)])
    os.chown(keys / "private-jwk.json", 10001, 10001)
    folder.chmod(0o755)
    return keys


def _nameless(folder: Path) -> Path:
    """The file without the name of its project, which compose 1 does not know."""
    file = folder / "docker-compose.yml"
    file.write_text(re.sub(r"(?m)^name:.*\n", "", (TREE / "docker-compose.yml").read_text()))
    return file


def _settings(keys: Path) -> dict[str, str]:
    return {
        "POSTGRES_PASSWORD": PASSWORD,
        "CASE_KEY_SECRET": PASSWORD,
        "KEYCLOAK_ADMIN_PASSWORD": PASSWORD,
        "KEYS_FOLDER": str(keys),
        "PLUMBLINE_PORT": str(PORT),
        "METRICS_NETWORKS": '["172.16.0.0/12"]',
    }


def _await_ready(waiting: list[str], whole: Sequence[str], environment: Mapping[str, str]) -> None:
    """Wait until the gateway says that all services answer, and the identity provider has its realm."""
    end = time.monotonic() + READY_WITHIN_S
    said = "nothing"
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(waiting[0], timeout=10):
                waiting.pop(0)
            if not waiting:
                return
        except OSError as failure:
            said = f"{waiting[0]}: {failure!r}"
            time.sleep(1)
    shown = subprocess.run(
        [*whole, "logs", "--tail", "15"], check=False, text=True, capture_output=True, env=environment
    )
    raise TimeoutError(f"not ready after {READY_WITHIN_S:.0f} s, {said}:\n{shown.stdout[-6000:]}")


def _address(service: str, whole: Sequence[str], environment: Mapping[str, str]) -> str:
    """Where a container that publishes no port is reached from this machine."""
    container = run([*whole, "ps", "--quiet", service], environment).strip()
    where = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return run(["docker", "inspect", "--format", where, container]).strip()


def main() -> int:
    """Bring it up, say so, take it down; with a door once that is closed."""
    parser = argparse.ArgumentParser(description="Bring the composed deployment up with stand-ins for its images.")
    parser.add_argument("--door", type=int, metavar="PORT", help="stay up, with a door that gets tokens from Keycloak")
    chosen = parser.parse_args()
    try:
        with running() as composed:
            sys.stdout.write(f"Every service answers behind {composed.url}.\n")
            sys.stdout.flush()
            if chosen.door:
                asyncio.run(until_stopped(composed.keycloak, composed.url, chosen.door))
    except NoEngineError as lacking:
        sys.stdout.write(f"COMPOSE WAS NOT TESTED: {lacking}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
