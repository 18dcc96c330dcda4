"""Sessions over HTTP: what is taken, what is refused and why, and who may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chassis import migrations
from chassis.database import Tx
from chassis.ids import new_id
from chassis.testing import fresh_database, token
from contracts.supervision import SessionCancelledV1, SessionRatedV1, SessionRecordedV1
from services.supervision.service import service
from services.supervision.tests.world import World


def problem(body: dict[str, Any]) -> tuple[str, list[str]]:
    """A problem's code and the fields it names."""
    return body["type"].removeprefix("/problems/"), [error["field"] for error in body.get("errors", [])]


def test_the_migrations_make_the_tables_that_the_code_describes(postgres: str) -> None:
    assert migrations.drift(fresh_database(postgres, service), service.tables) == []


async def test_a_recorded_session_says_whether_it_qualifies_and_for_which_period(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10), minutes=89, uninterrupted=False)
    assert taken["qualifies"] is False
    assert taken["problems"] == ["too-short", "interrupted"]
    assert taken["period"] == {"start": "2026-03-02", "end": "2026-04-02"}
    told = await world.events(SessionRecordedV1, worker)
    assert [(str(t.session_id), t.qualifies, t.problems) for t in told] == [
        (taken["session_id"], False, ("too-short", "interrupted"))
    ]


@pytest.mark.parametrize(
    ("change", "code", "fields"),
    [
        pytest.param({"held_at": "2026-03-02T12:00:01+00:00"}, "held-in-future", ["held_at"], id="a second ahead"),
        pytest.param({"minutes": 0}, "invalid-input", ["minutes"], id="no minutes"),
        pytest.param({"minutes": 100000}, "invalid-input", ["minutes"], id="longer than a day"),
        pytest.param({"held_at": "2026-03-02T10:00:00"}, "invalid-input", ["held_at"], id="no offset"),
        pytest.param({"held_at": "0001-01-01T00:00:00+14:00"}, "invalid-input", ["held_at"], id="before all time"),
        pytest.param({"held_at": "9999-12-31T23:59:59-14:00"}, "invalid-input", ["held_at"], id="after all time"),
        pytest.param({"kind": "lunch"}, "invalid-input", ["kind"], id="unknown kind"),
        pytest.param({"quality_by_worker": 6}, "invalid-input", ["quality_by_worker"], id="rating above five"),
        pytest.param(
            {"supervisor_id": str(new_id())}, "no-such-supervisor", ["supervisor_id"], id="unknown supervisor"
        ),
        pytest.param({"agreed_actions": ["\x00"]}, "value-not-storable", [], id="a text that cannot be stored"),
    ],
)
async def test_a_session_that_breaks_a_rule_is_refused_and_nothing_is_kept(
    world: World, change: dict[str, Any], code: str, fields: list[str]
) -> None:
    worker = await world.worker()
    answer = await world.record(worker, **{"held_at": "2026-03-02T10:00:00+00:00", **change})
    assert answer.status_code == 422, answer.text
    found, named = problem(answer.json())
    assert (found, named) == (code, fields)
    assert await world.events(SessionRecordedV1) == []


async def test_nobody_supervises_themselves(world: World) -> None:
    answer = await world.record(world.manager, world.ago(0, hour=10))
    assert problem(answer.json()) == ("own-supervisor", ["supervisor_id"])


async def test_a_session_before_employment_has_no_period(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(3))
    assert (taken["qualifies"], taken["problems"], taken["period"]) == (False, ["no-required-period"], None)


async def test_a_professional_session_that_nobody_requires_does_not_qualify(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10), stream="professional")
    assert taken["problems"] == ["no-required-period"]


async def test_the_same_idempotency_key_records_one_session(world: World) -> None:
    worker = await world.worker()
    who = world.as_manager() | {"Idempotency-Key": "one"}
    first = await world.record(worker, world.ago(0, hour=10), who)
    second = await world.record(worker, world.ago(0, hour=10), who)
    assert first.json() == second.json()
    assert len(await world.events(SessionRecordedV1, worker)) == 1


