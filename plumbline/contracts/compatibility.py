"""Whether a schema still keeps what its published version promised: it may gain optional fields and nothing else.

Both directions count. Readers of an older version must understand what is written from now on, and a rebuild must read
events of years ago with the model of today; so a widened enumeration is as much a break as a narrowed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# What explains a schema to people and binds nobody.
ANNOTATIONS = frozenset({"title", "description", "examples", "$comment", "deprecated", "$schema"})
_MEMBERS = frozenset({"properties", "required", "$defs"})


def incompatibilities(published: Schema, current: Schema) -> list[str]:
    """Why ``current`` is no longer the version that ``published`` promised; empty when it still is."""
    return list(_compare("", published, current, published, current))


def _compare(at: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    yield from _fields(at, old, new, old_root, new_root)
    for keyword in sorted((old.keys() | new.keys()) - ANNOTATIONS - _MEMBERS):
        before, after = old.get(keyword), new.get(keyword)
        if keyword == "enum":
            yield from _values(at, before or [], after or [])
        elif keyword == "items" and isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _compare(f"{at}[]", before, after, old_root, new_root)
        elif keyword in {"anyOf", "oneOf"} and before and after:
            yield from _alternatives(at, before, after, old_root, new_root)
        elif before != after:
            yield f"{at or 'the schema'}: {keyword} changed from {_shown(before)} to {_shown(after)}"


def _fields(at: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    were, are = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() | after.keys()):
        path = f"{at}.{name}" if at else name
        if name not in after:
            yield f"{path}: the field was removed"
        elif name not in before:
            if name in are:
                yield f"{path}: a new field must be optional, with a default"
        else:
            if name in were - are:
                yield f"{path}: the field became optional, and readers rely on it"
            if name in are - were:
                yield f"{path}: the field became required, and older events lack it"
            yield from _compare(path, before[name], after[name], old_root, new_root)


def _values(at: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    for value in before:
        if value not in after:
            yield f"{at}: the value {value!r} was taken away, and older events hold it"
    for value in after:
        if value not in before:
            yield f"{at}: the value {value!r} was added, and readers do not know it"


def _alternatives(
    at: str, before: list[Schema], after: list[Schema], old_root: Schema, new_root: Schema
) -> Iterator[str]:
    if len(before) != len(after):
        yield f"{at}: what the field may hold changed from {_shown(before)} to {_shown(after)}"
        return
    for old, new in zip(before, after, strict=True):
        yield from _compare(at, old, new, old_root, new_root)


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        return schema
    target: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)
