"""Revoked tokens: refused from the moment that the list names them, while the process runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from chassis.keys import Keys
from chassis.problems import Unauthorized
from chassis.revocations import NoList, RevocationFile, parse, revokes
from chassis.settings import Settings
from chassis.tokens import TokenIssuer

ISSUER = TokenIssuer.generate("https://issuer.invalid", "plumbline")
TOKEN = {"jti": "t1", "sid": "s1", "sub": "p1", "azp": "app", "iat": 1_795_305_600}  # 2026-11-22 00:00 UTC


@pytest.mark.parametrize(
    ("entry", "revoked"),
    [
        pytest.param({"jti": "t1"}, True, id="this token"),
        pytest.param({"jti": "t2"}, False, id="another token"),
        pytest.param({"sid": "s1"}, True, id="its session"),
        pytest.param({"sid": "s2"}, False, id="another session"),
        pytest.param({"sub": "p1"}, True, id="its person, for good"),
        pytest.param({"sub": "p1", "before": "2026-11-22T00:00:01Z"}, True, id="its person, issued before"),
        pytest.param({"sub": "p1", "before": "2026-11-22T00:00:00Z"}, False, id="its person, issued at that instant"),
        pytest.param({"sub": "p2", "before": "2026-12-01T00:00:00Z"}, False, id="another person"),
        pytest.param({"sub": "p1", "azp": "other"}, False, id="its person in another application"),
        pytest.param({"before": "2026-11-22T01:00:00+00:00"}, True, id="everything issued before"),
        pytest.param({"before": "2026-11-22T00:30:00+01:00"}, False, id="the offset counts"),
    ],
)
def test_a_revocation_covers_tokens_with_all_of_its_claims(entry: dict[str, str], revoked: bool) -> None:
    assert revokes(parse(json.dumps({"revoked": [entry]})), TOKEN) is revoked


def test_a_token_that_does_not_say_when_it_was_issued_counts_as_issued_before() -> None:
    revoked = parse('{"revoked": [{"before": "2026-11-22T00:00:00Z"}]}')
    assert revokes(revoked, {"sub": "p1"})
    assert revokes(revoked, {"sub": "p1", "iat": "late"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"revoked": {}}',
        '{"revoked": [{}]}',
        '{"revoked": ["t1"]}',
        '{"revoked": [{"session": "s1"}]}',
        '{"revoked": [{"sid": null}]}',
        '{"revoked": [{"sid": ""}]}',
        '{"revoked": [{"sid": "s1", "before": "2026-11-22T00:00:00"}]}',
        '{"revoked": [{"before": "yesterday"}]}',
    ],
)
def test_a_list_with_a_mistake_is_no_list(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "revoked.json"
    write(file)
    return file


def write(file: Path, *entries: dict[str, Any]) -> None:
    """As a person or a mounted configuration does it: another file takes the place of the old one."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"revoked": list(entries)}))
    new.replace(file)


def test_a_list_that_cannot_be_read_any_more_changes_nothing(listed: Path) -> None:
    write(listed, {"jti": "t1"})
    file = RevocationFile(listed)
    listed.write_text("{")
    assert not file.look()
    listed.unlink()
    assert not file.look()
    assert revokes(file.revoked, TOKEN)
    write(listed)
    assert file.look()
    assert not revokes(file.revoked, TOKEN)


def test_a_process_does_not_start_without_the_list_it_was_told_to_heed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="revoked"):
        keys(tmp_path / "revoked.json")
    (tmp_path / "revoked.json").write_text("[]")
    with pytest.raises(NoList):
        keys(tmp_path / "revoked.json")


def keys(file: Path) -> Keys:
    return Keys(
        Settings(
            database_url="",
            oidc_issuer="https://issuer.invalid",
            oidc_jwks=ISSUER.jwks(),
            revocations_file=str(file),
            revocations_check_s=0.01,
        )
    )


async def test_a_token_that_was_in_use_is_refused_once_it_is_listed_and_others_are_not(listed: Path) -> None:
    mine, other = ISSUER.issue(["reporting"], subject="p1"), ISSUER.issue(["reporting"], subject="p2")
    running = keys(listed)
    await running.start()
    try:
        assert (await running.claims(mine)).subject == "p1"
        write(listed, {"sub": "p1"})
        async with asyncio.timeout(10):
            while await _accepted(running, mine):
                await asyncio.sleep(0.01)
        with pytest.raises(Unauthorized, match="revoked"):
            await running.claims(mine)
        assert (await running.claims(other)).subject == "p2"
    finally:
        await running.close()


async def _accepted(running: Keys, token: str) -> bool:
    try:
        return bool(await running.claims(token))
    except Unauthorized:
        return False
