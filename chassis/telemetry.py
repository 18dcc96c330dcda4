"""Logs, metrics and traces: structured, without personal data, and cheap when nobody collects them."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
_LABEL = ("service",)
REQUESTS = Counter("http_requests", "Requests answered", ("service", "method", "status"), registry=REGISTRY)
REQUEST_SECONDS = Histogram("http_request_seconds", "Time to answer a request", _LABEL, registry=REGISTRY)
OUTBOX_PENDING = Gauge("outbox_pending_events", "Events written and not yet published", _LABEL, registry=REGISTRY)
OUTBOX_AGE = Gauge("outbox_oldest_seconds", "Age of the oldest event not yet published", _LABEL, registry=REGISTRY)
PUBLISHED = Counter("outbox_published_events", "Events published", _LABEL, registry=REGISTRY)
CONSUMED = Counter("inbox_applied_events", "Events applied", _LABEL, registry=REGISTRY)
DUPLICATES = Counter("inbox_duplicate_events", "Events recognised as applied before", _LABEL, registry=REGISTRY)
LAG = Gauge("consumer_lag_events", "Records waiting behind the consumer", _LABEL, registry=REGISTRY)
PARKED = Gauge("parked_keys", "Keys whose records are parked", _LABEL, registry=REGISTRY)
SCANNED = Counter("scan_items", "Items a scan worked on", ("service", "scan"), registry=REGISTRY)

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
log = structlog.get_logger("plumbline")


@dataclass(frozen=True, slots=True)
class Trace:
    """The W3C trace context of a request."""

    trace_id: str
    header: str


def trace_of(traceparent: str | None) -> Trace:
    """The trace that a ``traceparent`` header continues, or a new one when it is missing or malformed."""
    found = _TRACEPARENT.match(traceparent or "")
    trace_id = found.group(1) if found else secrets.token_hex(16)
    return Trace(trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-{found.group(3) if found else '00'}")


_exporting = False


def configure(service: str, level: str, endpoint: str) -> None:
    """Set up logging for the process, and tracing when a collector is named."""
    global _exporting  # noqa: PLW0603 - tracing is a property of the process
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    if endpoint and not _exporting:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider = TracerProvider(resource=Resource.create({"service.name": f"plumbline-{service}"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
        _exporting = True


@contextmanager
def span(name: str, service: str, traceparent: str = "") -> Iterator[str]:
    """A span that continues ``traceparent`` when a collector is set up; yields the header for what follows from it."""
    if not _exporting:
        yield traceparent
        return
    parent = propagate.extract({"traceparent": traceparent}) if traceparent else None
    with trace.get_tracer("plumbline").start_as_current_span(name, context=parent, attributes={"service": service}):
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        yield carrier.get("traceparent", traceparent)
