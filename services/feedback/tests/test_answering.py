"""Answering: by every channel, in several languages, stored once, gone on with later, and safe from what machines send."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.feedback.tests.world import SCALES, World

KEY = re.compile(r"<strong>([a-z0-9-]{19})</strong>")
ALL = {**dict.fromkeys(SCALES, 3), "hours_worked": 40, "caseload": 18, "new_cases": 2}


async def everything(world: World) -> str:
    """Every row of every table, as text."""
    async with world.database.reading() as tx:
        names = await tx.fetch_all("select tablename from pg_tables where schemaname = 'public'")
        rows = [await tx.fetch_all(f'select t::text from "{row["tablename"]}" t') for row in names]
        outbox = await tx.fetch_all("select attributes, convert_from(data, 'UTF8') as data from outbox")
    return json.dumps([rows, outbox], default=str)


async def count(world: World, state: str = "sent") -> int:
    async with world.database.reading() as tx:
        return int(await tx.fetch_value("select count(*) from responses where state = %(state)s", {"state": state}))


async def test_a_person_answers_on_a_page_without_scripts(world: World) -> None:
    token = await world.link(await world.campaign())
    page = await world.get(f"/forms/{token}", None)
    assert '<html lang="en" dir="ltr">' in page
    assert "<script" not in page
    assert page.count("<fieldset") == len(SCALES) + 1
    assert page.count('<label for="') > page.count('type="radio"')
    fields = {f"q.{key}": "4" for key in SCALES} | {"q.change": "Fewer forms.", "do": "send"}
    thanks = await world.form(f"/forms/{token}", **fields, key="abcd-efgh-jkmn-pqrs")
    assert "Thank you" in thanks
    own = await world.post("/own-answers", None, key="ABCD efgh jkmn pqrs")
    assert own["answers"] == {**dict.fromkeys(SCALES, 4), "change": "Fewer forms."}
    assert own["state"] == "sent"


async def test_the_page_comes_in_easy_words(world: World) -> None:
    token = await world.link(await world.campaign())
    page = await world.get(f"/forms/{token}", None, lang="en-x-easy")
    assert '<html lang="en-x-easy" dir="ltr">' in page
    assert "I am safe at work." in page
    assert "Yes, very much" in page
    asked = await world.get(f"/answers/{token}", None, lang="en-x-easy")
    assert "I am safe at work." in [question["text"] for question in asked["questions"]]
    heard = await world.call("GET", f"/answers/{token}", None, headers={"Accept-Language": "pl, en-x-easy;q=0.5"})
    assert heard["language"] == "en-x-easy"


async def test_answers_in_another_language_fall_back_word_by_word(world: World) -> None:
    title = {"en": "Your visit", "cy": "Eich ymweliad", "ur": "آپ کا دورہ"}
    question = {"key": "kind", "kind": "text", "text": {"en": "What was good?"}}
    made = await world.questionnaire(
        key="visits", title=title, languages=["en", "cy", "ur"], introduction={}, scales={}, questions=[question]
    )
    token = await world.link(await world.campaign(questionnaire_id=made["questionnaire_id"]))
    page = await world.get(f"/forms/{token}", None, lang="cy")
    assert "Eich ymweliad" in page
    assert "What was good?" in page
    assert '<html lang="ur" dir="rtl">' in await world.get(f"/forms/{token}", None, lang="ur")


async def test_a_double_click_is_stored_once(world: World) -> None:
    token = await world.link(await world.campaign())
    fields = {"q.s1_1": "4", "do": "send", "key": "abcd-efgh-jkmn-pqrs"}
    await world.form(f"/forms/{token}", **fields)
    again = await world.form(f"/forms/{token}", **{**fields, "q.s1_1": "0"})
    assert "stored once" in again
    assert await count(world) == 1
    assert (await world.post("/own-answers", None, key=fields["key"]))["answers"] == {"s1_1": 4}


async def test_a_single_use_link_is_opened_twice_and_stored_once(world: World) -> None:
    campaign = await world.campaign()
    body = {"org_unit_id": str(world.teams[0]), "count": 2}
    made = await world.post(f"/campaigns/{campaign['campaign_id']}/invitations", world.psw, 201, **body)
    token, _ = (page.rsplit("/", 1)[1] for page in made["pages"])
    for _ in range(2):
        assert "<form" in await world.get(f"/forms/{token}", None)
    assert (await world.post(f"/answers/{token}", None, answers=ALL))["state"] == "sent"
    assert (await world.post(f"/answers/{token}", None, answers={"s1_1": 0}))["state"] == "sent_before"
    assert "stored once" in await world.get(f"/forms/{token}", None)
    assert await count(world) == 1
    assert (await world.get(f"/campaigns/{campaign['campaign_id']}", world.psw))["asked"] == 2
    assert token not in await everything(world)


async def test_what_was_saved_is_there_when_one_goes_on(world: World) -> None:
    token = await world.link(await world.campaign())
    saved = await world.form(f"/forms/{token}", **{"q.s1_1": "2", "q.change": "Less <paper> & more time", "do": "save"})
    (key,) = KEY.findall(saved)
    assert await count(world) == 0
    page = await world.form(f"/forms/{token}", key=key.upper(), do="load")
    assert 'id="s1_1.2" name="q.s1_1" value="2" checked' in page
    assert "Less &lt;paper&gt; &amp; more time</textarea>" in page
    await world.form(f"/forms/{token}", **{"q.s1_1": "2", "q.s1_2": "3", "do": "send", "key": key})
    assert (await world.post("/own-answers", None, key=key))["answers"] == {"s1_1": 2, "s1_2": 3}
    assert (await count(world), await count(world, "draft")) == (1, 0)


async def test_a_program_goes_on_with_what_it_kept(world: World) -> None:
    token = await world.link(await world.campaign())
    kept = await world.post(f"/answers/{token}", None, answers={"s1_1": 1}, send=False)
    assert kept["state"] == "draft"
    assert "s1_2" in kept["unanswered"]
    done = await world.post(f"/answers/{token}", None, answers=ALL, key=kept["key"])
    assert (done["state"], done["unanswered"], done["key"]) == ("sent", [], kept["key"])


async def test_a_kiosk_shows_nothing_of_one_person_to_the_next(world: World) -> None:
    token = await world.link(await world.campaign(), "kiosk")
    page = await world.get(f"/forms/{token}", None)
    assert "Save and go on later" not in page
    thanks = await world.form(f"/forms/{token}", **{"q.change": "A secret.", "do": "send"})
    assert "Next person" in thanks
    assert KEY.findall(thanks) == []
    assert "A secret." not in await world.get(f"/forms/{token}", None)
    assert (await world.post(f"/answers/{token}", None, answers={"s1_1": 1}))["key"] is None


async def test_a_link_is_drawn_as_a_qr_code_for_paper(world: World) -> None:
    token = await world.link(await world.campaign(), "paper")
    answer = await world.client.get(f"/v1/feedback/forms/{token}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.count("<path") >= 1
    await world.get("/forms/nothing/qr.svg", None, 404)
    sheet = await world.get(f"/forms/{token}/paper", None)
    assert "<svg" in sheet
    assert "<?xml" not in sheet
    assert sheet.count("☐") == 5 * len(SCALES)
    assert "<form" not in sheet


async def test_a_paper_form_and_a_tool_bring_answers_in_once(world: World) -> None:
    campaign = await world.campaign()
    path = f"/campaigns/{campaign['campaign_id']}/collected-answers"
    body: dict[str, Any] = {
        "channel": "paper",
        "reference": "sheet A-1",
        "org_unit_id": str(world.teams[0]),
        "answers": ALL,
    }
    assert (await world.post(path, world.boss, 403, **body))["type"] == "/problems/outside-reach"
    assert (await world.post(path, world.psw, **body))["state"] == "sent"
    assert (await world.post(path, world.psw, **body))["state"] == "sent_before"
    assert (await world.post(path, world.psw, **{**body, "reference": "sheet a1"}))["state"] == "sent"
    assert (await world.post(path, world.tool, **{**body, "channel": "tool"}))["state"] == "sent"
    assert await count(world) == 3
    elsewhere = {**body, "reference": "x", "org_unit_id": str(world.authority)}
    assert (await world.post(path, world.psw, 422, **elsewhere))["type"] == "/problems/not-in-campaign"
    wrong = await world.post(path, world.psw, 422, **{**body, "reference": "y", "answers": {"s1_1": 9}})
    assert wrong["errors"] == [{"field": "s1_1", "problem": "Answer with a whole number from 0 to 4."}]


async def test_mistakes_on_a_page_are_named_and_nothing_that_was_written_is_lost(world: World) -> None:
    token = await world.link(await world.campaign())
    fields = {
        "q.caseload": "many",
        "q.change": "Keep this.",
        "contact": "no address",
        "do": "send",
        "key": "abcd-efgh-jkmn-pqrs",
    }
    page = await world.form(f"/forms/{token}", 422, **fields)
    assert 'role="alert"' in page
    assert '<a href="#caseload">' in page
    assert '<a href="#contact">' in page
    assert "Keep this." in page
    assert 'value="abcd-efgh-jkmn-pqrs"' in page
    assert await count(world) == 0


async def test_nothing_at_all_is_no_answer(world: World) -> None:
    token = await world.link(await world.campaign())
    assert (await world.post(f"/answers/{token}", None, 422, answers={}))["type"] == "/problems/nothing-answered"
    assert "at least one question" in await world.form(f"/forms/{token}", 422, do="send")


@pytest.mark.parametrize(
    ("instant", "expected"),
    [("2026-03-01T12:00", 409), ("2026-03-15T23:30", 200), ("2026-03-16T00:01", 409)],
    ids=["the day before", "on the last evening", "the day after"],
)
async def test_answers_are_taken_while_the_campaign_is_open(world: World, instant: str, expected: int) -> None:
    token = await world.link(await world.campaign())
    await world.to(instant)
    await world.post(f"/answers/{token}", None, expected, answers=ALL)
    page = await world.get(f"/forms/{token}", None)
    assert ("<fieldset" in page) == (expected == 200)


async def test_one_reads_and_erases_ones_own_answers_with_the_key(world: World) -> None:
    token = await world.link(await world.campaign())
    key = (await world.post(f"/answers/{token}", None, answers={"change": "Forget this."}))["key"]
    shown = await world.form("/own", key=key, do="show")
    assert "Forget this." in shown
    assert "erased" in await world.form("/own", key=key, do="erase")
    assert "Forget this." not in await everything(world)
    await world.post("/own-answers/erase", None, 404, key=key)
    await world.form("/own", 404, key=key, do="show")


async def test_of_whoever_answers_nothing_is_kept(world: World) -> None:
    token = await world.link(await world.campaign())
    headers = {
        **world.me,
        "User-Agent": "canary-agent",
        "X-Forwarded-For": "203.0.113.77",
        "X-Request-Id": "canary-request",
        "Cookie": "session=canary-session",
        "traceparent": "00-ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7c0-ca4a7ca4a7ca4a70-01",
        "Idempotency-Key": "canary-key",
    }
    body = {"answers": {"change": "Known words."}, "contact": "Somebody@Example.org"}
    key = (await world.call("POST", f"/answers/{token}", None, json=body, headers=headers))["key"]
    kept = await everything(world)
    assert "Known words." in kept
    for trace in ("canary", "203.0.113.77", "ca4a7", key, key.replace("-", "")):
        assert trace not in kept, trace
    async with world.database.reading() as tx:
        (contact,) = await tx.fetch_all("select * from contacts")
        (response,) = await tx.fetch_all("select * from responses")
    assert contact["address"] == "somebody@example.org"
    assert contact["contact_id"].version == response["response_id"].version == 4
    assert str(response["response_id"]) not in str(contact)
    assert "12:00" not in str(response["kept_on"])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("<script>fetch('//evil')</script>", id="a script"),
        pytest.param("<IMG SRC=x onerror=alert(1)>", id="an image that runs"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("\x1b[2J", id="a terminal's control sequence"),
        pytest.param("x" * 4001, id="too long"),
        pytest.param("x" * 200_000, id="much too long"),
    ],
)
async def test_hostile_words_are_refused_with_the_field_and_nothing_is_written(world: World, words: str) -> None:
    token = await world.link(await world.campaign())
    problem = await world.post(f"/answers/{token}", None, 422, answers={"change": words, "s1_1": 3})
    assert "change" in json.dumps(problem["errors"])
    await world.form(f"/forms/{token}", 422, **{"q.change": words, "do": "send"})
    assert await count(world) == 0


async def test_ten_megabytes_are_refused(world: World) -> None:
    token = await world.link(await world.campaign())
    page = await world.form(f"/forms/{token}", 413, **{"q.change": "x" * 10_000_000, "do": "send"})
    assert len(page) < 10_000
    assert await count(world) == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"\xff\xfe=1", "application/x-www-form-urlencoded", id="no ASCII"),
        pytest.param(b"q.change=%ff%fe", "application/x-www-form-urlencoded", id="no UTF-8"),
        pytest.param(
            b"&".join(b"q.s1_1=1" for _ in range(1000)), "application/x-www-form-urlencoded", id="a thousand fields"
        ),
        pytest.param(b'{"do": "send"}', "application/json", id="another kind"),
        pytest.param(b"", "application/x-www-form-urlencoded", id="nothing"),
        pytest.param(b"do=send&q.%3Cscript%3E=1", "application/x-www-form-urlencoded", id="a script as a name"),
    ],
)
async def test_a_form_that_the_page_did_not_send_is_refused(world: World, body: bytes, kind: str) -> None:
    token = await world.link(await world.campaign())
    page = await world.call("POST", f"/forms/{token}", None, 422, content=body, headers={"Content-Type": kind})
    assert "<script>" not in str(page)
    assert await count(world) == 0


async def test_ordinary_words_are_kept_as_they_are(world: World) -> None:
    token = await world.link(await world.campaign())
    words = "Load < 5 & > 3; «naïve» 🙂 O'Brien; drop table comments;--"
    key = (await world.post(f"/answers/{token}", None, answers={"change": words}))["key"]
    assert (await world.post("/own-answers", None, key=key))["answers"]["change"] == words


async def test_what_fills_in_the_field_that_nobody_sees_is_turned_away(world: World) -> None:
    token = await world.link(await world.campaign())
    await world.post(f"/answers/{token}", None, 422, answers=ALL, website="http://spam")
    await world.form(f"/forms/{token}", 422, **{"q.s1_1": "1", "website": "http://spam", "do": "send"})
    assert await count(world) == 0


async def test_a_flood_is_refused_and_loses_nothing_that_was_taken(world: World) -> None:
    campaign = await world.campaign()
    token, other = await world.link(campaign), await world.link(await world.campaign())
    body: dict[str, Any] = {"answers": {"s1_1": 1}}
    answers = [await world.client.post(f"/v1/feedback/answers/{token}", json=body) for _ in range(160)]
    assert [answer.status_code for answer in answers] == [200] * 120 + [429] * 40
    assert all(answer.headers["retry-after"] == "1" for answer in answers[120:])
    assert await count(world) == 120
    assert (await world.post(f"/answers/{other}", None, answers=ALL))["state"] == "sent", "other campaigns go on"
    world.clock.forward(seconds=1)
    assert (await world.post(f"/answers/{token}", None, answers=ALL))["state"] == "sent"


async def test_a_link_that_is_not_known_says_so(world: World) -> None:
    await world.get("/answers/abcd", None, 404)
    assert "No questionnaire has this link" in await world.get("/forms/abcd", None, 404)
    assert await world.get("/style.css", None)
    assert "Your key" in await world.get("/own", None)