async def test_late_sessions_recorded_at_once_restate_once(world: World) -> None:
    worker = await world.worker(newly_qualified=True)
    await world.to("2026-03-10T12:00:00")
    answers = await asyncio.gather(*(world.record(worker, f"2026-03-0{n}T10:00:00Z") for n in range(3, 8)))
    assert {answer.status_code for answer in answers} == {201}
    first = min(answers, key=lambda a: a.request.content)
    outcomes = await world.outcomes(worker)
    assert [kind for kind, _, _ in outcomes[:2]] == ["missed", "met"]
    reading = (await world.periods(worker))["periods"][0]
    assert reading["session_ids"][0] == first.json()["session_id"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        pytest.param({"roles": ["team_manager"], "org_unit_id": "team"}, 201, id="manager of the team"),
        pytest.param({"roles": ["team_manager"], "org_unit_id": "authority"}, 201, id="manager above"),
        pytest.param({"roles": ["team_manager"], "org_unit_id": "other_team"}, 403, id="manager of another team"),
        pytest.param(
            {"roles": ["principal_social_worker"], "org_unit_id": "other_team"}, 201, id="PSW of the authority"
        ),
        pytest.param({"roles": ["principal_social_worker"]}, 201, id="PSW of everything"),
        pytest.param({"roles": ["workforce_admin"]}, 201, id="workforce administration"),
        pytest.param(
            {"roles": ["practitioner"], "worker_id": "manager", "org_unit_id": "team"}, 403, id="practitioner"
        ),
        pytest.param({"roles": ["senior_leader"]}, 403, id="senior leader reads only"),
        pytest.param({"roles": ["reporting"]}, 403, id="reporting"),
        pytest.param({"roles": ["integration"]}, 403, id="integration"),
        pytest.param({"roles": []}, 403, id="no role"),
    ],
)
async def test_sessions_are_recorded_by_those_who_may(world: World, claims: dict[str, Any], status: int) -> None:
    worker = await world.worker()
    named = {name: getattr(world, value) if isinstance(value, str) else value for name, value in claims.items()}
    answer = await world.record(worker, world.ago(0, hour=10), token(**named))
    assert answer.status_code == status, answer.text


async def test_a_supervisor_of_another_team_records_under_an_agreement(world: World) -> None:
    supervisor = await world.worker(org_unit_id=world.other_team)
    worker = await world.worker()
    who = token(roles=["team_manager"], worker_id=supervisor, org_unit_id=world.other_team)
    refused = await world.record(worker, world.ago(0, hour=10), who, supervisor_id=str(supervisor))
    assert refused.status_code == 403
    agreement = {"worker_id": str(worker), "supervisor_id": str(supervisor), "agreed_on": "2026-03-02"}
    assert (await world.call("POST", "/agreements", json=agreement)).status_code == 201
    taken = await world.record(worker, world.ago(0, hour=10), who, supervisor_id=str(supervisor))
    assert taken.status_code == 201


async def test_an_unknown_worker_is_not_told_apart_from_one_out_of_reach(world: World) -> None:
    assert (await world.record(new_id(), world.ago(0, hour=10))).status_code == 403
    admin = token(roles=["workforce_admin"])
    assert (await world.record(new_id(), world.ago(0, hour=10), admin)).status_code == 404


async def test_sessions_are_listed_latest_first_page_by_page(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(40))
    ids = [(await world.recorded(worker, world.ago(n)))["session_id"] for n in (30, 20, 10)]
    first = (await world.call("GET", "/sessions", params={"worker_id": str(worker), "limit": 2})).json()
    assert [item["session_id"] for item in first["items"]] == [ids[2], ids[1]]
    assert first["items"][0]["qualifies"] is True
    rest = await world.call("GET", "/sessions", params={"org_unit_id": str(world.team), "cursor": first["next"]})
    assert [item["session_id"] for item in rest.json()["items"]] == [ids[0]]
    assert rest.json()["next"] is None
    bad = await world.call("GET", "/sessions", params={"worker_id": str(worker), "cursor": "nonsense"})
    assert bad.status_code == 400


