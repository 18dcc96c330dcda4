"""The workload of units, the cases that wait, and who could take one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from chassis.ids import new_id
from chassis.testing import token
from contracts.workforce import AbsenceRecordedV1, OrgUnitRecordedV1
from services.allocation.tests.office import Office


async def test_team_is_a_ratio_of_sums(office: Office) -> None:
    await office.agree()
    full, part = await office.hire(), await office.hire(contracted_hours=Decimal("18.5"))
    await office.give_cases(full, 5)
    await office.give_cases(part, 6)
    await office.case()
    seen = await office.get(f"/org-units/{office.team}/workload", office.boss)
    assert (seen["load_points"], seen["available_points"], seen["utilisation_pct"]) == (99.5, 150, 66.3)
    assert (seen["unallocated_cases"], seen["band"]) == (1, "ok")
    assert sorted(one["utilisation_pct"] for one in seen["workers"]) == [50, 99]
    above = await office.get(f"/org-units/{office.authority}/workload", office.psw)
    assert (above["load_points"], above["unallocated_cases"]) == (99.5, 1)


async def test_lines_of_a_team_count_cases_of_a_kind_together(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 3)
    await office.give_cases(worker, 1, "child_protection")
    seen = await office.get(f"/org-units/{office.team}/workload", office.boss)
    words = [line["description"] for line in seen["workers"][0]["lines"] if line["kind"] == "case"]
    assert words == ["3 x child_in_need, standard", "1 x child_protection, standard"]


async def test_words_about_a_worker_are_not_shown_to_everyone_who_sees_the_unit(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    body = {"hours": 3.7, "reason": "a long illness", "from": str(office.today)}
    await office.post(f"/workers/{worker}/reductions", body, office.boss)
    seen = await office.get(f"/org-units/{office.team}/workload", token(roles=["reporting"]))
    assert "illness" not in str(seen)
    assert "illness" in str(await office.workload(worker))


async def test_unit_of_a_day_in_the_past(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    case = await timed.case()
    timed.clock.forward(days=2)
    await timed.allocate(case, worker)
    days = [timed.today - timedelta(days=n) for n in (8, 1, 0)]
    seen = [await timed.get(f"/org-units/{timed.team}/workload?as_of={day}", timed.boss) for day in days]
    assert [(one["load_points"], one["unallocated_cases"]) for one in seen] == [(15, 0), (15, 1), (22, 0)]


async def test_empty_unit_has_no_percentage(office: Office) -> None:
    seen = await office.get(f"/org-units/{office.team}/workload", office.boss)
    assert (seen["utilisation_pct"], seen["band"], seen["workers"]) == (None, "none", [])


async def test_waiting_cases_are_listed_most_urgent_and_oldest_first(office: Office) -> None:
    def days_ago(days: int) -> str:
        return str(office.today - timedelta(days=days))

    given = [("low", 30), ("urgent", 1), ("high", 2), ("urgent", 9), ("medium", 4)]
    for priority, days in given:
        await office.case(priority=priority, received_on=days_ago(days))
    listed = await office.get(f"/unallocated?org_unit_id={office.team}", office.boss)
    seen = [(case["priority"], case["days_waiting"]) for case in listed["items"]]
    assert seen == [("urgent", 9), ("urgent", 1), ("high", 2), ("medium", 4), ("low", 30)]
    paged, path = [], f"/unallocated?org_unit_id={office.team}&limit=2"
    cursor = ""
    while cursor is not None:
        page = await office.get(path + (f"&cursor={cursor}" if cursor else ""), office.boss)
        paged += [case["days_waiting"] for case in page["items"]]
        cursor = page["next"]
    assert paged == [9, 1, 2, 4, 30]


async def test_waiting_cases_of_others_are_not_seen(office: Office) -> None:
    elsewhere = await Office(office.client, office.database, office.clock).open()
    await elsewhere.case()
    assert (await office.get("/unallocated", office.boss))["items"] == []
    await office.get(f"/unallocated?org_unit_id={elsewhere.team}", office.boss, 403)
    await office.get("/unallocated", token(roles=["team_manager"], worker_id=new_id()), 403)
    await office.get("/unallocated?cursor=bm9uZQ==", office.boss, 400)
    await office.get("/unallocated?cursor=WzEsIDIsIDNd", office.boss, 400)


async def test_recommendation_says_who_why_and_who_not(office: Office) -> None:
    await office.agree()
    free, busy, full, away, student = [
        await office.hire(),
        *[await office.hire() for _ in range(3)],
        await office.hire(),
    ]
    await office.give_cases(busy, 5)
    await office.give_cases(full, 12)
    await office.hire(worker_id=student, career_stage="student")
    gone = AbsenceRecordedV1(
        absence_id=new_id(), worker_id=away, org_unit_id=office.team, from_on=office.today, to_on=office.today
    )
    await office.hear(gone)
    case = await office.case()
    seen = await office.get(f"{case}/recommendations", office.boss)
    assert [one["worker_id"] for one in seen["items"]] == [str(free), str(busy)]
    assert [(one["rank"], one["utilisation_after_pct"]) for one in seen["items"]] == [(1, 22), (2, 57)]
    for one in seen["items"]:
        assert one["score"] == sum(reason["effect"] for reason in one["reasons"])
    against = {one["worker_id"]: one["reasons"][0]["code"] for one in seen["excluded"]}
    assert against == {str(full): "workload-limit", str(away): "absent", str(student): "not-a-case-holder"}
    assert (await office.get(case, office.boss))["worker_id"] is None


async def test_previous_holder_and_skills_are_recommended(office: Office) -> None:
    await office.agree()
    before, signs, other = [await office.hire() for _ in range(3)]
    await office.put(f"/workers/{signs}/skills", {"skills": ["bsl"]}, office.boss, 204)
    case = await office.case(skills=["bsl"])
    await office.allocate(case, before)
    await office.post(f"{case}/release", {"reason": "absence"}, office.boss, 200)
    seen = (await office.get(f"{case}/recommendations", office.boss))["items"]
    assert [one["worker_id"] for one in seen] == [str(before), str(signs), str(other)]
    codes = [{reason["code"]: reason["effect"] for reason in one["reasons"]} for one in seen]
    assert (codes[0]["continuity"], codes[1]["skills_match"], codes[2]["skills_match"]) == (20, 15, 0)


async def test_recommendation_looks_as_far_as_the_caller_reaches(office: Office) -> None:
    await office.agree()
    south = new_id()
    await office.hear(OrgUnitRecordedV1(org_unit_id=south, parent_id=office.service, kind="team"))
    near, far = await office.hire(), await office.hire(org_unit_id=south)
    elsewhere = await Office(office.client, office.database, office.clock).open()
    await elsewhere.agree()
    await elsewhere.hire()
    case = await office.case()
    assert [one["worker_id"] for one in (await office.get(f"{case}/recommendations", office.boss))["items"]] == [
        str(near)
    ]
    whole = (await office.get(f"{case}/recommendations", office.psw))["items"]
    assert [one["worker_id"] for one in whole] == [str(near), str(far)]
    within = (await office.get(f"{case}/recommendations?org_unit_id={south}", office.psw))["items"]
    assert [one["worker_id"] for one in within] == [str(far)]


async def test_waiting_cases_come_with_the_best_of_their_own_rankings(office: Office) -> None:
    await office.agree()
    before, signs, other = [await office.hire() for _ in range(3)]
    await office.put(f"/workers/{signs}/skills", {"skills": ["bsl"]}, office.boss, 204)
    known = await office.case(priority="urgent")
    await office.allocate(known, before)
    await office.post(f"{known}/release", {"reason": "absence"}, office.boss, 200)
    signing = await office.case(priority="low", skills=["bsl"])
    page = await office.get(f"/recommendations?org_unit_id={office.team}&best=2", office.boss)
    assert [len(one["best"]) for one in page["items"]] == [2, 2]
    assert [one["eligible"] for one in page["items"]] == [3, 3]
    for one, case in zip(page["items"], (known, signing), strict=True):
        alone = (await office.get(f"{case}/recommendations", office.boss))["items"]
        assert case.endswith(one["case"]["reference"])
        assert one["best"] == alone[:2]
    first = await office.get("/recommendations?limit=1", office.boss)
    rest = await office.get(f"/recommendations?limit=1&cursor={first['next']}", office.boss)
    assert [one["case"]["priority"] for one in first["items"] + rest["items"]] == ["urgent", "low"]
    assert {one["worker_id"] for one in first["items"][0]["best"]} == {str(before), str(signs), str(other)}


async def test_waiting_cases_of_two_authorities_are_each_ranked_in_their_own(office: Office) -> None:
    await office.agree()
    near = await office.hire()
    await office.case()
    elsewhere = await Office(office.client, office.database, office.clock).open()
    await elsewhere.agree()
    far = await elsewhere.hire()
    await elsewhere.case()
    seen = (await office.get("/recommendations?limit=500", office.psw))["items"]
    best = {one["case"]["org_unit_id"]: [who["worker_id"] for who in one["best"]] for one in seen}
    assert (best[str(office.team)], best[str(elsewhere.team)]) == ([str(near)], [str(far)])
    await office.get("/recommendations", token(roles=["senior_leader"]), 403)
