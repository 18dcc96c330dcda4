"""From results to actions, and back to those who answered: the loop of clause 1.3."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from uuid import UUID

import aiosmtplib
import pytest
from pydantic import SecretStr

from chassis.testing import token
from contracts.feedback import (
    ActionAgreedV1,
    ActionDoneV1,
    ActionMovedV1,
    ActionOverdueV1,
    CampaignClosedV1,
    CampaignOpenedV1,
    CampaignToldV1,
    StandardScoredV1,
)
from services.feedback.commands.campaigns import close_campaign
from services.feedback.queries.campaigns import get_campaign
from services.feedback.scans.mailroom import Mailroom, MailSettings
from services.feedback.tests.world import World


class Outbox:
    """A mail server that keeps what it takes, or is away."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.away = False

    async def send(self, message: EmailMessage) -> None:
        if self.away:
            raise aiosmtplib.SMTPConnectError("away")
        self.sent.append(message)


def path(campaign: dict[str, str], rest: str = "") -> str:
    return f"/campaigns/{campaign['campaign_id']}{rest}"


async def act(world: World, campaign: dict[str, str], **changes: object) -> str:
    usual = {
        "org_unit_id": str(world.teams[0]),
        "owner_id": str(world.worker),
        "due_on": "2026-03-20",
        "what": "Fewer forms for visits.",
        "you_said": "There are too many forms.",
    }
    made = await world.post(path(campaign, "/actions"), world.psw, 201, **{**usual, **changes})
    return str(made["action_id"])


async def test_the_whole_loop_from_asking_to_telling(world: World) -> None:
    campaign = await world.closed(12, 14, 20)
    action = await act(world, campaign)
    done = await world.post(
        f"/actions/{action}/done", world.me, evidence="Form 7 is gone.", we_did="One form instead of four."
    )
    assert (done["state"], done["done_on"]) == ("done", "2026-03-02")
    assert (await world.get(campaign["published_at"].removeprefix("/v1/feedback"), None))["said"] == []
    told = await world.post(path(campaign, "/tell"), world.psw)
    page = await world.get(told["published_at"].removeprefix("/v1/feedback"), None)
    assert "There are too many forms." in page
    assert "One form instead of four." in page
    assert "Form 7" not in page
    assert "About 45 people answered." in page
    assert "75 (high)" in page
    kinds = (CampaignOpenedV1, CampaignClosedV1, ActionAgreedV1, ActionDoneV1, CampaignToldV1)
    assert [len(await world.events(kind)) for kind in kinds] == [1] * 5
    scored = await world.events(StandardScoredV1)
    assert [(one.standard, one.score, one.answered) for one in scored] == [(n, 75, 45) for n in range(1, 9)]


async def test_the_stream_learns_no_small_number_and_no_words(world: World) -> None:
    campaign = await world.closed(3, 4, 2, change="Mrs Smith never answers.")
    await act(world, campaign)
    (closed,) = await world.events(CampaignClosedV1)
    assert closed.answered is None
    assert await world.events(StandardScoredV1) == []
    async with world.database.reading() as tx:
        data = await tx.fetch_all("select convert_from(data, 'UTF8') as data from outbox")
    assert "Smith" not in str(data)
    assert "forms" not in str(data)


async def test_an_overdue_action_is_told_once_and_again_after_it_was_moved(world: World) -> None:
    action = await act(world, await world.closed(12, 14, 20))
    await world.to("2026-03-20T12:00")
    assert await world.events(ActionOverdueV1) == []
    for _ in range(2):
        await world.to("2026-03-21T06:00")
    assert [one.due_on.isoformat() for one in await world.events(ActionOverdueV1)] == ["2026-03-20"]
    (mine,) = (await world.get("/actions/mine", world.me))["items"]
    assert mine["state"] == "overdue"
    moved = await world.post(f"/actions/{action}/move", world.psw, due_on="2026-03-25", why="The printer was away.")
    assert moved["state"] == "agreed"
    assert len(await world.events(ActionMovedV1)) == 1
    await world.to("2026-03-26T06:00")
    assert len(await world.events(ActionOverdueV1)) == 2
    await world.post(f"/actions/{action}/drop", world.psw, why="The law asks for the form.")
    (done,) = await world.events(ActionDoneV1)
    assert (done.dropped, done.in_time) == (True, False)
    await world.post(f"/actions/{action}/done", world.me, 409, evidence="After all.")


