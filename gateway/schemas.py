"""The schemas of events at the addresses that their ``dataschema`` names: public, as they were committed with this version."""

from __future__ import annotations

from pathlib import Path

import contracts
from contracts import EVENT_TYPES

FOLDER = Path(contracts.__file__).with_name("schemas")
PREFIX, SUFFIX = b"/schemas/", b".json"


def find_schema(path: bytes) -> bytes | None:
    """The schema at an address; None when no event type of this version has it."""
    if not (path.startswith(PREFIX) and path.endswith(SUFFIX)):
        return None
    name = path.removeprefix(PREFIX).removesuffix(SUFFIX).decode("ascii", "replace")
    return (FOLDER / f"{name}.json").read_bytes() if name in EVENT_TYPES else None
