"""A worker's and a team's workload: sums of lines, compared exactly with the policy in force (clause 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.allocation.rules.capacity import Reduction, WorkerFacts, available_lines
from services.allocation.rules.dated import counts_on
from services.allocation.rules.exact import exact, shown_percent
from services.allocation.rules.lines import Line, total
from services.allocation.rules.load import Cases, Responsibility, case_line, load_lines
from services.allocation.rules.policy import Policy

Band = Literal["ok", "amber", "over", "no_capacity", "none"]


@dataclass(frozen=True, slots=True)
class Workload:
    """What a worker has to give and carries on a day, with the lines that explain both."""

    available: Fraction
    load: Fraction
    band: Band
    overloaded: bool
    lines: tuple[Line, ...]

    @property
    def utilisation_pct(self) -> Decimal | None:
        """Load of availability, for a screen only; None without capacity."""
        return shown_percent(self.load, self.available)


NO_WORKLOAD = Workload(Fraction(0), Fraction(0), "none", overloaded=False, lines=())
"""Someone who is not employed on that day, or for whom no policy is in force."""


def is_above(pct: Decimal, load: Fraction, available: Fraction) -> bool:
    """Whether load / available lies above a percentage, by cross-multiplication; any load is above nothing."""
    share = exact(pct)
    carried = 100 * load.numerator * available.denominator * share.denominator
    return carried > share.numerator * available.numerator * load.denominator


def band_of(policy: Policy, load: Fraction, available: Fraction) -> Band:
    """The one function that decides a band, for every screen, event and report."""
    if available <= 0:
        return "no_capacity" if load > 0 else "none"
    if is_above(policy.limit_pct, load, available):
        return "over"
    return "amber" if is_above(policy.amber_above_pct, load, available) else "ok"


def workload_of(
    policy: Policy | None,
    worker: WorkerFacts,
    cases: Sequence[Cases],
    reductions: Iterable[Reduction],
    responsibilities: Iterable[Responsibility],
    *,
    on: date,
) -> Workload:
    """The workload of an employed worker on a day, under the policy in force for the worker that day."""
    if policy is None:
        return NO_WORKLOAD
    reducing = [r for r in reductions if counts_on(r.from_on, r.to_on, on)]
    carried = [r for r in responsibilities if counts_on(r.from_on, r.to_on, on)]
    lines = (*available_lines(policy, worker, reducing), *load_lines(policy, worker, cases, carried))
    return _judged(policy, total(lines, "available"), total(lines, "load"), lines)


def with_case(policy: Policy, before: Workload, case: Cases) -> Workload:
    """The workload once the worker also held a case: what a preview shows as after."""
    line = case_line(policy, case)
    return _judged(policy, before.available, before.load + line.points, (*before.lines, line))


def _judged(policy: Policy, available: Fraction, load: Fraction, lines: tuple[Line, ...]) -> Workload:
    over = is_above(policy.limit_pct, load, available)
    return Workload(available, load, band_of(policy, load, available), over, lines)


def team_workload(policy: Policy | None, workers: Iterable[Workload]) -> Workload:
    """A team's workload: sum of load over sum of availability, never a mean of percentages."""
    members = list(workers)
    available = sum((w.available for w in members), Fraction(0))
    load = sum((w.load for w in members), Fraction(0))
    if policy is None:
        return replace(NO_WORKLOAD, available=available, load=load)
    return _judged(policy, available, load, ())
