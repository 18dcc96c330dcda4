"""Logs and metrics: structured, without personal data, and cheap when nobody collects them."""

from __future__ import annotations

import logging

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from structlog.typing import EventDict

from chassis import tracing
from chassis.failures import hear_libraries

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
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
IDLE = Gauge("loop_idle_seconds", "Time since a loop last made progress", ("service", "loop"), registry=REGISTRY)
WAITING = Gauge(
    "database_waiting_requests", "Requests that wait for a connection to the database", _LABEL, registry=REGISTRY
)
SCANNED = Counter("scan_items", "Items a scan worked on", ("service", "scan"), registry=REGISTRY)

log = structlog.get_logger("plumbline")


def configure(service: str, level: str, endpoint: str) -> None:
    """Set up logging for the process, and tracing when a collector is named."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _with_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    hear_libraries()
    tracing.configure(service, endpoint)


def _with_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Name the trace in which something was logged, so that one leads to the other."""
    found = tracing.current_trace_id()
    if found:
        event["trace_id"] = found
    return event
