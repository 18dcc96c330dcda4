"""Targets that pass mean the same to everyone."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.problems import BadRequest
from gateway.paths import _PATH, RoutingTable, check_target

BYTES = st.lists(
    st.sampled_from(
        [b"/", b".", b"..", b"%2e", b"%2F", b"%5c", b"\\", b";", b"%00", b"%", b"a", b":", b"%c3%a9", b"%ff", b"v1"]
    )
    | st.binary(min_size=1, max_size=2),
    max_size=12,
).map(lambda parts: b"/" + b"".join(parts))


@given(BYTES)
@example(b"/v1/a/%2e%2E/b")
def test_what_passes_has_the_same_segments_before_and_after_decoding(path: bytes) -> None:
    try:
        check_target(path, b"")
    except BadRequest:
        return
    assert _PATH.fullmatch(path)  # the quick look lets through nothing that the close one refuses
    decoded = unquote_to_bytes(path)
    assert decoded.count(b"/") == path.count(b"/")
    assert b"//" not in decoded
    assert b"\\" not in decoded
    assert not any(byte < 0x20 or byte == 0x7F for byte in decoded)
    assert not {b".", b".."} & set(decoded.split(b"/"))
    decoded.decode()


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4))
def test_any_reference_passes_once_it_is_encoded_unless_it_has_a_slash_or_a_control_character(parts: list[str]) -> None:
    try:
        path = "/v1/allocation/cases/" + "/".join(quote(part, safe="") for part in parts)
    except UnicodeEncodeError:
        return
    plain = "".join(parts)
    strange = any(ord(c) < 0x20 or c in "/\\\x7f" for c in plain) or {".", ".."} & set(parts)
    if strange:
        with pytest.raises(BadRequest):
            check_target(path.encode(), b"")
    else:
        check_target(path.encode(), b"")


@pytest.mark.parametrize("query", [b"", b"a=1&b=%20", b"cursor=ab==&x=/?:@", b"as_of=2026-03-01T00:00:00%2B01:00"])
def test_ordinary_queries_pass(query: bytes) -> None:
    check_target(b"/v1/a/b", query)


@pytest.mark.parametrize("query", [b"a b", b"a\x00", b"\xc3\xa9", b"a\r\nb", b"\x7f"])
def test_queries_with_other_bytes_are_refused(query: bytes) -> None:
    with pytest.raises(BadRequest):
        check_target(b"/v1/a/b", query)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (b"/v1/allocation/cases:batch", "allocation"),
        (b"/v1/allocation/", "allocation"),
        (b"/v1/allocation", None),
        (b"/v1/events", "accountability"),
        (b"/v1/events/", None),
        (b"/v1/eventsx", None),
        (b"/v1/Allocation/x", None),
        (b"/v1/%61llocation/x", None),
        (b"/v1/", None),
        (b"/v2/allocation/x", None),
        (b"/", None),
    ],
)
def test_the_service_of_a_path(path: bytes, service: str | None) -> None:
    assert RoutingTable(["allocation", "accountability"]).service_of(path) == service


def test_the_stream_needs_accountability() -> None:
    assert RoutingTable(["allocation"]).service_of(b"/v1/events") is None
