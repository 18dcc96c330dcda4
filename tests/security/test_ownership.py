"""What exists in another authority, or is a colleague's own, is reached by nobody whose role does not cover it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from chassis.permissions import Caller
from plumbline.services import SERVICES
from tests.security.ordinary import Request
from tests.security.prepared import Prepared
from tests.security.stage import Stage, stage_of
from tests.security.tally import Tally


@pytest.fixture(scope="module", params=SERVICES)
async def stage(request: pytest.FixtureRequest, postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, request.param) as stage:
        yield stage


def made_of(stage: Stage, about: Mapping[str, str]) -> Prepared:
    """Something of everything that is about these people, made by someone who may do all."""
    stage.about, stage.made = dict(about), {}
    return Prepared(stage)


@pytest.fixture(scope="module")
def far(stage: Stage) -> Prepared:
    return made_of(stage, stage.places.far)


def with_an_object(prepared: Prepared) -> Iterator[tuple[str, Request, dict[str, str]]]:
    """The operations about a particular object, each with one role for each scope that it gives."""
    for label, request in prepared.requests():
        allow = request.operation.get("x-allow", {})
        scopes = {scope: role for role, scope in allow.items() if scope != "any"}
        if "{" in label and scopes:
            yield label, request, scopes


def reached(
    prepared: Prepared, scopes_wanted: frozenset[str], headers_of: Any, enough: int = 1000
) -> tuple[int, list[str]]:
    """How many were tried, and which were answered though the object is out of reach; no more once that is ``enough``."""
    tried, found = 0, []
    for label, request, scopes in with_an_object(prepared):
        for scope, role in scopes.items():
            if scope not in scopes_wanted or len(found) >= enough:
                continue
            prepared.headers = headers_of(role)
            answer = prepared.send(request)
            tried += 1
            if answer.is_success:
                found.append(f"{role} ({scope}): {label}: {answer.status_code} {answer.text[:200]}")
    return tried, found


EVERY = frozenset({"own", "own unit and below", "authority"})


def test_nobody_reaches_what_another_authority_has(stage: Stage, far: Prepared, tally: Tally) -> None:
    tried, found = reached(far, EVERY, stage.as_role)
    tally.add("operations on an object of another authority, by each scope", tried, not found)
    assert not found, "\n".join(found)


def test_a_caller_without_a_unit_reaches_nothing_of_a_unit(stage: Stage, far: Prepared, tally: Tally) -> None:
    tried, found = reached(far, EVERY - {"authority"}, lambda role: stage.as_role(role, org_unit_id=None))
    tally.add("operations on an object by a caller who has no unit", tried, not found)
    assert not found, "\n".join(found)


def test_who_sees_the_own_record_only_reaches_no_colleague(stage: Stage, tally: Tally) -> None:
    beside = made_of(stage, stage.places.beside)
    tried, found = reached(beside, frozenset({"own"}), stage.as_role)
    tally.add("operations on a colleague's own record", tried, not found)
    assert not found, "\n".join(found)


def test_a_hole_is_found(stage: Stage, far: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself: with a permission that looks at nobody's place, things are reached."""

    async def look_away(caller: Caller, *_: Any) -> None:
        caller.checked = True

    for name in ("reach_worker", "reach_unit", "resolve"):
        monkeypatch.setattr(Caller, name, look_away)
    monkeypatch.setattr(Caller, "reach_row", lambda caller, *_: setattr(caller, "checked", True))
    stage.about = stage.places.far
    _, found = reached(far, EVERY, stage.as_role, enough=1)
    assert found
