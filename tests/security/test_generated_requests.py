"""Requests made up from the documents, right and wrong, alone and in sequence: no 5xx, and only documented answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.transport import Response

from plumbline.services import SERVICES
from tests.security.generated import (
    CONFORMANCE,
    aim,
    complaints,
    operations_of,
    schema_of,
    search_settings,
    searching,
    send,
)
from tests.security.stage import SEED, Stage, stage_of
from tests.security.tally import Tally

DOCUMENTS = Path(__file__).parent.parent.parent / "contracts" / "openapi"
METHODS = ("get", "post", "put", "patch", "delete")


def labels(service: str) -> list[str]:
    paths = json.loads((DOCUMENTS / f"{service}.json").read_text())["paths"]
    return [f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in METHODS]


OPERATIONS = [pytest.param(service, label, id=label) for service in SERVICES for label in labels(service)]


class Generated:
    """A service and its operations by label."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.schema = schema_of(stage)
        self.operations = {operation.label: operation for operation in operations_of(self.schema)}


@pytest.fixture(scope="module")
async def generated(request: pytest.FixtureRequest, postgres: str) -> AsyncIterator[Generated]:
    async with stage_of(postgres, request.param) as stage:
        yield Generated(stage)


@pytest.mark.parametrize(("generated", "label"), OPERATIONS, indirect=["generated"], scope="module")
def test_whatever_is_sent_the_answer_is_a_documented_one(generated: Generated, label: str, tally: Tally) -> None:
    stage, operation = generated.stage, generated.operations[label]
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    found: list[str] = []
    statuses: list[int] = []

    @searching(4, 300)
    @given(case=st.one_of(right, right, wrong), near=st.booleans())
    def search(case: Any, near: bool) -> None:
        if near:
            aim(stage, case)
        answer = send(stage, case, stage.as_everyone())
        statuses.append(answer.status_code)
        found.extend(complaints(case, answer, CONFORMANCE))

    search()
    tally.add("operations, each with made-up requests", 1, not found, requests=len(statuses))
    assert not found, "\n\n".join(found[:3])


@pytest.mark.parametrize("generated", SERVICES, indirect=True, scope="module")
def test_who_goes_on_with_what_was_just_made_gets_documented_answers(generated: Generated, tally: Tally) -> None:
    stage, found = generated.stage, list[str]()
    steps = {"linked": 0, "unlinked": 0}

    class Journey(generated.schema.as_state_machine()):  # type: ignore[misc] # made from the document
        """What one answer names is what the next request is about."""

        def step(self, about: Any) -> Any:
            aim(stage, about.case, frozenset(name for _, name in about.applied_parameters if name))
            steps["linked" if about.transition else "unlinked"] += 1
            return super().step(about)

        def call(self, case: Any, **_: Any) -> Response:
            return Response.from_any(send(stage, case, stage.as_everyone()))

        def validate_response(self, response: Response, case: Any, *_: Any, **__: Any) -> None:
            found.extend(complaints(case, response, CONFORMANCE))

    seed(SEED)(Journey).run(settings=search_settings(4, 400, stateful_step_count=6))
    tally.add("steps of made-up journeys along the links of the documents", sum(steps.values()), not found, **steps)
    assert not found, "\n\n".join(found[:3])
