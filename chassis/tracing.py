"""Traces: one from the gateway through the bus to the alert and whoever is told of it; nothing at all without a collector."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import time_ns
from typing import NamedTuple

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags

from chassis.randomness import fresh_hex

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
SHOWN = frozenset(
    {
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "messaging.destination.name",
        "messaging.message.id",
        "messaging.operation.type",
        "plumbline.scan",
        "plumbline.service",
    }
)
"""What a span may say. Paths and queries may hold a reference or a name, and messages of exceptions anything: they stay here."""

_providers: dict[str, TracerProvider] = {}
"""Who traces in this process, by service. Empty without a collector, which is all that the hot path looks at."""
_sending: list[SpanProcessor] = []


class Trace(NamedTuple):
    """The W3C trace context of a request."""

    trace_id: str
    header: str


def trace_of(traceparent: str | None) -> Trace:
    """The trace of the request being answered: its span's, else the one that ``traceparent`` continues, else a new one."""
    if _providers:
        now = trace.get_current_span().get_span_context()
        if now.is_valid:
            return Trace(trace.format_trace_id(now.trace_id), header_of(now))
    found = _TRACEPARENT.match(traceparent or "")
    drawn = fresh_hex(8 if found else 24)
    trace_id = found.group(1) if found else drawn[16:]
    return Trace(trace_id, f"00-{trace_id}-{drawn[:16]}-{found.group(3) if found else '00'}")


def current_trace_id() -> str:
    """The trace in which this runs, empty outside one."""
    now = trace.get_current_span().get_span_context() if _providers else None
    return trace.format_trace_id(now.trace_id) if now is not None and now.is_valid else ""


def header_of(span: SpanContext) -> str:
    """The ``traceparent`` header of what follows from a span."""
    trace_id, span_id = trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)
    return f"00-{trace_id}-{span_id}-{span.trace_flags:02x}"


def configure(service: str, endpoint: str) -> None:
    """Trace a service of this process, when a collector is named: the URL that ``/v1/traces`` is added to."""
    if endpoint and service not in _providers:
        if not _sending:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            _sending.append(BatchSpanProcessor(Discreet(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"))))
        _providers[service] = TracerProvider(resource=Resource.create({"service.name": f"plumbline-{service}"}))
        _providers[service].add_span_processor(_sending[0])


def provider(service: str) -> TracerProvider | None:
    """The tracer provider of a service, None when nobody collects."""
    return _providers.get(service)


@dataclass(slots=True)
class Span:
    """An open span. ``header`` continues it; ``keep`` says whether it is worth telling once it has ended."""

    header: str
    keep: bool = True


@contextmanager
def span(
    name: str, service: str, traceparent: str = "", *, kind: SpanKind = SpanKind.INTERNAL, **about: object
) -> Iterator[Span]:
    """A span of ``service`` that continues ``traceparent``; where nobody collects, only the header that was given."""
    tracing = _providers.get(service)
    if tracing is None:
        yield Span(traceparent)
        return
    began = tracing.get_tracer("plumbline").start_span(
        name, continued(traceparent), kind, {name.replace("_", "."): str(value) for name, value in about.items()}
    )
    opened = Span(header_of(began.get_span_context()))
    try:
        with trace.use_span(began, record_exception=False, set_status_on_exception=False):
            yield opened
    except BaseException as failure:
        began.set_attribute("error.type", type(failure).__name__)
        began.set_status(StatusCode.ERROR)
        raise
    finally:
        if opened.keep:
            began.end()


def told(name: str, service: str, traceparent: str, began: int) -> str:
    """A span over what was done for one event of a batch, from ``began`` (``time_ns``) until now; the header to continue it."""
    tracing = _providers.get(service)
    if tracing is None:
        return traceparent
    one = tracing.get_tracer("plumbline").start_span(
        name, continued(traceparent), SpanKind.CONSUMER, {"messaging.operation.type": "process"}, start_time=began
    )
    one.end(time_ns())
    return header_of(one.get_span_context())


def continued(traceparent: str) -> contexts.Context:
    """The context of a remote parent; without a well-formed one, a context in which a new trace begins."""
    found = _TRACEPARENT.match(traceparent)
    if found is None:
        return contexts.Context()
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    parent = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(parent), contexts.Context())


class Discreet(SpanExporter):
    """Passes spans on with what they may say, and without their events, links and messages."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send copies that hold nothing but what is shown."""
        return self._exporter.export([_discreet(one) for one in spans])

    def shutdown(self) -> None:
        """Nothing more will come."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._exporter.force_flush(timeout_millis)


def _discreet(one: ReadableSpan) -> ReadableSpan:
    shown = {name: value for name, value in (one.attributes or {}).items() if name in SHOWN}
    return ReadableSpan(
        name=one.name,
        context=one.context,
        parent=one.parent,
        resource=one.resource,
        attributes=shown,
        kind=one.kind,
        status=trace.Status(one.status.status_code),
        start_time=one.start_time,
        end_time=one.end_time,
        instrumentation_scope=one.instrumentation_scope,
    )
