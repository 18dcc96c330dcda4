"""Stand-ins for the images that would be pulled, from Debian's packages and locked files, on the engine of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.kafka.jars import classpath
from tests.support.keycloak.distribution import distribution

HERE = Path(__file__).parent
TREE = HERE.parents[2]
SUITE = "bookworm"
BASE = f"plumbline-stand-in/base:{SUITE}"
PACKAGES = "ca-certificates,python3,python3-venv,openjdk-17-jre-headless"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
STEP_TIMEOUT_S = 1800
IMAGES = {
    "PLUMBLINE_IMAGE": "plumbline-stand-in/plumbline:local",
    "POSTGRES_IMAGE": "plumbline-stand-in/postgres:local",
    "KAFKA_IMAGE": "plumbline-stand-in/kafka:local",
    "KEYCLOAK_IMAGE": "plumbline-stand-in/keycloak:local",
    "PROMETHEUS_IMAGE": "plumbline-stand-in/prometheus:local",
}


def build_images() -> None:
    """Every image under the name that the variables of the compose file are given."""
    if not _has(BASE):
        _import_base()
    _build(TREE, IMAGES["PLUMBLINE_IMAGE"], BASE)
    _build(HERE / "postgres", IMAGES["POSTGRES_IMAGE"], IMAGES["PLUMBLINE_IMAGE"])
    _build(HERE / "prometheus", IMAGES["PROMETHEUS_IMAGE"], BASE)
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
        run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root)])
        shutil.copyfile(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
        run(["sh", "-c", f"tar -C {root} -c . | docker import - {BASE}"])


def _build(folder: Path, image: str, base: str) -> None:
    """On the host's network, because a registry of packages may be reachable by it alone."""
    command = ["docker", "build", "--network", "host", "--build-arg", f"BASE={base}", "--tag", image, str(folder)]
    newer = subprocess.run(["docker", "buildx", "version"], check=False, capture_output=True).returncode == 0
    run(command, {**os.environ, "DOCKER_BUILDKIT": "1" if newer else "0"})


@contextmanager
def _context(name: str, beside: str, content: Path) -> Iterator[Path]:
    """A folder to build from: that of a stand-in, with a folder of files that are not in the repository."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / name
        shutil.copytree(HERE / name, folder)
        shutil.copytree(content, folder / beside, symlinks=True)
        yield folder


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """What a command printed; its last words are the error's when it fails."""
    done = subprocess.run(
        command, check=False, text=True, capture_output=True, timeout=STEP_TIMEOUT_S, env=environment or os.environ
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} failed: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout
