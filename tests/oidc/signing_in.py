"""Signing in at Keycloak: a person in a browser with the authorization code flow and PKCE, a machine with its secret."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.keycloak.server import Keycloak

APPLICATION = "plumbline-gateway"
REDIRECT = "http://127.0.0.1:8000/signed-in"
_FORM = re.compile(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"', re.DOTALL)


def octets(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def machine_token(keycloak: Keycloak, client_id: str) -> str:
    """A machine's access token, for its client id and secret."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": keycloak.secret_of(client_id),
    }
    return str(httpx.post(keycloak.token_url, data=asked, timeout=30).raise_for_status().json()["access_token"])


class Browser:
    """A person's browser with a session at Keycloak."""

    def __init__(self, keycloak: Keycloak, username: str, password: str) -> None:
        self._keycloak = keycloak
        self._http = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
        self._verifier = secrets.token_urlsafe(48)
        self.tokens: dict[str, Any] = self._exchange(self._sign_in(username, password))

    @property
    def token(self) -> str:
        """The access token."""
        return str(self.tokens["access_token"])

    def _sign_in(self, username: str, password: str) -> str:
        """The code that Keycloak sends the browser back with."""
        challenge = octets(hashlib.sha256(self._verifier.encode()).digest())
        asked = authorization(code_challenge=challenge, code_challenge_method="S256")
        page = self._http.get(f"{self._keycloak.issuer}/protocol/openid-connect/auth", params=asked)
        form = _FORM.search(page.text)
        assert form, f"no form to sign in with: {page.status_code} {page.text[:500]}"
        # Browsers send a loopback address its secure cookies over plain HTTP too.
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies.jar)
        entered = {"username": username, "password": password}
        back = self._http.post(html.unescape(form.group(1)), data=entered, headers={"Cookie": cookies})
        assert back.status_code == 302, f"not signed in: {back.status_code} {back.text[:500]}"
        return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]

    def _exchange(self, code: str) -> dict[str, Any]:
        return self._asked(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=self._verifier
        )

    def refresh(self) -> None:
        """Get a new access token for the same session."""
        self.tokens = self._asked(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])

    def sign_out(self) -> None:
        """End the session at Keycloak."""
        asked = {"client_id": APPLICATION, "refresh_token": self.tokens["refresh_token"]}
        self._http.post(f"{self._keycloak.issuer}/protocol/openid-connect/logout", data=asked).raise_for_status()

    def _asked(self, **form: str) -> dict[str, Any]:
        answer = self._http.post(self._keycloak.token_url, data={"client_id": APPLICATION, **form})
        tokens: dict[str, Any] = answer.raise_for_status().json()
        return tokens


def authorization(**more: str) -> dict[str, str]:
    """The query with which an application sends a browser to sign in."""
    return {
        "client_id": APPLICATION,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "openid",
        "state": "s",
        **more,
    }


def claims_in(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    payload = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said
