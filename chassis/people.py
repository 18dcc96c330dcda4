"""Whose a token is, where the identity provider names an employee instead of a worker: workforce says, and it is kept briefly."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from chassis.claims import Claims
from chassis.clients import Clients
from chassis.clock import monotonic
from chassis.problems import Forbidden

KEPT_S = 60.0
"""How long a move to another unit, or leaving, may go unnoticed."""
KEPT_AT_MOST = 10_000


@dataclass(slots=True)
class People:
    """Finds the worker and the unit of whoever is known by an employee reference."""

    clients: Clients
    _kept: OrderedDict[str, tuple[float, dict[str, Any] | None]] = field(default_factory=OrderedDict)

    async def complete(self, claims: Claims) -> Claims:
        """The claims with the worker and the unit that they lack.

        Forbidden when the reference is that of nobody who works here: such a person must not pass for a system, which has no
        unit and may see everything that its role sees.
        """
        if claims.employee_ref is None or claims.worker_id is not None:
            return claims
        found = await self._worker(claims.employee_ref)
        if found is None:
            raise Forbidden(
                "person-not-known",
                "Nobody who works here today has your employee reference. Ask whoever keeps the workforce records.",
            )
        unit = claims.org_unit_id if claims.org_unit_id is not None else found["org_unit_id"]
        return replace(claims, worker_id=found["worker_id"], org_unit_id=unit)

    async def _worker(self, employee_ref: str) -> dict[str, Any] | None:
        until, kept = self._kept.get(employee_ref, (0.0, None))
        if until > monotonic():
            return kept
        path = f"/v1/workforce/employed?employee_ref={quote(employee_ref, safe='')}"
        found: dict[str, Any] | None = await self.clients.get("workforce", path)
        self._kept[employee_ref] = (monotonic() + KEPT_S, found)
        self._kept.move_to_end(employee_ref)
        if len(self._kept) > KEPT_AT_MOST:
            self._kept.popitem(last=False)
        return found
