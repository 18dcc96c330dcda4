"""Asking again after a concern is closed, so that nobody pays for having raised it (clause 4.3)."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from dateutil.relativedelta import relativedelta

MONTHS = (1, 3, 6)
FollowUpOutcome: TypeAlias = Literal["no_detriment", "detriment", "no_answer"]


def due_dates(closed_on: date) -> dict[int, date]:
    """The day of each follow-up: calendar months after closing, on a shorter month's last day where there is no such day."""
    return {months: closed_on + relativedelta(months=months) for months in MONTHS}


def early_problem(due_on: date, today: date) -> str | None:
    """Why a follow-up cannot be recorded yet."""
    if today < due_on:
        return f"It is due on {due_on.isoformat()}: asked earlier, it says nothing about the time since."
    return None
