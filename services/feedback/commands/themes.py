"""Putting what people wrote under themes; people do this, nothing else does (clause 1.3)."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken

_ADD: LiteralString = """
insert into themes (theme_id, campaign_id, name, standard) values (%(theme)s, %(campaign)s, %(name)s, %(standard)s)
on conflict (campaign_id, name) do nothing returning *
"""
_KNOWN: LiteralString = (
    "select theme_id from themes where campaign_id = %(campaign)s and theme_id = any(%(themes)s::uuid[])"
)
_CLEAR: LiteralString = """
delete from theme_assignments where comment_id = %(comment)s and theme_id <> all(%(themes)s::uuid[])
"""
_ERASE: LiteralString = "delete from comments where comment_id = %(comment)s"
_ASSIGN: LiteralString = """
insert into theme_assignments (comment_id, theme_id, assigned_by, assigned_on)
values (%(comment)s, %(theme)s, %(actor)s, %(today)s) on conflict do nothing
"""


async def erase_comment(tx: Tx, comment: UUID) -> None:
    """Erase what somebody wrote, as when it names a person; what they chose stays."""
    await tx.execute(_ERASE, {"comment": comment})


async def add_theme(tx: Tx, campaign: UUID, name: str, standard: int | None) -> Row:
    """A theme of a campaign; each name once."""
    about = {"theme": new_id(), "campaign": campaign, "name": name, "standard": standard}
    row = await tx.fetch_one(_ADD, about)
    if row is None:
        raise Conflict("theme-exists", "This campaign has a theme of this name. Use it, or choose another name.")
    return row


async def assign_themes(tx: Tx, campaign: UUID, comment: UUID, themes: list[UUID]) -> None:
    """Put a text under these themes and no others."""
    known = {row["theme_id"] for row in await tx.fetch_all(_KNOWN, {"campaign": campaign, "themes": themes})}
    if set(themes) - known:
        raise RuleBroken("no-such-theme", "Name themes of this campaign.", field="theme_ids")
    await tx.execute(_CLEAR, {"comment": comment, "themes": themes})
    about = {"comment": comment, "actor": tx.actor, "today": tx.today}
    await tx.execute_many(_ASSIGN, [{**about, "theme": theme} for theme in themes])
