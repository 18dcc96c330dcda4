"""What the examples for identity providers say is what the code does: roles, settings, claims."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chassis.claims import PEOPLE_AND_SYSTEMS
from chassis.keys import claim_names
from chassis.settings import IdentitySettings, Settings
from tests.support.keycloak.distribution import REALM, TREE

PAGE = (TREE / "docs" / "operations" / "identity.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
SAID: dict[str, Any] = json.loads(REALM.read_text())


def test_the_realm_and_the_manifest_have_the_roles_that_a_provider_may_give() -> None:
    (manifest,) = (json.loads(text) for kind, text in BLOCKS if kind == "json")
    assert {role["name"] for role in SAID["roles"]["realm"]} == PEOPLE_AND_SYSTEMS
    assert {role["value"] for role in manifest["appRoles"]} == PEOPLE_AND_SYSTEMS
    assert len({role["id"] for role in manifest["appRoles"]}) == len(PEOPLE_AND_SYSTEMS)


def test_the_page_names_every_setting_and_no_other() -> None:
    known = {name.upper() for name in Settings.model_fields}
    rows = set(re.findall(r"^\| `([A-Z_]+)`", PAGE, re.MULTILINE))
    assert rows <= known
    named = set(re.findall(r"`([A-Z_]+)`", PAGE))
    assert {name.upper() for name in IdentitySettings.model_fields} <= named


@pytest.mark.parametrize(
    "text", [text for kind, text in BLOCKS if kind == "bash" and "OIDC_" in text and "make" not in text], ids=len
)
def test_every_example_of_settings_is_one_that_starts(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"^([A-Z_]+)=(.*?)(?:\s+#.*)?$", text, re.MULTILINE):
        monkeypatch.setenv(name, value.strip("'"))
    settings = IdentitySettings()
    assert claim_names(settings).roles
    assert "common" not in settings.oidc_issuer


def test_the_realm_reads_as_the_default_settings_expect() -> None:
    (scope,) = SAID["clientScopes"]
    names = {mapper["config"].get("claim.name") for mapper in scope["protocolMappers"]}
    defaults = IdentitySettings()
    assert {defaults.oidc_roles_claim, defaults.oidc_worker_id_claim, defaults.oidc_org_unit_id_claim} <= names
    audience = next(mapper["config"] for mapper in scope["protocolMappers"] if mapper["name"] == "audience")
    assert audience["included.custom.audience"] == defaults.oidc_audience


def test_every_client_of_the_realm_is_closed_but_for_what_it_needs() -> None:
    clients = {client["clientId"]: client for client in SAID["clients"]}
    assert not any(client["implicitFlowEnabled"] or client["directAccessGrantsEnabled"] for client in clients.values())
    people = clients.pop("plumbline-gateway")
    assert people["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not people["serviceAccountsEnabled"]
    assert all(
        client["serviceAccountsEnabled"] and not client["standardFlowEnabled"] and not client["publicClient"]
        for client in clients.values()
    )
    granted = {
        person["serviceAccountClientId"]: person["realmRoles"]
        for person in SAID["users"]
        if "serviceAccountClientId" in person
    }
    assert granted == {name: [name] for name in clients}
