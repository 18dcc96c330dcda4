"""The doctor says in sentences what is wrong with a deployment, and what to do next."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from aiohttp import web
from pydantic import SecretStr
from rich.console import Console

from chassis.bus.embedded import EmbeddedBus
from chassis.bus.kafka import KafkaBus
from chassis.ids import new_id
from chassis.settings import IdentitySettings, Settings
from chassis.testing import ISSUER, fresh_database, load, message
from contracts import topic_of
from contracts.workforce import OrgUnitRecordedV1
from plumbline.databases import variable
from plumbline.doctor import bus, databases, doctor, surroundings
from plumbline.doctor.restored import after_restore
from plumbline.services import SERVICES
from services.accountability.scans.mailroom import MailSettings

NOWHERE = Path("/nonexistent")
JWKS = json.loads(ISSUER.jwks())


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def tells_what_to_do(findings: list[str]) -> bool:
    return all(len(finding.split(". ")) > 1 and finding.endswith(".") for finding in findings)


# Databases


async def of_accountability(postgres: str, *wrong: LiteralString) -> list[str]:
    service = load("accountability")
    url = fresh_database(postgres, service)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in wrong:
            connection.execute(statement)
    found = await databases.examine(service, url)
    assert tells_what_to_do(found)
    return found


OLD_EVENT: LiteralString = """
insert into outbox (event_id, topic, key, sequence, attributes, data, created_at)
values (gen_random_uuid(), 'plumbline.accountability', 'k', 1, '{}', '', clock_timestamp() - interval '5 minutes')
"""
PARKED: LiteralString = """
insert into parked_records (consumer, event_id, key, topic, partition, "offset", headers, value, reason)
values ('accountability', gen_random_uuid(), 'k', 't', 0, 0, '{}', '', 'no such field')
"""
FAILING: LiteralString = "insert into consumer_failures values ('accountability', 't', 0, 0, 1, 'no such field')"
TOLD: LiteralString = """
insert into notifications (notification_id, alert_id, level, recipient_id, status, attempts, created_at, next_attempt_at,
    finished_at, last_problem)
select gen_random_uuid(), gen_random_uuid(), 'director', gen_random_uuid(), s, 3, now() - interval '1 hour', now(),
    case s when 'dead' then now() end, 'mail server answered 535' from unnest(array['dead', 'pending']) s
