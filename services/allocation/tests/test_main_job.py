"""The main job's numbers, through the real doors."""

from __future__ import annotations

from datetime import timedelta

from services.allocation.tests.office import Office


async def test_fifteen_stable_seventy_in_cases_ten_in_responsibilities_make_95_percent(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 10)
    body = {"description": "practice educator", "points": 10, "from": str(office.today - timedelta(days=1))}
    await office.post(f"/workers/{worker}/responsibilities", body, office.boss)
    seen = await office.workload(worker)
    assert (seen["load_points"], seen["available_points"], seen["utilisation_pct"]) == (95, 100, 95)
    assert (seen["band"], seen["overloaded"]) == ("amber", False)
    assert sum(line["points"] for line in seen["lines"] if line["side"] == "load") == 95
    assert sum(line["points"] for line in seen["lines"] if line["side"] == "available") == 100


async def test_too_much_is_shown_refused_and_overridden_with_a_reason(office: Office) -> None:
    await office.agree()
    worker, other = await office.hire(), await office.hire(career_stage="asye", newly_qualified=True)
    await office.give_cases(worker, 10)
    body = {"description": "practice educator", "points": 10, "from": str(office.today)}
    await office.post(f"/workers/{worker}/responsibilities", body, office.boss)
    heavy = await office.case("child_protection")

    preview = await office.post(f"{heavy}/preview", {"worker_id": str(worker)}, office.boss, 200)
    assert (preview["before"]["utilisation_pct"], preview["after"]["utilisation_pct"]) == (95, 105)
    assert (preview["allowed"], preview["problems"]) == (False, ["workload-limit"])

    refusal = await office.allocate(heavy, worker, expect=409)
    assert refusal["type"] == "/problems/workload-limit"

    ranked = await office.get(f"{heavy}/recommendations", office.boss)
    assert [one["worker_id"] for one in ranked["items"]] == [str(other)]
    assert ranked["items"][0]["reasons"]
    assert [(one["worker_id"], one["reasons"][0]["code"]) for one in ranked["excluded"]] == [
        (str(worker), "workload-limit")
    ]

    done = await office.allocate(heavy, worker, override_reason="no other worker speaks the family's language")
    assert (done["before"]["utilisation_pct"], done["after"]["utilisation_pct"]) == (95, 105)
    assert (await office.workload(worker))["band"] == "over"
    assert (await office.told_types(worker))[-3:] == ["limit.overridden", "workload.changed", "workload.overloaded"]

    await office.post(
        f"{heavy}/close", {"closed_on": str(office.today), "reason": "moved away"}, office.case_system, 200
    )
    assert (await office.told_types(worker))[-2:] == ["workload.changed", "workload.relieved"]


async def test_no_case_reference_and_no_words_leave_the_service(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = await office.case(reference="SECRET-77")
    await office.allocate(case, worker, reason="words about a family")
    await office.post(f"{case}/release", {"reason": "more words"}, office.boss, 200)
    everything = "".join(event.model_dump_json() for event in await office.told())
    assert "SECRET-77" not in everything
    assert "words" not in everything
