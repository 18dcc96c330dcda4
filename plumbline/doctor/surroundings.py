"""What can be wrong around a deployment: the identity provider's keys, the mail server, parts that do not answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import aiosmtplib

from chassis.failures import reason_of
from chassis.settings import IdentitySettings
from chassis.tokens import keys_from, signing_keys
from plumbline.doctor.words import say
from services.accountability.scans.mailroom import MailSettings

ANSWER_WITHIN_S = 5.0
SKEW_S = 5.0


async def examine_keys(settings: IdentitySettings) -> list[str]:
    """Findings about where the keys of tokens come from."""
    if settings.oidc_jwks or settings.oidc_jwks_file:
        try:
            keys = keys_from(settings.oidc_jwks, settings.oidc_jwks_file)
        except (OSError, ValueError, KeyError) as failure:
            return [
                say(
                    f"OIDC_JWKS or OIDC_JWKS_FILE holds no key set ({reason_of(failure)}). Put in what the provider",
                    "publishes.",
                ),
            ]
        return (
            []
            if keys
            else [
                say(
                    "OIDC_JWKS or OIDC_JWKS_FILE holds no key: no token will be taken. Put in what the provider",
                    "publishes.",
                ),
            ]
        )
    if not settings.oidc_jwks_url:
        return [
            say(
                "No keys of an identity provider are named. Set OIDC_JWKS_URL to the address where it publishes them.",
            )
        ]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)) as session:
        wrong = await _fetched(session, settings)
        return wrong + await _discovered(session, settings)


async def _fetched(session: aiohttp.ClientSession, settings: IdentitySettings) -> list[str]:
    url = settings.oidc_jwks_url
    try:
        async with session.get(url, allow_redirects=False) as answer:
            body, dated = await answer.read(), answer.headers.get("Date", "")
            if answer.status != 200:
                return [
                    say(
                        f"OIDC_JWKS_URL {url} answers {answer.status} instead of keys. Take the address from the provider's",
                        "`jwks_uri`.",
                    ),
                ]
        if not signing_keys(json.loads(body)):
            raise ValueError("none of these keys verifies a signature")
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        return [
            say(
                f"OIDC_JWKS_URL {url} cannot be reached ({reason_of(failure)}): services that start now refuse every",
                "token. Check the address, and that this network may reach the provider.",
            ),
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [
            say(
                f"OIDC_JWKS_URL {url} answers with something that holds no key to check tokens with. Take the address",
                "from the provider's `jwks_uri`.",
            ),
        ]
    return _dated(dated)


def _dated(header: str) -> list[str]:
    if not header:
        return []
    off = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    if abs(off) <= SKEW_S:
        return []
    return [
        say(
            f"The identity provider's clock is {abs(off):.0f} seconds {'ahead of' if off > 0 else 'behind'} this",
            "machine's: its tokens may be refused as not yet valid or expired. Let both take their time from NTP.",
        ),
    ]


async def _discovered(session: aiohttp.ClientSession, settings: IdentitySettings) -> list[str]:
    """What the issuer itself says of where its keys are, where it says so."""
    try:
        async with session.get(f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration") as answer:
            told: Any = json.loads(await answer.read()) if answer.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return []
    named = told.get("issuer", settings.oidc_issuer)
    found = []
    if told.get("jwks_uri", settings.oidc_jwks_url) != settings.oidc_jwks_url:
        found.append(
            say(
                f"OIDC_JWKS_URL is {settings.oidc_jwks_url}, but the issuer says that its keys are at",
                f"{told['jwks_uri']}. Set that address, unless yours is an inner name for the same.",
            ),
        )
    if named != settings.oidc_issuer:
        found.append(
            say(
                f"OIDC_ISSUER is {settings.oidc_issuer}, but the provider calls itself {named}: no token will be",
                "taken. Write it exactly so.",
            ),
        )
    return found


async def examine_mail(settings: MailSettings) -> list[str]:
    """Findings about the mail server, up to the sign-in; nothing is sent."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        return []
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or 'default'}"
    if not settings.mail_from:
        return [
            say(
                "SMTP_URL is set and MAIL_FROM is not, so nobody is told of alerts. Set MAIL_FROM to the sender's",
                "address.",
            ),
        ]
    client = aiosmtplib.SMTP(
        hostname=parts.hostname, port=parts.port, use_tls=parts.scheme == "smtps", timeout=ANSWER_WITHIN_S
    )
    try:
        await client.connect()
        if parts.username:
            await client.login(unquote(parts.username), unquote(parts.password or ""))
        await client.quit()
    except aiosmtplib.SMTPAuthenticationError as refused:
        return [
            say(
                f"The mail server {place} refuses user or password ({refused.code}). Correct them in SMTP_URL and",
                "restart accountability.",
            ),
        ]
    except aiosmtplib.SMTPResponseException as refused:
        return [
            say(
                f"The mail server {place} answers {refused.code}. Ask who runs it what that means, and whether it",
                "takes mail from here.",
            ),
        ]
    except (aiosmtplib.SMTPException, OSError, ValueError) as away:
        return [
            say(
                f"The mail server {place} cannot be reached ({type(away).__name__}), so nobody is told of alerts.",
                "Check host, port and firewall, and whether it wants smtps:// instead of smtp://; see",
                "docs/runbooks/notifications.md.",
            ),
        ]
    finally:
        client.close()
    return []


async def examine_parts(upstreams: Mapping[str, str]) -> list[str]:
    """Findings about services that do not answer, or in which something stands still."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)) as session:
        found = await asyncio.gather(*(_part(session, name, url) for name, url in sorted(upstreams.items())))
    return [one for one in found if one]


async def _part(session: aiohttp.ClientSession, name: str, url: str) -> str:
    try:
        async with session.get(f"{url.rstrip('/')}/health/live") as answer:
            alive = json.loads(await answer.read())
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
        return say(
            f"{name} does not answer at {url} ({reason_of(failure)}). Start it, or correct its address in",
            "UPSTREAMS; see docs/runbooks/part-is-down.md.",
        )
    stalled = alive.get("stalled") or []
    if not stalled:
        return ""
    return f"{name}: {', '.join(stalled)} makes no progress. Restart it and read its log; see docs/runbooks/part-is-down.md."
