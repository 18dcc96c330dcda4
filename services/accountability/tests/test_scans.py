"""What time causes: alerts move up the line when nobody answers, and follow the line when it changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, published, react_in
from contracts import Event
from services.accountability.commands.acknowledge import Acknowledge, acknowledge
from services.accountability.scans.alerts import scan_line, scan_overdue
from services.accountability.service import service
from services.accountability.tests.authority import TODAY, Authority

YESTERDAY = TODAY - timedelta(days=1)


async def heard(tx: Tx, *events: Event) -> None:
    await react_in(tx, service, *events)


async def the_alert(tx: Tx, kind: str = "workload.overloaded") -> dict[str, Any]:
    row = await tx.fetch_one(
        "select * from alerts where kind = %(kind)s order by raised_at desc, alert_id desc limit 1", {"kind": kind}
    )
    assert row is not None
    return row


async def told(tx: Tx) -> list[tuple[str, UUID]]:
    rows = await tx.fetch_all("select level, recipient_id from notifications order by created_at, notification_id")
    return [(row["level"], row["recipient_id"]) for row in rows]


async def types(tx: Tx) -> list[str]:
    return [event.TYPE.split(".")[2] for event in await published(tx)]


async def test_an_alert_that_nobody_answers_moves_up_to_the_director_and_ends_there(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded())
    assert await scan_overdue(tx) == 0, "its time has not run out"
    for _ in range(4):
        tx.now += timedelta(days=5)
        assert await scan_overdue(tx) == 1
        assert await scan_overdue(tx) == 0, "a second look changes nothing"
    alert = await the_alert(tx)
    assert (alert["level"], alert["accountable_worker_id"], alert["due_at"]) == ("director", place.director, None)
    assert await told(tx) == [
        ("line_manager", place.manager),
        ("head_of_service", place.head),
        ("principal_social_worker", place.psw),
        ("director", place.director),
    ]
    assert await types(tx) == ["raised", "escalated", "escalated", "escalated", "expired"]


async def test_an_alert_that_someone_took_on_moves_no_further(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded())
    await acknowledge(tx, Acknowledge((await the_alert(tx))["alert_id"], "We share the cases out."))
    tx.now += timedelta(days=30)
    assert await scan_overdue(tx) == 0


async def test_an_alert_skips_a_level_at_which_nobody_works(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded(), place.left(place.head, place.service, YESTERDAY))
    tx.now += timedelta(days=5)
    await scan_overdue(tx)
    assert (await the_alert(tx))["accountable_worker_id"] == place.psw


async def test_an_alert_leaves_a_manager_who_leaves(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded())
    assert await scan_line(tx) == 0
    await heard(tx, place.left(place.manager, place.team, YESTERDAY))
    assert await scan_line(tx) == 1
    assert await scan_line(tx) == 0
    alert = await the_alert(tx)
    assert (alert["level"], alert["accountable_worker_id"]) == ("head_of_service", place.head)
    assert await told(tx) == [("line_manager", place.manager), ("head_of_service", place.head)]


async def test_an_alert_follows_the_worker_to_a_new_line_manager_with_the_whole_time(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded())
    tx.now += timedelta(days=4)
    new_manager = new_id()
    await heard(
        tx, place.recorded(new_manager, place.team, place.head), place.recorded(place.worker, place.team, new_manager)
    )
    assert await scan_line(tx) == 1
    alert = await the_alert(tx)
    assert (alert["accountable_worker_id"], alert["due_at"]) == (new_manager, MONDAY_MORNING + timedelta(days=9))


async def test_a_manager_who_answers_from_a_later_day_answers_from_that_day(tx: Tx, place: Authority) -> None:
    successor = new_id()
    await heard(tx, *place.units(), *place.line(), place.recorded(place.worker, place.team, None))
    await heard(tx, place.recorded(place.manager, place.team, None), place.recorded(successor, place.team, None))
    await heard(tx, place.overloaded(), place.answers(place.team, successor, TODAY + timedelta(days=1)))
    assert await scan_line(tx) == 0
    tx.now += timedelta(days=1)
    assert await scan_line(tx) == 1
    assert (await the_alert(tx))["accountable_worker_id"] == successor


async def test_an_alert_whose_whole_line_left_is_with_nobody_until_someone_comes(tx: Tx, place: Authority) -> None:
    await heard(
        tx, *place.units(), place.recorded(place.manager, place.team, None), place.answers(place.team, place.manager)
    )
    await heard(tx, place.recorded(place.worker, place.team, place.manager), place.overloaded())
    await heard(tx, place.left(place.manager, place.team, YESTERDAY))
    assert await scan_line(tx) == 1
    assert (await the_alert(tx))["accountable_worker_id"] is None
    nobody = await the_alert(tx, "accountability.nobody")
    assert (nobody["status"], nobody["subject_id"]) == ("open", str(place.team))
    await heard(tx, place.recorded(place.head, place.service, None), place.answers(place.service, place.head))
    assert await scan_line(tx) == 0, "found at once"
    assert (await the_alert(tx))["accountable_worker_id"] == place.head
    assert (await the_alert(tx, "accountability.nobody"))["status"] == "resolved"


async def test_an_answer_is_counted_as_in_time_only_before_the_alert_moved(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded(), place.missed(TODAY - timedelta(days=40)))
    in_time, late = await the_alert(tx), await the_alert(tx, "supervision.missed")
    await acknowledge(tx, Acknowledge(in_time["alert_id"], "on it"))
    tx.now += timedelta(days=6)
    await scan_overdue(tx)
    await acknowledge(tx, Acknowledge(late["alert_id"], "on it now"))
    await heard(tx, *await published(tx))
    rows = await tx.fetch_all(
        "select tally, sum(amount)::int as amount from figures where tally like 'alerts%%' group by 1"
    )
    assert {row["tally"]: row["amount"] for row in rows} == {"alerts": 2, "alerts_answered_in_time": 1}


async def test_an_alert_that_comes_before_its_worker_is_known_finds_the_manager_at_once(
    tx: Tx, place: Authority
) -> None:
    await heard(tx, *place.units(), place.overloaded())
    assert (await the_alert(tx))["accountable_worker_id"] is None
    await heard(
        tx, place.recorded(place.manager, place.team, None), place.recorded(place.worker, place.team, place.manager)
    )
    alert = await the_alert(tx)
    assert (alert["level"], alert["accountable_worker_id"]) == ("line_manager", place.manager)
    assert (await the_alert(tx, "accountability.nobody"))["status"] == "resolved"
