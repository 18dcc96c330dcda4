"""One Keycloak with the realm of deploy/keycloak, and what a test does to it as its administrator.

    python -m tests.support.keycloak.server --port 8241

runs one in the foreground for people.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.support.kafka.broker import free_port
from tests.support.keycloak.distribution import JVM, distribution

HOST = "127.0.0.1"
REALM = "plumbline"
ADMIN = "admin"
START_TIMEOUT_S = 240.0
STOP_TIMEOUT_S = 30.0
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Keycloak:
    """A server process and its folder. It dies with the thread that started it, so a killed test run leaves none."""

    home: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        """The issuer that its tokens name."""
        return f"{self.url}/realms/{REALM}"

    @property
    def jwks_url(self) -> str:
        """Where its keys are."""
        return f"{self.issuer}/protocol/openid-connect/certs"

    @property
    def token_url(self) -> str:
        """Where it gives tokens."""
        return f"{self.issuer}/protocol/openid-connect/token"

    def start(self) -> None:
        """Start with an empty database and the imported realm, and return when it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        database = f"--db-url=jdbc:h2:file:{self.home}/h2/db;NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE"
        place = (f"--http-port={self.port}", f"--http-host={HOST}", "--http-enabled=true", "--hostname-strict=false")
        command = [str(distribution() / "bin" / "kc.sh"), "start", "--optimized", "--import-realm", "--cache=local"]
        with (self.home / "keycloak.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *place, database],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **JVM, **self._administrator()},
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, nothing that could hold a lock
                start_new_session=True,
            )
        self._await_answer()

    def _administrator(self) -> dict[str, str]:
        return {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": self.password}

    def _await_answer(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"Keycloak did not start: {(self.home / 'keycloak.log').read_text()[-2000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.issuer, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Shut down; a server that does not heed is killed."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None

    def wait(self) -> int:
        """Wait for the process to end by itself."""
        return self._process.wait() if self._process is not None else 0

    # What its administrator does

    def admin(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A request to the administration of the realm; the JSON of its answer, or the address of what it made."""
        bearer = {"Authorization": f"Bearer {self.administrator_token()}"}
        answer = self._http.request(
            method, f"{self.url}/admin/realms/{REALM}{path}", headers=bearer, json=body, params=query
        )
        answer.raise_for_status()
        return answer.json() if answer.content else answer.headers.get("location")

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    def administrator_token(self) -> str:
        """A token of Keycloak's own administrator, which is of another realm."""
        asked = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": self.password}
        answer = self._http.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=asked)
        return str(answer.raise_for_status().json()["access_token"])

    def secret_of(self, client_id: str) -> str:
        """The secret that Keycloak made for a machine client when it imported the realm."""
        (client,) = self.admin("GET", "/clients", clientId=client_id)
        return str(self.admin("GET", f"/clients/{client['id']}/client-secret")["value"])

    def person(self, username: str, roles: list[str], **attributes: str) -> str:
        """Record a person with realm roles and attributes; the password that they sign in with."""
        password = secrets.token_urlsafe(24)
        person = {
            "username": username,
            "firstName": "Test",
            "lastName": "Person",
            "enabled": True,
            "attributes": {name: [value] for name, value in attributes.items()},
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        }
        made = str(self.admin("POST", "/users", person)).rpartition("/")[2]
        granted = [self.admin("GET", f"/roles/{role}") for role in roles]
        self.admin("POST", f"/users/{made}/role-mappings/realm", granted)
        return password

    def user_id(self, username: str) -> str:
        """The id of a person."""
        (found,) = self.admin("GET", "/users", username=username, exact="true")
        return str(found["id"])

    def rotate_key(self) -> None:
        """Make a new signing key the one that signs; the old ones stay published."""
        config = {"priority": [str(int(time.time()))], "keySize": ["2048"], "algorithm": ["RS256"], "active": ["true"]}
        component = {"name": f"rotated-{time.time_ns()}", "providerId": "rsa-generated", "config": config}
        self.admin("POST", "/components", {**component, "providerType": "org.keycloak.keys.KeyProvider"})


def main() -> int:
    """Run one server until it is interrupted."""
    parser = argparse.ArgumentParser(description="Run a Keycloak with Plumbline's realm in the foreground.")
    parser.add_argument("--port", type=int, default=8241)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="keycloak-") as folder:
        server = Keycloak(Path(folder), chosen.port)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server.start()
        sys.stdout.write(f"Keycloak answers at {server.url}; {ADMIN} signs in with {server.password}\n")
        sys.stdout.flush()
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.stop()
            return 0


if __name__ == "__main__":
    sys.exit(main())
