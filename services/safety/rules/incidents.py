"""Incidents: what counts as violence, and which must be reported or recorded by law (clauses 4.4 and 4.5).

The categories follow the Reporting of Injuries, Diseases and Dangerous Occurrences Regulations 2013 (RIDDOR).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "physical_violence", "threat", "verbal_abuse", "harassment", "bullying", "sexual_harassment", "property_damage"
]
ByWhom: TypeAlias = Literal[
    "service_user", "family_member", "public", "colleague", "manager", "partner_agency", "unknown"
]
Place: TypeAlias = Literal["home_visit", "office", "public_place", "court", "vehicle", "telephone", "online", "other"]
Injury: TypeAlias = Literal["none", "minor", "specified", "fatal"]
Category: TypeAlias = Literal["report_without_delay", "report_within_15_days", "record", "none"]

VIOLENT: frozenset[str] = frozenset({"physical_violence", "threat", "verbal_abuse"})
"""Work-related violence as the Health and Safety Executive defines it: a person is abused, threatened or assaulted."""
REPORT_WITHIN = timedelta(days=15)
REPORT_ABOVE_DAYS = 7
RECORD_ABOVE_DAYS = 3


def days_unable(occurred_on: date, unable_to: date | None) -> int:
    """Days in a row of not being able to do normal work, weekends included; the day of the accident does not count."""
    return 0 if unable_to is None else max(0, (unable_to - occurred_on).days)


def category(kind: Kind, injury: Injury, days: int, *, private_dispute: bool) -> Category:
    """What the law asks for.

    Only physical violence is an accident: threats and verbal abuse, and absence that they cause, are not reportable. Neither is
    a private dispute between workers.
    """
    if kind != "physical_violence" or private_dispute:
        return "none"
    if injury in ("fatal", "specified"):
        return "report_without_delay"
    if days > REPORT_ABOVE_DAYS:
        return "report_within_15_days"
    return "record" if days > RECORD_ABOVE_DAYS else "none"


def report_by(occurred_on: date, wanted: Category) -> date | None:
    """The last day for the report; None when none is due."""
    if wanted == "report_without_delay":
        return occurred_on
    return occurred_on + REPORT_WITHIN if wanted == "report_within_15_days" else None


def closing_problem(*, assessed: bool, report_due: bool, open_measures: int) -> str | None:
    """Why an incident cannot be closed yet: it is assessed, reported where it must be, and its measures have ended."""
    if not assessed:
        return "Assess the risk first."
    if report_due:
        return "It must be reported by law, and no report is recorded."
    if open_measures:
        return f"{open_measures} protective measures are still in force: review and end them first."
    return None