"""


@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        pytest.param("select 1", [], id="nothing is wrong"),
        pytest.param(OLD_EVENT, ["1 events wait to be published"], id="the outbox is old"),
        pytest.param(PARKED, ["1 keys are parked"], id="a key is parked"),
        pytest.param(FAILING, ["1 records have failed"], id="a record fails"),
        pytest.param(
            TOLD, ["1 people wait to be told", "1 notifications were given up"], id="people are not told of alerts"
        ),
        pytest.param(
            "update alembic_version set version_num = '0000'", [], id="a newer version has migrated the database"
        ),
        pytest.param("delete from alembic_version", ["lacks migrations"], id="migrations have not run"),
    ],
)
async def test_what_is_in_a_database_is_found(postgres: str, statement: LiteralString, sentences: list[str]) -> None:
    found = await of_accountability(postgres, statement)
    assert len(found) == len(sentences)
    assert [one for one, sentence in zip(found, sentences, strict=True) if sentence not in one] == []


async def test_a_database_that_does_not_answer_is_found_and_the_setting_named() -> None:
    found = await databases.examine(load("cpd"), f"postgresql://postgres@127.0.0.1:{closed_port()}/cpd")
    assert len(found) == 1
    assert "cannot be reached" in found[0]
    assert "DATABASE_URL_CPD" in found[0]


async def test_a_clock_that_is_off_is_found(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_NOW", "select clock_timestamp() - interval '1 minute' as now")
    [finding] = await of_accountability(postgres)
    assert "60 seconds behind this machine's" in finding


# The bus


async def test_brokers_that_do_not_answer_are_found() -> None:
    settings = Settings(database_url="", kafka_bootstrap_servers=f"127.0.0.1:{closed_port()}")
    [finding] = await bus.examine_kafka(settings, between_s=0)
    assert "cannot be used" in finding
    assert "KAFKA_SECURITY_PROTOCOL" in finding


def test_topics_that_are_missing_or_of_another_size_are_found() -> None:
    there = {topic_of(name): 6 for name in SERVICES}
    assert bus.topics_found(there, 6) == []
    del there["plumbline.cpd"]
    there["plumbline.safety"] = 3
    found = bus.topics_found(there, 6)
    assert tells_what_to_do(found)
    assert ["cpd does not exist" in found[0], "safety has 3 partitions" in found[1]] == [True, True]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        pytest.param((10, 10), (10, 10), "", id="nothing waits"),
        pytest.param((10, 12), (12, 12), "", id="it has caught up"),
        pytest.param((10, 50), (30, 60), "", id="it catches up"),
        pytest.param((10, 10), (10, 12), "", id="something has just come"),
        pytest.param((10, 50), (10, 50), "none was applied", id="it stands still"),
        pytest.param((10, 50), (20, 90), "30 more than", id="it falls behind"),
        pytest.param((80, 50), (80, 50), "", id="the log is shorter than what was read"),
    ],
)
def test_lag_is_told_when_it_grows_or_stands_still(
    before: tuple[int, int], after: tuple[int, int], sentence: str
) -> None:
    place = ("allocation", "plumbline.workforce", 0)
    found = bus.lag_found({place: before}, {place: after}, 3)
    assert bool(found) == bool(sentence)
    assert sentence in "".join(found)
    assert tells_what_to_do(found)


async def test_a_service_that_does_not_hear_the_embedded_bus_is_found(postgres: str) -> None:
    url = fresh_database(postgres, load("workforce"))
    embedded = EmbeddedBus(url)
    await embedded.ensure_topics([topic_of(name) for name in SERVICES])
    assert await bus.examine_embedded(url, between_s=0) == []
    told = OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team")
    await embedded.publish([message(told)])
    await embedded.close()
    found = await bus.examine_embedded(url, between_s=0)
    assert any(finding.startswith("allocation: 1 records wait") for finding in found)


async def test_topics_on_a_real_broker_are_counted(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "ANSWER_WITHIN_S", 120.0)
    topics = KafkaBus(kafka)
    await topics.ensure_topics([topic_of(name) for name in SERVICES])
    await topics.close()
    found = await bus.examine_kafka(
        Settings(database_url="", kafka_bootstrap_servers=kafka, kafka_partitions=101), between_s=0
    )
    assert len([one for one in found if "partitions and KAFKA_PARTITIONS says 101" in one]) == len(SERVICES), found
    assert not [one for one in found if "does not exist" in one or "cannot be used" in one]


# What is around it

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def provider(keys: Answer, discovery: dict[str, Any] | None = None) -> AsyncIterator[str]:
    async def discover(_: web.Request) -> web.Response:
        return web.json_response(discovery) if discovery else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/keys", keys)
    app.router.add_get("/.well-known/openid-configuration", discover)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def answering(status: int = 200, body: Any = None, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(JWKS if body is None else body, status=status, headers=headers)

    return answer


async def page(_: web.Request) -> web.Response:
    return web.Response(text="<html>Sign in</html>", content_type="text/html")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        pytest.param(answering(), "", id="the keys are there"),
        pytest.param(answering(404), "answers 404 instead of keys", id="a wrong path"),
        pytest.param(page, "holds no key", id="a page for people"),
        pytest.param(answering(body={"keys": []}), "holds no key", id="no keys"),
        pytest.param(
            answering(Date=format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)),
            "clock is",
            id="another time",
        ),
    ],
)
async def test_a_wrong_address_of_keys_is_found(keys: Answer, sentence: str) -> None:
    async with provider(keys) as url:
        found = await surroundings.examine_keys(IdentitySettings(oidc_issuer=url, oidc_jwks_url=f"{url}/keys"))
    assert bool(found) == bool(sentence)
    assert sentence in "".join(found)
    assert tells_what_to_do(found)


async def test_a_provider_that_cannot_be_reached_is_found() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    [finding] = await surroundings.examine_keys(IdentitySettings(oidc_issuer=url, oidc_jwks_url=f"{url}/keys"))
    assert "cannot be reached" in finding


async def test_what_the_issuer_says_of_itself_is_compared() -> None:
    told = {"issuer": "https://id.council.example/realms/staff", "jwks_uri": "https://id.council.example/certs"}
    async with provider(answering(), told) as url:
        found = await surroundings.examine_keys(IdentitySettings(oidc_issuer=url, oidc_jwks_url=f"{url}/keys"))
    assert ["https://id.council.example/certs" in found[0], "Write it exactly so" in found[1]] == [True, True]


async def mail(url: str, sender: str = "plumbline@council.example") -> list[str]:
    found = await surroundings.examine_mail(MailSettings(smtp_url=SecretStr(url), mail_from=sender))
    assert tells_what_to_do(found)
    return found


async def test_a_mail_server_that_refuses_is_found() -> None:
    [away] = await mail(f"smtp://127.0.0.1:{closed_port()}")
    assert "cannot be reached" in away
    [nobody] = await mail("smtp://127.0.0.1", sender="")
    assert "MAIL_FROM is not" in nobody
    assert await mail("") == []


async def test_a_mail_server_that_takes_nobody_is_found() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 not from there\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        [finding] = await mail(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert "answers 554" in finding


async def test_a_part_that_is_away_or_stands_still_is_found() -> None:
    async def stalled(_: web.Request) -> web.Response:
        return web.json_response({"alive": False, "stalled": ["relay"]}, status=503)

    app = web.Application()
    app.router.add_get("/health/live", stalled)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    here = f"http://127.0.0.1:{runner.addresses[0][1]}"
    found = await surroundings.examine_parts({"cpd": f"http://127.0.0.1:{closed_port()}", "safety": here})
    await runner.cleanup()
    assert ["cpd does not answer" in found[0], "safety: relay makes no progress" in found[1]] == [True, True]


# The whole


async def test_a_deployment_that_is_well_is_told_so_in_one_sentence(
    postgres: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SERVICES:
        monkeypatch.setenv(variable(name), fresh_database(postgres, load(name)))
    assert await doctor(NOWHERE, console, between_s=0) == 0
    assert said(console).startswith("Everything looked at is well")


async def test_all_that_is_wrong_is_told_at_once(
    postgres: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fresh_database(postgres, load("accountability"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(OLD_EVENT)
    monkeypatch.setenv(variable("accountability"), url)
    monkeypatch.setenv(variable("cpd"), f"postgresql://postgres@127.0.0.1:{closed_port()}/cpd")
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("MAIL_FROM", "plumbline@council.example")
    monkeypatch.setenv("OIDC_ISSUER", "https://id.council.example")
    assert await doctor(NOWHERE, console, between_s=0) == 1
    for sentence in ("events wait", "cpd: its database cannot be reached", "The mail server", "No keys of an identity"):
        assert sentence in said(console)


async def test_a_folder_without_a_deployment_is_left_alone(tmp_path: Path, console: Console) -> None:
    assert await doctor(tmp_path / "none", console) == 1
    assert "There is no deployment" in said(console)
    assert not (tmp_path / "none").exists()


async def test_who_remembers_what_nobody_has_said_is_named_after_a_restore(
    postgres: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fresh_database(postgres, load("supervision"))
    monkeypatch.setenv(variable("supervision"), url)
    monkeypatch.setenv(variable("workforce"), fresh_database(postgres, load("workforce")))
    assert after_restore(NOWHERE, console) == 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into inbox (consumer, event_id) values ('supervision', gen_random_uuid())")
    assert after_restore(NOWHERE, console) == 1
    assert "supervision remembers 1 events that nobody has said. Do not start it" in said(console)
