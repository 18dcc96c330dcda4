"""A served registration with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from chassis.ids import new_id
from chassis.service import Scan, Service
from chassis.testing import token
from contracts.workforce import PostRecordedV1
from services.registration.service import service
from tests.support.world import WorkforceWorld

HEADER = "Registration number,Name,Status,Registered until,Town"


@dataclass
class World(WorkforceWorld):
    """The manager is no social worker, so that registration is asked of the others alone."""

    service: ClassVar[Service] = service
    scans: ClassVar[tuple[Scan, ...]] = tuple(service.scans)
    manager_facts: ClassVar[dict[str, Any]] = {"is_social_worker": False}

    async def post(self, holder: UUID | None, post_id: UUID | None = None, **facts: Any) -> UUID:
        post_id = post_id or new_id()
        usual = {"fte": Decimal(1), "designated": True, "holder_id": holder, "org_unit_id": self.team}
        await self.tell(PostRecordedV1(post_id=post_id, **{**usual, **facts}))
        return post_id

    # Who acts

    def someone(self, role: str, worker: UUID | None = None, unit: UUID | None = None) -> dict[str, str]:
        return token(roles=[role], worker_id=worker, org_unit_id=unit)

    @property
    def psw(self) -> dict[str, str]:
        return self.someone("principal_social_worker")

    @property
    def boss(self) -> dict[str, str]:
        return self.someone("team_manager", self.manager, self.team)

    # What is asked

    async def call(
        self, method: str, path: str, expect: int = 200, who: dict[str, str] | None = None, **kwargs: Any
    ) -> Any:
        """The answer to a request, the principal social worker's unless said otherwise."""
        headers = {**(who or self.psw), **kwargs.pop("headers", {})}
        answer = await self.client.request(method, "/v1/registration" + path, headers=headers, **kwargs)
        assert answer.status_code == expect, f"{answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    async def entry(self, worker: UUID, status: str = "registered", expect: int = 200, **fields: Any) -> Any:
        """Record what the register says of a worker."""
        body = {"number": f"SW{worker.int % 10**9}", "status": status, "valid_to": "2026-11-30", **fields}
        return await self.call("PUT", f"/workers/{worker}", expect, json=body)

    async def lists(self, unit: UUID | None = None) -> Any:
        return await self.call("POST", "/check-lists", 201, json={"org_unit_id": str(unit or self.team)})

    async def answer(self, list_id: str, *lines: str, expect: int = 200, header: str = HEADER, **query: Any) -> Any:
        """Send the register's download for a list."""
        content = "\n".join([header, *lines]).encode()
        return await self.call("POST", f"/check-lists/{list_id}/answers", expect, content=content, params=query)

    async def renew(self, worker: UUID, expect: int = 200, **parts: Any) -> Any:
        body = {"form_submitted_on": None, "fee_paid_on": None, **parts}
        return await self.call("PUT", f"/workers/{worker}/renewal", expect, json=body)
