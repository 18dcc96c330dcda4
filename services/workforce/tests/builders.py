"""Builders of what workforce's tests need: an authority with a tree, its workers, and callers of each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from chassis.testing import token

_numbers = count(1)
ADMIN = ("workforce_admin",)


@dataclass
class Authority:
    """One authority over HTTP, with a service and a team in it, as its workforce administrator sees it."""

    client: httpx.AsyncClient
    authority: str = ""
    service: str = ""
    team: str = ""
    headers: dict[str, str] = field(default_factory=lambda: token(roles=list(ADMIN)))

    async def send(self, method: str, path: str, expect: int, **kwargs: Any) -> Any:
        """The JSON answer of a request that must end with a status."""
        headers = {**self.headers, **kwargs.pop("headers", {})}
        answer = await self.client.request(method, f"/v1/workforce{path}", headers=headers, **kwargs)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def unit(self, name: str, kind: str, parent: str | None) -> str:
        body = {"name": name, "kind": kind, "parent_id": parent}
        return str((await self.send("POST", "/org-units", 201, json=body))["org_unit_id"])

    def body(self, **fields: Any) -> dict[str, Any]:
        number = next(_numbers)
        return {
            "name": f"Person {number}",
            "employee_ref": f"E{number}",
            "org_unit_id": self.team,
            "job_role": "social worker",
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "contracted_hours": 37,
            "employment_started_on": "2024-01-08",
            **fields,
        }

    async def worker(self, **fields: Any) -> str:
        return str((await self.send("POST", "/workers", 201, json=self.body(**fields)))["worker_id"])

    async def change(self, worker: str, expect: int = 200, **fields: Any) -> Any:
        """Change a worker from the version that was just read."""
        read = await self.client.get(f"/v1/workforce/workers/{worker}", headers=self.headers)
        return await self.send(
            "PATCH", f"/workers/{worker}", expect, json=fields, headers={"If-Match": read.headers["etag"]}
        )

    async def post(self, **fields: Any) -> str:
        body = {"org_unit_id": self.team, "job_role": "social worker", "fte": 1, "opened_on": "2024-01-01", **fields}
        return str((await self.send("POST", "/posts", 201, json=body))["post_id"])

    async def absence(self, worker: str, first: str, last: str, reason: str = "sickness") -> str:
        body = {"from": first, "to": last, "reason": reason}
        return str((await self.send("POST", f"/workers/{worker}/absences", 201, json=body))["absence_id"])

    async def rates(self, **query: Any) -> dict[str, Any]:
        answer = await self.send("GET", "/rates", 200, params={"org_unit_id": self.authority, **query})
        return {rate["rate"]: rate for rate in answer["rates"]} | {"notes": answer["notes"]}


async def build_authority(client: httpx.AsyncClient, name: str = "Northshire") -> Authority:
    """A fresh authority with one service and one team."""
    built = Authority(client)
    built.authority = await built.unit(f"{name} {next(_numbers)}", "authority", None)
    built.service = await built.unit("Children", "service", built.authority)
    built.team = await built.unit("North", "team", built.service)
    return built


def someone(role: str, worker: str | UUID | None = None, unit: str | None = None) -> dict[str, str]:
    """The headers of a caller with one role."""
    return token(roles=[role], worker_id=worker, org_unit_id=unit)
