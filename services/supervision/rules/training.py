"""Whether a supervisor's training in supervision is current (clause 5.3)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from services.supervision.rules.periods import add_months

Currency = Literal["current", "expired", "none", "no_validity_set"]


def current_until(completed_on: date, valid_months: int | None) -> date | None:
    """The last day on which training counts as current; None while the authority has set no validity."""
    return None if valid_months is None else add_months(completed_on, valid_months)


def currency(completed_on: date | None, valid_months: int | None, today: date) -> Currency:
    """How a supervisor stands: the standard asks for regular training and names no interval, so the policy does."""
    if completed_on is None:
        return "none"
    until = current_until(completed_on, valid_months)
    if until is None:
        return "no_validity_set"
    return "current" if today <= until else "expired"