async def test_only_the_owner_and_those_above_touch_an_action(world: World) -> None:
    campaign = await world.closed(12, 14, 20)
    own = await act(world, campaign)
    other = await act(world, campaign, owner_id=str(world.head), org_unit_id=str(world.teams[1]))
    await world.post(f"/actions/{other}/done", world.me, 403, evidence="Me.")
    await world.post(f"/actions/{other}/done", world.boss, 403, evidence="Me.")
    await world.put(f"/actions/{own}/words", world.boss, we_did="Asked the printers.")
    await world.post(f"/actions/{UUID(int=4)}/done", world.psw, 403, evidence="?")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"due_on": "2026-03-01"}, "day-passed", id="a day that has passed"),
        pytest.param({"owner_id": str(UUID(int=9))}, "no-such-worker", id="an owner who is not there"),
        pytest.param({"theme_id": str(UUID(int=9))}, "no-such-theme", id="a theme that is not there"),
        pytest.param({"what": "<script>x</script>"}, "invalid-input", id="a script"),
    ],
)
async def test_an_action_that_cannot_be_kept_is_refused(world: World, change: dict[str, str], problem: str) -> None:
    campaign = await world.closed(12, 14, 20)
    usual = {"org_unit_id": str(world.teams[0]), "owner_id": str(world.worker), "due_on": "2026-03-20", "what": "Act."}
    answer = await world.post(path(campaign, "/actions"), world.psw, 422, **{**usual, **change})
    assert answer["type"] == f"/problems/{problem}"


async def test_acting_waits_for_results_and_telling_for_words(world: World) -> None:
    campaign = await world.campaign()
    usual = {"org_unit_id": str(world.teams[0]), "owner_id": str(world.worker), "due_on": "2026-03-20", "what": "Act."}
    await world.post(path(campaign, "/actions"), world.psw, 409, **usual)
    await world.get(path(campaign, "/results"), world.psw, 409)
    await world.get(campaign["published_at"].removeprefix("/v1/feedback"), None, 404)
    await world.post(path(campaign, "/close"), world.psw)
    await world.post(path(campaign, "/actions"), world.psw, 201, **usual)
    assert (await world.post(path(campaign, "/tell"), world.psw, 409))["type"] == "/problems/nothing-to-tell"
    await world.post(path(campaign, "/close"), world.psw, 409)


async def test_those_who_left_an_address_hear_of_it_once_and_are_forgotten(world: World) -> None:
    campaign = await world.campaign()
    token = await world.link(campaign)
    for number in range(3):
        fields = {"q.s1_1": "3", "do": "send", "contact": f"person{number % 2}@example.org"}
        await world.form(f"/forms/{token}", **fields)
    await world.post(path(campaign, "/close"), world.psw)
    await act(world, campaign)
    (action,) = (await world.get(path(campaign, "/actions"), world.psw))["items"]
    await world.put(f"/actions/{action['action_id']}/words", world.psw, we_did="One form.")
    server = Outbox()
    settings = MailSettings(
        smtp_url=SecretStr("smtp://x"), mail_from="us@council.example", public_url="https://us.example/"
    )
    mailroom = Mailroom(settings=lambda: settings)
    mailroom.open(world.database)
    mailroom.sender = server
    async with world.database.transaction() as tx:
        assert await mailroom.send_due(tx) == 0, "nobody is written to before it is told"
    await world.post(path(campaign, "/tell"), world.psw)
    server.away = True
    async with world.database.transaction() as tx:
        await mailroom.send_due(tx)
    server.away = False
    world.clock.forward(minutes=11)
    async with world.database.transaction() as tx:
        assert await mailroom.send_due(tx) == 2
        assert await mailroom.send_due(tx) == 0
    assert sorted(message["To"] for message in server.sent) == ["person0@example.org", "person1@example.org"]
    assert "https://us.example/v1/feedback/published/" in server.sent[0].get_content()
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select count(*) from contacts") == 0


