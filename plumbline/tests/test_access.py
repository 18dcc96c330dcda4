"""The commands for access in an emergency: what they print is what a running process takes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.keys import Keys
from chassis.revocations import parse, revokes
from chassis.settings import Settings
from chassis.tokens import TokenIssuer
from plumbline.cli import app

REASON = "the identity provider is away"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def token(key: Path, *more: object, role: str = "workforce_admin", reason: str = REASON) -> Result:
    return run("break-glass", "token", key, "--role", role, "--person", "A. Duty", "--reason", reason, *more)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "glass.jwk"


@pytest.fixture
def public(key: Path) -> str:
    return run("break-glass", "key", key).stdout


async def test_a_token_made_by_hand_is_taken_where_its_public_key_is_configured(key: Path, public: str) -> None:
    issuer = TokenIssuer.generate("https://issuer.invalid", "plumbline")
    made = token(key, "--minutes", 5, "--org-unit-id", "u").stdout.strip()
    settings = Settings(database_url="", oidc_jwks=issuer.jwks(), break_glass_jwks=public)
    found = await Keys(settings).claims(made)
    entry = json.loads((key.parent / "glass.jwk.register").read_text())
    assert (found.subject, found.org_unit_id) == (f"break-glass:{entry['token_id']}", "u")
    assert found.roles == {"workforce_admin"}
    assert (entry["person"], entry["reason"]) == ("A. Duty", REASON)


def test_the_private_key_is_for_its_owner_only_and_is_never_overwritten(key: Path, public: str) -> None:
    assert key.stat().st_mode & 0o077 == 0
    assert "d" not in json.loads(public)["keys"][0]
    before = key.read_text()
    assert run("break-glass", "key", key).exit_code == 2
    assert key.read_text() == before


def test_every_line_of_the_register_names_the_hash_of_the_one_before(key: Path, public: str) -> None:
    for _ in range(3):
        assert token(key).exit_code == 0
    lines = (key.parent / "glass.jwk.register").read_text().splitlines()
    hashes = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
    assert [json.loads(line)["after"] for line in lines] == [None, *hashes[:-1]]


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"reason": "because"}, {"role": "service"}, {"role": "king"}], ids=str
)
def test_no_token_and_no_entry_without_a_reason_and_a_role(key: Path, public: str, wrong: dict[str, str]) -> None:
    assert token(key, **wrong).exit_code == 2
    assert token(key, "--minutes", 61).exit_code == 2
    assert not (key.parent / "glass.jwk.register").exists()


def test_what_is_revoked_is_added_to_the_list(tmp_path: Path) -> None:
    file = tmp_path / "revoked.json"
    assert run("revoke", file, "--sid", "s1").exit_code == 0
    assert run("revoke", file, "--sub", "p1", "--before", "now").exit_code == 0
    revoked = parse(file.read_text())
    assert [revokes(revoked, claims) for claims in ({"sid": "s1"}, {"sub": "p1", "iat": 1}, {"sub": "p2"})] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("arguments", [(), ("--before", "yesterday"), ("--before", "2026-11-22T00:00:00")], ids=str)
def test_a_revocation_that_says_nothing_leaves_the_list_as_it_was(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "revoked.json"
    run("revoke", file, "--sid", "s1")
    before = file.read_text()
    assert run("revoke", file, *arguments).exit_code == 2
    assert file.read_text() == before
