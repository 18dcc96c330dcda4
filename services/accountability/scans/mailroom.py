"""Tells people of alerts: fetches an address at the moment of need, hands the message over, and keeps neither.

Each notification is claimed in a transaction of its own before it is sent and marked in another after. A process that dies
between the mail server's answer and the mark leaves it unknown whether the message went out; it is then sent once more
with the same Message-ID, by which mail systems recognise it. Not telling anyone of an alert would be worse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
from opentelemetry.trace import SpanKind
from prometheus_client import Counter
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis import telemetry, tracing
from chassis.database import Database, Tx
from chassis.problems import Unavailable
from services.accountability.commands.notifications import Notice, claim_next, mark_failed, mark_sent
from services.accountability.commands.reminders import Reminder, claim_next_reminder
from services.accountability.queries.notifications import get_traceparent
from services.accountability.rules.notices import body, reminder_body, reminder_subject, subject_line

AT_ONCE = 20
TIMEOUT_S = 10.0
_PERMANENT = range(500, 600)

NOTIFICATIONS = Counter(
    "notifications", "Attempts to tell a person, by how they ended", ("service", "outcome"), registry=telemetry.REGISTRY
)
_SENT, _FAILED, _DEAD = (NOTIFICATIONS.labels("accountability", outcome) for outcome in ("sent", "failed", "dead"))


class MailSettings(BaseSettings):
    """Where mail goes out: ``smtp://`` or ``smtps://`` URL, the sender's address, and the address people reach us at."""

    model_config = SettingsConfigDict(extra="ignore")

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    public_url: str = "http://127.0.0.1:8000"


class NotSent(Exception):
    """A message was not taken; ``final`` when trying again cannot help, ``only_this`` when others may be taken."""

    def __init__(self, problem: str, *, final: bool = False, only_this: bool = False) -> None:
        super().__init__(problem)
        self.final = final
        self.only_this = only_this or final


class Sender(Protocol):
    """A way to reach a person."""

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over; returns once it was taken, raises :class:`NotSent` when it was not."""


class Contacts(Protocol):
    """Where personal data is asked for, at the moment of need."""

    async def get(self, service: str, path: str) -> Any:
        """The JSON answer of ``GET path`` of a service; None when there is nothing."""


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends by SMTP, over TLS where the server offers or the URL asks for it."""

    url: str

    async def send(self, message: EmailMessage) -> None:
        """Hand a message to the mail server."""
        parts = urlsplit(self.url)
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname,
                port=parts.port,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = {one.code for one in refused.recipients}
            raise NotSent(
                f"recipient refused: {sorted(codes)}", final=codes <= set(_PERMANENT), only_this=True
            ) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise NotSent(f"mail server answered {refused.code}", final=refused.code in _PERMANENT) from refused
        except aiosmtplib.SMTPResponseException as refused:
            # A wrong password or a policy is mended by an operator, and then the message goes out.
            raise NotSent(f"mail server answered {refused.code}") from refused
        except (aiosmtplib.SMTPException, OSError) as away:
            raise NotSent(f"mail server not reached: {type(away).__name__}") from away


@dataclass
class Mailroom:
    """Sends what is due. Without mail settings nothing is sent, and alerts work all the same."""

    settings: Callable[[], MailSettings] = MailSettings
    sender: Sender | None = None
    contacts: Contacts | None = None
    database: Database | None = None
    _settings: MailSettings = field(default_factory=MailSettings)

    def open(self, contacts: Contacts, database: Database) -> None:
        """Find out how to reach people, when the service starts."""
        self._settings = self.settings()
        url = self._settings.smtp_url.get_secret_value()
        self.sender = SmtpSender(url) if url and self._settings.mail_from else None
        self.contacts, self.database = contacts, database

    async def send_due(self, _: Tx) -> int:
        """Send what is due, a few at a time; the transaction handed over guards that no other replica does the same.

        After a failure that may pass, such as a mail server that is away, the rest waits for the next look.
        """
        if self.sender is None or self.database is None:
            return 0
        for done in range(AT_ONCE):
            async with self.database.transaction() as tx:
                notice = await claim_next(tx) or await claim_next_reminder(tx)
            if notice is None:
                return done
            if not await self._tell(self.database, notice):
                return 0
        return AT_ONCE

    async def _tell(self, database: Database, notice: Notice | Reminder) -> bool:
        """Send one notification and note how that went; False when others would hardly fare better now."""
        try:
            with tracing.span("notify", database.service, await _trace_of(database, notice), kind=SpanKind.PRODUCER):
                await self._send(notice)
        except NotSent as failure:
            async with database.transaction() as tx:
                dead = await mark_failed(tx, notice.notification_id, str(failure), final=failure.final)
            (_DEAD if dead else _FAILED).inc()
            return failure.only_this
        async with database.transaction() as tx:
            await mark_sent(tx, notice.notification_id)
        _SENT.inc()
        return True

    async def _send(self, notice: Notice | Reminder) -> None:
        contact = await self._contact(notice.recipient_id)
        if self.sender is not None:
            await self.sender.send(self._message(notice, contact["name"], contact["email"]))

    async def _contact(self, worker_id: UUID) -> Any:
        if self.contacts is None:
            raise NotSent("workforce cannot be asked for an address")
        try:
            contact = await self.contacts.get("workforce", f"/v1/workforce/workers/{worker_id}/contact")
        except Unavailable as away:
            raise NotSent(away.detail) from away
        if not contact or not contact.get("email"):
            raise NotSent("workforce knows no address of this worker", only_this=True)
        return contact

    def _message(self, notice: Notice | Reminder, name: str, address: str) -> EmailMessage:
        sender = self._settings.mail_from
        message = EmailMessage()
        message["From"] = sender
        message["To"] = address
        subject, text = self._words(notice, f"Dear {name}")
        message["Subject"] = subject
        message["Message-ID"] = f"<{notice.notification_id}@{sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message

    def _words(self, notice: Notice | Reminder, greeting: str) -> tuple[str, str]:
        base = f"{self._settings.public_url.rstrip('/')}/v1"
        if isinstance(notice, Notice):
            link = f"{base}/accountability/alerts/{notice.alert_id}"
            text = body(greeting, notice.kind, notice.standard, notice.clause, notice.due_at, link)
            return subject_line(notice.kind), text
        own = notice.recipient == "worker"
        link = f"{base}/registration/workers/{notice.worker_id}/renewal" if own else f"{base}/registration/renewals"
        return reminder_subject(notice.days_before), reminder_body(greeting, notice.recipient, notice.missing, link)


async def _trace_of(database: Database, notice: Notice | Reminder) -> str:
    """The trace that telling a person continues; asked for only where somebody collects."""
    if tracing.provider(database.service) is None:
        return ""
    async with database.reading() as tx:
        return await get_traceparent(tx, notice.about_id)