async def test_a_manager_sees_all_together_and_the_own_team(world: World) -> None:
    campaign = await world.closed(12, 14, 20)
    seen = await world.get(path(campaign, "/results"), world.boss)
    assert set(seen["rows"]) == {str(world.teams[0]), "*"}
    assert seen["rows"]["*"]["answers"] == 45
    assert len((await world.get(path(campaign, "/results"), world.psw))["rows"]) == 4
    await world.get(path(campaign, "/comments"), world.boss, 403)
    assert (await world.get(path(campaign), world.boss))["answered"] == 45
    assert [one["campaign_id"] for one in (await world.get("/campaigns", world.boss))["items"]] == [
        campaign["campaign_id"]
    ]
    elsewhere = token(roles=["team_manager"], worker_id=UUID(int=5), org_unit_id=UUID(int=6))
    assert (await world.get("/campaigns", elsewhere))["items"] == []
    await world.get(path(campaign), elsewhere, 403)


async def test_themes_are_suggested_by_words_and_assigned_by_people(world: World) -> None:
    campaign = await world.campaign()
    for team in range(3):
        await world.collect(campaign, team, 6, change="We wait weeks for a new laptop")
    await world.collect(campaign, 0, 1, change="I waited for my laptop since May")
    await world.collect(campaign, 1, 1, change="The canteen closed")
    await world.post(path(campaign, "/close"), world.psw)
    comments = (await world.get(path(campaign, "/comments"), world.psw))["items"]
    assert len(comments) == 20
    theme = (await world.post(path(campaign, "/themes"), world.psw, 201, name="Laptops", standard=4))["theme_id"]
    await world.post(path(campaign, "/themes"), world.psw, 409, name="Laptops")
    (late,) = [one for one in comments if "since May" in one["words"]]
    suggestions = path(campaign, f"/comments/{late['comment_id']}/suggestions")
    assert [one["theme_id"] for one in (await world.get(suggestions, world.psw))["items"]] == [theme]
    (themes,) = (await world.get(path(campaign, "/themes"), world.psw))["items"]
    assert themes["people"]["*"] == 0, "a suggestion assigns nothing"
    for one in comments:
        if "laptop" in one["words"]:
            await world.put(path(campaign, f"/comments/{one['comment_id']}/themes"), world.psw, 204, theme_ids=[theme])
    (themes,) = (await world.get(path(campaign, "/themes"), world.psw))["items"]
    assert themes["people"]["*"] == 20
    text = path(campaign, f"/comments/{late['comment_id']}")
    await world.put(f"{text}/themes", world.psw, 422, theme_ids=[str(UUID(int=1))])
    await world.call("DELETE", text, world.psw, 204)
    await world.call("DELETE", text, world.psw, 404)
    assert "since May" not in str((await world.get(path(campaign, "/comments"), world.psw))["items"])


async def test_a_text_of_a_small_team_does_not_say_which_team(world: World) -> None:
    campaign = await world.campaign()
    for team, people in ((0, 2), (1, 6), (2, 20)):
        await world.collect(campaign, team, people, change=f"Team {team}.")
    await world.post(path(campaign, "/close"), world.psw)
    comments = (await world.get(path(campaign, "/comments"), world.psw, limit=50))["items"]
    named = {one["words"]: one["org_unit_id"] for one in comments}
    assert named == {"Team 0.": None, "Team 1.": None, "Team 2.": str(world.teams[2])}


async def test_what_very_few_wrote_stays_closed(world: World) -> None:
    campaign = await world.closed(3, 1, 0, change="I said so.")
    answer = await world.get(path(campaign, "/comments"), world.psw, 409)
    assert answer["type"] == "/problems/too-few-answers"


async def test_an_answer_in_the_moment_of_closing_counts_or_is_refused(world: World) -> None:
    campaign = await world.campaign()
    links = [await world.link(campaign, team=team) for team in range(2)]
    await world.collect(campaign, 0, 11)
    async with world.database.transaction() as tx:
        row = await get_campaign(tx, UUID(campaign["campaign_id"]), locked=True)
        late = asyncio.create_task(world.post(f"/answers/{links[0]}", None, 409, answers={"s1_1": 1}))
        await close_campaign(tx, row)
        assert not late.done()
    assert (await late)["type"] == "/problems/not-open"
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select count(*) from responses") == 11


