"""The tables of cpd, in four parts."""

from __future__ import annotations

from services.cpd.tables import assessed, career, learning, time
from services.cpd.tables.shared import metadata

__all__ = ["assessed", "career", "learning", "metadata", "time"]
