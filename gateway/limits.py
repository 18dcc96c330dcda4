"""How much one caller may use: requests per second, bytes per body, and time."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.pace import Allowance, Pace
from chassis.problems import TooManyRequests
from gateway.settings import GatewaySettings


class Rate:
    """What each caller may send: so many requests a second, so many at once; a rate of 0 is no limit."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._allowance = Allowance(Pace(per_second, burst)) if per_second else None

    def take(self, caller: str, now: float) -> None:
        """Count one request of `caller`; TooManyRequests when the bucket is empty."""
        if self._allowance is not None and (wait := self._allowance.take(caller, now)):
            raise _refusal(self._allowance.pace, wait)


def _refusal(pace: Pace, wait: int) -> TooManyRequests:
    return TooManyRequests(
        "rate-limit",
        f"Too many requests: wait {wait} s, then send at most {pace.per_second:g} a second.",
        headers={
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"caller";q={pace.burst};w={pace.window_s}',
            "RateLimit": f'"caller";r=0;t={wait}',
        },
    )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may take."""

    body_bytes: int
    upstream_s: float


class BoundsTable:
    """Ordinary bounds for most paths, wide ones for imports and batches."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._usual = Bounds(settings.max_body_bytes, settings.upstream_timeout_s)
        self._large = Bounds(settings.large_body_bytes, settings.large_upstream_timeout_s)
        self._large_paths = tuple(path.encode() for path in settings.large_body_paths)

    def of(self, raw_path: bytes) -> Bounds:
        """The bounds of a request to this path."""
        return self._large if raw_path.startswith(self._large_paths) else self._usual
