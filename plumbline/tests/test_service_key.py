"""The pair of keys for calls between services: they belong together, and none is ever replaced by accident."""

from __future__ import annotations

import stat
from pathlib import Path

from typer.testing import CliRunner

from chassis.clients import ISSUER
from chassis.tokens import TokenIssuer
from plumbline.cli import app


def test_the_public_half_belongs_to_the_private_one(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["service-key", str(tmp_path / "keys")])
    assert made.exit_code == 0, made.output
    private = tmp_path / "keys" / "private-jwk.json"
    issuer = TokenIssuer.load(private, ISSUER, "plumbline")
    assert issuer.jwks() == (tmp_path / "keys" / "public-jwks.json").read_text()
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "private-jwk.json").write_text("mine")
    made = CliRunner().invoke(app, ["service-key", str(tmp_path)])
    assert made.exit_code != 0
    assert (tmp_path / "private-jwk.json").read_text() == "mine"
