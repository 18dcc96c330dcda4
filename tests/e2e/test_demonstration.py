"""The demonstration authority arrives whole, looks like an authority, and arrives once."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from plumbline.simulate import simulate
from plumbline.simulate.api import connect
from plumbline.simulate.driver import drive
from plumbline.simulate.planner import make_plan, planned_on
from plumbline.simulate.summary import Summary
from tests.e2e.deployment import Deployment, eventually

SEED = 77


@pytest.fixture(scope="module")
async def loaded(embedded: Deployment) -> Summary:
    """The small authority, loaded as `make run` does."""
    return await simulate(embedded.url, "small", SEED, Console(file=io.StringIO()))


def count(deployment: Deployment, summary: Summary) -> dict[str, Any]:
    """What the deployment holds of the authority."""
    hr, overseer = deployment.someone("workforce_admin"), deployment.someone("principal_social_worker")
    unit = {"org_unit_id": summary.org_unit_id, "limit": 200}
    workers = hr.get("/v1/workforce/workers", include_left=True, **unit)["items"]
    workload = overseer.get(f"/v1/allocation/org-units/{summary.org_unit_id}/workload")
    sessions = overseer.get("/v1/supervision/sessions", **unit)
    absences = [hr.get(f"/v1/workforce/workers/{worker['worker_id']}/absences")["items"] for worker in workers]
    return {
        "org units": len(hr.get("/v1/workforce/org-units", under=summary.org_unit_id)["items"]),
        "workers": len(workers),
        "waiting": workload["unallocated_cases"],
        "bands": Counter(worker["band"] for worker in workload["workers"]),
        "load": workload["load_points"],
        "sessions": len(sessions["items"]),
        "absences": sum(map(len, absences)),
        "posts": len(hr.get("/v1/workforce/posts", **unit)["items"]),
    }


async def test_the_whole_authority_is_taken(embedded: Deployment, loaded: Summary) -> None:
    assert loaded.complete, loaded.refused[:3]
    found = count(embedded, loaded)
    plan = make_plan("small", SEED, await _planned_on(embedded))
    assert (found["org units"], found["workers"]) == (5, 24)
    assert found["waiting"] == sum(1 for case in plan.cases if not case.holder and not case.closed)
    assert found["sessions"] == len(plan.sessions)
    assert found["absences"] == len(plan.absences)
    assert found["bands"]["over"] >= 1
    assert found["bands"]["amber"] >= 1
    assert loaded.sent["registrations"] == len(plan.upkeep.entries)
    assert loaded.sent["learning"] == len(plan.upkeep.learnings)
    assert loaded.sent["provision checks"] == len(plan.upkeep.provision)


async def test_leaders_see_where_the_authority_stands(embedded: Deployment, loaded: Summary) -> None:
    leader = embedded.someone("senior_leader")
    span = {"org_unit_id": loaded.org_unit_id, "measure": "supervision.on_time", "grain": "month"}

    def kept() -> float:
        rows = leader.get("/v1/accountability/measures", **span)["items"]
        judged = sum(row["denominator"] or 0 for row in rows)
        return float(sum(row["numerator"] for row in rows) / judged) if judged else 0.0

    eventually(kept, lambda share: 0.6 < share < 1, "supervision is mostly kept")
    asked = {"status": "open", "org_unit_id": loaded.org_unit_id}
    alerts = eventually(lambda: leader.get("/v1/accountability/alerts", **asked)["items"], bool, "alerts are open")
    assert {alert["kind"] for alert in alerts} >= {"workload.overloaded"}
    assert len(alerts) < 20


async def test_loading_it_again_sends_nothing(embedded: Deployment, loaded: Summary) -> None:
    before = count(embedded, loaded)
    again = await simulate(embedded.url, "small", SEED, Console(file=io.StringIO()))
    assert again.already_there
    assert count(embedded, loaded) == before


async def test_a_load_that_was_interrupted_and_begins_anew_doubles_nothing(
    embedded: Deployment, loaded: Summary
) -> None:
    before = count(embedded, loaded)
    plan = make_plan("small", SEED, await _planned_on(embedded))
    async with connect(embedded.url) as api:
        again = await drive(api, plan, Console(file=io.StringIO()))
    assert again.complete, again.refused[:3]
    assert count(embedded, loaded) == before


async def _planned_on(deployment: Deployment) -> date:
    hr = deployment.someone("workforce_admin")
    director = hr.get("/v1/workforce/workers", employee_ref=f"D{SEED}S-001")["items"][0]
    return planned_on(date.fromisoformat(director["employment_started_on"]))
