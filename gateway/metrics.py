"""What the gateway counts and times."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one gateway; the children for the labels are kept, since looking them up costs more than counting."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter("gateway_answers", "Answers handed on", ("service", "status"), registry=self.registry)
        self._refusals = Counter("gateway_refusals", "Requests the gateway refused", ("code",), registry=self.registry)
        self._seconds = Histogram(
            "gateway_service_seconds",
            "Time to a service's first byte",
            ("service",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.streams = Gauge("gateway_open_streams", "Answers being streamed now", registry=self.registry)
        self._answer_children: dict[tuple[str, int], Counter] = {}
        self._second_children: dict[str, Histogram] = {}

    def answered(self, service: str, status: int, seconds: float) -> None:
        """Count and time one answer of a service."""
        counter = self._answer_children.get((service, status))
        if counter is None:
            counter = self._answer_children[service, status] = self._answers.labels(service, str(status))
            self._second_children[service] = self._seconds.labels(service)
        counter.inc()
        self._second_children[service].observe(seconds)

    def refused(self, code: str) -> None:
        """Count one refusal."""
        self._refusals.labels(code).inc()

    def text(self) -> str:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry).decode()
