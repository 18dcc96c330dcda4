"""Errors as RFC 9457 problems: a few kinds, each with a stable code and a sentence that says what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of the input, by its dotted path."""

    field: str
    problem: str


class Problem(Exception):
    """An answer other than success, ready to be sent.

    ``code`` is kebab-case and stable: it becomes ``type`` = ``/problems/<code>``. ``extra`` is added to the body.
    """

    status: int = 500

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        fields: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The problem document; ``errors`` names each wrong field and the remedy."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.fields:
            document["errors"] = [{"field": f.field, "problem": f.problem} for f in self.fields]
        return {**document, **self.extra}


class BadRequest(Problem):
    """The request cannot be read."""

    status = 400


class Unauthorized(Problem):
    """No valid token."""

    status = 401

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """A valid token whose bearer may not do this, or not to this object."""

    status = 403


class NotFound(Problem):
    """Nothing with this id."""

    status = 404


class Conflict(Problem):
    """The request is sound but the state of things refuses it."""

    status = 409


class PreconditionFailed(Problem):
    """The object changed since the caller read it."""

    status = 412


class TooLarge(Problem):
    """The body is larger than this route takes."""

    status = 413


class RuleBroken(Problem):
    """The input is readable and breaks a rule; ``field`` names the input that does."""

    status = 422

    def __init__(
        self, code: str, detail: str, field: str | None = None, *, fields: Sequence[FieldProblem] = (), **extra: Any
    ) -> None:
        named = (FieldProblem(field, detail), *fields) if field else fields
        super().__init__(code, detail, fields=named, **extra)


class PreconditionRequired(Problem):
    """An update must say which version it changes."""

    status = 428


class TooManyRequests(Problem):
    """The caller is over its rate."""

    status = 429


class Unavailable(Problem):
    """Something this service needs does not answer; try again."""

    status = 503
