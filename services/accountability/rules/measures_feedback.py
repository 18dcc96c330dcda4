"""The measures of the loop of asking, answering, acting and telling (clauses 1.2 and 1.3)."""

from __future__ import annotations

from services.accountability.rules.measure import Measure

MEASURES: tuple[Measure, ...] = (
    Measure(
        "feedback.asked",
        "People asked what they think, in campaigns that closed",
        "1.2",
        "flow",
        "count",
        "higher",
        ("people_asked",),
    ),
    Measure(
        "feedback.answered",
        "People who answered, rounded to five for each campaign and left out below ten",
        "1.2",
        "flow",
        "count",
        "higher",
        ("people_answered",),
    ),
    Measure(
        "feedback.response_rate",
        "Answers, of the people asked, where both numbers are known",
        "1.2",
        "flow",
        "percent",
        "higher",
        ("answers_of_counted",),
        ("people_counted",),
    ),
    Measure(
        "feedback.acted_on",
        "Campaigns that led to an action, of those that closed",
        "1.3",
        "flow",
        "percent",
        "higher",
        ("campaigns_acted_on",),
        ("campaigns",),
    ),
    Measure(
        "feedback.told",
        "Campaigns whose answerers were told what was done, of those that closed",
        "1.3",
        "flow",
        "percent",
        "higher",
        ("campaigns_told",),
        ("campaigns",),
    ),
    Measure(
        "feedback.overdue_actions",
        "Actions on people's views whose last day has passed",
        "1.3",
        "stock",
        "count",
        "lower",
        ("overdue_actions",),
    ),
)
