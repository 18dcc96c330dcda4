"""The catalogue of measures: what each figure counts, for which clause, and how it adds up (clauses 1.1, 3.4, 5.1 and 5.9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from services.accountability.rules import measures_feedback
from services.accountability.rules.facts import LONDON
from services.accountability.rules.measure import Measure, Nature, Unit
from services.accountability.rules.periods import Grain, period_end

__all__ = ["CATALOGUE", "SETTLES_AFTER", "Measure", "Nature", "Unit", "restated_at", "value_of"]

SETTLES_AFTER = timedelta(days=1)
"""What happened on a day is judged on the day after it; only a later change restates the figure."""


CATALOGUE: dict[str, Measure] = {
    measure.id: measure
    for measure in (
        Measure(
            "supervision.on_time",
            "Required supervision periods that were met, of those that ended and were not excused",
            "5.7",
            "flow",
            "percent",
            "higher",
            ("periods_met",),
            ("periods_met", "periods_missed"),
        ),
        Measure(
            "supervision.missed_periods",
            "Required supervision periods that ended without a qualifying session or an excuse",
            "5.6",
            "flow",
            "count",
            "lower",
            ("periods_missed",),
        ),
        Measure(
            "supervision.professional_on_time",
            "The same for the additional supervision by a registered social worker, where the line manager is not one",
            "5.5",
            "flow",
            "percent",
            "higher",
            ("professional_periods_met",),
            ("professional_periods_met", "professional_periods_missed"),
        ),
        Measure(
            "supervision.sessions_to_standard",
            "One-to-one sessions that lasted ninety minutes without interruption, of all one-to-one sessions held",
            "5.8",
            "flow",
            "percent",
            "higher",
            ("sessions_to_standard",),
            ("individual_sessions",),
        ),
        Measure(
            "supervision.quality_by_worker",
            "Mean rating, from 1 to 5, that workers gave to their sessions",
            "5.9",
            "flow",
            "score",
            "higher",
            ("worker_rating_points",),
            ("worker_ratings",),
        ),
        Measure(
            "workload.utilisation",
            "Load points in proportion to available points",
            "3.2",
            "stock",
            "percent",
            "within",
            ("load_points",),
            ("available_points",),
        ),
        Measure(
            "workload.overloaded_workers",
            "Workers above the limit that was agreed for their service",
            "3.2",
            "stock",
            "count",
            "lower",
            ("overloaded_workers",),
        ),
        Measure(
            "workload.unallocated_cases",
            "Cases that wait for a worker",
            "3.3",
            "stock",
            "count",
            "lower",
            ("unallocated_cases",),
        ),
        Measure(
            "workload.limit_overrides",
            "Allocations that a manager made above the limit, of all allocations",
            "3.4",
            "flow",
            "percent",
            "lower",
            ("limit_overrides",),
            ("allocations",),
        ),
        Measure(
            "workload.contests_answered_on_time",
            "Workload figures contested by a worker that were answered within two weeks, of those contested",
            "3.2",
            "flow",
            "percent",
            "higher",
            ("contests_answered_on_time",),
            ("contests",),
        ),
        Measure(
            "alerts.answered_in_time",
            "Alerts that were acknowledged, or whose cause cleared, before they had to be passed on, of those raised",
            "1.4",
            "flow",
            "percent",
            "higher",
            ("alerts_answered_in_time",),
            ("alerts",),
        ),
        Measure(
            "registration.registered_posts",
            "Designated posts whose holder is on the register, of those that are held",
            "7.1",
            "stock",
            "percent",
            "higher",
            ("registered_posts",),
            ("designated_posts",),
        ),
        Measure(
            "registration.renewal_ready",
            "Workers who are ready for the renewal of their registration, of those for whom it is due",
            "7.2",
            "stock",
            "percent",
            "higher",
            ("renewals_ready",),
            ("renewals_due",),
        ),
        Measure(
            "cpd.hours_taken",
            "Hours of professional development taken this year, of those that workers are entitled to",
            "6.1",
            "stock",
            "percent",
            "higher",
            ("cpd_hours_taken",),
            ("cpd_hours_entitled",),
        ),
        Measure(
            "cpd.reviews_on_time",
            "Reviews of assessed and supported years that were held in time, of those due",
            "6.4",
            "flow",
            "percent",
            "higher",
            ("assessed_year_reviews_on_time",),
            ("assessed_year_reviews",),
        ),
        Measure(
            "cpd.assessed_years_passed",
            "Assessed and supported years passed within their limit, of those that ended",
            "8.8",
            "flow",
            "percent",
            "higher",
            ("assessed_years_passed_on_time",),
            ("assessed_years_ended",),
        ),
        Measure(
            "safety.days_to_acknowledge",
            "Mean days until a concern was acknowledged",
            "4.4",
            "flow",
            "ratio",
            "lower",
            ("days_to_acknowledge",),
            ("concerns_acknowledged",),
        ),
        Measure(
            "safety.days_to_assess",
            "Mean days until the risk behind a concern was assessed",
            "4.4",
            "flow",
            "ratio",
            "lower",
            ("days_to_assess",),
            ("concerns_assessed",),
        ),
        Measure(
            "safety.days_to_answer",
            "Mean days until a concern was answered",
            "4.4",
            "flow",
            "ratio",
            "lower",
            ("days_to_answer",),
            ("concerns_answered",),
        ),
        Measure(
            "safety.no_detriment",
            "Follow-ups in which raising a concern had done no harm, of those answered",
            "4.2",
            "flow",
            "percent",
            "higher",
            ("follow_ups_without_detriment",),
            ("follow_ups",),
        ),
        Measure(
            "safety.open_workload_concerns",
            "Concerns about workload that wait for an answer",
            "4.3",
            "stock",
            "count",
            "lower",
            ("open_workload_concerns",),
        ),
        Measure(
            "safety.violent_incidents",
            "Incidents in which a worker was abused, threatened or assaulted",
            "4.5",
            "flow",
            "count",
            "lower",
            ("violent_incidents",),
        ),
        Measure(
            "safety.provision_gaps",
            "Things that teams lack or have only in part, of those checked",
            "4.1",
            "stock",
            "count",
            "lower",
            ("provision_gaps",),
        ),
        *measures_feedback.MEASURES,
    )
}


def value_of(measure: Measure, numerator: Decimal, denominator: Decimal | None) -> Fraction | None:
    """The exact value of a figure from its unrounded sums; None when there is nothing to divide by."""
    if not measure.denominator:
        return Fraction(numerator)
    if not denominator:
        return None
    value = Fraction(numerator) / Fraction(denominator)
    return value * 100 if measure.unit == "percent" else value


def restated_at(changed_at: datetime | None, start: date, grain: Grain) -> datetime | None:
    """When a figure last changed, if that was after its period had ended and settled; None while it is as first shown."""
    if changed_at is None:
        return None
    settled_on = period_end(start, grain) - timedelta(days=1) + SETTLES_AFTER
    return changed_at if changed_at.astimezone(LONDON).date() > settled_on else None
