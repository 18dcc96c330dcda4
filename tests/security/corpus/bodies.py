"""Bodies that no operation takes, and values that no field takes or that many programs fall over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

JSON = "application/json"
MEGABYTE = 1024 * 1024


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


BODIES: tuple[tuple[str, str, Callable[[dict[str, Any]], bytes]], ...] = (
    ("nothing at all", JSON, lambda _: b""),
    ("white space", JSON, lambda _: b" \r\n\t "),
    ("null", JSON, lambda _: b"null"),
    ("a number", JSON, lambda _: b"1"),
    ("a text", JSON, lambda _: b'"text"'),
    ("a list of the right object", JSON, lambda body: _json([body])),
    ("cut off in the middle", JSON, lambda body: _json({**body, "x": "y"})[:-3]),
    ("something after the end", JSON, lambda body: _json(body) + b"{}"),
    ("single quotes", JSON, lambda _: b"{'a': 'b'}"),
    ("a comment", JSON, lambda body: b"/* hello */" + _json(body)),
    ("NaN", JSON, lambda body: _json({**body, "x": float("nan")})[:-1] + b"}}"),
    ("10,000 lists deep", JSON, lambda _: b"[" * 10_000 + b"]" * 10_000),
    ("10,000 objects deep", JSON, lambda _: b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    ("10,000 lists deep and not closed", JSON, lambda _: b"[" * 10_000),
    ("a hundred thousand items", JSON, lambda _: _json([0] * 100_000)),
    ("two megabytes of text", JSON, lambda _: _json("x" * 2 * MEGABYTE)),
    ("two megabytes of white space before the body", JSON, lambda body: b" " * 2 * MEGABYTE + _json(body)),
    ("a number of 10,000 digits", JSON, lambda _: b"1" * 10_000),
    ("UTF-16", "application/json; charset=utf-16", lambda body: json.dumps(body).encode("utf-16") + b"\x00"),
    ("Latin-1 that is no UTF-8", JSON, lambda _: b'{"a": "caf\xe9"}'),
    ("an overlong encoding", JSON, lambda _: b'{"a": "\xc0\xaf"}'),
    ("a surrogate in UTF-8", JSON, lambda _: b'{"a": "\xed\xa0\x80"}'),
    ("a NUL between the tokens", JSON, lambda body: b"\x00" + _json(body)),
    ("gzip that nobody announced", JSON, lambda _: b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\xae\x05\x00"),
    ("a form", "application/x-www-form-urlencoded", lambda _: b"a=b&c=d"),
    (
        "a form of parts",
        "multipart/form-data; boundary=x",
        lambda _: b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
    ),
    (
        "XML with an entity",
        "application/xml",
        lambda _: b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    ),
    ("a pickle", "application/octet-stream", lambda _: b"cos\nsystem\n(S'true'\ntR."),
)
"""(what, content type, the bytes given an ordinary body): refused with a 4xx by every operation that takes JSON."""

UNSTORABLE: tuple[tuple[str, bytes], ...] = (
    ("a NUL", rb'"a\u0000b"'),
    ("a lone high surrogate", rb'"a\ud800b"'),
    ("a lone low surrogate", rb'"\udfffb"'),
    ("an object", b'{"$ne": null}'),
    ("a list of lists", b"[[[]]]"),
)
"""(what, JSON): refused as a value of every field that takes one text."""

UNCOUNTABLE: tuple[tuple[str, bytes], ...] = (
    ("1e400", b"1e400"),
    ("minus 1e400", b"-1e400"),
    ("NaN", b"NaN"),
    ("Infinity", b"Infinity"),
    ("a number of 5,000 digits", b"9" * 5000),
    ("ten to the 30", b"1e30"),
    ("a text", b'"twelve"'),
    ("NaN as a text", b'"NaN"'),
    ("1e400 as a text", b'"1e400"'),
    ("an object", b"{}"),
    ("a list", b"[1]"),
)
"""(what, JSON): refused as a value of every field that takes a number."""

UNDATABLE: tuple[tuple[str, bytes], ...] = (
    ("the 30th of February", b'"2026-02-30"'),
    ("the year nought", b'"0000-01-01"'),
    ("the year ten thousand", b'"10000-01-01"'),
    ("month 13", b'"2026-13-01"'),
    ("a number of 30 digits", b"9" * 30),
    ("minus infinity", b"-1e400"),
    ("infinity", b'"infinity"'),
    ("a time of day", b'"25:61"'),
    ("an object", b"{}"),
    ("nothing", b'""'),
)
"""(what, JSON): refused as a value of every field that takes a date or an instant."""

UNIDENTIFIABLE: tuple[tuple[str, bytes], ...] = (
    ("a number", b"1"),
    ("a traversal", b'"../../etc/passwd"'),
    ("SQL", b'"\' or 1=1 --"'),
    ("a NUL", rb'"\u0000"'),
    ("35 characters", b'"01a200ba-cd4f-707e-8136-2f27e8f5e91"'),
    ("an object", b'{"$gt": ""}'),
    ("a list", b'["01a200ba-cd4f-707e-8136-2f27e8f5e91d"]'),
)
"""(what, JSON): refused as a value of every field that takes an id."""

PUZZLING: tuple[tuple[str, bytes], ...] = (
    ("null", b"null"),
    ("nothing", b'""'),
    ("true", b"true"),
    ("minus one", b"-1"),
    ("a fraction of nothing", b"0.0000000000000000000000000000001"),
    ("minus nought", b"-0.0"),
    ("the last day there is", b'"9999-12-31"'),
    ("the first day there is", b'"0001-01-01"'),
    ("the last instant there is", b'"9999-12-31T23:59:59.999999-14:00"'),
    ("the first instant there is", b'"0001-01-01T00:00:00+14:00"'),
    ("an instant without an offset", b'"2026-02-27T09:00:00"'),
    ("an hour that does not exist in London", b'"2026-03-29T01:30:00"'),
    ("a hundred thousand letters", b'"' + b"x" * 100_000 + b'"'),
    ("ten thousand of the same", b"[" + b",".join([b'"a"'] * 10_000) + b"]"),
    ("text that turns direction", '"\u202eabc\u202c\u200b"'.encode()),
    ("astral letters", '"\U0010ffff\U0001f600"'.encode()),
    ("markup", b'"<script>alert(1)</script>"'),
    ("SQL", b'"\'; drop table workers; --"'),
    ("a placeholder", b'"%(worker_id)s %s {0} ${jndi:ldap://x}"'),
    ("a formula", b"\"=cmd|' /C calc'!A0\""),
    ("two to the 31", b"2147483648"),
    ("two to the 63", b"9223372036854775808"),
    ("a prototype", b'{"__proto__": {"admin": true}}'),
)
"""(what, JSON): values that some field may take; whatever happens, nothing fails."""
