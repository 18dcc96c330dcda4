"""The services behind the gateway: which of them are well, and what each one documents."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from chassis import telemetry
from gateway.openapi import Document, PublicOperations, merge
from gateway.settings import GatewaySettings
from gateway.upstream import Target

PROBE_TIMEOUT = aiohttp.ClientTimeout(total=3.0)
UNWELL_INTERVAL_S = 0.5
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
OPERATIONS = Path(__file__).with_name("operations.yaml")


@dataclass
class Member:
    """One service: where it is, whether it is well, what it documents."""

    target: Target
    problem: str = "not looked at yet"
    """What is wrong; empty when it is well."""
    document: Document | None = None
    public: PublicOperations = field(default_factory=lambda: PublicOperations(None))


class Fleet:
    """Looks after all members: asks for their health, and for their documents when they come up."""

    def __init__(self, settings: GatewaySettings, session: aiohttp.ClientSession, *, demo: bool) -> None:
        self.members = {name: Member(Target(name, url)) for name, url in sorted(settings.upstreams.items())}
        self._settings = settings
        self._session = session
        self._looked_at = -float("inf")
        self._looking = asyncio.Lock()
        self._own = _own_operations(demo)

    @property
    def missing(self) -> list[str]:
        """The names of the services that do not answer."""
        return [name for name, member in self.members.items() if member.problem]

    async def watch(self) -> None:
        """Look for ever, more often while something is missing."""
        while True:
            await self.look(max_age_s=0)
            await asyncio.sleep(UNWELL_INTERVAL_S if self.missing else self._settings.health_interval_s)

    async def look(self, max_age_s: float) -> None:
        """Ask every service, unless that was done within `max_age_s` seconds."""
        async with self._looking:
            if time.monotonic() - self._looked_at < max_age_s:
                return
            await asyncio.gather(*(self._look_at(member) for member in self.members.values()))
            self._looked_at = time.monotonic()

    async def readiness(self) -> dict[str, Any]:
        """The answer of `/health/ready`."""
        await self.look(self._settings.health_max_age_s)
        services = {name: member.problem or "ok" for name, member in self.members.items()}
        return {"ready": not self.missing, "services": services, "missing": self.missing}

    async def _look_at(self, member: Member) -> None:
        before = member.problem
        try:
            member.problem = await self._health(member)
            if not member.problem and (before or member.document is None):
                await self._read_document(member)
        except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
            member.problem = (
                "does not answer" if isinstance(failure, TimeoutError | aiohttp.ClientError) else str(failure)
            )
        if member.problem != before:
            telemetry.log.info(
                "service health changed", service=member.target.service, problem=member.problem or "none"
            )

    async def _health(self, member: Member) -> str:
        async with self._session.get(member.target.url.with_path("/health/ready"), timeout=PROBE_TIMEOUT) as answer:
            return "" if answer.status == 200 else "not ready"

    async def _read_document(self, member: Member) -> None:
        async with self._session.get(member.target.url.with_path("/openapi.json"), timeout=PROBE_TIMEOUT) as answer:
            document = await answer.json(content_type=None) if answer.status == 200 else {}
        if document != member.document:
            member.document, member.public = document, PublicOperations(document)
            self.__dict__.pop("document", None)

    @cached_property
    def document(self) -> Document:
        """The OpenAPI document of everything that has answered so far; made anew when a service's document changes."""
        return merge({name: m.document for name, m in self.members.items() if m.document}, self._own)


def _own_operations(demo: bool) -> Document:
    own: Document = yaml.safe_load(OPERATIONS.read_text())
    if not demo:
        del own["paths"]["/auth/demo/tokens"]
    return own
