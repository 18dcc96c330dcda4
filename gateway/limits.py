"""How much one caller may use: requests per second, bytes per body, and time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chassis.problems import TooManyRequests
from gateway.settings import GatewaySettings


class Rate:
    """A token bucket per caller, kept as the moment at which its bucket would be full again (GCRA)."""

    def __init__(self, per_second: float, burst: int, *, kept: int = 20_000) -> None:
        self._per_second = per_second
        self._burst = burst
        self._kept = kept
        self._full_at: dict[str, float] = {}

    def take(self, caller: str, now: float) -> None:
        """Count one request of `caller`; TooManyRequests when the bucket is empty."""
        if not self._per_second:
            return
        interval = 1.0 / self._per_second
        full_at = self._full_at.get(caller, now)
        full_at = max(full_at, now)
        wait = full_at - now - (self._burst - 1) * interval
        if wait > 1e-9:
            raise self._refusal(wait)
        self._full_at[caller] = full_at + interval
        if len(self._full_at) > self._kept:
            self._forget(now)

    def _forget(self, now: float) -> None:
        """Drop full buckets (the same as none at all), then the ones that are nearest to full."""
        emptier = sorted((item for item in self._full_at.items() if item[1] > now), key=lambda item: item[1])
        self._full_at = dict(emptier[-(self._kept // 2) :])

    def _refusal(self, wait: float) -> TooManyRequests:
        seconds = max(1, math.ceil(wait))
        window = max(1, math.ceil(self._burst / self._per_second))
        return TooManyRequests(
            "rate-limit",
            f"Too many requests: wait {seconds} s, then send at most {self._per_second:g} a second.",
            headers={
                "Retry-After": str(seconds),
                "RateLimit-Policy": f'"caller";q={self._burst};w={window}',
                "RateLimit": f'"caller";r=0;t={seconds}',
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
