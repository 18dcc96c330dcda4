"""Reading roles and people out of the claims of several identity providers, and what none of them may give."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.claims import ClaimNames, Claims, InvalidToken, find
from chassis.keys import claim_names
from chassis.settings import IdentitySettings

TEAM_MANAGERS = "5f7d5f4e-0c5f-4f0e-9a53-0c2f7b5b8a11"
ENTRA = {
    "oidc_roles_claim": "groups",
    "oidc_role_map": {TEAM_MANAGERS: ["team_manager"], "everything": ["practitioner", "reporting"]},
    "oidc_worker_id_claim": "extn.worker_id",
}


def roles_of(claims: dict[str, Any], **settings: Any) -> frozenset[str]:
    return read(claims, **settings).roles


def read(claims: dict[str, Any], **settings: Any) -> Claims:
    return claim_names(IdentitySettings(**settings)).read({"sub": "someone", "exp": 1, **claims})


@pytest.mark.parametrize(
    ("claims", "settings", "roles"),
    [
        pytest.param({"roles": ["reporting"]}, {}, {"reporting"}, id="roles under their own names"),
        pytest.param({"roles": ["admin", "offline_access"]}, {}, set(), id="roles that nobody here knows give nothing"),
        pytest.param({"roles": ["service"]}, {}, set(), id="no identity provider makes a service"),
        pytest.param(
            {"realm_access": {"roles": ["team_manager", "uma_authorization"]}},
            {"oidc_roles_claim": "realm_access.roles"},
            {"team_manager"},
            id="Keycloak's nested realm roles",
        ),
        pytest.param(
            {"groups": ["/Children/Managers"], "roles": ["practitioner"]},
            {"oidc_roles_claim": "groups, roles", "oidc_role_map": {"/Children/Managers": ["team_manager"]}},
            {"team_manager"},
            id="with a map, a name that is not in it gives nothing, even if it is that of a role",
        ),
        pytest.param({"groups": [TEAM_MANAGERS, "another"]}, ENTRA, {"team_manager"}, id="Entra's groups by their ids"),
        pytest.param({"groups": ["everything"]}, ENTRA, {"practitioner", "reporting"}, id="a group may give two roles"),
        pytest.param({"groups": ["unknown"]}, ENTRA, set(), id="an unknown group gives nothing"),
        pytest.param({"groups": []}, ENTRA, set(), id="no group gives nothing"),
        pytest.param(
            {"https://plumbline.example/roles": ["reporting"]},
            {"oidc_roles_claim": "https://plumbline.example/roles"},
            {"reporting"},
            id="a claim whose name has dots",
        ),
    ],
)
def test_roles_are_read(claims: dict[str, Any], settings: dict[str, Any], roles: set[str]) -> None:
    assert roles_of(claims, **settings) == roles


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="none"),
        pytest.param({"_claim_names": {"groups": "src1"}}, id="more groups than fit into the token"),
        pytest.param({"groups": "everything"}, id="one text"),
        pytest.param({"groups": {"everything": True}}, id="an object"),
        pytest.param({"groups": [["everything"]]}, id="a list in a list"),
        pytest.param({"groups": ["everything"], "extn": {"worker_id": 7}}, id="a number for a worker"),
        pytest.param({"groups": ["everything"], "org_unit_id": ["a", "b"]}, id="two units"),
    ],
)
def test_claims_of_another_kind_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        read(claims, **ENTRA)


def test_a_single_value_may_come_in_a_list() -> None:
    found = read({"groups": [], "extn": {"worker_id": ["w"]}, "org_unit_id": "u"}, **ENTRA)
    assert (found.worker_id, found.org_unit_id, found.employee_ref) == ("w", "u", None)


def test_the_employee_reference_is_read_only_from_the_claim_that_the_settings_name() -> None:
    claims = {"roles": [], "employee_ref": "E1", "email": "e1@example.org"}
    assert read(claims).employee_ref is None
    assert read(claims, oidc_employee_ref_claim="employee_ref").employee_ref == "E1"


@pytest.mark.parametrize("role", ["service", "administrator"])
def test_a_map_that_names_no_role_stops_the_process(role: str) -> None:
    with pytest.raises(ValueError, match=role):
        claim_names(IdentitySettings(oidc_role_map={"group": [role]}))


@pytest.mark.parametrize(
    ("place", "found"),
    [("a.b", 1), ("a.b.c", None), ("a.x", None), ("x", None), ("d.e", 2), ("a", {"b": 1}), ("", None)],
)
def test_a_path_leads_into_nested_claims_and_a_whole_name_comes_first(place: str, found: Any) -> None:
    assert find({"a": {"b": 1}, "d.e": 2, "d": {"e": 3}}, place) == found


def test_an_issuer_gives_only_what_it_may() -> None:
    claims = {"sub": "someone", "exp": 1, "roles": ["service", "reporting"]}
    assert ClaimNames(grantable=frozenset({"service"})).read(claims).roles == {"service"}
