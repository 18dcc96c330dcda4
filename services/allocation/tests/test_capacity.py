"""What changes a worker's capacity and load beside cases, and what the worker says about it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import token
from contracts.allocation import ContestAnsweredV1, ReductionRecordedV1
from contracts.cpd import AssessedYearAgreedV1, AssessedYearEndedV1, ProtectedTimeChangedV1
from contracts.supervision import CadenceChangedV1
from services.allocation.tests.office import Office


async def reduce(office: Office, worker: UUID, hours: float, days: int = 0, lasts: int | None = None) -> str:
    """A reduction that begins some days from today."""
    start = office.today + timedelta(days=days)
    body: dict[str, Any] = {"hours": hours, "reason": "phased return", "from": str(start)}
    if lasts is not None:
        body["to"] = str(start + timedelta(days=lasts))
    made = await office.post(f"/workers/{worker}/reductions", body, office.boss)
    return str(made["reduction_id"])


async def statuses(office: Office, worker: UUID) -> list[str]:
    listed = await office.get(f"/workers/{worker}/reductions", office.boss)
    return [one["status"] for one in listed["items"]]


async def test_reduction_begins_and_ends_on_its_dates_across_the_clock_change(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    timed.clock.forward(days=25)
    assert timed.today == date(2026, 3, 27)
    await reduce(timed, worker, 3.7, days=1, lasts=1)
    seen = []
    for _ in range(4):
        await timed.let_time_work()
        seen.append(((await timed.figures(worker))[0], (await statuses(timed, worker))[0]))
        timed.clock.forward(days=1)
    assert seen == [(100, "scheduled"), (90, "active"), (90, "active"), (100, "ended")]
    told = [event for event in await timed.told(worker) if event.TYPE == "allocation.workload.changed.v1"]
    assert [str(getattr(event, "as_of", None)) for event in told] == ["2026-03-02", "2026-03-28", "2026-03-30"]


async def test_date_is_the_date_in_london(timed: Office) -> None:
    """After the clocks went forward a reduction begins at midnight in London, an hour before midnight in UTC."""
    await timed.agree()
    worker = await timed.hire()
    timed.clock.forward(days=29, hours=13, minutes=59)
    assert (str(timed.clock.now()), timed.today) == ("2026-03-31 22:59:00+00:00", date(2026, 3, 31))
    await reduce(timed, worker, 3.7, days=1)
    assert (await timed.figures(worker))[0] == 100
    timed.clock.forward(minutes=1)
    assert (await timed.figures(worker))[0] == 90


async def test_deleted_reduction_never_revives(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    path = f"/workers/{worker}/reductions/{await reduce(timed, worker, 3.7, days=1, lasts=7)}"
    for _ in range(2):
        await timed.call("DELETE", path, timed.boss, 204)
    answer = await timed.post(f"{path}/end", {"last_day": str(timed.today)}, timed.boss, 409)
    assert answer["type"] == "/problems/reduction-deleted"
    for _ in range(3):
        timed.clock.forward(days=4)
        await timed.let_time_work()
        assert (await timed.figures(worker))[0] == 100
        assert await statuses(timed, worker) == ["deleted"]
    told = [event for event in await timed.told(worker) if isinstance(event, ReductionRecordedV1)]
    assert [event.deleted for event in told] == [False, True]


async def test_reduction_can_end_early_and_never_later(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    path = f"/workers/{worker}/reductions/{await reduce(timed, worker, 37, lasts=10)}/end"
    for given, kept in ((5, 5), (20, 5), (2, 2)):
        body = {"last_day": str(timed.today + timedelta(days=given))}
        assert (await timed.post(path, body, timed.boss, 200))["to"] == str(timed.today + timedelta(days=kept))
    assert (await timed.told_types(worker))[-1] == "reduction.recorded"
    assert [(await timed.figures(worker, timed.today + timedelta(days=n)))[3] for n in (2, 3)] == ["no_capacity", "ok"]


async def test_responsibility_ends_after_its_last_day(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    body = {"description": "practice educator", "points": 90, "from": str(timed.today)}
    made = await timed.post(f"/workers/{worker}/responsibilities", body, timed.boss)
    assert await timed.figures(worker) == (100, 105, 105, "over")
    path = f"/workers/{worker}/responsibilities/{made['responsibility_id']}/end"
    assert (await timed.post(path, {"last_day": str(timed.today)}, timed.boss, 200))["status"] == "active"
    timed.clock.forward(days=1)
    await timed.let_time_work()
    listed = await timed.get(f"/workers/{worker}/responsibilities", timed.boss)
    assert [(one["status"], one["description"]) for one in listed["items"]] == [("ended", "practice educator")]
    assert (await timed.told_types(worker))[-2:] == ["workload.changed", "workload.relieved"]


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("reductions", "hours", {"hours": 0, "reason": "x", "from": "2026-03-02"}),
        ("reductions", "hours", {"hours": 169, "reason": "x", "from": "2026-03-02"}),
        ("reductions", "reason", {"hours": 1, "reason": " ", "from": "2026-03-02"}),
        ("reductions", "from", {"hours": 1, "reason": "x"}),
        ("reductions", "body", {"hours": 1, "reason": "x", "from": "2026-03-02", "to": "2026-03-01"}),
        ("responsibilities", "points", {"description": "x", "points": -1, "from": "2026-03-02"}),
        ("responsibilities", "to", {"description": "x", "points": 1, "from": "2026-03-02", "to": "never"}),
        ("contests", "text", {"text": ""}),
    ],
)
async def test_bad_input_names_its_field(office: Office, path: str, field: str, body: dict[str, Any]) -> None:
    worker = await office.hire()
    who = token(roles=["practitioner", "team_manager"], worker_id=worker, org_unit_id=office.team)
    answer = await office.post(f"/workers/{worker}/{path}", body, who, 422)
    assert [error["field"] for error in answer["errors"]] == [field]


async def test_supervision_time_is_protected_as_the_cadence_asks(office: Office) -> None:
    await office.agree(protected_hours={"supervision": True, "cpd_hours_per_week": 1.5})
    worker = await office.hire()
    seen = []
    for day, cadence in ((1, "weekly"), (2, "fortnightly")):
        told: dict[str, Any] = {"cadence": cadence, "from_on": date(2026, 2, day), "minutes_per_session": 90}
        await office.hear(CadenceChangedV1(worker_id=worker, org_unit_id=office.team, **told))
        seen.append((await office.figures(worker))[0])
    hours = [37 - 1.5 - 1.5, 37 - 1.5 - 0.75]
    assert seen == pytest.approx([100 * h / 37 for h in hours])
    kinds = [line["kind"] for line in (await office.workload(worker))["lines"] if line["side"] == "available"]
    assert kinds == ["contracted_hours", "protected_supervision", "protected_cpd"]


async def test_development_time_promised_to_a_worker_is_protected_from_its_day(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    start = timed.today + timedelta(days=2)
    await timed.hear(
        ProtectedTimeChangedV1(worker_id=worker, org_unit_id=timed.team, from_on=start, hours_per_week=Decimal("3.7"))
    )
    timed.clock.forward(days=2)
    await timed.let_time_work()
    days = (start - timedelta(days=1), start)
    assert [(await timed.figures(worker, day))[0] for day in days] == [100, 90]
    assert await timed.told_types(worker) == ["workload.changed", "workload.changed"]


async def test_assessed_year_reduces_the_load_until_it_ends(timed: Office) -> None:
    await timed.agree()
    worker, year = await timed.hire(), new_id()
    about: dict[str, Any] = {"assessed_year_id": year, "worker_id": worker, "org_unit_id": timed.team}
    agreed = {"programme": "asye", "assessor_id": new_id(), "ends_on": date(2027, 3, 3), "limit_on": date(2028, 3, 3)}
    start = timed.today + timedelta(days=1)
    await timed.hear(
        AssessedYearAgreedV1(**about, **agreed, started_on=start, protected_pct=Decimal(10), workload_pct=Decimal(90))
    )
    timed.clock.forward(days=5)
    await timed.let_time_work()
    await timed.hear(AssessedYearEndedV1(**about, ended_on=timed.today, outcome="passed", on_time=True))
    days = [start - timedelta(days=1), start, timed.today, timed.today + timedelta(days=1)]
    assert [(await timed.figures(worker, day))[0] for day in days] == [100, 90, 90, 100]
    timed.clock.forward(days=1)
    await timed.let_time_work()
    assert await timed.told_types(worker) == ["workload.changed"] * 3


async def test_part_time_newly_qualified_worker(office: Office) -> None:
    await office.agree()
    worker = await office.hire(career_stage="asye", contracted_hours=Decimal("18.5"))
    assert await office.figures(worker) == (45, 7.5, 16.7, "ok")


async def test_figure_of_a_day_in_the_past_stays_as_it_was(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    await timed.give_cases(worker, 3)
    timed.clock.forward(days=7)
    cases = (await timed.get(f"/workers/{worker}/cases", timed.boss))["items"]
    assert len(cases) == 3
    for case in cases:
        body = {"closed_on": str(timed.today), "reason": "done"}
        await timed.post(f"/cases/mosaic/{case['reference']}/close", body, timed.boss, 200)
    now = timed.today
    days = [now - timedelta(days=n) for n in (8, 7, 1, 0)]
    assert [(await timed.figures(worker, day))[1] for day in days] == [15, 36, 36, 15]


async def test_before_and_after_employment_there_is_no_figure(office: Office) -> None:
    await office.agree()
    worker = await office.hire(employment_started_on=date(2026, 2, 1), employment_ended_on=date(2026, 4, 30))
    days = ("2026-01-31", "2026-02-01", "2026-04-30", "2026-05-01")
    assert [(await office.figures(worker, date.fromisoformat(day)))[3] for day in days] == ["none", "ok", "ok", "none"]


async def test_worker_contests_a_figure_and_someone_else_answers(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    me = token(roles=["practitioner", "team_manager"], worker_id=worker, org_unit_id=office.team)
    contest = await office.post(f"/workers/{worker}/contests", {"text": "two of these are court cases"}, me)
    assert (contest["opened_on"], contest["load_points"], contest["answered_on"]) == (str(office.today), 15, None)
    assert len((await office.get("/contests", office.boss))["items"]) == 1
    path, body = f"/workers/{worker}/contests/{contest['contest_id']}/answer", {"answer": "agreed", "upheld": True}
    assert (await office.post(path, body, me, 409))["type"] == "/problems/own-contest"
    answered = await office.post(path, body, office.boss, 200)
    assert (answered["answer"], answered["upheld"], answered["answered_on"]) == ("agreed", True, str(office.today))
    assert (await office.post(path, body, office.boss, 409))["type"] == "/problems/contest-answered"
    assert (await office.get("/contests", office.boss))["items"] == []
    listed = await office.get(f"/workers/{worker}/contests", me)
    assert [one["text"] for one in listed["items"]] == ["two of these are court cases"]
    told = [event for event in await office.told(worker) if isinstance(event, ContestAnsweredV1)]
    assert [event.upheld for event in told] == [True]
    await office.post(f"/workers/{worker}/contests/{new_id()}/answer", body, office.boss, 404)


async def test_words_about_a_worker_can_be_erased_and_the_facts_stay(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 1)
    await reduce(office, worker, 3.7)
    admin = token(roles=["workforce_admin"])
    await office.call("DELETE", f"/workers/{worker}/notes", admin, 204)
    assert (await office.figures(worker))[:2] == (90, 22)
    listed = await office.get(f"/workers/{worker}/reductions", office.boss)
    assert [(one["reason"], one["hours"]) for one in listed["items"]] == [(None, 3.7)]


async def test_who_sees_and_changes_what_of_a_worker(office: Office) -> None:
    await office.agree()
    worker, colleague = await office.hire(), await office.hire()
    elsewhere = await Office(office.client, office.database, office.clock).open()
    me, other = (token(roles=["practitioner"], worker_id=one, org_unit_id=office.team) for one in (worker, colleague))
    for path in ("workload", "cases", "reductions", "responsibilities", "contests"):
        await office.get(f"/workers/{worker}/{path}", me)
        await office.get(f"/workers/{worker}/{path}", token(roles=["senior_leader"]))
        for stranger in (other, elsewhere.boss, token(roles=["principal_social_worker"], org_unit_id=elsewhere.team)):
            await office.get(f"/workers/{worker}/{path}", stranger, 403)
        await office.get(f"/workers/{worker}/{path}", token(roles=["integration"]), 403)
        await office.get(f"/workers/{worker}/{path}", {}, 401)
    body = {"hours": 1, "reason": "x", "from": str(office.today)}
    for stranger in (me, other, elsewhere.boss, token(roles=["senior_leader"])):
        await office.post(f"/workers/{worker}/reductions", body, stranger, 403)
    await office.post(f"/workers/{worker}/contests", {"text": "x"}, other, 403)
    await office.get(f"/workers/{new_id()}/workload", office.psw, 404)
    await office.post(f"/workers/{new_id()}/reductions", body, office.psw, 404)
    await office.call("DELETE", f"/workers/{worker}/reductions/{new_id()}", office.boss, 404)


async def test_line_manager_elsewhere_reaches_a_worker(office: Office) -> None:
    await office.agree()
    manager = new_id()
    worker = await office.hire(line_manager_id=manager)
    who = token(roles=["team_manager"], worker_id=manager, org_unit_id=new_id())
    assert (await office.get(f"/workers/{worker}/workload", who))["load_points"] == 15
