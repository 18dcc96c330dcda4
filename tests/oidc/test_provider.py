"""A whole Plumbline that trusts an identity provider: groups, people, rotated keys, revoked sessions, break-glass."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from plumbline.cli import app
from tests.e2e.deployment import Deployment, eventually
from tests.oidc.provider import Provider, running_provider
from tests.oidc.signing_in import claims_in

ADMINISTRATORS = "5f7d5f4e-0c5f-4f0e-9a53-0c2f7b5b8a11"
MANAGERS = "/Children/Managers"
WORKERS = "/Children/Workers"
GROUPS = {ADMINISTRATORS: ["workforce_admin", "reporting"], MANAGERS: ["team_manager"], WORKERS: ["practitioner"]}


def command(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@dataclass(frozen=True)
class Signed:
    """A Plumbline, the provider that it trusts, and the files that its settings name."""

    url: str
    provider: Provider
    folder: Path
    deployment: Deployment

    def ask(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, self.url + path, headers=headers, json=body, timeout=30)

    def units(self, token: str) -> int:
        """How a request ends that every role may make."""
        return self.ask("GET", "/v1/workforce/org-units", token).status_code

    def make(self, path: str, **body: Any) -> str:
        answer = self.ask("POST", f"/v1/workforce/{path}", self.provider.token(ADMINISTRATORS), body)
        assert answer.status_code == 201, answer.text
        return str(next(iter(answer.json().values())))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("oidc")
    public = command("break-glass", "key", folder / "glass.jwk")
    (folder / "revoked.json").write_text('{"revoked": []}')
    with running_provider() as provider:
        environment = {
            "OIDC_ISSUER": provider.url,
            "OIDC_JWKS_URL": f"{provider.url}/keys",
            "OIDC_ROLES_CLAIM": "groups",
            "OIDC_ROLE_MAP": json.dumps(GROUPS),
            "OIDC_EMPLOYEE_REF_CLAIM": "employee_ref",
            "JWKS_REFETCH_S": "0.2",
            "JWKS_MAX_AGE_S": "1",
            "REVOCATIONS_FILE": str(folder / "revoked.json"),
            "REVOCATIONS_CHECK_S": "0.1",
            "BREAK_GLASS_JWKS": public,
        }
        deployment = Deployment(folder / "home", environment=environment)
        try:
            yield Signed(deployment.url, provider, folder, deployment)
        finally:
            assert deployment.stop() == 0


def test_there_are_no_demonstration_tokens_beside_an_identity_provider(signed: Signed) -> None:
    asked = httpx.post(f"{signed.url}/auth/demo/tokens", json={"roles": ["workforce_admin"]}, timeout=10)
    assert asked.status_code == 404
    assert "/auth/demo/tokens" not in httpx.get(f"{signed.url}/openapi.json", timeout=10).json()["paths"]


def test_groups_give_the_roles_that_they_stand_for_and_unknown_ones_give_nothing(signed: Signed) -> None:
    path = "/v1/workforce/workers"
    assert signed.ask("GET", path, signed.provider.token(ADMINISTRATORS)).status_code == 200
    for groups in ([], ["/Elsewhere/Managers"], ["workforce_admin"], ["service"]):
        assert signed.ask("GET", path, signed.provider.token(*groups)).status_code == 403, groups
    for malformed in ("workforce_admin", {ADMINISTRATORS: True}, None):
        token = signed.provider.token(groups=malformed)
        assert signed.ask("GET", path, token).status_code == 401, malformed


def test_a_person_who_is_known_by_an_employee_reference_acts_as_that_worker(signed: Signed) -> None:
    authority = signed.make("org-units", name="Authority", kind="authority")
    teams = [signed.make("org-units", name=name, kind="team", parent_id=authority) for name in ("North", "South")]
    facts = {
        "job_role": "social worker",
        "career_stage": "practitioner",
        "newly_qualified": False,
        "is_social_worker": True,
        "contracted_hours": 37,
        "employment_started_on": "2024-01-08",
    }
    refs = [f"E-{uuid.uuid4().hex[:8]}" for _ in teams]
    mine, theirs = (
        signed.make("workers", name="Someone", employee_ref=ref, org_unit_id=team, **facts)
        for ref, team in zip(refs, teams, strict=True)
    )
    worker = signed.provider.token(WORKERS, employee_ref=refs[0])
    assert signed.ask("GET", f"/v1/workforce/workers/{mine}", worker).status_code == 200
    assert signed.ask("GET", f"/v1/workforce/workers/{theirs}", worker).status_code == 403

    def workload(of: str) -> int:
        manager = signed.provider.token(MANAGERS, employee_ref=refs[0])
        return signed.ask("GET", f"/v1/allocation/workers/{of}/workload", manager).status_code

    eventually(lambda: workload(mine), lambda status: status == 200, "another service knows the manager's unit too")
    assert workload(theirs) == 403


def test_someone_whom_nobody_employs_is_refused_even_with_a_role_for_the_whole_authority(signed: Signed) -> None:
    token = signed.provider.token(ADMINISTRATORS, employee_ref="nobody")
    refused = signed.ask("GET", "/v1/workforce/workers", token)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/person-not-known")


def test_a_session_that_is_revoked_ends_at_once_and_others_go_on(signed: Signed) -> None:
    ended, other = (signed.provider.token(ADMINISTRATORS, sid=str(uuid.uuid4()), sub=name) for name in ("p1", "p2"))
    assert (signed.units(ended), signed.units(other)) == (200, 200)
    sid = claims_in(ended)["sid"]
    command("revoke", signed.folder / "revoked.json", "--sid", sid)
    eventually(lambda: signed.units(ended), lambda status: status == 401, "the session has ended", 10)
    assert signed.units(other) == 200
    assert signed.units(signed.provider.token(ADMINISTRATORS, sid=sid)) == 401


def test_a_new_key_is_taken_at_once_and_an_old_one_until_it_is_withdrawn(signed: Signed) -> None:
    old = signed.provider.token(ADMINISTRATORS)
    assert signed.units(old) == 200
    signed.provider.rotate()
    new = signed.provider.token(ADMINISTRATORS)
    eventually(lambda: signed.units(new), lambda status: status == 200, "the new key is known", 10)
    assert signed.units(old) == 200
    signed.provider.withdraw_old_keys()
    eventually(lambda: signed.units(old), lambda status: status == 401, "the old key counts no more", 15)
    assert signed.units(new) == 200


def test_break_glass_opens_the_door_and_says_so_loudly(signed: Signed) -> None:
    key = signed.folder / "glass.jwk"
    who = ("--person", "A. Duty", "--reason", "the identity provider is away")
    token = command("break-glass", "token", key, "--role", "workforce_admin", *who).splitlines()[-1]
    assert signed.units(token) == 200
    entry = json.loads((signed.folder / "glass.jwk.register").read_text().splitlines()[-1])
    alarms = [line for line in signed.deployment.log().splitlines() if "break-glass token is in use" in line]
    assert {json.loads(line)["token_id"] for line in alarms} == {entry["token_id"]}
    assert "A. Duty" not in signed.deployment.log()
    command("revoke", signed.folder / "revoked.json", "--jti", entry["token_id"])
    eventually(lambda: signed.units(token), lambda status: status == 401, "the token is taken back", 10)
