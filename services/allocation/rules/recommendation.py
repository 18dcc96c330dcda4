"""Who could take a waiting case, ranked, with reasons in words and numbers (clause 3.1). It never allocates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.allocation.rules.exact import plain, shown_percent
from services.allocation.rules.load import Cases, case_points
from services.allocation.rules.offer import Refusal, Standing, refusals_of_limit, refusals_of_policy, refusals_of_worker
from services.allocation.rules.policy import Policy
from services.allocation.rules.workload import Workload, is_above, with_case

ROOM = Fraction(50)
BALANCE = Fraction(20)
CONTINUITY = Fraction(20)
SKILLS = Fraction(15)
SAME_TEAM = Fraction(10)
AMBER = Fraction(-10)
NEWLY_QUALIFIED = Fraction(-20)
MAY_NOT_HOLD = {
    "student": "A student does not hold cases.",
    "manager": "A manager oversees cases and does not hold them.",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker who might take the case."""

    worker_id: UUID
    standing: Standing
    career_stage: str
    newly_qualified: bool
    policy: Policy | None
    before: Workload
    in_team: bool = False
    held_before: bool = False
    holds_now: bool = False
    absent: bool = False
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score: what it looks at, in words, and by how much it moves the score."""

    code: str
    text: str
    effect: Decimal


@dataclass(frozen=True, slots=True)
class Ranked:
    """An eligible worker with a place in the ranking."""

    worker_id: UUID
    rank: int
    score: Decimal
    after: Workload
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A worker who cannot take the case now, and why."""

    worker_id: UUID
    reasons: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A worker who could take a case, with what speaks for and against whichever case of its kind it is."""

    candidate: Candidate
    after: Workload
    share: Fraction
    before_ties: tuple[Reason, ...]
    after_ties: tuple[Reason, ...]
    score: Decimal


def recommend(
    case: Cases, needed_skills: frozenset[str], candidates: Sequence[Candidate]
) -> tuple[list[Ranked], list[Excluded]]:
    """Every eligible worker, best first; ties go to the one with more room, then by id, so that the order is stable."""
    judged, excluded = judge(case, candidates)
    scored = [(one, ties_of(needed_skills, one.candidate)) for one in judged]
    scored.sort(key=lambda both: place_of(both[0], effect_of(both[1])))
    return [ranked(one, ties, n) for n, (one, ties) in enumerate(scored, 1)], excluded


def judge(case: Cases, candidates: Sequence[Candidate]) -> tuple[list[Judged], list[Excluded]]:
    """Who could take a case, and who could not and why. Nothing but the kind of the case counts here."""
    judged, excluded = [], []
    average = _average(candidates)
    for candidate in candidates:
        refused = _against(case, candidate)
        if refused or candidate.policy is None:
            excluded.append(Excluded(candidate.worker_id, tuple(refused)))
            continue
        after = with_case(candidate.policy, candidate.before, case)
        if over := refusals_of_limit(candidate.policy, after):
            excluded.append(Excluded(candidate.worker_id, tuple(over)))
            continue
        judged.append(_judged(case, candidate, candidate.policy, after, average))
    return judged, excluded


def _judged(case: Cases, candidate: Candidate, policy: Policy, after: Workload, average: Fraction | None) -> Judged:
    first = _present(_room(policy, after), _balance(candidate, average))
    last = _present(_amber(policy, after), _caution(case, policy, candidate))
    return Judged(candidate, after, _share(after), first, last, effect_of(first) + effect_of(last))


def ties_of(needed: frozenset[str], candidate: Candidate) -> tuple[Reason, ...]:
    """What binds a worker to this one case: having held it, the skills it asks for, and its team."""
    return _present(_continuity(candidate), _skills(needed, candidate), _team(candidate))


def effect_of(reasons: Iterable[Reason]) -> Decimal:
    """By how much reasons move a score together."""
    return sum((one.effect for one in reasons), Decimal(0))


def place_of(one: Judged, ties: Decimal) -> tuple[Decimal, Fraction, UUID]:
    """What a ranking is sorted by."""
    return -(one.score + ties), one.share, one.candidate.worker_id


def ranked(one: Judged, ties: tuple[Reason, ...], rank: int) -> Ranked:
    """A judged worker at a place, with every reason in the order in which it is read."""
    reasons = (*one.before_ties, *ties, *one.after_ties)
    return Ranked(one.candidate.worker_id, rank, one.score + effect_of(ties), one.after, reasons)


def _present(*parts: Reason | None) -> tuple[Reason, ...]:
    return tuple(part for part in parts if part is not None)


def _against(case: Cases, candidate: Candidate) -> list[Refusal]:
    found = [*refusals_of_worker(candidate.standing), *refusals_of_policy(candidate.policy, case)]
    if candidate.holds_now:
        found.append(Refusal("already-holds", "The worker holds the case already."))
    if candidate.career_stage in MAY_NOT_HOLD:
        found.append(Refusal("not-a-case-holder", MAY_NOT_HOLD[candidate.career_stage]))
    elif not candidate.standing.is_social_worker:
        found.append(Refusal("not-a-case-holder", "The worker is not a social worker."))
    if candidate.absent:
        found.append(Refusal("absent", "The worker is absent today."))
    return found


def _average(candidates: Iterable[Candidate]) -> Fraction | None:
    """The share that all who hold cases carry together: a ratio of sums."""
    holders = [c.before for c in candidates if c.career_stage not in MAY_NOT_HOLD and c.standing.employed]
    available = sum((w.available for w in holders), Fraction(0))
    return sum((w.load for w in holders), Fraction(0)) / available if available > 0 else None


def _share(workload: Workload) -> Fraction:
    return workload.load / workload.available if workload.available else Fraction(0)


def _room(policy: Policy, after: Workload) -> Reason:
    limit = Fraction(policy.limit_pct) / 100
    left = (limit - _share(after)) / limit if limit else Fraction(0)
    words = f"{after.utilisation_pct} % of capacity with this case; the limit is {plain(policy.limit_pct)} %"
    return Reason("capacity_after", words, _effect(ROOM * left))


def _balance(candidate: Candidate, average: Fraction | None) -> Reason | None:
    if average is None or average == 0 or candidate.before.available <= 0:
        return None
    away = max(Fraction(-1), min(Fraction(1), (average - _share(candidate.before)) / average))
    now, mean = candidate.before.utilisation_pct, shown_percent(average, Fraction(1))
    return Reason("caseload_balance", f"carries {now} % now; all together carry {mean} %", _effect(BALANCE * away))


def _continuity(candidate: Candidate) -> Reason | None:
    return Reason("continuity", "held this case before", _effect(CONTINUITY)) if candidate.held_before else None


def _skills(needed: frozenset[str], candidate: Candidate) -> Reason | None:
    if not needed:
        return None
    has = sorted(needed & candidate.skills)
    words = f"has {len(has)} of {len(needed)} skills asked for" + (f": {', '.join(has)}" if has else "")
    return Reason("skills_match", words, _effect(SKILLS * Fraction(len(has), len(needed))))


def _team(candidate: Candidate) -> Reason | None:
    return Reason("team_match", "works in the team of the case", _effect(SAME_TEAM)) if candidate.in_team else None


def _amber(policy: Policy, after: Workload) -> Reason | None:
    if not is_above(policy.amber_above_pct, after.load, after.available):
        return None
    return Reason("amber_after", f"above {plain(policy.amber_above_pct)} % with this case", _effect(AMBER))


def _caution(case: Cases, policy: Policy, candidate: Candidate) -> Reason | None:
    """A newly qualified worker has a protected load: heavy work speaks against, and never excludes."""
    if not (candidate.newly_qualified or candidate.career_stage == "asye") or not is_demanding(case, policy):
        return None
    return Reason("newly_qualified", "newly qualified, and the case weighs more than most", _effect(NEWLY_QUALIFIED))


def is_demanding(case: Cases, policy: Policy) -> bool:
    """Whether a case weighs more than the mean of the policy's weights."""
    points = case_points(policy, case)
    return points is not None and Fraction(points) * len(policy.weights) > Fraction(sum(policy.weights.values()))


def _effect(value: Fraction) -> Decimal:
    return shown_percent(value, Fraction(100)) or Decimal(0)
