"""You said, we did: people are asked without a name, small numbers stay hidden, something is done, and they are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.deployment import Deployment, eventually
from tests.e2e.following import follow_until
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place

AFTERNOON = datetime.fromisoformat("2026-03-02T15:00:00+00:00")
KEY = re.compile(r"<strong>([a-z0-9-]{19})</strong>")
FLOODING_ADDRESS = "127.0.0.88"
SAID, DID = "Four forms for one visit are three too many.", "One form is left."
INSIDE, OUTSIDE = 5, 10
Cell = tuple[str, str]


class Spring:
    """A deployment whose business clock can be moved forward, with three teams that ask and are asked."""

    def __init__(self, home: Path, mailbox: Mailbox) -> None:
        self.home, self.now, self.mailbox = home, AFTERNOON, mailbox
        self.running = self._start()
        self.place = Place(self.running, AFTERNOON.date())
        place = self.place
        body = {"kind": "team", "parent_id": place.service}
        more = [place.hr.post("/v1/workforce/org-units", name=name, **body) for name in ("South", "East", "West")]
        self.teams = [place.team, *(str(one["org_unit_id"]) for one in more)]
        self.worker = place.worker("acts")
        self.questionnaire = self._questionnaire()

    def _start(self) -> Deployment:
        clock = {"PLUMBLINE_CLOCK_START": self.now.isoformat()}
        return Deployment(self.home, environment={**clock, **self.mailbox.environment})

    def travel(self, days: int) -> None:
        """Stop, and start again so many days later."""
        self.stop()
        self.now += timedelta(days=days)
        self.running = self._start()
        self.place.moved_to(self.running, self.now.date())

    def stop(self) -> None:
        assert self.running.stop() == 0, self.running.log()[-3000:]

    def _post(self, what: str, body: dict[str, Any]) -> httpx.Response:
        url = f"{self.running.url}/v1/feedback/{what}"
        return httpx.post(url, json=body, headers=self.place.overseer.headers, timeout=30)

    def _questionnaire(self) -> str:
        """The practitioner survey, with a choice, once feedback has heard of the place."""
        survey = self.place.overseer.get("/v1/feedback/questionnaires/practitioner-survey")
        options = [{"key": key, "text": {"en": key}} for key in ("child", "adult", "both")]
        choice = {"key": "work_with", "kind": "choice", "text": {"en": "Whom do you work with?"}, "options": options}
        self.scales = [one["key"] for one in survey["questions"] if one["kind"] == "scale"]
        body = {**survey, "questions": [*survey["questions"], choice], "org_unit_id": self.place.authority}
        made = eventually(
            lambda: self._post("questionnaires", body),
            lambda answer: answer.status_code == 201,
            "feedback knows the authority",
        )
        return str(made.json()["questionnaire_id"])

    def campaign(self, days: int = 14) -> Any:
        body = {
            "questionnaire_id": self.questionnaire,
            "org_unit_id": self.place.service,
            "units": self.teams,
            "audience": "practitioners",
            "title": "Spring survey",
            "opens_on": self.now.date().isoformat(),
            "closes_on": (self.now + timedelta(days=days)).date().isoformat(),
        }
        made = eventually(
            lambda: self._post("campaigns", body), lambda answer: answer.status_code == 201, "feedback knows the teams"
        )
        return made.json()

    def path(self, campaign: Any, rest: str = "") -> str:
        return f"/v1/feedback/campaigns/{campaign['campaign_id']}{rest}"

    def link(self, campaign: Any, team: int = 0) -> str:
        """The page of an open link."""
        body = {"org_unit_id": self.teams[team], "channel": "link"}
        return str(self.place.overseer.post(self.path(campaign, "/links"), **body)["page"])

    def collect(self, campaign: Any, sheet: str, team: int, **answers: Any) -> None:
        """An answer on paper."""
        body = {"channel": "paper", "reference": sheet, "org_unit_id": self.teams[team]}
        self.place.overseer.post(self.path(campaign, "/collected-answers"), 200, **body, answers=answers)

    def everything(self, place: int) -> dict[str, int]:
        """The same answer to each question on a scale."""
        return dict.fromkeys(self.scales, place)


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Spring]:
    spring = Spring(tmp_path_factory.mktemp("spring") / "home", mailbox)
    yield spring
    spring.stop()


def answer_on_the_page(page: str, spring: Spring, contact: str) -> str:
    """As a person without scripts does: save, come back with the key, send."""
    shown = httpx.get(page).raise_for_status()
    assert "<script" not in shown.text
    assert "style-src 'self'" in shown.headers["content-security-policy"]
    assert "set-cookie" not in shown.headers
    (key,) = KEY.findall(httpx.post(page, data={"q.s1_1": "1", "q.change": SAID, "do": "save"}).text)
    resumed = httpx.post(page, data={"key": key, "do": "load"}).text
    assert SAID in resumed
    fields = {f"q.{name}": "1" for name in spring.scales} | {"q.change": SAID, "contact": contact}
    thanks = httpx.post(page, data={**fields, "key": key, "do": "send"}).raise_for_status()
    assert "Thank you" in thanks.text
    again = httpx.post(page, data={**fields, "key": key, "do": "send"}).raise_for_status()
    assert "stored once" in again.text
    return str(key)


def test_you_said_we_did(spring: Spring) -> None:
    place, boss = spring.place, spring.place.overseer
    campaign = spring.campaign()
    boss.put(spring.path(campaign, "/asked"), asked=60)
    address = f"someone-{place.run}@example.org"
    key = answer_on_the_page(spring.link(campaign), spring, address)
    invited = boss.post(spring.path(campaign, "/invitations"), org_unit_id=spring.teams[1], count=1)["pages"][0]
    token = invited.rsplit("/", 1)[1]
    for state in ("sent", "sent_before"):
        sent = httpx.post(f"{place.deployment.url}/v1/feedback/answers/{token}", json={"answers": spring.everything(3)})
        assert sent.json()["state"] == state
    for n in range(23):
        spring.collect(campaign, f"sheet {n}", n % 4, **spring.everything(n % 2 + 1))

    boss.post(spring.path(campaign, "/close"), 200)
    (comment,) = boss.get(spring.path(campaign, "/comments"))["items"]
    assert comment["words"] == SAID
    theme = boss.post(spring.path(campaign, "/themes"), name="Forms", standard=3)["theme_id"]
    boss.put(spring.path(campaign, f"/comments/{comment['comment_id']}/themes"), 204, theme_ids=[theme])
    agreed = {"org_unit_id": place.team, "owner_id": spring.worker, "theme_id": theme, "standard": 3}
    due = {"due_on": (spring.now + timedelta(days=1)).date().isoformat()}
    action, late = (
        boss.post(spring.path(campaign, "/actions"), **agreed, **due, what="Count the forms.", you_said=SAID)[
            "action_id"
        ]
        for _ in range(2)
    )
    me = place.practitioner(spring.worker)
    assert len(me.get("/v1/feedback/actions/mine")["items"]) == 2
    me.post(f"/v1/feedback/actions/{action}/done", 200, evidence="The intranet has one form.", we_did=DID)
    told = boss.post(spring.path(campaign, "/tell"), 200)

    page = httpx.get(place.deployment.url + told["published_at"]).raise_for_status().text
    assert SAID in page
    assert DID in page
    assert "About 25 people answered." in page
    eventually(lambda: spring.mailbox.to(address), bool, "whoever left an address is told")
    assert told["published_at"] in spring.mailbox.to(address)[0].get_content()
    assert len(spring.mailbox.to(address)) == 1
    for measure, wanted in (("asked", (61, 0)), ("answered", (25, 0)), ("acted_on", (1, 1)), ("told", (1, 1))):
        eventually(
            lambda of=f"feedback.{measure}": place.figure(of, place.service), lambda seen, w=wanted: seen == w, measure
        )
    assert place.figure("feedback.response_rate", place.service) == (25, 61)

    events = json.dumps(follow_until(place.reporting, {"feedback.campaign.told.v1", "feedback.action.done.v1"}))
    for secret in (SAID, DID, "Count the forms", "intranet", address, key, token):
        assert secret not in events
    spring.travel(days=2)
    (alert,) = eventually(lambda: spring.place.alerts("feedback.action_overdue", late), bool, "an alert")
    assert (alert["standard"], alert["clause"], alert["subject"]["type"]) == (1, "1.3", "action")
    assert alert["accountable"]["worker_id"] == spring.place.manager
    me = spring.place.practitioner(spring.worker)
    me.post(f"/v1/feedback/actions/{late}/done", 200, evidence="Counted.")
    eventually(lambda: spring.place.alerts("feedback.action_overdue", late), lambda seen: not seen, "resolved")
    erased = httpx.post(f"{spring.running.url}/v1/feedback/own-answers/erase", json={"key": key})
    assert erased.json() == {"erased": 1}


# Differencing


def remainder(row: list[Fraction], done: list[list[Fraction]]) -> list[Fraction]:
    for one in done:
        lead = next(place for place, value in enumerate(one) if value)
        if row[lead]:
            row = [value - row[lead] * by for value, by in zip(row, one, strict=True)]
    return row


def given_away(people: Mapping[Cell, int], shown: list[set[Cell]], limit: int) -> list[set[Cell]]:
    """Every group of cells with few people in it that sums and differences of what is shown give away."""
    cells = sorted(people)
    known: list[list[Fraction]] = []
    for group in shown:
        left = remainder([Fraction(int(cell in group)) for cell in cells], known)
        if any(left):
            lead = next(value for value in left if value)
            known.append([value / lead for value in left])
    groups = (set(group) for size in range(1, len(cells) + 1) for group in combinations(cells, size))
    small = (group for group in groups if 0 < sum(people[cell] for cell in group) < limit)
    return [g for g in small if not any(remainder([Fraction(int(cell in g)) for cell in cells], known))]


def shown_cells(tables: Any, people: Mapping[Cell, int], question: str) -> list[set[Cell]]:
    """Each number that a reader sees, as the cells that it counts."""
    found = []
    for row, columns in tables["choices"][question].items():
        for column, number in columns.items():
            if number is not None:
                assert number % 5 == 0
                found.append({cell for cell in people if row in ("*", cell[0]) and column in ("*", cell[1])})
    for row, seen in tables["rows"].items():
        if seen["answers"] is not None:
            assert seen["answers"] % 5 == 0
            found.append({cell for cell in people if row in ("*", cell[0])})
    return found


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param(((7, 5, 2), (12, 3, 0), (9, 11, 4), (2, 0, 1)), id="a team of three"),
        pytest.param(((10, 1, 0), (0, 11, 0), (6, 6, 6), (4, 4, 4)), id="small cells in large teams"),
    ],
)
def test_all_published_tables_together_give_no_small_group_away(spring: Spring, sizes: tuple[Any, ...]) -> None:
    campaign = spring.campaign()
    options = ("child", "adult", "both")
    people = {(spring.teams[t], options[o]): n for t, row in enumerate(sizes) for o, n in enumerate(row)}
    for (team, option), number in people.items():
        for n in range(number):
            answers = {**spring.everything(n % 5), "work_with": option}
            spring.collect(campaign, f"{team} {option} {n}", spring.teams.index(team), **answers)
    closed = spring.place.overseer.post(spring.path(campaign, "/close"), 200)
    inside = spring.place.overseer.get(spring.path(campaign, "/results"))
    outside = httpx.get(spring.running.url + closed["published_at"]).json()
    seen_outside = shown_cells(outside, people, "work_with")
    seen_inside = shown_cells(inside, people, "work_with")
    assert given_away(people, seen_outside, OUTSIDE) == []
    assert given_away(people, [*seen_inside, *seen_outside], INSIDE) == []
    assert all(group in seen_inside for group in seen_outside)
    for row in outside["rows"].values():
        assert row["answers"] is not None or not any(row["figures"].values()), "a hidden team has no scores"
    events = follow_until(spring.place.reporting, {"feedback.campaign.closed.v1"})
    told = [one["data"] for _, one in events if one["data"].get("campaign_id") == campaign["campaign_id"]]
    numbers = {one["answered"] for one in told if "answered" in one}
    assert numbers == {outside["rows"]["*"]["answers"]}, "the stream says what everyone sees"


def test_the_search_finds_what_one_hidden_cell_gives_away() -> None:
    people = {("a", "x"): 3, ("b", "x"): 20, ("c", "x"): 30}
    shown = [{("b", "x")}, {("c", "x")}, set(people)]
    assert given_away(people, shown, OUTSIDE) == [{("a", "x")}]


def test_hostile_input_is_refused_and_a_flood_loses_nothing_that_was_taken(spring: Spring) -> None:
    campaign = spring.campaign()
    page = spring.link(campaign)
    answers = page.replace("/forms/", "/answers/")
    with httpx.Client(transport=httpx.HTTPTransport(local_address=FLOODING_ADDRESS), timeout=60) as client:
        large = client.post(answers, json={"answers": {"change": "x" * 10_000_000}})
        large_form = client.post(page, data={"q.change": "x" * 10_000_000, "do": "send"})
        script = client.post(answers, json={"answers": {"change": "<script>alert(1)</script>"}})
        script_form = client.post(page, data={"q.change": "<script>alert(1)</script>", "do": "send"})
        flood = [client.post(answers, json={"answers": {"change": f"Flood {n}."}}) for n in range(1000)]
    assert (large.status_code, large.json()["type"]) == (413, "/problems/body-too-large")
    assert large_form.status_code == 413
    assert (script.status_code, script.json()["errors"][0]["field"]) == (422, "change")
    assert script_form.status_code == 422
    assert "<script>" not in script_form.text
    assert {answer.status_code for answer in flood} == {200, 429}
    assert all(answer.headers["retry-after"] for answer in flood if answer.status_code == 429)
    taken = {f"Flood {n}." for n, answer in enumerate(flood) if answer.status_code == 200}
    spring.place.overseer.post(spring.path(campaign, "/close"), 200)
    kept = spring.place.overseer.get(spring.path(campaign, "/comments"), limit=500)["items"]
    assert 100 <= len(taken) < 400
    assert sorted(one["words"] for one in kept) == sorted(taken)
