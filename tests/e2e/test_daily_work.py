"""What people and systems do from day to day, and what happens when they get something wrong."""

from __future__ import annotations

import json

from tests.e2e.deployment import eventually
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place

HEADER = (
    "name,employee_ref,org_unit,job_role,career_stage,newly_qualified,is_social_worker,contracted_hours,"
    "employment_started_on,line_manager_ref"
)


def test_human_resources_send_a_file_and_learn_which_lines_to_mend(town: Place) -> None:
    where = f"Authority {town.run}/Children/North"
    manager = f"team-manager-{town.run}"
    lines = [
        f"Ada Mensah,F1-{town.run},{where},social worker,practitioner,no,yes,37,2024-02-01,{manager}",
        f"Ben Okafor,F2-{town.run},{where},social worker,wizard,no,yes,37,2024-02-01,{manager}",
        f"Cai Rees,F3-{town.run},{where},social worker,practitioner,no,yes,many,2024-02-01,{manager}",
        f"Dee Shah,F4-{town.run},Nowhere,social worker,practitioner,no,yes,37,2024-02-01,{manager}",
        f"Eve Jones,F5-{town.run},{where},social worker,practitioner,no,yes,37,2024-02-31,{manager}",
        f"Fay Khan,F6-{town.run},{where},social worker,practitioner,no,yes,29.6,01/03/2024,{manager}",
        f'Gus "Lee,F7-{town.run},too few cells',
    ]
    file = "\n".join([HEADER, *lines]) + "\n"
    answer = town.hr.send_file("/v1/workforce/imports", "text/csv", file)
    assert answer["accepted"] == 2
    wrong = {(line["line"], line["field"]) for line in answer["rejected"]}
    assert wrong >= {(3, "career_stage"), (4, "contracted_hours"), (5, "org_unit"), (6, "employment_started_on")}
    assert {line["line"] for line in answer["rejected"]} == {3, 4, 5, 6, 8}
    assert all(line["problem"] for line in answer["rejected"])

    again = town.hr.send_file("/v1/workforce/imports", "text/csv", file)
    assert (again["accepted"], again["unchanged"], again["created"]) == (2, 2, 0)
    recorded = town.hr.get("/v1/workforce/workers", org_unit_id=town.team, limit=100)["items"]
    assert {w["employee_ref"][:2] for w in recorded if w["employee_ref"].startswith("F")} == {"F1", "F6"}


def test_a_case_system_sends_a_night_of_cases_and_one_bad_line_stops_none_of_the_others(town: Place) -> None:
    def line(reference: str, **facts: str) -> str:
        usual = {"source": "mosaic", "reference": f"{reference}-{town.run}", "case_type": "child_in_need"}
        more = {"complexity": "standard", "org_unit_id": town.team, "priority": "low", "received_on": town.days_ago(1)}
        return json.dumps({**usual, **more, **facts})

    lines = [line("N1"), line("N2", priority="whenever"), "{broken", line("N3"), line("N4", received_on="soon")]
    path, kind = "/v1/allocation/cases:batch", "application/x-ndjson"
    answer = town.case_system.send_file(path, kind, "\n".join(lines))
    assert (answer["accepted"], answer["unchanged"]) == (2, 0)
    assert [one["line"] for one in answer["rejected"]] == [2, 3, 5]
    assert all(one["problem"] for one in answer["rejected"])
    again = town.case_system.send_file(path, kind, "\n".join(lines))
    assert (again["accepted"], again["unchanged"]) == (0, 2)
    waiting = town.boss.get("/v1/allocation/unallocated", org_unit_id=town.team, limit=200)["items"]
    assert {case["reference"] for case in waiting} >= {f"N1-{town.run}", f"N3-{town.run}"}


def test_wrong_input_is_answered_with_the_field_and_a_way_out_and_nothing_is_written(town: Place) -> None:
    reversed_dates = {"from": town.days_ago(1), "to": town.days_ago(5), "reason": "sickness"}
    problem = town.hr.post(f"/v1/workforce/workers/{town.manager}/absences", 422, **reversed_dates)
    assert problem["type"].endswith("/problems/invalid-input")
    assert "to" in {field["field"] for field in problem["errors"]}
    assert town.hr.get(f"/v1/workforce/workers/{town.manager}/absences")["items"] == []

    nobody = "00000000-0000-7000-8000-000000000000"
    town.boss.post(f"{town.case('lost')}/allocations", 403, worker_id=nobody, reason="x", discussed_with_worker=True)
    tomorrow = {"supervisor_id": town.manager, "uninterrupted": True, "kind": "individual", "minutes": 90}
    problem = town.overseer.post("/v1/supervision/sessions", 422, worker_id=town.psw, held_at=town.at(-1), **tomorrow)
    assert "held_at" in json.dumps(problem)


