"""Themes: what is in them, and how many wrote so."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx

_THEMES: LiteralString = "select * from themes where campaign_id = %(campaign)s order by name"
_COUNTS: LiteralString = """
select t.theme_id::text as theme, r.org_unit_id::text as unit, count(distinct r.response_id) as people
from themes t join theme_assignments a using (theme_id) join comments m using (comment_id) join responses r using (response_id)
where t.campaign_id = %(campaign)s group by t.theme_id, r.org_unit_id
"""
_TEXTS: LiteralString = """
select t.theme_id, t.name, m.words from themes t left join theme_assignments a using (theme_id)
left join comments m on m.comment_id = a.comment_id and m.comment_id <> %(comment)s where t.campaign_id = %(campaign)s
"""


async def list_themes(tx: Tx, campaign: UUID) -> list[Row]:
    """The themes of a campaign by name."""
    return await tx.fetch_all(_THEMES, {"campaign": campaign})


async def map_people(tx: Tx, campaign: UUID) -> dict[str, dict[str, int]]:
    """How many people wrote under each theme, by team."""
    people: dict[str, dict[str, int]] = {}
    for row in await tx.fetch_all(_COUNTS, {"campaign": campaign}):
        people.setdefault(row["theme"], {})[row["unit"]] = row["people"]
    return people


async def map_texts(tx: Tx, campaign: UUID, comment: UUID) -> dict[str, list[str]]:
    """The texts under each theme by its id, its name first, without one that is looked at."""
    texts: dict[str, list[str]] = {}
    for row in await tx.fetch_all(_TEXTS, {"campaign": campaign, "comment": comment}):
        texts.setdefault(str(row["theme_id"]), [row["name"]]).append(row["words"] or "")
    return texts
