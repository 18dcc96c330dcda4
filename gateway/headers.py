"""Which headers pass the gateway, in which direction, and which ones it adds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chassis.problems import BadRequest
from chassis.randomness import fresh_hex
from gateway.problems import BadGateway

Header = tuple[bytes, bytes]

TO_SERVICE = frozenset(
    {
        b"accept",
        b"accept-language",
        b"authorization",
        b"content-type",
        b"idempotency-key",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"last-event-id",
        b"prefer",
    }
)
TO_PUBLIC_OPERATION = TO_SERVICE - {b"authorization"}
"""An operation without a token gets nothing that says who called or ties calls together."""

FROM_SERVICE = {
    name: name.lower()
    for base in (
        b"Allow",
        b"Cache-Control",
        b"Content-Disposition",
        b"Content-Encoding",
        b"Content-Language",
        b"Content-Length",
        b"Content-Type",
        b"Deprecation",
        b"ETag",
        b"Idempotency-Replayed",
        b"Last-Modified",
        b"Link",
        b"Location",
        b"Preference-Applied",
        b"Retry-After",
        b"Sunset",
        b"Vary",
        b"WWW-Authenticate",
    )
    for name in (base, base.lower())
}

_READ_HERE = frozenset(
    {
        b"connection",
        b"content-length",
        b"host",
        b"origin",
        b"traceparent",
        b"tracestate",
        b"transfer-encoding",
        b"upgrade",
        b"x-request-id",
    }
)
_KNOWN = TO_SERVICE | _READ_HERE
_END_TO_END = _KNOWN - {b"connection", b"upgrade"}
_LISTS = frozenset(
    {b"accept", b"accept-language", b"connection", b"if-match", b"if-none-match", b"prefer", b"tracestate"}
)

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

SECURITY: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
PAGE_SECURITY: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
STRICT_TRANSPORT: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NO_STORE: Header = (b"cache-control", b"no-store")


def read_headers(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """The request's headers that the gateway knows; one that may stand once and stands twice is refused."""
    seen: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in _KNOWN:
            continue
        if name not in seen:
            seen[name] = value
        elif name in _LISTS:
            seen[name] += b", " + value
        else:
            raise BadRequest("duplicate-header", f"Send the header {name.decode()} once.")
    _check_framing(seen)
    return seen


def _check_framing(seen: dict[bytes, bytes]) -> None:
    if b"content-length" in seen and b"transfer-encoding" in seen:
        raise BadRequest("ambiguous-length", "Send either Content-Length or Transfer-Encoding, not both.")
    if seen.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
        raise BadRequest("transfer-encoding", "The only transfer encoding taken here is chunked.")
    if b"upgrade" in seen and (b"transfer-encoding" in seen or seen.get(b"content-length", b"0") != b"0"):
        raise BadRequest(
            "upgrade-with-body",
            "Send requests with a body as plain HTTP/1.1, without an Upgrade header.",
            headers={"Connection": "close"},
        )
    connection = seen.get(b"connection")
    if connection and connection.lower() not in {b"keep-alive", b"close"}:
        named = {token.strip().lower() for token in connection.split(b",")}
        if named & _END_TO_END:
            raise BadRequest("hop-by-hop", "Connection may not name a header that belongs to the request itself.")


def request_id_of(seen: dict[bytes, bytes]) -> bytes:
    """The caller's request id when well formed, else a new one."""
    given = seen.get(b"x-request-id")
    return given if given is not None and _REQUEST_ID.fullmatch(given) else fresh_hex(16).encode()


def trace_lines(seen: dict[bytes, bytes]) -> bytes:
    """The trace context to hand on: the caller's when well formed, else a new one."""
    given = seen.get(b"traceparent")
    if given is not None and _TRACEPARENT.fullmatch(given):
        state = seen.get(b"tracestate")
        return b"traceparent: " + given + b"\r\n" + (b"tracestate: " + state + b"\r\n" if state else b"")
    fresh = fresh_hex(24)
    return f"traceparent: 00-{fresh[:32]}-{fresh[32:]}-01\r\n".encode()


def header_lines(seen: dict[bytes, bytes], allowed: frozenset[bytes]) -> bytes:
    """The allowed request headers as they go on the wire."""
    return b"".join([b"%b: %b\r\n" % item for item in seen.items() if item[0] in allowed])


def answer_headers(raw: Sequence[Header], request_id: bytes, *, bodiless: bool) -> list[Header]:
    """The service's headers that pass, with the gateway's own; `bodiless` for 204 and 304, whose length must not be said."""
    kept: list[Header] = [(b"x-request-id", request_id), *SECURITY] if request_id else [*SECURITY]
    cached = page = False
    for name, value in raw:
        known = FROM_SERVICE.get(name) or FROM_SERVICE.get(name.lower())
        if known is None or (bodiless and known == b"content-length"):
            continue
        if _CONTROL.search(value):
            raise BadGateway("service-broke-off", "The service answered with a header that cannot be handed on.")
        cached = cached or known == b"cache-control"
        page = page or (known == b"content-type" and value.startswith(b"text/html"))
        kept.append((known, value))
    if page:
        kept = [*(header for header in kept if header not in SECURITY), *PAGE_SECURITY]
    if not cached:
        kept.append(NO_STORE)
    return kept
