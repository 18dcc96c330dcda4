"""Every table of every service says what it means for a person's access request and erasure: nothing is forgotten silently."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Table, Text, Uuid

from chassis import tables as chassis_tables
from chassis.service import Service
from chassis.subjects import APART_EVERYWHERE, Section, SubjectRecords, sections_of
from chassis.testing import load
from tests.architecture.source import SERVICES

# Columns that point to a person, or hold what people wrote: a table with one of them is in a section, whatever it is for.
PERSON = re.compile(
    r"(^|_)(worker|reporter|subject|handler|supervisor|assessor|owner|holder|recipient|person|respondent)_id$"
)
WORDS = {"words", "text", "note", "name", "email", "address", "plain", "account", "contact", "free_text", "answer_text"}
STILL_APART = {("workforce", "org_units"): "the name of a team"}


def undeclared(service: Service) -> list[str]:
    """Tables that are neither in a section nor set apart with a reason, and personal ones that are only set apart."""
    records = service.subjects
    covered = {table for section in sections_of(records) for table in section.tables}
    apart = {**APART_EVERYWHERE, **records.apart}
    tables = {**service.tables.tables, **chassis_tables.metadata.tables}
    silent = [name for name in tables if name not in covered and not apart.get(name)]
    return silent + [
        name
        for name, table in tables.items()
        if name not in covered and is_personal(table) and (service.name, name) not in STILL_APART
    ]


def is_personal(table: Table) -> bool:
    return any(
        (isinstance(column.type, Uuid) and PERSON.search(column.name))
        or (isinstance(column.type, Text) and column.name in WORDS)
        for column in table.columns
    )


def unknown(service: Service) -> list[str]:
    """Tables that a section or a reason names and that do not exist."""
    tables = {**service.tables.tables, **chassis_tables.metadata.tables}
    named = {table for section in service.subjects.sections for table in section.tables} | set(service.subjects.apart)
    return sorted(named - set(tables))


def unread(section: Section) -> list[str]:
    """Tables that a section claims to cover and no statement of it mentions."""
    statements = " ".join((section.read, *section.erase))
    return [table for table in section.tables if not re.search(rf"\b{table}\b", statements)]


@pytest.mark.parametrize("name", SERVICES)
def test_every_table_is_shown_and_erased_or_says_why_not(name: str) -> None:
    service = load(name)
    assert undeclared(service) == []
    assert unknown(service) == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_section_reads_or_erases_each_table_that_it_covers(name: str) -> None:
    assert {section.name: unread(section) for section in sections_of(load(name).subjects) if unread(section)} == {}


@pytest.mark.parametrize("name", SERVICES)
def test_sections_have_names_of_their_own_and_words_of_the_field(name: str) -> None:
    names = [section.name for section in sections_of(load(name).subjects)]
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if "_" in name or name != name.strip()] == []


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_shown_of_another_person_by_id_unless_it_is_masked(name: str) -> None:
    found = [
        f"{section.name}: {column}"
        for section in sections_of(load(name).subjects)
        for column in re.findall(
            r"\b(?:supervisor|assessor|line_manager|reporter|subject|recipient|owner)_id\b as (\w+)", section.read
        )
        if column not in section.others
    ]
    assert found == []


def test_a_service_that_forgets_a_table_is_found_out() -> None:
    safety = load("safety")
    sections = [section for section in safety.subjects.sections if "incidents" not in section.tables]
    forgetful = Service(
        **{**vars(safety), "subjects": SubjectRecords(sections, {**safety.subjects.apart, "visits": "tours"})}
    )
    assert "incidents" in undeclared(forgetful)
    only_apart = [section for section in safety.subjects.sections if "visits" not in section.tables]
    careless = Service(
        **{**vars(safety), "subjects": SubjectRecords(only_apart, {**safety.subjects.apart, "visits": "tours"})}
    )
    assert undeclared(careless) == ["visits"]


def test_a_section_that_neither_erases_nor_says_why_it_keeps_is_refused() -> None:
    with pytest.raises(ValueError, match="say how it is erased"):
        Section("diaries", ("diaries",), "select 1")
