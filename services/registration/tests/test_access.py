"""Who may do what: every route for every role, and nobody beyond their reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.permissions import ROLES
from services.registration.service import service
from services.registration.tests.world import World

READERS = {"practitioner", "team_manager", "principal_social_worker", "senior_leader", "workforce_admin"}
OVERSEERS = READERS - {"practitioner"}
RECORDERS = {"principal_social_worker", "workforce_admin"}
OPENERS = {"team_manager", "principal_social_worker", "senior_leader"}
NAMED = READERS
MATRIX: dict[tuple[str, str], set[str]] = {
    ("GET", "/workers/{worker_id}"): READERS,
    ("PUT", "/workers/{worker_id}"): RECORDERS,
    ("GET", "/workers/{worker_id}/history"): READERS,
    ("DELETE", "/workers/{worker_id}/notes"): {"workforce_admin"},
    ("GET", "/standings"): OVERSEERS,
    ("POST", "/check-lists"): RECORDERS,
    ("GET", "/check-lists/{list_id}"): RECORDERS,
    ("POST", "/check-lists/{list_id}/answers"): RECORDERS,
    ("GET", "/checks/{check_id}"): RECORDERS,
    ("GET", "/workers/{worker_id}/renewal"): READERS,
    ("PUT", "/workers/{worker_id}/renewal"): READERS - {"senior_leader"},
    ("GET", "/renewals"): OVERSEERS,
    ("PUT", "/policy"): {"principal_social_worker"},
    ("GET", "/policy"): OVERSEERS,
    ("POST", "/referrals"): OPENERS,
    ("GET", "/referrals"): NAMED,
    ("GET", "/referrals/{referral_id}"): NAMED,
    ("POST", "/referrals/{referral_id}/people"): NAMED,
    ("DELETE", "/referrals/{referral_id}/people/{worker_id}"): NAMED,
    ("POST", "/referrals/{referral_id}/decision"): NAMED,
    ("POST", "/referrals/{referral_id}/sent"): NAMED,
    ("POST", "/referrals/{referral_id}/steps"): NAMED,
    ("POST", "/referrals/{referral_id}/requests"): NAMED,
    ("POST", "/referrals/{referral_id}/requests/{request_id}/answer"): NAMED,
    ("POST", "/referrals/{referral_id}/outcome"): NAMED,
    ("DELETE", "/referrals/{referral_id}/notes"): NAMED,
}
CASES = [pytest.param(*key, id=" ".join(key)) for key in MATRIX]


def test_the_matrix_covers_every_route() -> None:
    served: list[Any] = [route for routes in service.routes for route in routes.routes]
    found = {(method, route.path.removeprefix("/v1/registration")) for route in served for method in route.methods}
    assert found == set(MATRIX)


@pytest.fixture
async def elsewhere(world: World) -> World:
    """Another authority in the same deployment, with a registered worker and a list that was made."""
    return await World(world.client, world.database, world.clock).begin()


BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/workers/{worker_id}"): {"number": "SW1", "status": "registered"},
    ("PUT", "/workers/{worker_id}/renewal"): {"form_submitted_on": None, "fee_paid_on": None},
    ("POST", "/referrals/{referral_id}/people"): {"worker_id": str(UUID(int=1))},
    ("POST", "/referrals/{referral_id}/decision"): {"decision": "not_refer", "reasons": "x"},
    ("POST", "/referrals/{referral_id}/sent"): {"sent_on": "2026-03-01", "what": "x"},
    ("POST", "/referrals/{referral_id}/steps"): {"kind": "triage", "happened_on": "2026-03-01"},
    ("POST", "/referrals/{referral_id}/requests"): {
        "asked_on": "2026-03-01",
        "due_on": "2026-03-02",
        "asked_for": "x",
    },
    ("POST", "/referrals/{referral_id}/requests/{request_id}/answer"): {"answered_on": "2026-03-01"},
    ("POST", "/referrals/{referral_id}/outcome"): {
        "outcome": "advice",
        "outcome_on": "2026-03-01",
        "employer_action": "x",
    },
}


async def status_of(world: World, method: str, path: str, who: dict[str, str], theirs: World, worker: UUID) -> int:
    made = (await theirs.lists())["lists"][0]["list_id"]
    ids = {"worker_id": worker, "list_id": made, "check_id": new_id(), "referral_id": new_id(), "request_id": new_id()}
    unit = str(theirs.team)
    bodies = {
        **BODIES,
        ("POST", "/check-lists"): {"org_unit_id": unit},
        ("PUT", "/policy"): {"org_unit_id": unit, "effective_from": "2026-03-01"},
        ("POST", "/referrals"): {"worker_id": str(worker), "concern": "x"},
    }
    asked: dict[str, Any] = {"json": bodies[method, path]} if (method, path) in bodies else {}
    if method == "GET" and "{" not in path:
        asked["params"] = {"org_unit_id": unit}
    answer = await world.client.request(method, "/v1/registration" + path.format(**ids), headers=who, **asked)
    return answer.status_code


@pytest.mark.parametrize(("method", "path"), CASES)
async def test_a_route_answers_the_roles_that_it_names_and_no_other(world: World, method: str, path: str) -> None:
    worker = await world.worker()
    await world.entry(worker)
    for role in ROLES:
        who = world.someone(role, worker, world.team)
        status = await status_of(world, method, path, who, world, worker)
        if role not in MATRIX[method, path] or "{referral_id}" in path:
            assert status == 403, f"{role}: {status}"
        else:
            assert status in (200, 201, 404, 422), f"{role}: {status}"


@pytest.mark.parametrize(("method", "path"), CASES)
async def test_nobody_reaches_another_authority(world: World, elsewhere: World, method: str, path: str) -> None:
    worker = await elsewhere.worker()
    await elsewhere.entry(worker)
    me = await world.worker()
    for role in MATRIX[method, path]:
        status = await status_of(world, method, path, world.someone(role, me, world.team), elsewhere, worker)
        if (method, path) == ("GET", "/referrals"):
            assert status == 200, "one's own, and there are none"
        elif path == "/checks/{check_id}":
            assert status == 404
        else:
            assert status == 403, f"{role}: {status}"
