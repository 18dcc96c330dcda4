"""Reminders of an unfinished renewal reach the worker and the line manager by mail, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from typing import Any, Literal
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.testing import FakeClock, receive
from contracts.registration import RenewalPart, RenewalRemindedV1
from services.accountability.scans.mailroom import Mailroom, MailSettings
from services.accountability.service import service
from services.accountability.tests.authority import Authority


@dataclass
class Tray:
    """Keeps what would be sent."""

    messages: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> None:
        self.messages.append(message)


class Directory:
    """Knows everyone's address."""

    async def get(self, _service: str, path: str) -> Any:
        return {"name": "Bo Ek", "email": f"{path.split('/')[-2]}@council.example"}


@dataclass
class Reminding:
    mailroom: Mailroom
    database: Database
    tray: Tray
    place: Authority
    clock: FakeClock

    def reminder(
        self, recipient: Literal["worker", "line_manager"], to: UUID, missing: Sequence[RenewalPart] = ("form",)
    ) -> RenewalRemindedV1:
        return RenewalRemindedV1(
            worker_id=self.place.worker,
            org_unit_id=self.place.team,
            registration_year_end=date(2026, 11, 30),
            days_before=14,
            recipient=recipient,
            recipient_id=to,
            missing=tuple(missing),
        )

    async def send(self) -> int:
        async with self.database.transaction() as tx:
            return await self.mailroom.send_due(tx)

    async def statuses(self) -> list[str]:
        async with self.database.reading() as tx:
            return [row["status"] for row in await tx.fetch_all("select status from notifications order by level")]


@pytest.fixture
async def reminding(fresh: Database, place: Authority, clock: FakeClock) -> Reminding:
    await receive(fresh, service, *place.whole())
    settings = MailSettings(mail_from="plumbline@council.example", public_url="https://plumbline.example")
    tray = Tray()
    mailroom = Mailroom(lambda: settings, tray, Directory(), fresh, settings)
    return Reminding(mailroom, fresh, tray, place, clock)


async def test_a_worker_is_told_what_is_left_to_do_and_the_manager_that_it_is_not_done(reminding: Reminding) -> None:
    place = reminding.place
    facts = (reminding.reminder("worker", place.worker), reminding.reminder("line_manager", place.manager))
    await receive(reminding.database, service, *facts)
    assert await reminding.send() == 2
    assert await reminding.send() == 0
    texts = {message["To"].split("@")[0]: message.get_content() for message in reminding.tray.messages}
    assert "Your registration is not ready" in texts[str(place.worker)]
    assert "Still to be done: the application form." in texts[str(place.worker)]
    assert "someone whom you manage" in texts[str(place.manager)]
    assert str(place.worker) not in texts[str(place.manager)]
    assert {message["Subject"] for message in reminding.tray.messages} == {
        "Registration renewal: 14 days left or fewer"
    }
    assert await reminding.statuses() == ["sent", "sent"]


async def test_a_reminder_that_could_not_be_sent_for_days_is_dropped(reminding: Reminding) -> None:
    await receive(reminding.database, service, reminding.reminder("worker", reminding.place.worker))
    reminding.clock.forward(days=4)
    assert await reminding.send() == 0
    assert await reminding.statuses() == ["dropped"]
    assert reminding.tray.messages == []
