"""The learning log over HTTP, on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.testing import token
from contracts.cpd import LearningRecordedV1, LearningWithdrawnV1, ReadinessChangedV1
from services.cpd.tests.world import World, problem

PEER: dict[str, Any] = {"peer_role": "peer", "peer_added": "She saw what I had missed."}


async def test_two_different_pieces_with_a_peer_make_the_year_ready_and_registration_is_told(world: World) -> None:
    worker = await world.worker()
    first = await world.learn(worker)
    assert (first["year"]["ready"], first["year"]["missing"]) == (False, ["pieces", "peer_reflection"])
    same = await world.learn(worker, description="course on TRAUMA.")
    assert same["year"]["pieces"] == 1
    ready = await world.learn(worker, description="Journal club", kind="informal", **PEER)
    assert (ready["year"]["ready"], ready["year"]["registration_year_end"]) == (True, "2026-11-30")
    told = [(e.pieces, e.with_peer_reflection, e.ready) for e in await world.events(ReadinessChangedV1, worker)]
    assert told == [(1, 0, False), (2, 1, True)], "the same learning twice tells nothing new"
    assert len(await world.events(LearningRecordedV1, worker)) == 3


async def test_23_59_on_30_november_is_in_and_midnight_is_out(world: World) -> None:
    worker = await world.worker()
    await world.to("2026-12-01T12:00:00")
    await world.learn(worker, done_at="2026-11-30T23:59:00+00:00")
    await world.learn(worker, description="Another", done_at="2026-12-01T00:00:00+00:00", **PEER)
    old = await world.done("GET", f"/workers/{worker}/readiness?year_end=2026-11-30")
    new = await world.done("GET", f"/workers/{worker}/readiness")
    assert (old["pieces"], old["with_peer_reflection"]) == (1, 0)
    assert (new["registration_year_end"], new["pieces"], new["with_peer_reflection"]) == ("2027-11-30", 1, 1)


async def test_learning_moved_to_another_year_restates_both(world: World) -> None:
    worker = await world.worker()
    piece = await world.learn(worker, done_at="2025-12-01T09:00:00+00:00")
    path = f"/learning/{piece['learning_id']}"
    body = {"kind": "formal", "description": "x", "learned": "y", "impact": "z", "done_at": "2025-11-30T09:00:00Z"}
    me = world.as_worker(worker)
    assert problem(await world.call("PUT", path, me, json=body)) == (428, "if-match-required")
    moved = await world.done("PUT", path, me, json=body, headers={"If-Match": '"1"'})
    assert moved["year"]["registration_year_end"] == "2025-11-30"
    assert (await world.call("PUT", path, me, json=body, headers={"If-Match": '"1"'})).status_code == 412
    told = [(e.registration_year_end, e.pieces) for e in await world.events(ReadinessChangedV1, worker)]
    assert told == [(date(2026, 11, 30), 1), (date(2026, 11, 30), 0), (date(2025, 11, 30), 1)]


async def test_learning_taken_out_of_the_log_leaves_no_words(world: World) -> None:
    worker = await world.worker()
    piece = await world.learn(worker)
    gone = await world.done("DELETE", f"/learning/{piece['learning_id']}", world.as_worker(worker))
    assert gone["year"]["pieces"] == 0
    assert (await world.done("GET", f"/learning?worker_id={worker}"))["items"] == []
    assert problem(await world.call("GET", f"/learning/{piece['learning_id']}")) == (403, "outside-reach")
    assert len(await world.events(LearningWithdrawnV1, worker)) == 1
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select count(*) from notes") == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"done_at": "2026-03-02T12:00:01+00:00"}, "done-in-future", id="not done yet"),
        pytest.param({"peer_role": "peer"}, "peer-reflection-incomplete", id="a peer who added nothing"),
        pytest.param({"peer_added": "much"}, "peer-reflection-incomplete", id="an addition by nobody"),
        pytest.param({"learned": "  "}, "invalid-input", id="nothing learned"),
        pytest.param({"done_at": "2026-03-02"}, "invalid-input", id="a date without a time"),
    ],
)
async def test_learning_that_breaks_a_rule_is_refused(world: World, change: dict[str, Any], code: str) -> None:
    worker = await world.worker()
    refused = await world.learn(worker, expect=422, **change)
    assert refused["type"] == f"/problems/{code}"


async def test_the_log_pages_and_exports(world: World) -> None:
    worker = await world.worker()
    for n in range(3):
        await world.learn(worker, description=f"Piece {n}")
    first = await world.done("GET", f"/learning?worker_id={worker}&limit=2")
    rest = await world.done("GET", f"/learning?worker_id={worker}&limit=2&cursor={first['next']}")
    assert [one["description"] for one in first["items"] + rest["items"]] == ["Piece 2", "Piece 1", "Piece 0"]
    assert (await world.call("GET", f"/learning?worker_id={worker}&cursor=nonsense")).status_code == 400
    export = await world.call("GET", f"/workers/{worker}/learning/export")
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(export.text.splitlines()) == 4
    assert problem(await world.call("GET", f"/learning?worker_id={worker}&year_end=2026-03-31"))[1] == "no-year-end"


async def test_a_team_s_readiness_names_those_first_who_are_not_ready(world: World) -> None:
    ready, late = await world.worker(), await world.worker()
    await world.worker(is_social_worker=False)
    await world.learn(ready)
    await world.learn(ready, description="Other", **PEER)
    items = (await world.done("GET", f"/readiness?org_unit_id={world.team}"))["items"]
    assert {one["worker_id"] for one in items[:2]} == {str(late), str(world.manager)}
    assert (items[2]["worker_id"], items[2]["ready"]) == (str(ready), True)


async def test_words_can_be_erased_and_the_reading_stays(world: World) -> None:
    worker = await world.worker()
    piece = await world.learn(worker)
    await world.learn(worker, description="Other", **PEER)
    erased = await world.done("DELETE", f"/workers/{worker}/notes", world.as_hr())
    assert erased == {"texts": 7, "files": 0}
    seen = await world.done("GET", f"/learning/{piece['learning_id']}")
    assert seen["description"] is None
    assert (await world.done("GET", f"/workers/{worker}/readiness"))["ready"] is True


async def test_learning_is_seen_by_the_worker_the_line_and_the_principal_social_worker(world: World) -> None:
    worker, colleague = await world.worker(), await world.worker()
    piece = await world.learn(worker)
    path = f"/learning/{piece['learning_id']}"
    for who in (world.as_worker(worker), world.as_manager(), world.as_psw()):
        assert (await world.call("GET", path, who)).status_code == 200
    for who in (world.as_worker(colleague), token(roles=["team_manager"], org_unit_id=world.other_team)):
        assert problem(await world.call("GET", path, who)) == (403, "outside-reach")
    assert problem(await world.call("GET", path, world.as_hr())) == (403, "role-not-allowed")
