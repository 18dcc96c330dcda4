"""The manifests start something: processes with exactly the environment of the built pods answer their probes over HTTPS."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from chassis.postgres import create_database
from chassis.testing import ISSUER
from plumbline.serving import listen
from tests.deploy.built import Object, overlay, pod
from tests.support.certificates import Authority

READY_WITHIN_S = 40.0
SERVICE = "workforce"


@pytest.fixture(scope="module")
def place(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What differs here from a cluster: where the database is, which files hold the certificate, whose tokens count."""
    folder = tmp_path_factory.mktemp("certificates")
    Authority(folder).sign(SERVICE)
    create_database(postgres, f"plumbline_{SERVICE}")
    revocations = folder / "revocations.json"
    (listed,) = [one for one in overlay("small").of("ConfigMap") if one["metadata"]["name"] == "plumbline-revocations"]
    revocations.write_text(listed["data"]["revocations.json"])
    server = urlsplit(postgres)
    with psycopg.connect(postgres) as connection:
        socket = connection.execute("select current_setting('unix_socket_directories')").fetchone()
    assert socket is not None
    return {
        "PGHOST": server.hostname or str(socket[0]).split(",")[0],
        "PGPORT": str(server.port or 5432),
        "PGUSER": server.username or "postgres",
        "PGPASSWORD": server.password or "",
        "PGSSLMODE": "disable",
        "SSL_CERT_FILE": str(folder / "ca.crt"),
        "TLS_CERTIFICATE_FILE": str(folder / "tls.crt"),
        "TLS_KEY_FILE": str(folder / "tls.key"),
        "OIDC_ISSUER": "https://test.invalid",
        "OIDC_JWKS_URL": "",
        "OIDC_JWKS": ISSUER.jwks(),
        "REVOCATIONS_FILE": str(revocations),
        "HOST": "127.0.0.1",
    }


def _environment(container: Object, place: Mapping[str, str], **more: str) -> dict[str, str]:
    """A container's variables with those of this place instead, and nothing of the surrounding process but the path."""
    built = overlay("small")
    given = dict(built.variables(container).items() - built.references(container).items())
    inside = {
        name: value for name, value in place.items() if name in given or name in ("OIDC_JWKS", "PGUSER", "PGPASSWORD")
    }
    return {"PATH": os.environ["PATH"], **given, **inside, **more}


@contextmanager
def _running(container: Object, environment: Mapping[str, str]) -> Iterator[str]:
    """The container's command as a process; its base URL."""
    with closing(listen("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "plumbline", *container["args"]]
    process = subprocess.Popen(command, env={**environment, "PORT": str(port)}, stderr=subprocess.PIPE, text=True)
    try:
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0, said[-800:]


def _probe(container: Object, base: str, authority: str) -> None:
    """Ask what the probes ask, in their order, until each is answered with 200."""
    end = time.monotonic() + READY_WITHIN_S
    trusted = ssl.create_default_context(cafile=authority)
    with httpx.Client(base_url=base, verify=trusted, timeout=3) as client:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = container[probe]["httpGet"]["path"]
            while True:
                try:
                    answer = client.get(path)
                    if answer.status_code == 200:
                        break
                    said = answer.text
                except httpx.TransportError as failure:
                    said = repr(failure)
                assert time.monotonic() < end, f"{probe} {path}: {said}"
                time.sleep(0.1)


def _run(container: Object, place: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "plumbline", *container["args"]]
    return subprocess.run(
        command, env=_environment(container, place), check=False, capture_output=True, text=True, timeout=60
    )


def test_the_job_migrates_and_the_waiting_container_lets_the_api_start(place: dict[str, str]) -> None:
    built = overlay("small")
    (job,) = pod(built.get("Job", f"{SERVICE}-migrate"))["spec"]["containers"]
    done = _run(job, place)
    assert done.returncode == 0, done.stderr[-800:]
    spec = pod(built.get("Deployment", SERVICE))["spec"]
    waited = _run(spec["initContainers"][0], place)
    assert waited.returncode == 0, waited.stderr[-800:]
    (api,) = spec["containers"]
    with _running(api, _environment(api, place)) as base:
        _probe(api, base, place["SSL_CERT_FILE"])
        (gateway,) = pod(built.get("Deployment", "gateway"))["spec"]["containers"]
        with _running(gateway, _environment(gateway, place, UPSTREAMS=f'{{"{SERVICE}": "{base}"}}')) as door:
            _probe(gateway, door, place["SSL_CERT_FILE"])
            _ask_through(door, place["SSL_CERT_FILE"])


def _ask_through(door: str, authority: str) -> None:
    """A call through the gateway reaches the service over HTTPS, and is answered by it."""
    token = ISSUER.issue(["workforce_admin"])
    with httpx.Client(base_url=door, verify=ssl.create_default_context(cafile=authority)) as client:
        answer = client.get(f"/v1/{SERVICE}/org-units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text


def test_a_worker_makes_progress(place: dict[str, str], kafka: str, tmp_path: Path) -> None:
    (worker,) = pod(overlay("small").get("StatefulSet", f"{SERVICE}-worker"))["spec"]["containers"]
    brokers = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
        "KAFKA_CA_FILE": "",
        "MEMBER": f"{SERVICE}-worker-0",
    }
    with _running(worker, _environment(worker, place, **brokers)) as base:
        _probe(worker, base, place["SSL_CERT_FILE"])
