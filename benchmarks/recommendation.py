"""Who could take each of 1,000 waiting cases among 2,000 workers, beside HiGHS on the same scores and the same room.

The two answer different questions. A recommendation says for each case who could best take it, as if it were the only one,
and a person decides; HiGHS says how all could be given out at once. What following recommendations from the most urgent case
on reaches is compared with the optimum of the linear relaxation, which no way of giving out the cases exceeds.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import highspy
import numpy as np
from numpy.typing import NDArray

from benchmarks.population import Size, populate
from benchmarks.report import Figure, in_turns
from chassis import migrations
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.postgres import EmbeddedPostgres
from services.allocation.queries.cases import list_waiting_cases, weighed
from services.allocation.queries.recommendations import candidate_of, list_everyone, read_best
from services.allocation.rules.load import Cases
from services.allocation.rules.recommendation import Candidate, Judged, effect_of, judge, ties_of
from services.allocation.service import service

SIZE = Size(teams=130, workers=2000, waiting=1000)
BEST = 3
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Model:
    """Every pair of a case and a worker who could take it, case by case: its score, what it weighs, and who has how much room."""

    case: NDArray[np.int32]
    worker: NDArray[np.int32]
    score: NDArray[np.float64]
    points: NDArray[np.float64]
    room: NDArray[np.float64]
    cases: int


def room_of(candidate: Candidate) -> float:
    """The points that a worker can take before the limit."""
    if candidate.policy is None:
        return 0.0
    limit = candidate.before.available * int(candidate.policy.limit_pct) / 100
    return max(0.0, float(limit - candidate.before.load))


def model_of(cases: Sequence[dict[str, Any]], candidates: Sequence[Candidate], units: dict[UUID, UUID]) -> Model:
    """The scores that recommendations are ranked by, as HiGHS takes them."""
    places = {candidate.worker_id: place for place, candidate in enumerate(candidates)}
    kinds: dict[Cases, list[Judged]] = {}
    pairs: list[tuple[int, int, float, float]] = []
    for number, row in enumerate(cases):
        kind = replace(weighed(row), name="")
        if kind not in kinds:
            kinds[kind] = judge(kind, candidates)[0]
        pairs += scored(number, row, kinds[kind], places, units)
    columns = np.array(pairs)
    room = np.array([room_of(candidate) for candidate in candidates])
    numbers = columns[:, :2].astype(np.int32)
    return Model(numbers[:, 0], numbers[:, 1], columns[:, 2], columns[:, 3], room, len(cases))


def scored(
    number: int, row: dict[str, Any], judged: Sequence[Judged], places: dict[UUID, int], units: dict[UUID, UUID]
) -> list[tuple[int, int, float, float]]:
    """A case with each who could take it. Nobody held a case of this population before."""
    needed = frozenset(row["skills"])
    ties: dict[tuple[int, bool], float] = {}
    pairs = []
    for one in judged:
        who = one.candidate
        tie = (len(needed & who.skills), units[who.worker_id] == row["org_unit_id"])
        if tie not in ties:
            ties[tie] = float(effect_of(ties_of(needed, replace(who, in_team=tie[1]))))
        points = float(one.after.load - who.before.load)
        pairs.append((number, places[who.worker_id], float(one.score) + ties[tie], points))
    return pairs


def followed(model: Model) -> tuple[int, float]:
    """From the most urgent case on, each to the best who still has room: how many find someone, and the sum of scores."""
    left = model.room.copy()
    starts = np.searchsorted(model.case, np.arange(model.cases + 1))
    given, total = 0, 0.0
    for first, end in pairwise(starts):
        for pair in first + np.argsort(-model.score[first:end], kind="stable"):
            if left[model.worker[pair]] + SLACK >= model.points[pair]:
                left[model.worker[pair]] -= model.points[pair]
                given, total = given + 1, total + model.score[pair]
                break
    return given, float(total)


def solved(model: Model) -> tuple[float, float]:
    """Seconds that HiGHS takes from the scores to the optimum of the relaxation, and that optimum."""
    began = perf_counter()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(program(model))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS ended with {solver.getModelStatus()}")
    return perf_counter() - began, float(solver.getInfo().objective_function_value)


def program(model: Model) -> highspy.HighsLp:
    """Each case to one worker, nobody above the limit, the highest sum of scores."""
    pairs, workers = len(model.score), len(model.room)
    lp = highspy.HighsLp()
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.num_col_, lp.num_row_ = pairs, model.cases + workers
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.score, np.zeros(pairs), np.ones(pairs)
    lp.row_lower_ = np.concatenate([np.ones(model.cases), np.full(workers, -np.inf)])
    lp.row_upper_ = np.concatenate([np.ones(model.cases), model.room])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 2 * pairs + 1, 2, dtype=np.int32)
    lp.a_matrix_.index_ = np.column_stack([model.case, model.cases + model.worker]).ravel().astype(np.int32)
    lp.a_matrix_.value_ = np.column_stack([np.ones(pairs), model.points]).ravel()
    return lp


async def read_model(tx: Tx) -> Model:
    """The model of what waits, checked against the recommendations themselves."""
    cases = await list_waiting_cases(tx, None, None, None, SIZE.waiting)
    everyone = await list_everyone(tx, cases[0]["org_unit_id"], None, None)
    units = {reading.worker_id: reading.org_unit_id for _, reading in everyone}
    model = model_of(cases, [candidate_of(row, reading) for row, reading in everyone], units)
    best = await read_best(tx, cases, None, None, 1)
    starts = np.searchsorted(model.case, np.arange(model.cases + 1))
    for number, row in enumerate(cases):
        highest = model.score[starts[number] : starts[number + 1]].max()
        if abs(float(best[row["case_id"]].first[0].score) - highest) > SLACK:
            raise RuntimeError(f"the model does not score case {number} as the recommendation does")
    return model


async def recommended(database: Database) -> float:
    """Seconds from the database to the best few of everyone for every case that waits."""
    async with database.reading() as tx:
        began = perf_counter()
        cases = await list_waiting_cases(tx, None, None, None, SIZE.waiting)
        await read_best(tx, cases, None, None, BEST)
        return perf_counter() - began


async def measure() -> list[Figure]:
    """How fast, and how good it is to follow them."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        url = postgres.create_database("allocation")
        migrations.migrate(url, service.migrations, service.tables)
        populate(url, 0, 0, SIZE)
        database = Database(url, "allocation", Clock())
        await database.open()
        async with database.reading() as tx:
            model = await read_model(tx)
        optimum = 0.0

        async def theirs() -> float:
            nonlocal optimum
            seconds, optimum = await asyncio.to_thread(solved, model)
            return 1 / seconds

        async def ours() -> float:
            return 1 / await recommended(database)

        mine, known = await in_turns(ours, theirs, rounds=1)
        await database.close()
    given, total = followed(model)
    found = {"cases_placed": given, "cases": SIZE.waiting, "workers": SIZE.workers, "pairs": len(model.score)}
    return [
        Figure(
            "recommendations for 1,000 waiting cases and 2,000 workers, from the database",
            "HiGHS on the relaxation of giving them all out, scores at hand",
            mine,
            known,
            "runs/s",
            more={"seconds": round(1 / mine, 2), "seconds_of_HiGHS": round(1 / known, 2)},
        ),
        Figure(
            "following recommendations, most urgent first", "the optimum", total, optimum, "points of score", more=found
        ),
    ]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