async def test_teams_and_years_are_compared_with_a_word_about_chance(world: World) -> None:
    campaign = await world.campaign()
    for team, place in enumerate((1, 3, 3)):
        await world.collect(campaign, team, 12, place)
    await world.post(path(campaign, "/close"), world.psw)
    one, other, third = (str(team) for team in world.teams)
    asked = {"figure": "standard_3", "one": one, "other": other}
    found = await world.get(path(campaign, "/comparison"), world.psw, **asked)
    assert (found["difference"], found["within_chance"]) == (-50, False)
    same = await world.get(path(campaign, "/comparison"), world.psw, **{**asked, "one": third})
    assert (same["difference"], same["within_chance"]) == (0, True)
    unseen = await world.get(path(campaign, "/comparison"), world.boss, **asked)
    assert unseen["difference"] is None, "another team's figure is not within reach"
    world.clock.forward(days=90)
    again = await world.campaign(opens_on="2026-05-31", closes_on="2026-06-10")
    await world.collect(again, 0, 12, 3)
    await world.post(path(again, "/close"), world.psw)
    history = await world.get("/scores-over-time", world.psw, org_unit_id=one, figure="standard_3")
    assert [period["score"] for period in history["items"]] == [25, 75]
    assert [period["band"] for period in history["items"]] == ["low", "high"]
    assert history["items"][1]["since_before"]["within_chance"] is False


async def test_a_campaign_closes_after_its_last_day_by_itself_and_forgets_what_was_not_sent(world: World) -> None:
    campaign = await world.campaign(opens_on="2026-03-03", closes_on="2026-03-04")
    assert await world.events(CampaignOpenedV1) == []
    token = await world.link(campaign)
    await world.to("2026-03-03T08:00")
    assert len(await world.events(CampaignOpenedV1)) == 1
    await world.post(f"/answers/{token}", None, answers={"change": "A draft."}, send=False)
    await world.collect(campaign, 0, 12)
    await world.to("2026-03-05T08:00")
    (closed,) = await world.events(CampaignClosedV1)
    assert (closed.answered, closed.asked) == (10, None)
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select count(*) from comments") == 0
    seen = await world.get(path(campaign), world.psw)
    assert (seen["state"], seen["closed_on"]) == ("closed", "2026-03-05")


async def test_a_response_rate_needs_to_know_how_many_were_asked(world: World) -> None:
    campaign = await world.campaign()
    await world.collect(campaign, 0, 4)
    await world.put(path(campaign, "/asked"), world.psw, asked=40)
    few = await world.get(path(campaign), world.psw)
    assert (few["answered"], few["response_rate_pct"]) == (None, None)
    await world.collect(campaign, 1, 8)
    seen = await world.get(path(campaign), world.psw)
    assert (seen["answered"], seen["response_rate_pct"]) == (10, 25)


async def test_what_is_published_is_a_table_too(world: World) -> None:
    campaign = await world.closed(4, 14, 20)
    table = await world.get(campaign["published_at"].removeprefix("/v1/feedback") + "/table.csv", None)
    lines = table.splitlines()
    assert lines[0] == "org_unit_id,answers,figure,value,band"
    assert "all,40,standard_1,75,high" in lines
    assert f"{world.teams[0]},,standard_1,," in lines


async def test_a_questionnaire_in_a_new_version_leaves_the_old_one_as_it_was(world: World) -> None:
    first = await world.questionnaire()
    assert (await world.questionnaire())["questionnaire_id"] == first["questionnaire_id"], "the same adds nothing"
    second = await world.questionnaire(introduction={"en": "Please."})
    assert (first["version"], second["version"]) == (1, 2)
    seen = await world.get(f"/questionnaires/{first['questionnaire_id']}", world.psw)
    assert seen["introduction"] == first["introduction"]
    assert len((await world.get("/questionnaires", world.boss))["items"]) == 2, "teams may use the authority's own"
    ready = await world.get("/questionnaires/practitioner-survey", world.boss)
    assert len(ready["questions"]) == 20
    refused = await world.call(
        "POST", "/questionnaires", world.psw, 422, json={**ready, "scales": {}, "org_unit_id": str(world.authority)}
    )
    assert refused["type"] == "/problems/questionnaire-not-sound"
