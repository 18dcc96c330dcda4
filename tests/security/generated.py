"""Requests generated from an OpenAPI document, right and wrong ones, and what is wrong with their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from tests.security.stage import LONG, SEED, Stage, aimed, encoded

load_all_checks()
SERVER_ERROR = [not_a_server_error]
CONFORMANCE = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    ]
)


@schemathesis.serializer("application/x-ndjson", "text/csv", "application/octet-stream")
def _as_it_is(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def schema_of(stage: Stage) -> Any:
    """The service's document as schemathesis reads it; tokens are ours to send."""
    config = schemathesis.Config()
    project = config.projects.default
    project.generation.update(with_security_parameters=False)
    return schemathesis.openapi.from_dict(stage.document, config=config)


def operations_of(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def search_settings(short: int, long: int, **more: Any) -> settings:
    """Generate only: every failure is listed, none is shrunk."""
    return settings(
        max_examples=long if LONG else short,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


def searching(short: int, long: int) -> Callable[[Any], Any]:
    """A search of so many requests, the same ones for the same seed."""
    return lambda test: search_settings(short, long)(seed(SEED)(test))


def send(stage: Stage, case: Any, headers: dict[str, str]) -> Any:
    """The answer to a generated request."""
    sent = case.as_transport_kwargs(base_url="http://service")
    kept = {name: value for name, value in sent["headers"].items() if name.lower() != "authorization"}
    content = encoded(sent["json"]) if "json" in sent else sent.get("data")
    answer = stage.send(
        sent["method"],
        sent["url"].removeprefix("http://service"),
        params=sent.get("params"),
        headers={**kept, **headers},
        content=content,
    )
    stage.remember(answer)
    return answer


def aim(stage: Stage, case: Any, kept: frozenset[str] = frozenset()) -> None:
    """Let a generated request be about what exists and happen about now, except where ``kept`` says that a link gave a value."""
    known = {name: value for name, value in stage.known.items() if name not in kept}
    for container in (case.path_parameters, case.query):
        container.update(aimed(dict(container), known))
    case.body = aimed(case.body, known)


def complaints(case: Any, response: Any, checks: list[Any]) -> list[str]:
    """What is wrong with an answer."""
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as found:
        return [f"{case.method} {response.request.url}: {failure}"[:1500] for failure in found.exceptions]
    return []
