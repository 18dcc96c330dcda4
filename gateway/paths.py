"""Which request targets are acceptable, and which service a path belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from chassis.problems import BadRequest

_ENCODED = rb"%(?!2[fF]|5[cC]|[01][0-9A-Fa-f]|7[fF])[0-9A-Fa-f]{2}"
_SEGMENT = rb"/(?!(?:\.|%2[eE]){1,2}(?:/|$))(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|" + _ENCODED + rb")++"
_PATH = re.compile(rb"/|(?:" + _SEGMENT + rb")++/?")
_PLAIN = b"/-._~:0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What most paths consist of: these need no closer look unless segments are empty or begin with a dot."""
_QUERY = re.compile(rb"[\x21-\x7e]*+")

STREAM_PATH = b"/v1/events"
STREAM_SERVICE = "accountability"


def check_target(raw_path: bytes, query: bytes) -> None:
    """Refuse a target that two programs could read differently: dot segments, empty segments, encoded slashes, `;`, NUL.

    What passes is handed to the service byte for byte.
    """
    plain = not raw_path.translate(None, _PLAIN) and b"//" not in raw_path and b"/." not in raw_path
    if not (plain and raw_path.startswith(b"/")) and not _acceptable(raw_path):
        raise BadRequest(
            "bad-path",
            "Send a path without empty or dot segments, encoded slashes, backslashes, semicolons or control characters.",
        )
    if query and not _QUERY.fullmatch(query):
        raise BadRequest(
            "bad-query", "Percent-encode spaces, control characters and everything beyond ASCII in the query."
        )


def _acceptable(raw_path: bytes) -> bool:
    return _PATH.fullmatch(raw_path) is not None and (b"%" not in raw_path or _is_utf8(raw_path))


def _is_utf8(raw_path: bytes) -> bool:
    try:
        unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        return False
    return True


class RoutingTable:
    """Finds the service of `/v1/<service>/...`; the event stream belongs to accountability."""

    def __init__(self, services: Iterable[str]) -> None:
        self._services = {name.encode(): name for name in services}
        self._stream = STREAM_SERVICE if STREAM_SERVICE.encode() in self._services else None

    def service_of(self, raw_path: bytes) -> str | None:
        """The service that answers this path, or None."""
        if not raw_path.startswith(b"/v1/"):
            return None
        if raw_path == STREAM_PATH:
            return self._stream
        end = raw_path.find(b"/", 4)
        return self._services.get(raw_path[4:end]) if end > 0 else None
