"""Following the event stream as a reporting tool does."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.e2e.deployment import Someone

Followed = list[tuple[str, dict[str, Any]]]
"""Positions and the events at them."""


def follow(who: Someone, after: str | None = None, stop_after: int | None = None, quiet_s: float = 1.5) -> Followed:
    """Events after a position, until so many have come or nothing more comes for a while."""
    headers = {**who.headers, "Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    found: Followed = []
    try:
        with httpx.stream(
            "GET", f"{who.url}/v1/events", headers=headers, timeout=httpx.Timeout(20, read=quiet_s)
        ) as stream:
            assert stream.status_code == 200, stream.status_code
            position = ""
            for line in stream.iter_lines():
                if line.startswith("id:"):
                    position = line[3:].strip()
                elif line.startswith("data:") and position:
                    found.append((position, json.loads(line[5:])))
                    if stop_after and len(found) >= stop_after:
                        break
    except httpx.ReadTimeout:
        return found
    return found


def follow_until(who: Someone, wanted: set[str], tries: int = 10) -> Followed:
    """The whole stream, once events of all wanted types are on it."""
    found: Followed = []
    for _ in range(tries):
        found = follow(who)
        if wanted <= {event["type"] for _, event in found}:
            break
    missing = wanted - {event["type"] for _, event in found}
    assert not missing, f"not on the stream: {sorted(missing)}"
    return found
