"""What the tables of allocation share: their metadata and small words for columns."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.sql.elements import TextClause

from chassis.tables import new_metadata

metadata = new_metadata()

NOTHING: TextClause = text("'{}'")
ZERO: TextClause = text("0")


def an_id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    """A column of ids."""
    return Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A column that holds one of a few words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")
