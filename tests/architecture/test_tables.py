"""Tables and columns are named as the project names them, so that a query can be read without a diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Date, DateTime, Table
from sqlalchemy.dialects.postgresql import UUID

from chassis.testing import load
from tests.architecture.source import SERVICES

WITHOUT_S = {
    "accountable_people": "a plural as it is",
    "case_history": "one row for each turn of a case's history",
    "log": "the one log of every event",
    "log_head": "one row: where the log ends",
}
INSTANTS = ("_at", "_for", "time")
DATES = ("_on", "_from", "_to", "_start", "_end", "_by", "_since", "as_of", "on_date")


def tables() -> Iterator[Table]:
    for service in SERVICES:
        yield from load(service).tables.tables.values()


TABLES = list(tables())


def columns_of(kind: type) -> list[Column[object]]:
    return [column for table in TABLES for column in table.columns if isinstance(column.type, kind)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_a_plural_in_snake_case(table: Table) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", table.name)
    assert table.name.endswith("s") or table.name in WITHOUT_S


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_a_key_and_named_constraints(table: Table) -> None:
    assert len(table.primary_key.columns) > 0
    assert [constraint for constraint in table.constraints if constraint.name is None] == []


def test_instants_know_their_zone_and_say_at() -> None:
    instants = columns_of(DateTime)
    assert [str(c) for c in instants if not getattr(c.type, "timezone", False)] == []
    assert [str(c) for c in instants if not c.name.endswith(INSTANTS)] == []


def test_dates_say_on_or_which_end_of_a_span_they_are() -> None:
    assert [str(c) for c in columns_of(Date) if not c.name.endswith(DATES)] == []


def test_identifiers_say_id() -> None:
    assert [str(c) for c in columns_of(UUID) if not c.name.endswith("_id")] == []
