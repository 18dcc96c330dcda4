"""A served feedback with a clock that a test moves, teams, and campaigns that people answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import httpx

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, published, record, token
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from services.feedback.commands.answers import KeepAnswers, keep_answers
from services.feedback.commands.keys import hash_of_reference
from services.feedback.queries.campaigns import get_campaign
from services.feedback.queries.questionnaires import get_questionnaire
from services.feedback.rules.answers import read_answers
from services.feedback.rules.practitioner_survey import survey
from services.feedback.rules.questionnaires import read
from services.feedback.service import service

Fact = TypeVar("Fact", bound=Event)
SCALES = tuple(question["key"] for question in survey()["questions"] if question["kind"] == "scale")


def hired(worker: UUID, unit: UUID, manager: UUID | None) -> WorkerRecordedV1:
    """Someone works here."""
    return WorkerRecordedV1(
        worker_id=worker,
        org_unit_id=unit,
        line_manager_id=manager,
        job_role="social worker",
        career_stage="practitioner",
        newly_qualified=False,
        is_social_worker=True,
        has_registration_number=True,
        contracted_hours=Decimal(37),
        employment_started_on=date(2024, 1, 8),
        monitored_from=date(2024, 1, 8),
    )


@dataclass
class World:
    """An authority with a service and three teams; a head, a manager and a worker of the first team."""

    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    authority: UUID = field(default_factory=new_id)
    service: UUID = field(default_factory=new_id)
    teams: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(3)])
    head: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    worker: UUID = field(default_factory=new_id)
    sequences: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    sheets: int = 0

    async def begin(self) -> World:
        """Feed the facts of the place."""
        units = [(self.authority, None, "authority"), (self.service, self.authority, "service")]
        units += [(team, self.service, "team") for team in self.teams]
        await self.tell(
            *(OrgUnitRecordedV1(org_unit_id=unit, parent_id=parent, kind=kind) for unit, parent, kind in units)
        )
        await self.tell(
            hired(self.head, self.service, None),
            hired(self.manager, self.teams[0], self.head),
            hired(self.worker, self.teams[0], self.manager),
        )
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as others publish them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
        await Consumer(self.database, service).apply(records)

    async def scan(self) -> int:
        """Run the service's scans until nothing is left; how many they did."""
        done = 0
        for scan in service.scans:
            while batch := await run_scan(self.database, scan):
                done += batch
        return done

    async def to(self, instant: str) -> None:
        """Move the clock and let the scans do what that causes."""
        self.clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        await self.scan()

    async def events(self, kind: type[Fact]) -> list[Fact]:
        """The events of a type told so far."""
        async with self.database.reading() as tx:
            return [event for event in await published(tx) if isinstance(event, kind)]

    # Who acts

    @property
    def psw(self) -> dict[str, str]:
        """The principal social worker."""
        return token(roles=["principal_social_worker"], worker_id=UUID(int=8), org_unit_id=self.authority)

    @property
    def boss(self) -> dict[str, str]:
        """The manager of the first team."""
        return token(roles=["team_manager"], worker_id=self.manager, org_unit_id=self.teams[0])

    @property
    def me(self) -> dict[str, str]:
        """The worker of the first team."""
        return token(roles=["practitioner"], worker_id=self.worker, org_unit_id=self.teams[0])

    @property
    def tool(self) -> dict[str, str]:
        """A survey tool."""
        return token(roles=["integration"], org_unit_id=self.authority)

    # What is asked

    async def call(
        self, method: str, path: str, who: dict[str, str] | None, expect: int = 200, /, **kwargs: Any
    ) -> Any:
        """The answer to a request of someone, or of nobody known."""
        headers = {**(who or {}), **kwargs.pop("headers", {})}
        answer = await self.client.request(method, "/v1/feedback" + path, headers=headers, **kwargs)
        assert answer.status_code == expect, f"{method} {path} {answer.status_code}: {answer.text[:600]}"
        is_json = answer.content and "json" in answer.headers.get("content-type", "")
        return answer.json() if is_json else answer.text

    async def post(self, path: str, who: dict[str, str] | None, expect: int = 200, /, **body: Any) -> Any:
        """A request that changes something."""
        return await self.call("POST", path, who, expect, json=body)

    async def put(self, path: str, who: dict[str, str], expect: int = 200, /, **body: Any) -> Any:
        """A request that may be repeated as it is."""
        return await self.call("PUT", path, who, expect, json=body)

    async def get(self, path: str, who: dict[str, str] | None, expect: int = 200, /, **query: Any) -> Any:
        """A reading request."""
        return await self.call("GET", path, who, expect, params=query)

    async def form(self, path: str, expect: int = 200, /, **fields: str) -> str:
        """What the page sends."""
        text: str = await self.call("POST", path, None, expect, data=fields)
        return text

    # What there is

    async def questionnaire(self, **changes: Any) -> Any:
        """The practitioner survey, as a questionnaire of the authority."""
        body = {**survey(), "org_unit_id": str(self.authority), **changes}
        return await self.post("/questionnaires", self.psw, 201, **body)

    async def campaign(self, **changes: Any) -> Any:
        """A campaign of the service about its three teams, for two weeks."""
        usual = {
            "org_unit_id": str(self.service),
            "units": [str(team) for team in self.teams],
            "audience": "practitioners",
            "title": "Spring survey",
            "opens_on": "2026-03-02",
            "closes_on": "2026-03-15",
        }
        questionnaire = changes.pop("questionnaire_id", None) or (await self.questionnaire())["questionnaire_id"]
        return await self.post("/campaigns", self.psw, 201, **{**usual, **changes, "questionnaire_id": questionnaire})

    async def link(self, campaign: Any, channel: str = "link", team: int = 0) -> str:
        """The token of an open link about a team."""
        body = {"org_unit_id": str(self.teams[team]), "channel": channel}
        made = await self.post(f"/campaigns/{campaign['campaign_id']}/links", self.psw, 201, **body)
        return str(made["page"].rsplit("/", 1)[1])

    async def collect(self, campaign: Any, team: int, people: int, place: int = 3, **more: Any) -> None:
        """So many people of a team answered, all alike, in one transaction."""
        async with self.database.transaction() as tx:
            row = await get_campaign(tx, UUID(campaign["campaign_id"]))
            content = (await get_questionnaire(tx, row["questionnaire_id"]))["content"]
            answers = read_answers(read(content), {**dict.fromkeys(SCALES, place), **more})
            for _ in range(people):
                self.sheets += 1
                asked = {**row, "org_unit_id": self.teams[team], "channel": "paper"}
                key = hash_of_reference("paper", f"sheet {self.sheets}")
                await keep_answers(tx, asked, KeepAnswers(key, answers))

    async def closed(self, *people: int, **more: Any) -> Any:
        """A campaign that so many people of each team answered, closed."""
        campaign = await self.campaign()
        for team, number in enumerate(people):
            await self.collect(campaign, team, number, **more)
        return await self.post(f"/campaigns/{campaign['campaign_id']}/close", self.psw)
