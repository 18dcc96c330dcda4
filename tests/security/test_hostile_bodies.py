"""An ordinary request with one thing wrong: refused where it must be, and never a failure of ours."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import pytest

from plumbline.services import SERVICES
from tests.security.corpus.bodies import BODIES, JSON, PUZZLING, UNCOUNTABLE, UNDATABLE, UNIDENTIFIABLE, UNSTORABLE
from tests.security.ordinary import Request
from tests.security.prepared import Prepared
from tests.security.stage import LONG, SEED, Stage, stage_of
from tests.security.tally import Tally

SHORT = 60
CHANGES_NOTHING_LATER = frozenset({"POST /v1/allocation/cases/{source}/{reference}/close"})
"""What answers a repetition without looking at its words."""
MARK = "ad8d2a1b-the-value-goes-here"


@pytest.fixture(scope="module", params=SERVICES)
async def stage(request: pytest.FixtureRequest, postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, request.param) as stage:
        yield stage


@pytest.fixture(scope="module")
def prepared(stage: Stage) -> Prepared:
    return Prepared(stage)


def test_most_ordinary_requests_are_answered(prepared: Prepared) -> None:
    """So that what the others send is wrong in one place only: of a new service too, as its document describes it."""
    answered, refused = 0, []
    for label, request in prepared.requests():
        if request.method == "DELETE" or request.media == "text/csv":
            continue
        answer = prepared.send(request)
        assert answer.status_code < 500, f"{label}: {answer.text}"
        if answer.status_code in {400, 422}:
            refused.append(f"{label}: {answer.text} {request.body}")
        else:
            answered += 1
    assert answered >= 3 * len(refused), "\n".join(refused)


def test_a_body_that_no_operation_takes_is_refused(prepared: Prepared, tally: Tally) -> None:
    taken, tried = [], 0
    for label, request in prepared.requests():
        if request.media != JSON:
            continue
        for what, media, spoiled in BODIES:
            answer = prepared.send(request, spoiled(request.body), media)
            tried += 1
            if not 400 <= answer.status_code < 500 or answer.headers["content-type"] != "application/problem+json":
                taken.append(f"{label} with {what}: {answer.status_code} {answer.text[:200]}")
    tally.add("bodies that no operation takes, sent to each", tried, not taken)
    assert not taken, "\n".join(taken)


def test_a_value_that_no_field_takes_is_refused(prepared: Prepared, tally: Tally) -> None:
    tables = {"text": UNSTORABLE, "number": UNCOUNTABLE, "date": UNDATABLE, "id": UNIDENTIFIABLE}
    tries = chosen(
        (label, request, field, what, value)
        for label, request in prepared.requests()
        if request.media == JSON and label not in CHANGES_NOTHING_LATER
        for field, kind in prepared.fields(request)
        for what, value in tables.get(kind, ())
    )
    taken = []
    for label, request, field, what, value in tries:
        answer = prepared.send(request, spoiled(request, field, value))
        if not 400 <= answer.status_code < 500:
            taken.append(f"{label} with {what} as {field}: {answer.status_code} {answer.text[:200]}")
    tally.add("values that no field takes, in each field", len(tries), not taken)
    assert not taken, "\n".join(taken)


def test_a_puzzling_value_is_no_failure(prepared: Prepared, tally: Tally) -> None:
    tries = chosen(
        (label, request, field, what, value)
        for label, request in prepared.requests()
        if request.media == JSON
        for field, _ in prepared.fields(request)
        for what, value in PUZZLING
    )
    failed = []
    for label, request, field, what, value in tries:
        answer = prepared.send(request, spoiled(request, field, value))
        if answer.status_code >= 500:
            failed.append(f"{label} with {what} as {field}: {answer.status_code} {answer.text[:200]}")
    tally.add("puzzling values, in each field", len(tries), not failed)
    assert not failed, "\n".join(failed)


def test_a_puzzling_parameter_is_no_failure(prepared: Prepared, tally: Tally) -> None:
    tries = chosen(
        (label, request, parameter["name"], what, value.decode().strip('"'))
        for label, request in prepared.requests()
        for parameter in request.operation.get("parameters", ())
        if parameter["in"] == "query"
        for what, value in (*PUZZLING, *UNDATABLE, *UNIDENTIFIABLE, *UNCOUNTABLE)
        if len(value) < 20_000
    )
    failed = []
    for label, request, name, what, value in tries:
        answer = prepared.send(replace(request, query={**request.query, name: value}))
        if answer.status_code >= 500:
            failed.append(f"{label} with {what} as {name}: {answer.status_code} {answer.text[:200]}")
    tally.add("puzzling values, in each parameter", len(tries), not failed)
    assert not failed, "\n".join(failed)


def chosen(tries: Iterable[tuple[str, Request, str, str, Any]]) -> list[tuple[str, Request, str, str, Any]]:
    """All of them, or as many as a short run has time for: others on another seed."""
    every = list(tries)
    return every if LONG or len(every) <= SHORT else random.Random(SEED).sample(every, SHORT)


def spoiled(request: Request, field: str, value: bytes) -> bytes:
    """The body with one field's value replaced, byte for byte."""
    return json.dumps({**request.body, field: MARK}).encode().replace(f'"{MARK}"'.encode(), value)
