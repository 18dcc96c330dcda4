"""A mailbox for tests: what a real local SMTP server received."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Keeps every message with those whom it was for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[tuple[list[str], EmailMessage]] = []

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make a deployment send its mail here."""
        return {"SMTP_URL": f"smtp://127.0.0.1:{self.port}", "MAIL_FROM": "plumbline@council.example"}

    def to(self, address: str) -> list[EmailMessage]:
        """Messages for an address."""
        return [message for recipients, message in self.received if address in recipients]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a message."""
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.default)
        self.received.append((list(envelope.rcpt_tos), message))
        return "250 kept"
