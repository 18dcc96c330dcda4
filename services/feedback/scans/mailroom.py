"""Writes to those who left an address: what was done about what they said, once, and then forgets the address.

Each address is claimed in a transaction of its own before it is written to, and erased in another after. A process that dies
between the two writes again with the same Message-ID, by which mail systems recognise it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis import telemetry
from chassis.database import Database, Row, Tx
from services.feedback.commands.contacts import claim_next, erase_contact

AT_ONCE = 20
TIMEOUT_S = 10.0


class MailSettings(BaseSettings):
    """Where mail goes out, from whom, and the address under which people reach us."""

    model_config = SettingsConfigDict(extra="ignore")

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    public_url: str = "http://127.0.0.1:8000"


class Sender(Protocol):
    """A way to reach a person."""

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over; returns once it was taken."""


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends by SMTP, over TLS where the server offers or the URL asks for it."""

    url: str

    async def send(self, message: EmailMessage) -> None:
        """Hand a message to the mail server."""
        parts = urlsplit(self.url)
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            timeout=TIMEOUT_S,
        )


@dataclass
class Mailroom:
    """Sends what is due. Without mail settings nothing is sent, and the public page tells all the same."""

    settings: Callable[[], MailSettings] = MailSettings
    sender: Sender | None = None
    database: Database | None = None
    _settings: MailSettings = field(default_factory=MailSettings)

    def open(self, database: Database) -> MailSettings:
        """Find out how to reach people, when the service starts."""
        self._settings = self.settings()
        url = self._settings.smtp_url.get_secret_value()
        self.sender = SmtpSender(url) if url and self._settings.mail_from else None
        self.database = database
        return self._settings

    async def send_due(self, _: Tx) -> int:
        """Write to a few at a time; the transaction handed over guards that no other replica does the same."""
        if self.sender is None or self.database is None:
            return 0
        for done in range(AT_ONCE):
            async with self.database.transaction() as tx:
                row = await claim_next(tx)
            if row is None or not await self._tell(self.sender, self.database, row):
                return done
        return AT_ONCE

    async def _tell(self, sender: Sender, database: Database, row: Row) -> bool:
        """Write to one; False when others would hardly fare better now."""
        try:
            await sender.send(self._message(row))
        except aiosmtplib.SMTPRecipientsRefused:
            return True
        except (aiosmtplib.SMTPException, OSError) as away:
            telemetry.log.warning("mail could not be sent", reason=type(away).__name__)
            return False
        async with database.transaction() as tx:
            await erase_contact(tx, row["contact_id"])
        return True

    def _message(self, row: Row) -> EmailMessage:
        sender = self._settings.mail_from
        link = f"{self._settings.public_url.rstrip('/')}/v1/feedback/published/{row['published_at']}/page"
        message = EmailMessage()
        message["From"] = sender
        message["To"] = row["address"]
        message["Subject"] = "You told us what you think. This is what we did"
        message["Message-ID"] = f"<{row['contact_id']}@{sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            f"Thank you for answering: {row['title']}.\n\nWhat you said, and what we did about it, is here:\n{link}\n\n"
            "You left this address for this message. It has now been erased, and we will not write again.\n"
        )
        return message
