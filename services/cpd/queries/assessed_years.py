"""Assessed years as they stand, with their reviews, evidence and pauses; and the programmes they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.cpd.rules.assessed_year import Pause, Review, Year

_PROGRAMMES: LiteralString = "select * from programmes order by agreements_from, programme"
_PROGRAMME: LiteralString = "select * from programmes where programme = %(programme)s"
_YEAR: LiteralString = "select * from assessed_years where assessed_year_id = %(year)s"
_LOCKED: LiteralString = "select * from assessed_years where assessed_year_id = %(year)s for update"
_PAUSES: LiteralString = """
select p.pause_id, p.from_on, p.resumed_on, p.cause, n.text as reason from assessed_year_pauses p
left join notes n on n.about_id = p.pause_id and n.about = 'reason'
where p.assessed_year_id = %(year)s order by p.from_on
"""
_REVIEWS: LiteralString = """
select r.*, n.text as notes from assessed_year_reviews r left join notes n on n.about_id = r.review_id and n.about = 'notes'
where r.assessed_year_id = %(year)s order by r.month
"""
_EVIDENCE: LiteralString = """
select e.item, e.title, e.needed, (
    select count(*) from evidence_pieces p where p.assessed_year_id = e.assessed_year_id and p.item = e.item) as had
from assessed_year_evidences e where e.assessed_year_id = %(year)s order by e.place
"""
_PIECES: LiteralString = """
select p.piece_id, p.item, p.done_on, n.text as note from evidence_pieces p
left join notes n on n.about_id = p.piece_id and n.about = 'note'
where p.assessed_year_id = %(year)s order by p.done_on, p.piece_id
"""
_LIST: LiteralString = """
select y.assessed_year_id from assessed_years y
where (%(worker)s::uuid is null or y.worker_id = %(worker)s)
    and (%(unit)s::uuid is null or exists (
        select from directory_workers d join directory_units u using (org_unit_id)
        where d.worker_id = y.worker_id and %(unit)s = any(u.path)))
    and (%(status)s::text is null or y.status = %(status)s)
order by y.started_on desc, y.assessed_year_id limit 500
"""


@dataclass(frozen=True, slots=True)
class AssessedYear:
    """One assessed year with everything that belongs to it."""

    row: Mapping[str, Any]
    year: Year
    pauses: Sequence[Row]
    reviews: Sequence[Row]
    evidence: Sequence[Row]

    @property
    def ended_on(self) -> date | None:
        """When it ended, if it has."""
        ended: date | None = self.row["ended_on"]
        return ended

    @property
    def planned(self) -> list[Review]:
        """Its reviews, as the rules see them."""
        return [Review(row["month"], row["required"], row["held_on"]) for row in self.reviews]


async def list_programmes(tx: Tx) -> list[Row]:
    """Every programme, past, present and coming."""
    return await tx.fetch_all(_PROGRAMMES)


async def find_programme(tx: Tx, programme: str) -> Row | None:
    """One programme."""
    return await tx.fetch_one(_PROGRAMME, {"programme": programme})


async def find_year(tx: Tx, assessed_year_id: UUID, *, lock: bool = False) -> Row | None:
    """The row of one assessed year."""
    return await tx.fetch_one(_LOCKED if lock else _YEAR, {"year": assessed_year_id})


async def read_year(tx: Tx, row: Mapping[str, Any]) -> AssessedYear:
    """An assessed year with its reviews, evidence and pauses."""
    named = {"year": row["assessed_year_id"]}
    pauses = await tx.fetch_all(_PAUSES, named)
    year = Year(
        row["started_on"],
        row["length_months"],
        row["limit_months"],
        [Pause(one["from_on"], one["resumed_on"]) for one in pauses],
    )
    return AssessedYear(row, year, pauses, await tx.fetch_all(_REVIEWS, named), await tx.fetch_all(_EVIDENCE, named))


async def list_pieces(tx: Tx, assessed_year_id: UUID) -> list[Row]:
    """The evidence gathered in an assessed year, oldest first."""
    return await tx.fetch_all(_PIECES, {"year": assessed_year_id})


async def list_years(
    tx: Tx, worker_id: UUID | None, org_unit_id: UUID | None, status: str | None
) -> list[AssessedYear]:
    """The assessed years of a worker or of a unit, the latest first."""
    rows = await tx.fetch_all(_LIST, {"worker": worker_id, "unit": org_unit_id, "status": status})
    found = [await find_year(tx, row["assessed_year_id"]) for row in rows]
    return [await read_year(tx, row) for row in found if row is not None]
