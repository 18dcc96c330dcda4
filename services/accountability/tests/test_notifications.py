"""People are told of alerts by mail: each once, at an address that is fetched at that moment and not kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from chassis.database import Database
from chassis.problems import Unavailable
from chassis.testing import FakeClock, receive
from services.accountability.rules.notices import body, pause_before
from services.accountability.scans import mailroom as mailrooms
from services.accountability.scans.mailroom import Mailroom, MailSettings, NotSent, SmtpSender
from services.accountability.service import service
from services.accountability.tests.authority import Authority


@dataclass
class MailServer:
    """Takes mail, unless told to answer something else first."""

    answers: list[str] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content))
        return "250 taken"


@dataclass
class Addresses:
    """Stands in for workforce."""

    known: dict[str, dict[str, str | None]] = field(default_factory=dict)
    away: bool = False

    async def get(self, service: str, path: str) -> Any:
        if self.away:
            raise Unavailable("service-unavailable", "workforce does not answer.")
        assert (service, path.rpartition("/")[2]) == ("workforce", "contact")
        return self.known.get(path.split("/")[-2])


@dataclass
class Post:
    mailroom: Mailroom
    database: Database
    addresses: Addresses
    place: Authority
    clock: FakeClock

    async def send(self) -> int:
        async with self.database.transaction() as tx:
            return await self.mailroom.send_due(tx)

    async def rows(self) -> list[dict[str, Any]]:
        async with self.database.reading() as tx:
            return await tx.fetch_all("select * from notifications order by created_at")

    async def status(self) -> list[str]:
        return [row["status"] for row in await self.rows()]


@pytest.fixture
async def server() -> AsyncIterator[tuple[MailServer, int]]:
    handler = MailServer()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    async with listening:
        yield handler, listening.sockets[0].getsockname()[1]


@pytest.fixture
async def post(fresh: Database, place: Authority, server: tuple[MailServer, int], clock: FakeClock) -> Post:
    await receive(fresh, service, *place.whole())
    addresses = Addresses({str(place.manager): {"name": "Ana Kovač", "email": "ana@council.example"}})
    settings = MailSettings(
        smtp_url=SecretStr(f"smtp://127.0.0.1:{server[1]}"),
        mail_from="alerts@plumbline.example",
        public_url="https://plumbline.example/",
    )
    sender = SmtpSender(settings.smtp_url.get_secret_value())
    return Post(Mailroom(lambda: settings, sender, addresses, fresh, settings), fresh, addresses, place, clock)


async def test_the_line_manager_is_told_once(post: Post, server: tuple[MailServer, int]) -> None:
    await receive(post.database, service, post.place.overloaded())
    assert await post.send() == 1
    assert await post.send() == 0
    [message] = server[0].taken
    [row] = await post.rows()
    assert (message["To"], message["From"]) == ("ana@council.example", "alerts@plumbline.example")
    assert message["Message-ID"] == f"<{row['notification_id']}@plumbline.example>"
    text = message.get_payload(decode=True).decode()  # type: ignore[union-attr] # a message of one part
    assert f"https://plumbline.example/v1/accountability/alerts/{row['alert_id']}" in text
    assert "Dear Ana Kovač" in text
    assert str(post.place.worker) not in text
    assert row["status"] == "sent"
    assert "ana@" not in str(row), "the address is not kept"


async def test_a_mail_server_that_is_busy_is_asked_again_later(post: Post, server: tuple[MailServer, int]) -> None:
    server[0].answers = ["451 later", "451 later"]
    await receive(post.database, service, post.place.overloaded())
    assert await post.send() == 0
    assert await post.send() == 0, "not before a pause"
    assert [row["attempts"] for row in await post.rows()] == [1]
    post.clock.forward(minutes=1)
    await post.send()
    post.clock.forward(minutes=2)
    await post.send()
    assert len(server[0].taken) == 1
    assert [(row["status"], row["attempts"]) for row in await post.rows()] == [("sent", 3)]


async def test_what_one_person_cannot_get_holds_up_no_other(post: Post, server: tuple[MailServer, int]) -> None:
    post.addresses.known[str(post.place.head)] = {"name": "Bo", "email": "bo@council.example"}
    del post.addresses.known[str(post.place.manager)]
    await receive(post.database, service, post.place.overloaded(), post.place.overloaded(post.place.manager))
    await post.send()
    assert [message["To"] for message in server[0].taken] == ["bo@council.example"]


async def test_a_crash_after_sending_sends_the_same_message_again(
    post: Post, server: tuple[MailServer, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    await receive(post.database, service, post.place.overloaded())
    monkeypatch.setattr(mailrooms, "mark_sent", crash)
    with pytest.raises(KeyboardInterrupt):
        await post.send()
    monkeypatch.undo()
    assert await post.send() == 0
    post.clock.forward(minutes=1)
    await post.send()
    one, two = server[0].taken
    assert one["Message-ID"] == two["Message-ID"]
    assert await post.status() == ["sent"]


async def test_what_is_refused_for_good_is_dead_and_listed(post: Post, server: tuple[MailServer, int]) -> None:
    server[0].answers = ["550 no such person"]
    await receive(post.database, service, post.place.overloaded())
    await post.send()
    [row] = await post.rows()
    assert (row["status"], row["last_problem"]) == ("dead", "mail server answered 550")


@pytest.mark.parametrize("why", ["no address", "workforce is away"])
async def test_what_cannot_be_delivered_for_days_is_given_up(post: Post, why: str) -> None:
    post.addresses.known.clear()
    post.addresses.away = why == "workforce is away"
    await receive(post.database, service, post.place.overloaded())
    await post.send()
    assert await post.status() == ["pending"]
    post.clock.forward(days=3, minutes=1)
    await post.send()
    [row] = await post.rows()
    assert row["status"] == "dead"
    assert row["last_problem"].startswith("workforce")


async def test_nobody_is_told_of_what_cleared_or_lies_with_another(post: Post, server: tuple[MailServer, int]) -> None:
    await receive(post.database, service, post.place.overloaded())
    await receive(post.database, service, post.place.relieved())
    assert await post.send() == 0
    assert await post.status() == ["dropped"]
    assert server[0].taken == []


async def test_without_mail_settings_nothing_is_sent_and_alerts_work(post: Post) -> None:
    post.mailroom.sender = None
    await receive(post.database, service, post.place.overloaded())
    assert await post.send() == 0
    assert await post.status() == ["pending"]


async def test_a_mail_server_that_is_not_there_is_no_fault_of_ours() -> None:
    message = EmailMessage()
    message["From"] = message["To"] = "a@council.example"
    with pytest.raises(NotSent, match="not reached") as failure:
        await SmtpSender("smtp://127.0.0.1:9").send(message)
    assert not failure.value.final


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 2), (3, 4), (8, 120), (500, 120)])
def test_pauses_grow_to_two_hours(attempt: int, minutes: int) -> None:
    assert pause_before(attempt) == timedelta(minutes=minutes)


def test_a_message_tells_the_time_in_london() -> None:
    text = body("Dear A", "workload.overloaded", 3, "3.2", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "link")
    assert "23:30 on 1 July 2026" in text
