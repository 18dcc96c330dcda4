"""The collector's settings, tried on a real OpenTelemetry collector where there is one (otelcol, contrib's processors in it)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.e2e.deployment import eventually
from tests.operations.collector import collecting
from tests.operations.test_observability import FOLDER

SETTINGS = FOLDER / "otel" / "collector.yaml"
RECEIVER = "http://127.0.0.1:4318/v1/traces"
DECIDED_WITHIN_S = 60.0


@pytest.fixture
def otelcol() -> str:
    """The program."""
    found = shutil.which("otelcol-contrib") or shutil.which("otelcol")
    if found is None:
        pytest.skip("THE COLLECTOR'S SETTINGS WERE NOT TRIED: there is no otelcol")
    return found


def test_a_collector_takes_its_settings(otelcol: str) -> None:
    given = {**os.environ, "TRACES_ENDPOINT": "http://127.0.0.1:9"}
    asked = [otelcol, "validate", f"--config={SETTINGS}"]
    done = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=60, env=given)
    assert done.returncode == 0, done.stderr


def _failed_request() -> bytes:
    """A span of a request that failed, with what no trace should hold."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    told = resource.resource.attributes.add()
    told.key, told.value.string_value = "service.name", "workforce"
    span = resource.scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = bytes(range(16)), bytes(range(8)), "GET /v1/workforce/workers"
    span.status.code = Status.STATUS_CODE_ERROR
    for name, value in (("http.route", "/v1/workforce/workers"), ("url.query", "name=Amina"), ("enduser.id", "amina")):
        attribute = span.attributes.add()
        attribute.key, attribute.value.string_value = name, value
    body: bytes = request.SerializeToString()
    return body


@pytest.mark.skipif(os.environ.get("FAULTS") != "long", reason="takes half a minute: FAULTS=long")
def test_what_failed_is_passed_on_and_what_no_trace_should_hold_is_not(otelcol: str, tmp_path: Path) -> None:
    with collecting() as kept, _running(otelcol, kept.url, tmp_path / "log"):
        eventually(_given, lambda status: status == 200, "the collector takes a trace")
        eventually(lambda: kept.spans, bool, "the trace is passed on", DECIDED_WITHIN_S)
        assert kept.spans[0].attributes == {"http.route": "/v1/workforce/workers"}


def _given() -> int:
    try:
        kind = {"Content-Type": "application/x-protobuf"}
        return httpx.post(RECEIVER, content=_failed_request(), headers=kind, timeout=5).status_code
    except httpx.TransportError:
        return 0


@contextmanager
def _running(otelcol: str, target: str, log: Path) -> Iterator[None]:
    """A collector that passes on to a place."""
    with log.open("wb") as out:
        given = {**os.environ, "TRACES_ENDPOINT": target}
        process = subprocess.Popen([otelcol, f"--config={SETTINGS}"], env=given, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
