"""The tables of allocation: who works how much, what was agreed, which cases wait or are held, and what was last told."""

from __future__ import annotations

from services.allocation.tables import agreed, cases, known, told
from services.allocation.tables.shared import metadata

__all__ = ["agreed", "cases", "known", "metadata", "told"]
