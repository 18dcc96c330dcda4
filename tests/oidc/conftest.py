"""A Keycloak and a Plumbline that trusts it, for the tests that ask for them with IDENTITY=keycloak."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.deployment import Deployment, Someone
from tests.e2e.place import Place
from tests.oidc.front import opened_beside, trusting
from tests.support.keycloak.server import Keycloak


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A real one, with the realm of deploy/keycloak; a minute to start on two busy cores, so only by flag."""
    if os.environ.get("IDENTITY") != "keycloak":
        pytest.skip("set IDENTITY=keycloak to sign in with a real Keycloak")
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.fail("Keycloak needs Java 17 and Maven", pytrace=False)
    server = Keycloak(tmp_path_factory.mktemp("keycloak"))
    server.start()
    yield server
    server.stop()


class Trusting(Deployment):
    """A deployment whose callers get their tokens from Keycloak."""

    door: str

    def someone(self, *roles: str, worker_id: str | None = None, org_unit_id: str | None = None) -> Someone:
        """A person who signs in, or a machine with its secret."""
        return Someone(self.door, roles, worker_id, org_unit_id)


@pytest.fixture(scope="session")
def deployment(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trusting]:
    """Everything in one process, trusting Keycloak and nobody else, with a list of revocations."""
    folder = tmp_path_factory.mktemp("trusting")
    (folder / "revoked.json").write_text('{"revoked": []}')
    more = {"JWKS_REFETCH_S": "0.5", "REVOCATIONS_FILE": str(folder / "revoked.json"), "REVOCATIONS_CHECK_S": "0.2"}
    running = Trusting(folder / "home", environment={**trusting(keycloak), **more})
    try:
        with opened_beside(keycloak, running.url) as running.door:
            yield running
    finally:
        assert running.stop() == 0


@pytest.fixture(scope="session")
def place(deployment: Trusting) -> Place:
    """An authority in it."""
    return Place(deployment)
