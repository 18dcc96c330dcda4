"""How to reach the brokers: addresses, transport security and credentials, the same for every client."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from aiokafka.errors import KafkaError

from chassis.bus.interface import BusAway

Client = TypeVar("Client")
_log = structlog.get_logger(__name__)

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
TRY_FOR_S = 20.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Brokers and credentials. ``ca_file`` is needed only where the broker's certificate is not publicly trusted."""

    servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def options(self) -> dict[str, Any]:
        """The arguments every aiokafka client takes."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": self.security_protocol}
        if self.security_protocol.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file or None)
        if self.security_protocol.startswith("SASL"):
            options["sasl_mechanism"] = self.sasl_mechanism
            options["sasl_plain_username"] = self.username
            options["sasl_plain_password"] = self.password
        return options


async def until_connected(connect: Callable[[], Awaitable[Client]]) -> Client:
    """Try for a while until a broker answers as one that is ready, since services and brokers start in any order.

    BusAway when none does: the caller shows that it lives, and tries again.
    """
    pause = FIRST_RETRY_S
    deadline = time.monotonic() + TRY_FOR_S
    while True:
        try:
            return await connect()
        except KafkaError as failure:
            if not failure.retriable:
                raise
            if time.monotonic() > deadline:
                raise BusAway(f"no broker answers: {failure!r}") from failure
            _log.warning("kafka_unreachable", reason=str(failure), retry_in_s=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LAST_RETRY_S)
