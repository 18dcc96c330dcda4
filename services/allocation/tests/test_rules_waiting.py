"""Many waiting cases at once get exactly what each would get alone (clause 3.1)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.allocation.rules.load import Cases
from services.allocation.rules.recommendation import Candidate, recommend
from services.allocation.rules.waiting import Waiting, recommend_each
from services.allocation.tests.builders import CHILD_IN_NEED, CHILD_PROTECTION
from services.allocation.tests.test_rules_allocation import a_candidate

UNITS = (UUID(int=901), UUID(int=902))
SKILLS = st.frozensets(st.sampled_from(["bsl", "court", "polish"]))
PEOPLE = st.lists(st.tuples(st.integers(0, 13), st.booleans(), st.booleans(), SKILLS), max_size=14)
KINDS = st.sampled_from([CHILD_IN_NEED, CHILD_PROTECTION, Cases("adoption", "standard")])
WAITING = st.builds(
    Waiting, KINDS, SKILLS, st.sampled_from(UNITS), st.frozensets(st.integers(0, 13).map(lambda n: UUID(int=n)))
)


def alone(one: Waiting, candidates: list[Candidate], units: dict[UUID, UUID]) -> list[Candidate]:
    """The candidates with their ties to one case."""
    return [
        replace(who, in_team=units[who.worker_id] == one.org_unit_id, held_before=who.worker_id in one.held_before)
        for who in candidates
    ]


@given(PEOPLE, st.lists(WAITING, max_size=4), st.integers(1, 4))
def test_each_case_gets_the_best_of_its_own_ranking(
    people: list[tuple[int, bool, bool, frozenset[str]]], waiting: list[Waiting], best: int
) -> None:
    candidates = [
        a_candidate(n, held, newly_qualified=new, absent=away, skills=skills)
        for n, (held, new, away, skills) in enumerate(people)
    ]
    units = {who.worker_id: UNITS[who.worker_id.int % 2] for who in candidates}
    found = recommend_each(waiting, candidates, units, best)
    for one, seen in zip(waiting, found, strict=True):
        ranked, _ = recommend(one.case, one.skills, alone(one, candidates, units))
        assert list(seen.first) == [replace(who, after=seen.first[at].after) for at, who in enumerate(ranked[:best])]
        assert [who.after.load for who in seen.first] == [who.after.load for who in ranked[:best]]
        assert seen.eligible == len(ranked)
