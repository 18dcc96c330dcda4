"""What a registration status means: who may practise, who may not, and when a date is no proof (clause 7.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

Status: TypeAlias = Literal[
    "registered",
    "conditions",
    "interim_conditions",
    "suspended",
    "interim_suspension",
    "removed",
    "not_renewed",
    "voluntary_removal",
    "not_found",
    "unknown",
]

ON_THE_REGISTER: frozenset[Status] = frozenset({"registered", "conditions", "interim_conditions"})
"""Who may practise, some of them within limits."""
WITH_CONDITIONS: frozenset[Status] = frozenset({"conditions", "interim_conditions"})
BARRED: frozenset[Status] = frozenset(
    {"suspended", "interim_suspension", "removed", "not_renewed", "voluntary_removal", "not_found"}
)
"""Who may not practise. `unknown` is neither: nobody is barred because the register was not asked."""

NUMBER = re.compile(r"SW[0-9]{1,10}")


def number_of(text: str) -> str | None:
    """A registration number as it is kept, upper case and without spaces; None when it is none.

    The shape is judged loosely (SW and digits): whether a number is real, the register says.
    """
    number = "".join(text.split()).upper()
    return number if NUMBER.fullmatch(number) else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A status as it holds on a day. ``awaiting`` = its date has passed, and the register may not be up to date yet."""

    status: Status
    awaiting: bool = False


def read_on(said: Status, valid_until: date | None, on: date, lag_days: int) -> Reading:
    """What the register's answer of a day proves.

    For some days after a registration year ends, the register still shows "registered until 30 November": that is no proof
    of lapse. Later it is: whoever had renewed would be shown with a later date.
    """
    if said not in ON_THE_REGISTER or valid_until is None or on <= valid_until:
        return Reading(said)
    if on <= valid_until + timedelta(days=lag_days):
        return Reading(said, awaiting=True)
    return Reading("not_renewed")


def is_stale(status: Status, valid_until: date | None, today: date, lag_days: int) -> bool:
    """Whether what was once read proves nothing any more, because its date has passed and nobody has asked again."""
    if status not in ON_THE_REGISTER or valid_until is None:
        return False
    return today > valid_until + timedelta(days=lag_days)