def test_a_request_sent_twice_under_one_key_has_one_effect(town: Place) -> None:
    path = f"/v1/workforce/workers/{town.head}/absences"
    sent = {"from": town.days_ago(3), "to": town.days_ago(2), "reason": "training"}
    first = town.hr.post(path, 201, f"away-{town.run}", **sent)
    assert town.hr.post(path, 201, f"away-{town.run}", **sent) == first
    problem = town.hr.post(path, 422, f"away-{town.run}", **{**sent, "reason": "sickness"})
    assert problem["type"].endswith("/problems/idempotency-key-reused")
    assert len(town.hr.get(path)["items"]) == 1


def test_a_worker_contests_a_figure_and_gets_an_answer_with_a_date(town: Place) -> None:
    worker = town.worker("contests")
    town.until_known(worker)
    town.allocate(town.case("contested"), worker)
    path = f"/v1/allocation/workers/{worker}/contests"
    opened = town.practitioner(worker).post(path, text="The family has four children; this counts as one.")
    assert opened["answer"] is None
    answered = town.boss.post(f"{path}/{opened['contest_id']}/answer", 200, answer="You are right.", upheld=True)
    assert (answered["upheld"], answered["answered_on"]) == (True, town.today.isoformat())
    seen = town.practitioner(worker).get(path)["items"]
    assert [(one["answer"], one["load_points"]) for one in seen] == [("You are right.", 22)]


def test_a_practitioner_sees_their_own_record_and_nobody_elses(town: Place) -> None:
    mine, other = town.worker("own"), town.worker("other")
    town.until_known(mine, other)
    me = town.practitioner(mine)
    for path in (
        "/v1/allocation/workers/{}/workload",
        "/v1/supervision/workers/{}/periods",
        "/v1/workforce/workers/{}",
        "/v1/allocation/workers/{}/contests",
    ):
        assert me.status_of(path.format(mine)) == 200, path
        assert me.status_of(path.format(other)) in (403, 404), path
    me.post(f"/v1/allocation/workers/{other}/contests", 403, text="not mine")


def test_a_session_recorded_late_restates_the_figures(town: Place) -> None:
    worker = town.newly_qualified("late", started_days_ago=8)
    town.until_known(worker)
    town.one_alert("supervision.missed", worker)
    on_that_day = {"from": town.days_ago(2), "to": town.days_ago(1)}
    met, judged = eventually(
        lambda: town.figure("supervision.on_time", **on_that_day), lambda seen: seen[1] > seen[0], "the miss is counted"
    )

    town.hold_session(worker, days_ago=4)
    restated = (met + 1, judged)
    eventually(lambda: town.figure("supervision.on_time", **on_that_day), lambda seen: seen == restated, "restated")
    span = {"org_unit_id": town.team, "grain": "day", **on_that_day}
    rows = town.reporting.get("/v1/accountability/measures", measure="supervision.on_time", **span)["items"]
    assert any(row["restated_at"] for row in rows)
    eventually(lambda: town.alerts("supervision.missed", worker), lambda found: not found, "the alert resolves itself")
    assert [period["status"] for period in town.periods(worker)["periods"]] == ["met", "open"]


def test_an_absence_excuses_a_period_that_it_covers(town: Place) -> None:
    worker = town.newly_qualified("away", started_days_ago=8)
    town.until_known(worker)
    town.one_alert("supervision.missed", worker)
    away = {"from": town.days_ago(8), "to": town.days_ago(1), "reason": "sickness"}
    town.hr.post(f"/v1/workforce/workers/{worker}/absences", **away)

    def statuses() -> list[str]:
        return [period["status"] for period in town.periods(worker)["periods"]]

    eventually(statuses, lambda seen: seen == ["excused", "open"], "the absence excuses the week")
    eventually(lambda: town.alerts("supervision.missed", worker), lambda found: not found, "nothing was missed")
    record = town.periods(worker)
    assert (record["met"], record["missed"], record["excused"], record["on_time_pct"]) == (0, 0, 1, None)


def test_whoever_answers_for_an_alert_gets_one_message_about_it(town: Place, mailbox: Mailbox) -> None:
    address = f"lead-{town.run}@council.example"
    lead = town.worker("lead", job_role="assistant team manager", career_stage="manager", email=address)
    worker = town.worker("pressed", line_manager_id=lead, monitored_from=town.days_ago(0))
    town.until_known(worker)
    town.overload(worker)
    alert = town.one_alert("workload.overloaded", worker)
    [message] = eventually(lambda: mailbox.to(address), bool, "a message arrives")
    assert "Worker pressed" not in message.as_string()
    assert alert["alert_id"] in message.get_content()
    town.allocate(town.case("more", "child_protection"), worker, override_reason="again nobody else")
    town.one_alert("workload.overloaded", worker)
    assert len(mailbox.to(address)) == 1
