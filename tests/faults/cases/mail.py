"""A mail server that is away, busy, slow, or cuts the connection: whoever is to be told is told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.cases.case import Case, Fault
from tests.faults.journal import Client
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import HOST, free_port

TAKEN = "250 kept"


class MailServer:
    """Answers what ``answers`` says first, then takes everything; counts what it took by its Message-ID."""

    def __init__(self, answers: list[str], pause_s: float = 0.0) -> None:
        self.port = free_port()
        self.taken: Counter[str] = Counter()
        self._answers = answers
        self._pause_s = pause_s

    @property
    def settings(self) -> dict[str, str]:
        """What makes a service send its mail here."""
        return {"SMTP_URL": f"smtp://{HOST}:{self.port}", "MAIL_FROM": "plumbline@council.example"}

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a message, or not."""
        await asyncio.sleep(self._pause_s)
        answer = self._answers.pop(0) if self._answers else TAKEN
        if answer == "cut":
            transport: Any = server.transport
            transport.abort()
        if answer == TAKEN:
            content: Any = envelope.content
            self.taken[str(message_from_bytes(content, policy=policy.default)["Message-ID"])] += 1
        return answer

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The server, for as long as it is open."""
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: SMTP(self), HOST, self.port):
            yield


def mail(answers: list[str], *, pause_s: float = 0.0, away_until: int = 0, kills: int = 0) -> Fault:
    """A fault: this mail server, away until so many writes, and accountability killed so often meanwhile."""

    async def fault(world: World, client: Client) -> None:
        server = MailServer(list(answers), pause_s)
        async with world.with_settings(server.settings, "accountability"):
            await after_writes(client, away_until)
            async with server.serving():
                for turn in range(kills):
                    await after_writes(client, 20 + 3 * turn)
                    await world.cluster.parts["accountability"].kill()
                await after_writes(client, 29)
                await _everyone_is_told(world, server, may_repeat=kills > 0)

    return fault


async def _everyone_is_told(world: World, server: MailServer, *, may_repeat: bool) -> None:
    """Nothing pends any more, and each notification that was sent came once.

    A process that dies between the server's yes and its own note of it sends again, under the same Message-ID.
    """

    def settled() -> bool:
        world.execute("accountability", "update notifications set next_attempt_at = now() where status = 'pending'")
        rows = world.execute("accountability", "select count(*) as n from notifications where status = 'pending'")
        return bool(server.taken) and rows[0]["n"] == 0

    await world.wait_for(settled, "everyone is told")
    rows = world.execute("accountability", "select notification_id::text as id, status from notifications")
    sent = {row["id"] for row in rows if row["status"] == "sent"}
    came = {name.strip("<>").split("@")[0] for name in server.taken}
    assert came <= sent, f"told and not noted: {came - sent}"
    assert may_repeat or set(server.taken.values()) == {1}, f"told twice: {server.taken}"


CASES = (
    Case("the mail server is away", "mail", mail([], away_until=26)),
    Case("the mail server is busy, then takes everything", "mail", mail(["451 later"] * 6)),
    Case("the mail server is slow and cuts connections", "mail", mail(["cut"] * 4, pause_s=1.0)),
    Case("the mail server refuses one message for good", "mail", mail(["554 never"])),
    Case("accountability is killed while it sends mail", "mail", mail([], pause_s=0.3, kills=3)),
)
