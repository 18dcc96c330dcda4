"""The problems that only a gateway has."""

from __future__ import annotations

from chassis.problems import Problem


class MethodNotAllowed(Problem):
    """The path is known and does not take this method."""

    status = 405


class TooSlow(Problem):
    """The request's body did not arrive in time."""

    status = 408


class NotJson(Problem):
    """The body is not declared as JSON."""

    status = 415


class BadGateway(Problem):
    """The service broke off, or its answer cannot be handed on."""

    status = 502


class AnswerTimeout(Problem):
    """The service was silent for too long."""

    status = 504
