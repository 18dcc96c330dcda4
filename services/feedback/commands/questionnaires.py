"""Adding a version of a questionnaire; a version that is there never changes (clause 1.2)."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import FieldProblem, RuleBroken
from services.feedback.rules.questionnaires import problems, read

# The lock keeps two authors from getting the same number.
_LOCK: LiteralString = "select pg_advisory_xact_lock(hashtextextended(%(unit)s::text || %(key)s, 0))"
_LATEST: LiteralString = """
select * from questionnaires where org_unit_id = %(unit)s and key = %(key)s order by version desc limit 1
"""
_ADD: LiteralString = """
insert into questionnaires (questionnaire_id, org_unit_id, key, version, content, made_on)
values (%(id)s, %(unit)s, %(key)s, %(version)s, %(content)s, %(today)s) returning *
"""


async def add_questionnaire(tx: Tx, unit: UUID, key: str, content: dict[str, Any]) -> Row:
    """The questionnaire under a key of a unit: a new version, or the last one when nothing in it differs."""
    fields = [FieldProblem(field, problem) for field, problem in problems(read(content))]
    if fields:
        raise RuleBroken("questionnaire-not-sound", "Correct what `errors` names.", fields=fields)
    about = {"unit": unit, "key": key}
    await tx.execute(_LOCK, about)
    latest = await tx.fetch_one(_LATEST, about)
    if latest is not None and latest["content"] == content:
        return latest
    version = latest["version"] + 1 if latest else 1
    row = {**about, "id": new_id(), "version": version, "content": Jsonb(content), "today": tx.today}
    added = await tx.fetch_one(_ADD, row)
    return added or {}
