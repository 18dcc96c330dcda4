"""Who may call a route and over whom: declared beside the route, checked for every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

from chassis.problems import Forbidden

if TYPE_CHECKING:
    from chassis.claims import Claims
    from chassis.database import Tx


class Scope(StrEnum):
    """Over whom a role may act."""

    OWN = "own"
    UNIT = "own unit and below"
    AUTHORITY = "authority"
    ANY = "any"


OWN, UNIT, AUTHORITY, ANY = Scope.OWN, Scope.UNIT, Scope.AUTHORITY, Scope.ANY
_WIDEST_FIRST = (ANY, AUTHORITY, UNIT, OWN)

ROLES = (
    "practitioner",
    "team_manager",
    "principal_social_worker",
    "senior_leader",
    "workforce_admin",
    "integration",
    "reporting",
    "concerns_guardian",
    "platform_admin",
    "service",
)


class Allow:
    """The roles that may call a route, each with its scope: ``Allow(practitioner=OWN, team_manager=UNIT)``."""

    def __init__(self, **scopes: Scope) -> None:
        unknown = scopes.keys() - set(ROLES)
        if unknown:
            raise ValueError(f"no such role: {', '.join(sorted(unknown))}")
        self.scopes: Mapping[str, Scope] = scopes

    @property
    def public(self) -> bool:
        """Whether no token is needed."""
        return False

    def scope_for(self, roles: frozenset[str]) -> Scope:
        """The widest scope that any of ``roles`` gives; Forbidden when none does."""
        given = {self.scopes[role] for role in roles if role in self.scopes}
        for scope in _WIDEST_FIRST:
            if scope in given:
                return scope
        wanted = ", ".join(sorted(self.scopes))
        raise Forbidden("role-not-allowed", f"This needs one of the roles: {wanted}.")


class _Public(Allow):
    @property
    def public(self) -> bool:
        return True


PUBLIC = _Public()

_WORKER_PLACE: LiteralString = """
select w.worker_id, w.line_manager_id, u.path from directory_workers w
join directory_units u using (org_unit_id) where w.worker_id = %(worker_id)s
"""
_UNIT_PATH: LiteralString = "select path from directory_units where org_unit_id = %(org_unit_id)s"
_ROOT_UNIT: LiteralString = """
select coalesce(
    (select a.org_unit_id from directory_units u, unnest(u.path) as step (id)
     join directory_units a on a.org_unit_id = step.id and a.kind = 'authority'
     where u.org_unit_id = %(org_unit_id)s limit 1),
    %(org_unit_id)s)
"""
NOWHERE = UUID(int=0)
OUTSIDE = "This is outside the part of the organisation that your role covers, or it does not exist."


def outside_reach() -> Forbidden:
    """The answer for an object that the caller may not see; the same whether or not it exists."""
    return Forbidden("outside-reach", OUTSIDE)


def _uuid(value: str | None) -> UUID | None:
    try:
        return None if value is None else UUID(value)
    except ValueError:
        raise Forbidden("token-not-usable", "The token's worker_id or org_unit_id is no UUID.") from None


@dataclass(slots=True)
class Caller:
    """The bearer of the token in this request, with the scope that the route gives to the bearer's roles."""

    subject: str
    roles: frozenset[str]
    worker_id: UUID | None
    org_unit_id: UUID | None
    scope: Scope
    checked: bool = field(default=False)
    limit: UUID | None = field(default=None)
    """The unit that the caller is limited to, once resolved; None = no limit."""

    @classmethod
    def of(cls, claims: Claims, scope: Scope) -> Caller:
        """The caller of a request from the verified claims."""
        caller = cls(claims.subject, claims.roles, _uuid(claims.worker_id), _uuid(claims.org_unit_id), scope)
        if scope is OWN and caller.worker_id is None:
            raise Forbidden("token-not-usable", "This role sees its own records, and the token names no worker_id.")
        if scope is UNIT and caller.org_unit_id is None and caller.worker_id is None:
            raise Forbidden("token-not-usable", "This role sees its own unit, and the token names no org_unit_id.")
        return caller

    async def resolve(self, tx: Tx) -> UUID | None:
        """The unit whose tree bounds this caller: the own unit, the authority above it, or None for no bound.

        Someone who sees the own record only, or has no unit, is bound to :data:`NOWHERE`, of which nothing is a part: so
        a list that filters by the answer shows such a caller nothing instead of everything.
        """
        self.checked = True
        if self.unlimited:
            return None
        if self.limit is None:
            self.limit = await self._widest_unit(tx)
        return self.limit

    async def bound(self, tx: Tx, org_unit_id: UUID | None = None) -> UUID | None:
        """The unit that bounds a list for this caller, once the unit asked for is known to be within reach.

        Forbidden for someone whose token names no unit: a list of units would be empty, and would not say why.
        """
        if org_unit_id is not None:
            await self.reach_unit(tx, org_unit_id)
        bound = await self.resolve(tx)
        if bound == NOWHERE:
            raise Forbidden("token-not-usable", "This list is about units, and the token names no org_unit_id.")
        return bound

    async def _widest_unit(self, tx: Tx) -> UUID:
        if self.scope is OWN or self.org_unit_id is None:
            return NOWHERE
        if self.scope is UNIT:
            return self.org_unit_id
        root: UUID = await tx.fetch_value(_ROOT_UNIT, {"org_unit_id": self.org_unit_id})
        return root

    @property
    def unlimited(self) -> bool:
        """Whether this caller sees every object of the deployment."""
        return self.scope is ANY or (self.scope is AUTHORITY and self.org_unit_id is None)

    async def reach_worker(self, tx: Tx, worker_id: UUID) -> None:
        """Make sure that a worker is within reach, else Forbidden."""
        self.checked = True
        if self.unlimited or (self.scope is OWN and worker_id == self.worker_id):
            return
        if self.scope is OWN:
            raise outside_reach()
        self.reach_row(await tx.fetch_one(_WORKER_PLACE, {"worker_id": worker_id}), await self.resolve(tx))

    def reach_row(self, place: Mapping[str, Any] | None, limit: UUID | None) -> None:
        """Make sure that a row with ``worker_id``, ``line_manager_id`` and ``path`` is within reach of ``limit``."""
        self.checked = True
        if place is None:
            raise outside_reach()
        if limit is not None and limit in (place["path"] or ()):
            return
        if self.worker_id is not None and self.worker_id in (place["worker_id"], place["line_manager_id"]):
            return
        raise outside_reach()

    async def reach_unit(self, tx: Tx, org_unit_id: UUID) -> None:
        """Make sure that an org unit is within reach, else Forbidden."""
        self.checked = True
        if self.unlimited:
            return
        limit = await self.resolve(tx)
        path = await tx.fetch_value(_UNIT_PATH, {"org_unit_id": org_unit_id})
        if path is None or limit not in path:
            raise outside_reach()

    def nothing_to_reach(self) -> None:
        """State that this request touches no object of a particular part of the organisation."""
        self.checked = True
