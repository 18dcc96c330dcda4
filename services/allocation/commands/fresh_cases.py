"""Cases nobody has heard of, each with its event: rows by COPY, the fastest way into PostgreSQL, and events by form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from uuid_utils import uuid7

from chassis.database import Tx
from chassis.outbox_many import Form, write_first_events
from contracts.allocation import CaseReceivedV1
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.commands.case_lines import CaseLine, facts_of_line
from services.allocation.commands.cases import received_event

_CASES: LiteralString = """
copy cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on, skills,
            modifiers) from stdin
"""


class FreshCases:
    """Writes cases as rows of text; cases that differ in their name alone share all the rest of it."""

    def __init__(self, keys: CaseKeys) -> None:
        self._keys = keys
        self._shared: dict[Any, tuple[str, Form]] = {}

    async def write(self, tx: Tx, lines: Sequence[CaseLine]) -> None:
        """Write cases and their events; UniqueViolation when one of them is known."""
        rows, keys, forms = [], [], []
        for line in lines:
            source, reference = line["source"], line["reference"]
            key = self._keys.key_of(source, reference)
            tail, form = self._shared_by(line)
            rows.append(f"{uuid7()}\t{source}\t{reference}\t{key}\t{tail}")
            keys.append(key)
            forms.append(form)
        await tx.copy(_CASES, "".join(rows).encode())
        await write_first_events(tx, CaseReceivedV1, keys, forms)

    def _shared_by(self, line: CaseLine) -> tuple[str, Form]:
        codes = (tuple(line.get("skills", ())), tuple(line.get("modifiers", ())))
        kind = (
            line["case_type"],
            line["complexity"],
            line["org_unit_id"],
            line["priority"],
            line["received_on"],
            codes,
        )
        known = self._shared.get(kind)
        if known is None:
            if len(self._shared) > 10_000:
                self._shared.clear()
            known = self._shared[kind] = _shared(line)
        return known


def _shared(line: CaseLine) -> tuple[str, Form]:
    facts = facts_of_line(line)
    columns = (facts.case_type, facts.complexity, str(facts.org_unit_id), facts.priority, facts.received_on.isoformat())
    tail = "\t".join((*columns, _array(facts.skills), _array(facts.modifiers))) + "\n"
    return tail, Form(received_event("", facts))


def _array(codes: Sequence[str]) -> str:
    """A PostgreSQL array of codes, which hold no quotes, no tabs and no backslashes."""
    return "{" + ",".join(f'"{code}"' for code in codes) + "}"
