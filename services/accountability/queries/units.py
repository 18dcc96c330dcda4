"""Org units as the directory knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_KNOWN: LiteralString = "select 1 from directory_units where org_unit_id = %(org_unit_id)s"
_PATHS: LiteralString = "select org_unit_id, path from directory_units"


async def is_known(tx: Tx, org_unit_id: UUID) -> bool:
    """Whether there is such an org unit."""
    return await tx.fetch_value(_KNOWN, {"org_unit_id": org_unit_id}) is not None


async def map_paths(tx: Tx) -> dict[UUID, Sequence[UUID]]:
    """Each org unit's way down from the root, itself included."""
    return {row["org_unit_id"]: row["path"] for row in await tx.fetch_all(_PATHS)}
