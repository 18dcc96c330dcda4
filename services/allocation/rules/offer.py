"""Whether a case may be given to a worker, and why not (clauses 3.1 and 3.2: in the open, within capacity)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.allocation.rules.exact import plain
from services.allocation.rules.load import Cases, missing_weights
from services.allocation.rules.policy import Policy
from services.allocation.rules.workload import Workload

OVER_LIMIT = "workload-limit"


@dataclass(frozen=True, slots=True)
class Standing:
    """What else decides whether a worker can take a case."""

    employed: bool = True
    is_social_worker: bool = True
    registration_refused: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a manager says with an allocation."""

    reason: str
    discussed_with_worker: bool
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason against an allocation: a code for programs and a sentence that says what to do next."""

    code: str
    sentence: str


def refusals_of_case(*, closed: bool) -> list[Refusal]:
    """Only an open case can be held."""
    return [Refusal("case-closed", "The case is closed. Only an open case can be allocated.")] if closed else []


def refusals_of_worker(standing: Standing) -> list[Refusal]:
    """What speaks against the worker, whatever the case: a social worker must be registered for a designated post."""
    found = []
    if not standing.employed:
        found.append(Refusal("not-employed", "The worker is not employed today. Choose another worker."))
    if standing.is_social_worker and standing.registration_refused:
        found.append(
            Refusal("not-registered", "The worker is not registered for a designated post. Choose another worker.")
        )
    return found


def refusals_of_policy(policy: Policy | None, case: Cases) -> list[Refusal]:
    """What is missing before the case can be weighed for the worker."""
    if policy is None:
        return [Refusal("policy-missing", "No workload policy is in force for the worker's unit. Set one first.")]
    missing = missing_weights(policy, case)
    if not missing:
        return []
    return [
        Refusal(
            "weight-missing", f"The policy in force has no weight for {'; '.join(missing)}. Add it to the policy first."
        )
    ]


def refusals_of_limit(policy: Policy, after: Workload) -> list[Refusal]:
    """Above the limit, never at it."""
    if not after.overloaded:
        return []
    return [Refusal(OVER_LIMIT, f"{_in_words(policy, after)} Choose another worker or override with a reason.")]


def refusals_of_terms(terms: Terms) -> list[Refusal]:
    """An allocation has a reason and was talked over with the worker before."""
    found = []
    if not terms.reason.strip():
        found.append(Refusal("reason-missing", "Say why this worker gets the case."))
    if not terms.discussed_with_worker:
        found.append(Refusal("discussion-missing", "Discuss the case with the worker first, then say so."))
    return found


def is_override(refusals: Sequence[Refusal], terms: Terms) -> bool:
    """Whether a manager's reason sets aside the limit; nothing else can be set aside."""
    return bool(terms.override_reason.strip()) and [refusal.code for refusal in refusals] == [OVER_LIMIT]


Answer = Literal["refuse", "allocate", "override"]


def answer_to(refusals: Sequence[Refusal], terms: Terms) -> Answer:
    """What becomes of an offer."""
    if not refusals:
        return "allocate"
    return "override" if is_override(refusals, terms) else "refuse"


def _in_words(policy: Policy, after: Workload) -> str:
    if after.utilisation_pct is None:
        return "The worker has no capacity at present."
    share = (
        f"{after.utilisation_pct} %"
        if after.utilisation_pct != policy.limit_pct
        else f"a little more than {plain(policy.limit_pct)} %"
    )
    return f"With this case the worker would carry {share} of capacity; the limit is {plain(policy.limit_pct)} %."
