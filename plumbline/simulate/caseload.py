"""Who holds which cases: most workers within the limit, some close to it, some over it by a manager's decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any, Literal
from uuid import UUID

from plumbline.simulate.chance import stream, weighted
from plumbline.simulate.people import FULL_TIME
from plumbline.simulate.plan import Absence, Case, Contest, Person, Reduction, Responsibility, Unit
from plumbline.simulate.shape import WEIGHTS, Kind, Size, TeamShape
from services.allocation.rules import capacity, load
from services.allocation.rules.policy import Policy
from services.allocation.rules.workload import is_above, workload_of
from services.supervision.rules.periods import Terms, constant, period_of
from services.supervision.rules.timeline import Span

POLICY = Policy(
    policy_id=UUID(int=0),
    org_unit_id=UUID(int=0),
    effective_from=date.min,
    full_time_points=Decimal(100),
    full_time_hours=FULL_TIME,
    stable_points=Decimal(15),
    stage_factors={"asye": Decimal("0.9")},
    protect_supervision=True,
    cpd_hours_per_week=Decimal(2),
    weights=WEIGHTS,
)
LOADS = ((1.05, 1.24, 11), (0.93, 0.99, 21), (0.35, 0.6, 6), (0.8, 0.9, 28), (0.62, 0.8, 34))
"""How full people are: from, to, and how many of a hundred; what must not be missing comes first."""
GIVEN = ("initial allocation", "initial allocation", "transfer from another team", "caseload adjustment", "worker left")
OVERRIDES = (
    "the family knows this worker and a change now would harm the child",
    "no other worker speaks the family's language",
    "statutory visit due this week and nobody else is available",
    "the worker asked to keep the case until the hearing",
)
ENDED = (
    "assessment finished, no further action",
    "stepped down to early help",
    "moved to another authority",
    "plan ended",
)
PRIORITIES: Mapping[Literal["urgent", "high", "medium", "low"], float] = {"urgent": 1, "high": 4, "medium": 9, "low": 3}
HEAVY = frozenset({"child_protection", "court_proceedings", "adult_safeguarding"})
SKILLS = ("court_work", "bsl", "unaccompanied_children", "autism", "substance_misuse")


@dataclass(frozen=True, slots=True)
class Caseloads:
    """All cases with their holders, and what else bears on workload."""

    cases: tuple[Case, ...]
    responsibilities: tuple[Responsibility, ...]
    reductions: tuple[Reduction, ...]
    contests: tuple[Contest, ...]


def policy_body(effective_from: date) -> dict[str, Any]:
    """The policy as the interface takes it, without its org unit."""
    return {
        "effective_from": effective_from.isoformat(),
        "full_time_points": float(POLICY.full_time_points),
        "full_time_hours": float(POLICY.full_time_hours),
        "stable_points": float(POLICY.stable_points),
        "stage_factors": {stage: float(factor) for stage, factor in POLICY.stage_factors.items()},
        "protected_hours": {
            "supervision": POLICY.protect_supervision,
            "cpd_hours_per_week": float(POLICY.cpd_hours_per_week),
        },
        "amber_above_pct": float(POLICY.amber_above_pct),
        "limit_pct": float(POLICY.limit_pct),
        "sustained_weeks": POLICY.sustained_weeks,
        "weights": [
            {"case_type": kind, "complexity": complexity, "points": float(points)}
            for (kind, complexity), points in WEIGHTS.items()
        ],
    }


def plan_caseloads(
    units: Sequence[Unit], people: Sequence[Person], absences: Sequence[Absence], size: Size, seed: int, today: date
) -> Caseloads:
    """Exactly as many cases as the size says: held, waiting, and the rest closed."""
    chance = stream(seed, size.name, "caseload")
    holders = [p for p in people if p.career_stage != "manager" and not p.left]
    responsibilities = _responsibilities(holders, chance, today)
    reductions = _reductions(holders, chance, today)
    shapes = {unit.ref: shape for unit in units for shape in size.teams if shape.name == unit.name}
    desk = _Desk(f"{seed}{size.name[0].upper()}", shapes, chance, today)
    away = {absence.person for absence in absences if today in absence}
    held: list[Case] = []
    for person, share in _shares(holders, away, chance):
        held += desk.filled(person, share, responsibilities, reductions)
    waiting = [desk.waiting() for _ in range(size.waiting)]
    held = _lightened(held, size.cases - len(waiting))
    closed = [desk.closed() for _ in range(size.cases - len(waiting) - len(held))]
    return Caseloads((*held, *waiting, *closed), responsibilities, reductions, _contests(held, size, chance))


def _shares(holders: Sequence[Person], away: Set[str], chance: Random) -> Iterator[tuple[Person, Fraction]]:
    """How full each person is meant to be. Whoever is away holds nothing, whoever is newly qualified never too much."""
    settled = [person for person in holders if person.ref not in away and not person.newly_qualified]
    spans = [(low, high) for low, high, many in LOADS for _ in range(round(many * len(settled) / 100) or 1)]
    spans = spans[: len(settled)]
    chance.shuffle(spans)
    given = {person.ref: spans[n % len(spans)] for n, person in enumerate(settled)}
    for person in holders:
        low, high = (0.0, 0.0) if person.ref in away else given.get(person.ref, (0.6, 0.88))
        yield person, Fraction(chance.uniform(low, high)).limit_denominator(1000)


def _lightened(held: list[Case], most: int) -> list[Case]:
    """No more than ``most`` cases: the largest caseloads within the limit give up what is too many."""
    pressed = {case.holder for case in held if case.override_reason}
    by_holder: dict[str | None, list[Case]] = {}
    for case in held:
        by_holder.setdefault(case.holder, []).append(case)
    easy = [cases for holder, cases in by_holder.items() if holder not in pressed]
    for _ in range(len(held) - most):
        max(easy, key=len).pop()
    return [case for cases in by_holder.values() for case in cases]


def _responsibilities(holders: Sequence[Person], chance: Random, today: date) -> tuple[Responsibility, ...]:
    seniors = [p for p in holders if p.career_stage == "senior_practitioner"]
    chosen = _some(seniors, chance, 4)
    kinds = (("practice educator", 8), ("assessor of a newly qualified worker", 6), ("best interests assessor", 7))
    first = today - timedelta(days=30)
    return tuple(Responsibility(p.ref, words, Decimal(n), first) for p in chosen for words, n in [chance.choice(kinds)])


def _some(people: Sequence[Person], chance: Random, one_in: int) -> list[Person]:
    """One in so many people, and at least one where there is anyone."""
    return chance.sample(people, min(len(people), max(1, len(people) // one_in)))


def _reductions(holders: Sequence[Person], chance: Random, today: date) -> tuple[Reduction, ...]:
    settled = [p for p in holders if p.hours == FULL_TIME and not p.newly_qualified and not p.is_agency]
    chosen = _some(settled, chance, 20)
    kinds = (("phased return after illness", 12), ("trade union duties", 5), ("qualifying as a practice educator", 4))
    first, last = today - timedelta(days=14), today + timedelta(days=60)
    return tuple(
        Reduction(p.ref, Decimal(hours), why, first, last) for p in chosen for why, hours in [chance.choice(kinds)]
    )


def _contests(held: Sequence[Case], size: Size, chance: Random) -> tuple[Contest, ...]:
    pressed = sorted({case.holder for case in held if case.holder and case.override_reason})
    texts = ("Two of my cases are counted as standard and are complex.", "The figure leaves out my duty days.")
    answer = "Agreed: one case is complex; the next allocation goes elsewhere."
    chosen = chance.sample(pressed, min(size.contests, len(pressed)))
    return tuple(Contest(who, chance.choice(texts), answer if n % 2 else None) for n, who in enumerate(chosen))


class _Desk:
    """Makes cases, numbered from one, and gives them out."""

    def __init__(self, code: str, shapes: Mapping[str, TeamShape], chance: Random, today: date) -> None:
        self._code, self._shapes, self._chance, self._today = code, shapes, chance, today
        self._numbers = count(1)
        self._queues = [unit for unit, shape in shapes.items() if shape.has_queue]

    def filled(
        self,
        person: Person,
        share: Fraction,
        responsibilities: Sequence[Responsibility],
        reductions: Sequence[Reduction],
    ) -> Iterator[Case]:
        """Cases for one person until the next would pass ``share`` of what there is to give.

        Whoever is to be above the limit is so by the last cases, each with the reason for the override.
        """
        available, load = standing(person, responsibilities, reductions, self._today)
        while True:
            case = self._case(person.unit)
            over = is_above(POLICY.limit_pct, load, available)
            load += Fraction(WEIGHTS[case.kind])
            if load > share * available and (over or share <= 1):
                return
            overriding = is_above(POLICY.limit_pct, load, available)
            why = self._chance.choice(OVERRIDES) if overriding else None
            yield replace(case, holder=person.ref, reason=self._chance.choice(GIVEN), override_reason=why)

    def waiting(self) -> Case:
        """A case that nobody holds yet: most came in these days, some have waited for weeks."""
        case = self._case(self._chance.choice(self._queues))
        age = self._chance.choice((0, 0, 1, 1, 1, 2, 2, 3, 4, 6, 9, 15, 26))
        return replace(case, received_on=self._today - timedelta(days=age))

    def closed(self) -> Case:
        """A case on which work has ended."""
        case = self._case(self._chance.choice(self._queues))
        age = timedelta(days=self._chance.randint(20, 60))
        return replace(case, received_on=self._today - age, closed=self._chance.choice(ENDED))

    def _case(self, unit: str) -> Case:
        chance, shape = self._chance, self._shapes[unit]
        kind: Kind = weighted(chance, shape.mix)
        age = int(min(chance.expovariate(2 / (shape.months_open * 30)), shape.months_open * 30))
        return Case(
            source=shape.source,
            reference=f"{self._code}-{next(self._numbers):05d}",
            kind=kind,
            unit=unit,
            priority=weighted(chance, {"urgent": 2, "high": 6} if kind[0] in HEAVY else PRIORITIES),
            received_on=self._today - timedelta(days=age),
            skills=(chance.choice(SKILLS),) if chance.random() < 0.05 else (),
        )


def standing(
    person: Person, responsibilities: Sequence[Responsibility], reductions: Sequence[Reduction], today: date
) -> tuple[Fraction, Fraction]:
    """What someone has to give and carries before any case, by the rules that the deployment applies."""
    mine = [capacity.Reduction(r.hours, r.reason, r.first, r.last) for r in reductions if r.person == person.ref]
    also = [load.Responsibility(r.description, r.points, r.first) for r in responsibilities if r.person == person.ref]
    period = period_of([Span(person.started_on)], constant(Terms(person.newly_qualified)), today)
    facts = capacity.WorkerFacts(
        person.hours, person.career_stage, period.cadence if period else None, period.minimum_minutes if period else 0
    )
    workload = workload_of(POLICY, facts, (), mine, also, on=today)
    return workload.available, workload.load
