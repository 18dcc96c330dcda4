"""The coverage page says what the services declare, and the declarations speak of clauses that exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.service import Clause
from chassis.tests.sample.service import service as sample
from plumbline import coverage
from plumbline.contracts.generation import present_services

CLAUSES = coverage.obligations()
SERVED = coverage.declarations(present_services())


def test_the_standards_have_57_clauses_under_eight_headings() -> None:
    assert len(CLAUSES) == len({clause.id for clause in CLAUSES}) == 57
    assert {clause.standard for clause in CLAUSES} == set(coverage.STANDARDS)
    assert all(clause.id.startswith(f"{clause.standard}.") for clause in CLAUSES)


def test_the_committed_page_is_what_the_services_declare() -> None:
    assert coverage.PAGE.read_text() == coverage.render(), "run `python -m plumbline.coverage`"


def test_each_clause_stands_on_the_page_once_per_declaration_and_unserved_ones_are_listed() -> None:
    page = coverage.render()
    unserved = [clause for clause in CLAUSES if clause.id not in SERVED]
    for clause in CLAUSES:
        expected = len(SERVED.get(clause.id, ())) or 2
        assert page.count(f"| {clause.id} | {clause.in_short} |") == expected, clause.id
    assert f"## Still unserved: {len(unserved)}" in page


def test_a_declaration_about_a_clause_that_does_not_exist_is_refused() -> None:
    careless = replace(sample, clauses=(Clause("9.1", by="workflow", with_="something"),))
    with pytest.raises(coverage.UnknownClause, match=r"sample declares clause 9\.1"):
        coverage.declarations({"sample": careless})


def test_a_declaration_says_with_what() -> None:
    assert [one for served in SERVED.values() for one in served if not one.clause.with_.strip()] == []
