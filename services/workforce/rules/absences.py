"""Absence: its dates, its kind, and the working days that it costs (clause 2.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from services.workforce.rules.findings import Finding, date_finding, kept, order_finding

KINDS = (
    "sickness",
    "parental",
    "public_duties",
    "training",
    "annual_leave",
    "other_paid",
    "unpaid",
    "unauthorised",
    "not_stated",
)
LONGEST_DAYS = 1_100
COUNTED = frozenset({"sickness", "not_stated"})

_WORDS = {
    "sick": "sickness",
    "sickness": "sickness",
    "sick leave": "sickness",
    "illness": "sickness",
    "ill": "sickness",
    "maternity": "parental",
    "maternity leave": "parental",
    "paternity": "parental",
    "paternity leave": "parental",
    "adoption leave": "parental",
    "parental leave": "parental",
    "jury service": "public_duties",
    "public duties": "public_duties",
    "training": "training",
    "study leave": "training",
    "annual leave": "annual_leave",
    "holiday": "annual_leave",
    "leave": "annual_leave",
    "unpaid leave": "unpaid",
    "unauthorised": "unauthorised",
}


def kind_of(stated: str | None, reason: str) -> str:
    """The kind of an absence: the one stated, else the one that the whole reason names, else `not_stated`."""
    if stated is not None:
        return stated
    words = " ".join(reason.replace("_", " ").split()).casefold()
    return _WORDS.get(words, "not_stated")


def absence_findings(from_on: date, to_on: date, employed_from: date, employed_to: date | None) -> list[Finding]:
    """An absence runs forward, not for ever, and begins while the person is employed."""
    return kept(
        (
            date_finding("from", from_on),
            date_finding("to", to_on),
            order_finding("from", from_on, "to", to_on),
            _length_finding(from_on, to_on),
            _employment_finding(from_on, employed_from, employed_to),
        )
    )


def _length_finding(from_on: date, to_on: date) -> Finding | None:
    if (to_on - from_on).days < LONGEST_DAYS:
        return None
    return Finding("to", f"makes an absence of more than {LONGEST_DAYS} days; record a shorter one and extend it later")


def _employment_finding(from_on: date, employed_from: date, employed_to: date | None) -> Finding | None:
    if employed_from <= from_on and (employed_to is None or from_on <= employed_to):
        return None
    until = f" and ends {employed_to.isoformat()}" if employed_to else ""
    return Finding("from", f"lies outside employment, which began {employed_from.isoformat()}{until}; correct one")


def working_days(start: date, end: date, bank_holidays: Collection[date]) -> int:
    """Days from start to end, both included, without weekends and bank holidays."""
    return sum(1 for day in _days(start, end) if day.weekday() < 5 and day not in bank_holidays)


def working_days_absent(
    absences: Iterable[tuple[date, date]], start: date, end: date, bank_holidays: Collection[date]
) -> int:
    """Working days between two dates on which a person was absent; a day covered by two absences is lost once."""
    away = {day for first, last in absences for day in _days(max(first, start), min(last, end))}
    return sum(1 for day in away if day.weekday() < 5 and day not in bank_holidays)


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
