"""What must hold of workers, units and absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workforce.rules import absences, org_units
from services.workforce.rules.workers import (
    WorkerFacts,
    in_management_cycle,
    manager_finding,
    registration_number,
    worker_findings,
)

A, B, C, D = uuid4(), uuid4(), uuid4(), uuid4()
SOUND = WorkerFacts(
    name="Amina Shah",
    employee_ref="E100",
    org_unit_id=A,
    line_manager_id=None,
    job_role="social worker",
    career_stage="practitioner",
    newly_qualified=False,
    is_social_worker=True,
    registration_number="SW1234567",
    is_agency=False,
    contracted_hours=Decimal(37),
    employment_started_on=date(2024, 1, 8),
    employment_ended_on=None,
    monitored_from=None,
    email="amina.shah@example.gov.uk",
)


def test_sound_worker_has_no_findings() -> None:
    assert worker_findings(SOUND) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"name": "  "}, "name", id="a name says something"),
        pytest.param({"name": "x" * 201}, "name", id="a name fits"),
        pytest.param({"name": "Am\x00ina"}, "name", id="a name has no NUL"),
        pytest.param({"name": "Am\ud800ina"}, "name", id="a name has no half of a character"),
        pytest.param({"employee_ref": ""}, "employee_ref", id="a reference says something"),
        pytest.param({"job_role": "social\nworker"}, "job_role", id="a role is one line"),
        pytest.param({"career_stage": "guru"}, "career_stage", id="the career stage is one of five"),
        pytest.param({"contracted_hours": Decimal("-0.5")}, "contracted_hours", id="hours are not negative"),
        pytest.param({"contracted_hours": Decimal("60.01")}, "contracted_hours", id="hours are at most 60"),
        pytest.param({"contracted_hours": Decimal("NaN")}, "contracted_hours", id="hours are a number"),
        pytest.param({"contracted_hours": Decimal("Infinity")}, "contracted_hours", id="hours are finite"),
        pytest.param({"contracted_hours": Decimal("18.333")}, "contracted_hours", id="hours have two decimals"),
        pytest.param({"registration_number": "1234567"}, "registration_number", id="a registration begins with SW"),
        pytest.param({"registration_number": "SW"}, "registration_number", id="a registration has a digit"),
        pytest.param({"registration_number": "SW12345678901"}, "registration_number", id="and ten at most"),
        pytest.param({"registration_number": "SW\u0661\u0662"}, "registration_number", id="and only plain digits"),
        pytest.param({"email": "amina"}, "email", id="an address has an at sign"),
        pytest.param({"email": "a@b@c.uk"}, "email", id="and only one"),
        pytest.param({"email": "amina@localhost"}, "email", id="and a domain"),
        pytest.param({"employment_ended_on": date(2024, 1, 7)}, "employment_ended_on", id="employment ends later"),
        pytest.param({"employment_started_on": date(1, 1, 1)}, "employment_started_on", id="nobody began in year 1"),
        pytest.param({"monitored_from": date(9999, 1, 1)}, "monitored_from", id="nor in 9999"),
    ],
)
def test_finding_names_the_field(change: dict[str, Any], field: str) -> None:
    findings = worker_findings(replace(SOUND, **change))
    assert [finding.field for finding in findings] == [field]
    assert len(findings[0].problem) > 10


def test_every_wrong_field_is_named_at_once() -> None:
    findings = worker_findings(replace(SOUND, name="", contracted_hours=Decimal(99), email="x"))
    assert [finding.field for finding in findings] == ["name", "contracted_hours", "email"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param(" sw 1234567 ", "SW1234567", id="spaces and case do not matter"),
        pytest.param("", None, id="an empty number is none"),
        pytest.param(None, None, id="none stays none"),
    ],
)
def test_registration_number_is_kept_in_one_form(sent: str | None, kept: str | None) -> None:
    assert registration_number(sent) == kept


@pytest.mark.parametrize(
    ("monitored_from", "expected"),
    [
        pytest.param(None, date(2024, 1, 8), id="from the start of employment unless said"),
        pytest.param(date(2026, 1, 1), date(2026, 1, 1), id="from the day that the employer began to record"),
        pytest.param(date(2020, 1, 1), date(2024, 1, 8), id="never before employment"),
    ],
)
def test_day_from_which_a_worker_is_monitored(monitored_from: date | None, expected: date) -> None:
    assert replace(SOUND, monitored_from=monitored_from).monitored_on == expected


@pytest.mark.parametrize(
    ("managers", "cyclic"),
    [
        pytest.param({"a": "b", "b": "c", "c": None}, set(), id="a line that ends has no cycle"),
        pytest.param({"a": "b", "b": "a"}, {"a", "b"}, id="two who manage each other"),
        pytest.param({"a": "a"}, {"a"}, id="one who manages themselves"),
        pytest.param({"d": "a", "a": "b", "b": "c", "c": "a"}, {"a", "b", "c"}, id="one below a cycle is not in it"),
        pytest.param({"a": "outside"}, set(), id="a manager who is not listed ends the line"),
    ],
)
def test_management_cycles(managers: dict[str, str | None], cyclic: set[str]) -> None:
    assert in_management_cycle(managers) == cyclic


@given(st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 12)))
def test_without_the_edges_of_its_cycles_a_line_of_management_has_none(managers: dict[int, int | None]) -> None:
    cyclic = in_management_cycle(managers)
    assert in_management_cycle({who: None if who in cyclic else above for who, above in managers.items()}) == set()
    for who in cyclic:
        step = managers[who]
        for _ in managers:
            if step == who:
                break
            assert step is not None
            step = managers[step]
        assert step == who


def test_nobody_manages_themselves_directly_or_through_others() -> None:
    assert manager_finding(A, {}, A) is not None
    assert manager_finding(A, {B: C, C: A}, B) is not None
    assert manager_finding(A, {B: C, C: None}, B) is None


@pytest.mark.parametrize(
    ("kind", "parent", "allowed"),
    [
        pytest.param("authority", None, True, id="an authority may stand at the top"),
        pytest.param("authority", "region", True, id="an authority may lie in a region"),
        pytest.param("team", "service", True, id="a team lies in a service"),
        pytest.param("team", "authority", True, id="or directly in an authority"),
        pytest.param("team", "team", False, id="but not in another team"),
        pytest.param("authority", "authority", False, id="authorities do not nest"),
        pytest.param("service", "team", False, id="a service does not lie in a team"),
        pytest.param("region", "authority", False, id="a region lies in nothing"),
    ],
)
def test_parent_ranks_above(kind: str, parent: str | None, allowed: bool) -> None:
    finding = org_units.parent_finding(kind, parent)
    assert (finding is None) is allowed
    assert finding is None or finding.field == "parent_id"


@pytest.mark.parametrize(
    ("path", "employer"),
    [
        pytest.param([(A, "region"), (B, "authority"), (C, "team")], B, id="the authority within the region employs"),
        pytest.param([(B, "authority"), (C, "service")], B, id="the authority at the top employs"),
        pytest.param([(C, "team")], C, id="a unit that stands alone employs"),
        pytest.param([(A, "region")], A, id="people at the region are employed there"),
    ],
)
def test_employer_is_the_topmost_unit_that_is_not_a_region(path: list[tuple[UUID, str]], employer: UUID) -> None:
    assert org_units.employer_of(path) == employer


CHRISTMAS = frozenset({date(2025, 12, 25), date(2025, 12, 26)})


@pytest.mark.parametrize(
    ("stated", "reason", "kind"),
    [
        pytest.param(None, "Sickness", "sickness", id="a reason that names a kind gives it"),
        pytest.param(None, "annual_leave", "annual_leave", id="underscores do not matter"),
        pytest.param(None, "broken leg, ring after Monday", "not_stated", id="free text gives none"),
        pytest.param("training", "sickness course", "training", id="a stated kind decides"),
    ],
)
def test_kind_of_absence(stated: str | None, reason: str, kind: str) -> None:
    assert absences.kind_of(stated, reason) == kind


@pytest.mark.parametrize(
    ("from_on", "to_on", "field"),
    [
        pytest.param(date(2025, 6, 2), date(2025, 6, 2), None, id="one day is an absence"),
        pytest.param(date(2025, 6, 2), date(2025, 6, 1), "to", id="it does not end before it begins"),
        pytest.param(date(2025, 6, 2), date(2029, 6, 2), "to", id="it does not last for ever"),
        pytest.param(date(2023, 6, 2), date(2023, 6, 2), "from", id="it does not precede employment"),
        pytest.param(date(2026, 6, 2), date(2026, 6, 2), "from", id="it does not follow employment"),
    ],
)
def test_dates_of_absence(from_on: date, to_on: date, field: str | None) -> None:
    findings = absences.absence_findings(from_on, to_on, date(2024, 1, 8), date(2025, 12, 31))
    assert [finding.field for finding in findings] == ([field] if field else [])


def test_weekends_and_bank_holidays_are_no_working_days() -> None:
    assert absences.working_days(date(2025, 12, 22), date(2025, 12, 28), CHRISTMAS) == 3


def test_a_day_covered_by_two_absences_is_lost_once() -> None:
    spans = [(date(2025, 12, 22), date(2025, 12, 24)), (date(2025, 12, 24), date(2026, 1, 9))]
    assert absences.working_days_absent(spans, date(2025, 12, 1), date(2025, 12, 31), CHRISTMAS) == 6


days = st.dates(date(2024, 1, 1), date(2026, 1, 1))


@given(st.lists(st.tuples(days, days), max_size=6), days, days)
def test_nobody_loses_more_working_days_than_there_are(spans: list[tuple[date, date]], one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    lost = absences.working_days_absent(spans, start, end, CHRISTMAS)
    assert 0 <= lost <= absences.working_days(start, end, CHRISTMAS) <= (end - start + timedelta(days=1)).days
