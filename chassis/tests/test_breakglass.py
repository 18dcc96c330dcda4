"""The break-glass account: off unless configured, short, reasoned, and loud."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from chassis import breakglass
from chassis.keys import Keys
from chassis.problems import Unauthorized
from chassis.settings import Settings
from chassis.tokens import TokenIssuer

KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
PROVIDER = TokenIssuer.generate("https://issuer.invalid", "plumbline")
REASON = "the identity provider is away since 07:40"
COLLECTED_AT = time.time()


@pytest.fixture(autouse=True)
def soon_after_the_tokens_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the table are made when tests are collected, which may be half an hour before these run."""
    monkeypatch.setattr(time, "time", lambda: COLLECTED_AT + 5)


def keys(*, configured: bool = True) -> Keys:
    glass = json.dumps({"keys": [KEY.as_dict(private=False)]}) if configured else ""
    return Keys(
        Settings(
            database_url="", oidc_issuer="https://issuer.invalid", oidc_jwks=PROVIDER.jwks(), break_glass_jwks=glass
        )
    )


def issued(roles: tuple[str, ...] = ("workforce_admin",), lifetime_s: int = 600) -> tuple[str, dict[str, Any]]:
    return breakglass.issue(KEY, "plumbline", roles, REASON, lifetime_s)


def changed(**claims: Any) -> str:
    said = {name: value for name, value in {**issued()[1], **claims}.items() if value is not None}
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}, said, KEY)


async def test_a_break_glass_token_opens_the_door_and_raises_an_alarm_without_its_reason() -> None:
    token, claims = issued()
    before = breakglass.USED._value.get()
    with capture_logs() as said:
        found = await keys().claims(token)
    assert found.subject == f"break-glass:{claims['jti']}"
    assert found.roles == {"workforce_admin"}
    assert [(line["log_level"], line["token_id"]) for line in said] == [("critical", claims["jti"])]
    assert REASON not in str(said)
    assert breakglass.USED._value.get() == before + 1


async def test_without_a_key_in_the_settings_there_is_no_break_glass_account() -> None:
    with pytest.raises(Unauthorized, match="another issuer"):
        await keys(configured=False).claims(issued()[0])


@pytest.mark.parametrize(
    ("why", "token"),
    [
        ("needs a reason", changed(reason=None)),
        ("needs a reason", changed(reason="")),
        ("needs a reason", changed(reason="         x ")),
        ("needs a reason", changed(reason=["the provider is away"])),
        ("no longer than 60 minutes", changed(exp=int(time.time()) + 3 * 3600)),
        ("no longer than 60 minutes", changed(iat=None)),
        ("no longer than 60 minutes", changed(iat="now")),
        ("not valid yet", changed(iat=int(time.time()) + 7200, exp=int(time.time()) + 7300)),
        ("has expired", changed(exp=int(time.time()) - 60)),
        ("has an id", changed(jti=None)),
        ("has an id", changed(sub="someone-else")),
        ("another audience", changed(aud="other")),
        (
            "not in the key set",
            changed(iss="https://issuer.invalid"),
        ),
    ],
)
async def test_a_break_glass_token_is_refused(why: str, token: str) -> None:
    with pytest.raises(Unauthorized, match=why):
        await keys().claims(token)


async def test_the_identity_provider_cannot_issue_break_glass_tokens() -> None:
    imitation = TokenIssuer(ECKey.import_key(json.loads(PROVIDER.private_jwk())), breakglass.ISSUER, "plumbline")
    with pytest.raises(Unauthorized, match="not in the key set"):
        await keys().claims(imitation.issue(["workforce_admin"]))


async def test_a_break_glass_token_makes_no_service() -> None:
    assert (await keys().claims(changed(roles=["service", "reporting"]))).roles == {"reporting"}


@pytest.mark.parametrize(
    ("roles", "reason", "lifetime_s"),
    [((), REASON, 600), (("service",), REASON, 600), (("king",), REASON, 600)]
    + [(("reporting",), reason, 600) for reason in ("", "because")]
    + [(("reporting",), REASON, seconds) for seconds in (0, -1, 3601)],
)
def test_what_would_be_refused_is_not_issued(roles: tuple[str, ...], reason: str, lifetime_s: int) -> None:
    with pytest.raises(ValueError, match=r"name roles|give a reason|choose a life"):
        breakglass.issue(KEY, "plumbline", roles, reason, lifetime_s)
