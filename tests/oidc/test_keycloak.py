"""What the realm of deploy/keycloak promises, on a real Keycloak: who gets which token, and when it stops counting."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from joserfc.jws import extract_compact

from plumbline.access import revoke
from tests.e2e.deployment import eventually
from tests.oidc.conftest import Trusting
from tests.oidc.signing_in import Browser, authorization, claims_in, machine_token
from tests.support.keycloak.distribution import REALM
from tests.support.keycloak.server import Keycloak


def signed_in(keycloak: Keycloak, *roles: str, **attributes: str) -> Browser:
    username = f"person-{uuid.uuid4().hex[:12]}"
    return Browser(keycloak, username, keycloak.person(username, list(roles), **attributes))


def status(deployment: Trusting, token: str) -> int:
    """How a request ends that every role may make."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{deployment.url}/v1/workforce/org-units", headers=headers, timeout=30).status_code


def test_a_persons_token_says_who_and_where_and_nothing_else(keycloak: Keycloak) -> None:
    said = claims_in(signed_in(keycloak, "team_manager", worker_id="w", org_unit_id="u", employee_ref="E1").token)
    assert (said["worker_id"], said["org_unit_id"], said["employee_ref"], said["aud"]) == ("w", "u", "E1", "plumbline")
    assert "team_manager" in said["roles"]
    assert said["exp"] - said["iat"] == 300
    assert not {"name", "email", "preferred_username", "given_name", "family_name"} & said.keys()


def test_a_group_gives_its_role(keycloak: Keycloak, deployment: Trusting) -> None:
    credentials: dict[str, Any] = {"type": "password", "value": uuid.uuid4().hex, "temporary": False}
    user = keycloak.user_id("demo-senior-leader")
    keycloak.admin("PUT", f"/users/{user}/reset-password", credentials)
    token = Browser(keycloak, "demo-senior-leader", credentials["value"]).token
    assert "senior_leader" in claims_in(token)["roles"]
    assert status(deployment, token) == 200


def test_signing_in_without_pkce_is_refused(keycloak: Keycloak) -> None:
    answer = httpx.get(f"{keycloak.issuer}/protocol/openid-connect/auth", params=authorization(), timeout=30)
    assert answer.status_code == 302
    assert "code_challenge" in answer.headers["location"]


@pytest.mark.parametrize("grant", ["password", "client_credentials"])
def test_the_application_of_people_takes_no_other_way_in(keycloak: Keycloak, grant: str) -> None:
    asked = {"grant_type": grant, "client_id": "plumbline-gateway", "username": "demo-practitioner", "password": "x"}
    assert httpx.post(keycloak.token_url, data=asked, timeout=30).status_code in (400, 401)


def test_people_cannot_say_themselves_which_worker_they_are(keycloak: Keycloak) -> None:
    """The account pages are the one place where a person could change their own attributes."""
    profile: dict[str, Any] = keycloak.admin("GET", "/users/profile")
    theirs = {field["name"] for field in profile["attributes"] if "user" in field["permissions"]["edit"]}
    assert theirs == set()
    assert "unmanagedAttributePolicy" not in profile


def test_the_realm_file_holds_no_secret(keycloak: Keycloak) -> None:
    realm = json.loads(REALM.read_text())
    assert not any("credentials" in person for person in realm["users"])
    assert not any("secret" in client for client in realm["clients"])
    assert keycloak.secret_of("integration") != keycloak.secret_of("reporting")


def test_only_access_tokens_open_the_door(keycloak: Keycloak, deployment: Trusting) -> None:
    person = signed_in(keycloak, "senior_leader")
    assert status(deployment, person.token) == 200
    for kind in ("id_token", "refresh_token"):
        assert status(deployment, person.tokens[kind]) == 401, kind


def test_a_token_of_another_application_of_the_realm_is_for_somebody_else(
    keycloak: Keycloak, deployment: Trusting
) -> None:
    name = f"other-{uuid.uuid4().hex[:8]}"
    client = {"clientId": name, "serviceAccountsEnabled": True, "publicClient": False, "defaultClientScopes": []}
    keycloak.admin("POST", "/clients", client)
    token = machine_token(keycloak, name)
    assert claims_in(token).get("aud") != "plumbline"
    assert status(deployment, token) == 401


def test_a_token_of_another_realm_is_refused(keycloak: Keycloak, deployment: Trusting) -> None:
    assert status(deployment, keycloak.administrator_token()) == 401


def test_signing_out_ends_the_session_and_a_revocation_ends_the_token_that_is_left(
    keycloak: Keycloak, deployment: Trusting
) -> None:
    person, other = signed_in(keycloak, "senior_leader"), signed_in(keycloak, "senior_leader")
    person.refresh()
    assert status(deployment, person.token) == 200
    person.sign_out()
    with pytest.raises(httpx.HTTPStatusError):
        person.refresh()
    listed = deployment.home.parent / "revoked.json"
    revoke(listed, sid=claims_in(person.token)["sid"])
    eventually(lambda: status(deployment, person.token), lambda found: found == 401, "the token counts no more", 10)
    assert status(deployment, other.token) == 200


def test_a_rotated_key_is_taken_without_a_restart_and_old_tokens_count_while_their_key_is_published(
    keycloak: Keycloak, deployment: Trusting
) -> None:
    person = signed_in(keycloak, "senior_leader")
    old = person.token
    assert status(deployment, old) == 200
    keycloak.rotate_key()
    person.refresh()
    assert key_of(person.token) != key_of(old)
    eventually(lambda: status(deployment, person.token), lambda found: found == 200, "the new key is known", 10)
    assert status(deployment, old) == 200


def key_of(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])
