"""Every fault of the table, one after the other: the main job comes to its end, and every invariant holds."""

from __future__ import annotations

import pytest

from plumbline.services import SERVICES
from tests.faults.cases import CASES, Case
from tests.faults.journal import Client
from tests.faults.run import LONG, job_under
from tests.faults.world import World


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.says, marks=pytest.mark.fault(case.kind, case.says)) for case in CASES],
)
async def test_everything_holds_although(case: Case, world: World) -> None:
    if not (LONG or case.in_every_run):
        pytest.skip("in the long run: FAULTS=long")
    if case.missing():
        pytest.skip(case.missing())

    async def beside(client: Client) -> None:
        await case.fault(world, client)

    await job_under(world.cluster, world.journal, beside, groups=() if case.moves_back else SERVICES)


def test_each_case_says_something_else() -> None:
    assert len({case.says for case in CASES}) == len(CASES)
