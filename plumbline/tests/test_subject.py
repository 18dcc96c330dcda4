"""A canary about a person, written through every API, is found by an export, and after an erasure only where it is kept."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from rich.console import Console

from chassis.app import create_app
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.subjects import Person, parameters, sections_of
from chassis.testing import ISSUER, FakeClock, fresh_database, record, settings_for, token
from contracts.workforce import OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1
from plumbline.databases import variable
from plumbline.services import SERVICES, load
from plumbline.subject.answering import erase, export
from plumbline.subject.history import list_requests
from plumbline.subject.redaction import Redactor

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOWHERE = Path("/nonexistent")


@dataclass
class Authority:
    """Every service, served, with a person and a colleague who are known to all of them."""

    clients: dict[str, httpx.AsyncClient]
    databases: dict[str, Database]
    out: Path
    console: Console = field(default_factory=lambda: Console(file=io.StringIO(), width=250, highlight=False))
    canary: str = field(default_factory=lambda: uuid4().hex)
    unit: UUID = field(default_factory=new_id)
    person: UUID = field(default_factory=new_id)
    colleague: UUID = field(default_factory=new_id)

    @property
    def name(self) -> str:
        """What the person is called."""
        return f"Canary {self.canary}"

    @property
    def mail(self) -> str:
        """Where the person gets mail."""
        return f"{self.canary}@example.org"

    @property
    def word(self) -> str:
        """What somebody writes about the person."""
        return f"words{self.canary[:8]}"

    @property
    def colleagues_name(self) -> str:
        """What someone else is called."""
        return f"Someone {self.canary[::-1]}"

    async def call(self, method: str, path: str, *roles: str, **body: Any) -> Any:
        """The answer of a service; ``me`` is who asks, ``expect`` the status."""
        expect, me = body.pop("expect", 201), body.pop("me", None)
        client = self.clients[path.split("/")[2]]
        headers = token(roles=list(roles), worker_id=me)
        answer = await client.request(method, path, headers=headers, json=body)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    async def begin(self) -> Authority:
        """Workforce knows both by name; the others have heard of them."""
        unit = await self.call("POST", "/v1/workforce/org-units", "workforce_admin", name="North", kind="authority")
        self.unit = UUID(unit["org_unit_id"])
        self.colleague = await self.hire(self.colleagues_name, None, None)
        self.person = await self.hire(self.name, self.mail, self.colleague)
        events = [
            OrgUnitRecordedV1(org_unit_id=self.unit, parent_id=None, kind="authority"),
            *(self.fact(worker) for worker in (self.colleague, self.person)),
        ]
        for name, database in self.databases.items():
            if name != "workforce":
                await Consumer(database, load(name)).apply(
                    [record(event, n, time=NOON) for n, event in enumerate(events, 1)]
                )
        return self

    async def hire(self, name: str, email: str | None, manager: UUID | None) -> UUID:
        facts = {
            "org_unit_id": str(self.unit),
            "line_manager_id": str(manager) if manager else None,
            "job_role": "social worker",
        }
        terms = {
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "contracted_hours": 37,
        }
        who = {"name": name, "email": email, "employee_ref": f"E-{name}", "registration_number": None}
        dates = {"employment_started_on": "2024-01-08", "monitored_from": "2026-03-02"}
        made = await self.call("POST", "/v1/workforce/workers", "workforce_admin", **who, **facts, **terms, **dates)
        return UUID(made["worker_id"])

    def fact(self, worker: UUID) -> WorkerRecordedV1:
        manager = self.colleague if worker == self.person else None
        return WorkerRecordedV1(
            worker_id=worker,
            org_unit_id=self.unit,
            line_manager_id=manager,
            job_role="social worker",
            career_stage="practitioner",
            newly_qualified=False,
            is_social_worker=True,
            has_registration_number=False,
            contracted_hours=Decimal(37),
            employment_started_on=date(2024, 1, 8),
            monitored_from=date(2026, 3, 2),
        )

    async def write_everywhere(self) -> None:
        """Words about the person in each service that takes words."""
        worker, words = str(self.person), f"{self.word} about {self.colleagues_name}, 0191 498 0123"
        psw = "principal_social_worker"
        absences = f"/v1/workforce/workers/{worker}/absences"
        await self.call(
            "POST", absences, "workforce_admin", **{"from": "2026-02-02", "to": "2026-02-03", "reason": words}
        )
        reductions = f"/v1/allocation/workers/{worker}/reductions"
        await self.call("POST", reductions, psw, hours=3, reason=words, **{"from": "2026-03-02"})
        held = {"supervisor_id": str(self.colleague), "held_at": "2026-03-02T09:00:00+00:00", "minutes": 90}
        how = {"uninterrupted": True, "kind": "individual", "agreed_actions": [words]}
        await self.call("POST", "/v1/supervision/sessions", psw, worker_id=worker, **held, **how)
        entry = {"number": "SW123456", "status": "conditions", "valid_to": "2026-11-30", "conditions": words}
        await self.call("PUT", f"/v1/registration/workers/{worker}", "workforce_admin", expect=200, **entry)
        await self.call(
            "POST",
            "/v1/safety/concerns",
            "practitioner",
            me=self.person,
            mode="confidential",
            topic="workload",
            words=words,
        )
        learned = {"kind": "formal", "description": words, "learned": words, "impact": words}
        done = await self.call("POST", "/v1/cpd/learning", "practitioner", me=self.person, worker_id=worker, **learned)
        path = f"/v1/cpd/attachments?learning_id={done['learning_id']}&file_name={self.word}.txt"
        headers = {**token(roles=["practitioner"], worker_id=self.person), "Content-Type": "text/plain"}
        attached = await self.clients["cpd"].post(path, content=words.encode(), headers=headers)
        assert attached.status_code == 201, attached.text
        happened = {"kind": "physical_violence", "by_whom": "service_user", "place": "office", "injury": "none"}
        await self.call(
            "POST", "/v1/safety/incidents", psw, worker_id=worker, occurred_on="2026-03-01", words=words, **happened
        )

    async def leave(self) -> None:
        """The person leaves, and everyone hears of it."""
        worker = await self.clients["workforce"].get(
            f"/v1/workforce/workers/{self.person}", headers=token(roles=["workforce_admin"])
        )
        left = {"employment_ended_on": "2026-03-01"}
        headers = {**token(roles=["workforce_admin"]), "If-Match": worker.headers["etag"]}
        answer = await self.clients["workforce"].patch(
            f"/v1/workforce/workers/{self.person}", headers=headers, json=left
        )
        assert answer.status_code == 200, answer.text
        fact = WorkerLeftV1(worker_id=self.person, org_unit_id=self.unit, left_on=date(2026, 3, 1))
        for name, database in self.databases.items():
            if name != "workforce":
                await Consumer(database, load(name)).apply([record(fact, 9, time=NOON)])

    async def everywhere(self, canary: str) -> set[str]:
        """The full search: every column of every table of every database, binary ones included."""
        found = set()
        for name, database in self.databases.items():
            async with await psycopg.AsyncConnection.connect(database.url) as connection:
                tables = await (
                    await connection.execute("select tablename from pg_tables where schemaname = 'public'")
                ).fetchall()
                for (table,) in tables:
                    rows = await (await connection.execute(f"select t.* from {table} t")).fetchall()
                    if any(canary in _text(value) for row in rows for value in row):
                        found.add(f"{name}.{table}")
        return found

    def answer(self) -> Any:
        (newest,) = sorted(self.out.glob("*/answer.json"), key=lambda path: path.stat().st_mtime_ns)[-1:]
        return json.loads(newest.read_text())

    @property
    def said(self) -> str:
        assert isinstance(self.console.file, io.StringIO)
        return self.console.file.getvalue()


def _text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


@pytest.fixture(scope="module")
def urls(postgres: str) -> dict[str, str]:
    """A database for each service; every test has people of its own in them."""
    return {name: fresh_database(postgres, load(name)) for name in SERVICES}


@pytest.fixture
async def authority(urls: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Authority]:
    """Every service, served, at noon on Monday 2 March 2026."""
    monkeypatch.setenv("CASE_KEY_SECRET", "a long random text")
    monkeypatch.setenv("ATTACHMENTS_FOLDER", str(tmp_path / "attachments"))
    clients, databases = {}, {}
    async with AsyncExitStack() as stack:
        for name, url in urls.items():
            settings = settings_for(url)
            app = create_app(load(name), settings, clock=FakeClock(NOON), verifier=ISSUER.verifier(), role="api")
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            clients[name] = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://s"))
            databases[name] = app.state.database
            monkeypatch.setenv(variable(name), url)
        yield await Authority(clients, databases, tmp_path).begin()


async def test_what_was_written_about_a_person_is_exported_then_erased_and_found_nowhere_but_where_it_is_kept(
    authority: Authority,
) -> None:
    await authority.write_everywhere()
    assert len(await authority.everywhere(authority.word)) >= 6

    asked = Person("data protection officer", authority.person)
    assert await export(asked, "request 1", NOWHERE, authority.out, authority.console) == 0, authority.said
    shown = authority.answer()
    written = json.dumps(shown)
    assert authority.name in written
    assert authority.mail in written
    assert {name for name in SERVICES if authority.word in json.dumps(shown["services"][name])} >= {
        "workforce", "allocation", "supervision", "registration", "cpd", "safety",
    }  # fmt: skip
    assert authority.colleagues_name not in written
    assert str(authority.colleague) not in written
    assert "0191 498 0123" not in written
    assert "never a name" in shown["events"]
    (copy,) = authority.out.glob("export-*/files/cpd/*")
    assert (copy.name, shown["services"]["cpd"]["files"]) == (f"001-{authority.word}.txt", [copy.name])
    assert authority.word in copy.read_text()

    await authority.leave()
    asked = Person("data protection officer", authority.person)
    assert await erase(asked, "request 2", NOWHERE, authority.out, authority.console, check=True) == 0
    assert await authority.everywhere(authority.name) == {"workforce.workers"}, "a check changes nothing"

    assert await erase(asked, "request 2", NOWHERE, authority.out, authority.console, check=False) == 0, authority.said
    assert await authority.everywhere(authority.word) == set()
    assert await authority.everywhere(authority.name) == set()
    assert await authority.everywhere(authority.mail) == set()
    assert list((authority.out / "attachments").iterdir()) == []
    kept = [
        section["why kept"]
        for service in authority.answer()["services"].values()
        for section in service["sections"]
        if section.get("records kept")
    ]
    assert all(kept)
    assert any("25 years" in why for why in kept)


async def test_every_export_and_erasure_is_recorded_in_every_service_with_who_and_why(authority: Authority) -> None:
    asked = Person("data protection officer", authority.person)
    await export(asked, "request 7", NOWHERE, authority.out, authority.console)
    await erase(asked, "request 8", NOWHERE, authority.out, authority.console, check=False)
    for database in authority.databases.values():
        async with database.reading() as tx:
            rows = await tx.fetch_all(
                "select kind, worker_id, made_by, reason from subject_requests where worker_id = %(id)s order by made_at",
                {"id": authority.person},
            )
        assert [(row["kind"], row["reason"]) for row in rows] == [("export", "request 7"), ("erase", "request 8")]
        assert {(row["worker_id"], row["made_by"]) for row in rows} == {(authority.person, "data protection officer")}
    await list_requests(NOWHERE, authority.console)
    (line,) = [line for line in authority.said.splitlines() if "request 8" in line]
    assert "erase" in line
    assert str(authority.person) in line
    assert "all" in line


async def test_who_is_still_employed_or_named_by_law_keeps_the_name_and_the_answer_says_why(
    authority: Authority,
) -> None:
    asked = Person("data protection officer", authority.person)
    await erase(asked, "employed", NOWHERE, authority.out, authority.console, check=False)
    assert await authority.everywhere(authority.name) == {"workforce.workers"}

    happened = {"kind": "physical_violence", "by_whom": "service_user", "place": "office", "injury": "specified"}
    about = {"worker_id": str(authority.person), "occurred_on": "2026-03-01", "words": authority.word}
    await authority.call("POST", "/v1/safety/incidents", "principal_social_worker", **about, **happened)
    await authority.leave()
    await erase(asked, "left", NOWHERE, authority.out, authority.console, check=False)
    assert await authority.everywhere(authority.name) == {"workforce.workers"}
    assert await authority.everywhere(authority.word) == {"safety.notes"}
    assert "RIDDOR" in authority.answer()["the name is still needed"][0]


async def test_a_service_that_does_not_answer_is_named_and_the_command_fails(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable("cpd"))
    monkeypatch.setenv(variable("safety"), authority.databases["safety"].url + "_gone")
    asked = Person("data protection officer", authority.person)
    assert await export(asked, "request 9", NOWHERE, authority.out, authority.console) == 1
    assert set(authority.answer()["not answered"]) == {"cpd", "safety"}
    await authority.leave()
    assert await erase(asked, "request 9", NOWHERE, authority.out, authority.console, check=False) == 1
    assert await authority.everywhere(authority.name) == {"workforce.workers"}, (
        "unless all were asked, somebody may need the name"
    )


async def test_an_address_of_a_worker_alone_is_sent_back_with_the_id_to_ask_for(authority: Authority) -> None:
    asked = Person("data protection officer", contacts=(authority.mail.upper(),))
    assert await export(asked, "request 10", NOWHERE, authority.out, authority.console) == 2
    assert f"--worker {authority.person}" in authority.said


async def test_words_in_records_of_others_that_name_the_person_are_listed_for_someone_to_read(
    authority: Authority,
) -> None:
    about = f"/v1/allocation/workers/{authority.colleague}/reductions"
    await authority.call(
        "POST",
        about,
        "principal_social_worker",
        hours=3,
        reason=f"covers for {authority.name}",
        **{"from": "2026-03-02"},
    )
    asked = Person("data protection officer", authority.person)
    await export(asked, "request 11", NOWHERE, authority.out, authority.console)
    (mention,) = authority.answer()["services"]["allocation"][
        "mentioned in words of other records, to be read by someone"
    ]
    assert (mention["table"], mention["records"]) == ("notes", 1)


async def test_every_statement_of_every_service_can_be_run(authority: Authority) -> None:
    person = Person("tester", new_id(), ("somebody@example.org",), ("1234 5678 9012 3456",), ("account-1",))
    for name, database in authority.databases.items():
        records = load(name).subjects
        async with database.transaction() as tx:
            found = await parameters(tx, records, person)
            for section in sections_of(records):
                assert await tx.fetch_all(section.read, found) == [], section.name
                for statement in section.erase:
                    assert await tx.execute(statement, found) == 0, section.name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Talked to Ada Byron.", "Talked to [another person].", id="a name of someone else"),
        pytest.param("ada byron rang", "[another person] rang", id="whatever its case"),
        pytest.param("Grace Hopper rang", "Grace Hopper rang", id="the person's own name stays"),
        pytest.param("write to x.y@example.org", "write to [address]", id="a mail address"),
        pytest.param("write to grace@example.org", "write to grace@example.org", id="the person's own address stays"),
        pytest.param("ring 020 7946 0018 today", "ring [telephone] today", id="a telephone number"),
        pytest.param("on 2026-03-02 at 10:00", "on 2026-03-02 at 10:00", id="a date is no telephone number"),
        pytest.param("lives in NE1 4LP", "lives in [postcode]", id="a postcode"),
        pytest.param("The Lee family", "The Lee family", id="too short a name to tell from a word"),
    ],
)
def test_words_are_shown_without_other_people(text: str, shown: str) -> None:
    redactor = Redactor(["Ada Byron", "Lee", "Grace Hopper"], ["Grace Hopper", "grace@example.org"])
    assert redactor.words(text) == shown
    assert redactor.words([{"words": text}]) == [{"words": shown}]
