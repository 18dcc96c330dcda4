"""Experience API statements of a learning system: which are sound, which are equal, and which say that a course was completed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

COMPLETING = frozenset(
    {
        "http://adlnet.gov/expapi/verbs/completed",
        "http://adlnet.gov/expapi/verbs/passed",
        "http://adlnet.gov/expapi/verbs/mastered",
    }
)
_GIVEN_BY_THE_RECEIVER = frozenset({"stored", "authority", "version"})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")


class UnsoundStatementError(Exception):
    """A statement is not sound; ``field`` says where."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class Claim:
    """Someone completed an activity: the account that names them, when, and how long it took."""

    home_page: str
    account: str
    activity: str
    completed_at: datetime | None
    hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sound statement; ``claim`` is empty when it tells of no completed course."""

    statement_id: UUID | None
    fingerprint: str
    claim: Claim | None


def read_statement(given: object) -> Statement:
    """A statement as it was sent; raises :class:`UnsoundStatementError`."""
    if not isinstance(given, Mapping):
        raise UnsoundStatementError("statement", "must be an object")
    for part in ("actor", "verb", "object"):
        if not isinstance(given.get(part), Mapping):
            raise UnsoundStatementError(part, "is required and must be an object")
    verb = given["verb"].get("id")
    if not isinstance(verb, str) or ":" not in verb:
        raise UnsoundStatementError("verb.id", "is required and must be an IRI")
    return Statement(_id(given.get("id")), fingerprint(given), _claim(given) if verb in COMPLETING else None)


def fingerprint(given: Mapping[str, Any]) -> str:
    """Equal for statements that say the same, in whatever order of keys; what a receiver adds does not count."""
    said = {key: value for key, value in given.items() if key not in _GIVEN_BY_THE_RECEIVER}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _id(value: object) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise UnsoundStatementError("id", "must be a UUID") from None


def _claim(given: Mapping[str, Any]) -> Claim | None:
    result = {} if given.get("result") is None else given["result"]
    if not isinstance(result, Mapping):
        raise UnsoundStatementError("result", "must be an object")
    if result.get("completion") is False or result.get("success") is False:
        return None
    account = given["actor"].get("account")
    if not isinstance(account, Mapping) or not all(isinstance(account.get(k), str) for k in ("homePage", "name")):
        raise UnsoundStatementError("actor.account", "must name the learner by homePage and name")
    activity = given["object"].get("id")
    if not isinstance(activity, str) or not activity:
        raise UnsoundStatementError("object.id", "must name the course")
    for field, text in (("actor.account", account["homePage"] + account["name"]), ("object.id", activity)):
        if _UNSTORABLE.search(text):
            raise UnsoundStatementError(field, "holds a NUL or half a character, which is no text")
    return Claim(
        account["homePage"], account["name"], activity, _instant(given.get("timestamp")), _hours(result.get("duration"))
    )


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise UnsoundStatementError("timestamp", "must be an ISO 8601 instant") from None
    if instant.tzinfo is None or not 1950 <= instant.year < 2200:
        raise UnsoundStatementError("timestamp", "must have an offset, and lie between 1950 and 2200")
    return instant


def _hours(value: object) -> Decimal | None:
    if value is None:
        return None
    found = _DURATION.fullmatch(str(value)) if len(str(value)) < 30 else None
    if found is None:
        raise UnsoundStatementError(
            "result.duration", "must be an ISO 8601 duration in days, hours, minutes and seconds"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = Decimal(days * 86400 + hours * 3600 + minutes * 60 + seconds) / 3600
    if total > 2000:
        raise UnsoundStatementError("result.duration", "must be at most 2000 hours")
    return round(total, 2)


def code_of(activity: str) -> str:
    """A course code for an activity that no course names: the last part of its IRI, in plain letters."""
    last = activity.rstrip("/").rsplit("/", 1)[-1].lower()
    plain = re.sub(r"[^a-z0-9._-]+", "-", last).strip("-._")
    return plain[:60].rstrip("-._") or hashlib.sha256(activity.encode()).hexdigest()[:16]
