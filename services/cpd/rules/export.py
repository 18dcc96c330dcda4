"""The learning log in the fields of the regulator's form (clause 7.2)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = {
    "Date completed": "done_on",
    "Type of CPD": "kind",
    "Short description": "description",
    "Relevance to your practice": "relevance",
    "What you learned": "learned",
    "Impact on your practice and the people you work with": "impact",
    "Peer reflection: with whom (role)": "peer_role",
    "Peer reflection: what it added": "peer_added",
    "Evidence": "evidence",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(pieces: Iterable[Mapping[str, Any]]) -> str:
    """One line for each piece; a cell that a spreadsheet would take for a formula is made a text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for piece in pieces:
        values = {**piece, **piece["texts"]}
        writer.writerow(_cell(values.get(field)) for field in COLUMNS.values())
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