async def test_a_practitioner_reads_their_own_sessions_only(world: World) -> None:
    worker, other = await world.worker(), await world.worker()
    mine = await world.recorded(worker, world.ago(0, hour=10))
    theirs = await world.recorded(other, world.ago(0, hour=10))
    who = token(roles=["practitioner"], worker_id=worker, org_unit_id=world.team)
    assert (await world.call("GET", f"/sessions/{mine['session_id']}", who)).status_code == 200
    assert (await world.call("GET", f"/sessions/{theirs['session_id']}", who)).status_code == 403
    assert (await world.call("GET", f"/sessions/{new_id()}", who)).status_code == 403
    assert (await world.call("GET", f"/workers/{other}/periods", who)).status_code == 403


async def test_cancelling_keeps_the_code_or_the_words_and_happens_once(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10))
    path = f"/sessions/{taken['session_id']}"
    answer = await world.call("POST", path + "/cancel", json={"reason": "her train was late"})
    assert answer.json() == {"session_id": taken["session_id"], "cancel_reason": "other", "rebooked_for": None}
    again = await world.call("POST", path + "/cancel", json={"reason": "other"})
    assert problem(again.json())[0] == "already-cancelled"
    shown = (await world.call("GET", path)).json()
    assert (shown["cancel_reason"], shown["qualifies"]) == ("other", False)
    told = await world.events(SessionCancelledV1, worker)
    assert [(str(t.session_id), t.qualified) for t in told] == [(taken["session_id"], True)]
    assert (await world.periods(worker))["periods"][0]["status"] == "open"


async def test_a_session_is_rebooked_for_a_later_time(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10))
    path = f"/sessions/{taken['session_id']}/cancel"
    early = await world.call("POST", path, json={"reason": "no_room", "rebooked_for": "2026-03-02T09:00:00Z"})
    assert problem(early.json()) == ("rebooked-before-held", ["rebooked_for"])
    later = await world.call("POST", path, json={"reason": "no_room", "rebooked_for": "2026-03-09T09:00:00Z"})
    assert later.json()["rebooked_for"] == "2026-03-09T09:00:00Z"


async def test_worker_and_supervisor_rate_a_session_each_for_themselves(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10))
    path = f"/sessions/{taken['session_id']}/rating"
    as_worker = token(roles=["practitioner"], worker_id=worker, org_unit_id=world.team)
    await world.call("PUT", path, as_worker, json={"rating": 2})
    both = await world.call("PUT", path, json={"rating": 4})
    assert (both.json()["quality_by_worker"], both.json()["quality_by_supervisor"]) == (2, 4)
    stranger = token(roles=["practitioner"], worker_id=await world.worker(), org_unit_id=world.team)
    assert (await world.call("PUT", path, stranger, json={"rating": 1})).status_code == 403
    told = await world.events(SessionRatedV1, worker)
    assert [(t.quality_by_worker, t.quality_by_supervisor) for t in told] == [(2, None), (2, 4)]


async def test_no_text_travels_on_the_stream(world: World) -> None:
    worker = await world.worker()
    taken = await world.recorded(worker, world.ago(0, hour=10), agreed_actions=["canary in an action"])
    path = f"/sessions/{taken['session_id']}/cancel"
    await world.call("POST", path, json={"reason": "canary in a reason"})
    async with world.database.reading() as tx:
        rows = await tx.fetch_all("select convert_from(data, 'utf8') as data from outbox")
    assert not any("canary" in row["data"] for row in rows)


async def test_a_session_in_time_takes_one_locking_read_and_one_insert(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await world.worker()
    asked: list[str] = []
    for name in ("fetch_all", "fetch_one", "fetch_value", "execute", "execute_many", "queue"):
        known = getattr(Tx, name)

        def spy(tx: Tx, sql: str, *given: Any, _name: str = name, _known: Any = known) -> Any:
            if given != ([],):
                asked.append(_name)
            return _known(tx, sql, *given)

        monkeypatch.setattr(Tx, name, spy)
    await world.recorded(worker, world.ago(0, hour=10))
    assert asked == ["fetch_one", "queue"]
