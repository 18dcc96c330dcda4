"""A served cpd with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import httpx

from chassis.service import Scan, Service
from chassis.testing import token
from services.cpd.service import service
from tests.support.world import WorkforceWorld


@dataclass
class World(WorkforceWorld):
    """``folder`` is where attachments are kept."""

    service: ClassVar[Service] = service
    scans: ClassVar[tuple[Scan, ...]] = tuple(service.scans)
    manager_facts: ClassVar[dict[str, Any]] = {"career_stage": "manager", "job_role": "team manager"}
    folder: Path = field(kw_only=True)

    def as_manager(self) -> dict[str, str]:
        return token(roles=["team_manager"], worker_id=self.manager, org_unit_id=self.team)

    def as_psw(self) -> dict[str, str]:
        return token(roles=["principal_social_worker"], org_unit_id=self.authority)

    def as_hr(self) -> dict[str, str]:
        return token(roles=["workforce_admin"], org_unit_id=self.authority)

    def as_worker(self, worker_id: UUID) -> dict[str, str]:
        return token(roles=["practitioner"], worker_id=worker_id, org_unit_id=self.team)

    async def call(self, method: str, path: str, who: dict[str, str] | None = None, **kwargs: Any) -> httpx.Response:
        """A request, the manager's when nobody is named."""
        headers = {**(who or self.as_manager()), **kwargs.pop("headers", {})}
        return await self.client.request(method, "/v1/cpd" + path, headers=headers, **kwargs)

    async def done(
        self, method: str, path: str, who: dict[str, str] | None = None, expect: int = 200, **kwargs: Any
    ) -> Any:
        """The JSON answer to a request that must end in a status."""
        answer = await self.call(method, path, who, **kwargs)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def learn(self, worker_id: UUID, expect: int = 201, **changes: Any) -> Any:
        """Write a piece of learning down as the worker."""
        body = {
            "worker_id": str(worker_id),
            "kind": "formal",
            "description": "Course on trauma",
            "learned": "How trauma shows.",
            "impact": "I ask differently.",
            **changes,
        }
        return await self.done("POST", "/learning", self.as_worker(worker_id), expect, json=body)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status of an answer and the code of its problem."""
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
