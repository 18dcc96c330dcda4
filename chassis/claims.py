"""What a verified token says about its bearer, read from the claims of whichever identity provider issued it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.permissions import ROLES

PEOPLE_AND_SYSTEMS = frozenset(ROLES) - {"service"}
"""The roles that an identity provider may give. ``service`` is for calls between services, which sign for themselves."""
MAX_SUBJECT = 255
"""OpenID Connect Core 2 allows a subject no more characters."""


class InvalidToken(Exception):
    """The token is not accepted; the message says why, for the log and the caller."""


class UnknownKey(InvalidToken):
    """The token names a key that is not in the key set: the set may be out of date."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says about its bearer."""

    subject: str
    roles: frozenset[str]
    worker_id: str | None
    org_unit_id: str | None
    expires_at: int
    employee_ref: str | None = None
    """The bearer's reference in the employer's HR system, where the provider names that instead of a worker."""


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where the tokens of one issuer say what; the defaults are the names that Plumbline itself uses.

    A name is that of a claim, or a path with dots into nested ones (``realm_access.roles``).
    """

    roles: tuple[str, ...] = ("roles",)
    role_map: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each role or group of the provider stands for; empty: they are named like the roles here."""
    grantable: frozenset[str] | None = None
    """The roles that this issuer may give; None = any."""
    worker_id: str = "worker_id"
    org_unit_id: str = "org_unit_id"
    employee_ref: str = ""

    def read(self, claims: Mapping[str, Any]) -> Claims:
        """The claims that count; InvalidToken when one of them is not of its kind."""
        worker_id = _text(claims, self.worker_id)
        return Claims(
            subject=_subject(claims),
            roles=self._roles(claims),
            worker_id=worker_id,
            org_unit_id=_text(claims, self.org_unit_id),
            expires_at=int(claims["exp"]),
            employee_ref=_text(claims, self.employee_ref) if self.employee_ref else None,
        )

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[str]:
        lists = [found for place in self.roles if (found := find(claims, place)) is not None]
        if not lists:
            raise InvalidToken("the token names no roles")
        if not all(_is_list_of_text(names) for names in lists):
            raise InvalidToken("the token's roles are no list of texts")
        named = frozenset(name for names in lists for name in names)
        if self.role_map:
            named = frozenset(role for name in named for role in self.role_map.get(name, ()))
        return named if self.grantable is None else named & self.grantable


def find(claims: Mapping[str, Any], place: str) -> Any:
    """The claim of this name, else what the path with dots leads to, else None."""
    if place in claims:
        return claims[place]
    found: Any = claims
    for step in place.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise InvalidToken("the token has no subject")
    if len(subject) > MAX_SUBJECT or not subject.isprintable():
        raise InvalidToken("the token's subject is no identifier")
    return subject


def _text(claims: Mapping[str, Any], place: str) -> str | None:
    """A claim that is one text; some providers send even a single value as a list."""
    value = find(claims, place)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, str):
        return value
    raise InvalidToken(f"the token's {place} is no text")


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
