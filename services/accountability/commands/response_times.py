"""An authority, or any unit below, sets its own times to answer alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound, RuleBroken
from services.accountability.queries.units import is_known
from services.accountability.rules.alerts import KINDS
from services.accountability.rules.line import LEVELS, Level

_SET: LiteralString = """
insert into response_times (org_unit_id, kind, effective_from, hours)
values (%(org_unit_id)s, %(kind)s, %(effective_from)s, %(hours)s)
on conflict (org_unit_id, kind, effective_from) do update set hours = excluded.hours
"""


@dataclass(frozen=True, slots=True)
class SetResponseTimes:
    """From a date on, how many hours each level has to answer alerts of a kind in an org unit and below."""

    org_unit_id: UUID
    kind: str
    effective_from: date
    hours: Mapping[Level, Decimal]


async def set_response_times(tx: Tx, command: SetResponseTimes) -> None:
    """Set the times; alerts that are already open keep theirs."""
    if command.kind not in KINDS:
        raise RuleBroken("no-such-kind", f"Use one of these kinds of alert: {', '.join(KINDS)}.", field="kind")
    if not await is_known(tx, command.org_unit_id):
        raise NotFound("no-such-org-unit", "There is no org unit with this id. Record it in workforce first.")
    await tx.execute(
        _SET,
        {
            "org_unit_id": command.org_unit_id,
            "kind": command.kind,
            "effective_from": command.effective_from,
            "hours": [command.hours[level] for level in LEVELS],
        },
    )
