"""The assessed and supported year: when reviews are due, what a pause moves, and what the panel needs (clauses 6.4, 8.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from dateutil.relativedelta import relativedelta

Cause: TypeAlias = Literal["sickness", "bereavement", "parental_leave", "lack_of_support", "other_leave"]
Outcome: TypeAlias = Literal["passed", "failed", "withdrawn"]
ReviewOutcome: TypeAlias = Literal["on_time", "late", "missed", "withdrawn"]
ReviewStatus: TypeAlias = Literal["held", "overdue", "due", "optional", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Pause:
    """The year stands still from a day until the day on which it goes on."""

    from_on: date
    resumed_on: date | None = None

    def days(self, today: date) -> int:
        """How long it has lasted by ``today``."""
        return max(0, ((self.resumed_on or today) - self.from_on).days)


@dataclass(frozen=True, slots=True)
class Review:
    """A review so many months after the start; ``held_on`` once it took place."""

    month: int
    required: bool
    held_on: date | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """One assessed year in time: its start, lengths and pauses."""

    started_on: date
    length_months: int
    limit_months: int
    pauses: Sequence[Pause] = ()

    def due_on(self, month: int, today: date) -> date:
        """The day by which a review is due: months from the start, moved on by each pause that began before it."""
        due = self.started_on + relativedelta(months=month)
        for pause in sorted(self.pauses, key=lambda one: one.from_on):
            if pause.from_on <= due:
                due += timedelta(days=pause.days(today))
        return due

    def ends_on(self, today: date) -> date:
        """The last day of the year as it stands, pauses included."""
        return self.due_on(self.length_months, today) - timedelta(days=1)

    @property
    def limit_on(self) -> date:
        """The day by which it must be decided; pauses do not move it."""
        return self.started_on + relativedelta(months=self.limit_months)

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return any(pause.resumed_on is None for pause in self.pauses)

    def beyond_limit(self, today: date) -> bool:
        """Whether it cannot end within the limit any more."""
        return self.ends_on(today) >= self.limit_on


def review_outcome(
    year: Year, review: Review, today: date, ended_on: date | None = None
) -> Literal["on_time", "late", "missed"] | None:
    """How a review stands against its due date; None while it may still be held in time, or need not be held.

    While the year stands still, what was not due before the pause is not due; once it has ended, nothing more falls due.
    """
    if review.held_on is not None:
        return "on_time" if review.held_on <= year.due_on(review.month, review.held_on) else "late"
    day = min(today, ended_on) if ended_on else today
    return "missed" if review.required and year.due_on(review.month, day) < day else None


def retold(outcome: ReviewOutcome | None, told: ReviewOutcome | None) -> ReviewOutcome | None:
    """The outcome to tell after ``told``: what was judged and holds no longer is withdrawn."""
    return "withdrawn" if outcome is None and told is not None else outcome


def review_status(year: Year, review: Review, today: date, ended_on: date | None) -> ReviewStatus:
    """One word for a review."""
    if review.held_on is not None:
        return "held"
    if not review.required:
        return "optional"
    if ended_on is not None:
        return "withdrawn"
    return "overdue" if review_outcome(year, review, today) == "missed" else "due"


def next_look_on(year: Year, reviews: Iterable[Review], today: date) -> date | None:
    """The day after the next review falls due; None while nothing can fall due by time alone."""
    if year.paused:
        return None
    after = [
        year.due_on(review.month, today) + timedelta(days=1)
        for review in reviews
        if review.required and review.held_on is None
    ]
    coming = [day for day in after if day > today]
    return min(coming, default=None)


def overdue(year: Year, reviews: Iterable[Review], today: date, ended_on: date | None) -> int:
    """How many required reviews are overdue; none once the year has ended."""
    return 0 if ended_on else sum(review_outcome(year, review, today) == "missed" for review in reviews)


def missing_for_panel(reviews: Iterable[Review], needed: Mapping[str, int], had: Mapping[str, int]) -> list[str]:
    """What a panel lacks before it can let someone pass: required reviews and pieces of evidence."""
    open_reviews = [f"review-{review.month}" for review in reviews if review.required and review.held_on is None]
    return open_reviews + [item for item, count in needed.items() if had.get(item, 0) < count]


def protected_hours(contracted_hours: Decimal, protected_pct: Decimal) -> Fraction:
    """Hours a week kept free: a share of the contracted ones, so in proportion for part time."""
    return Fraction(contracted_hours) * Fraction(protected_pct) / 100
