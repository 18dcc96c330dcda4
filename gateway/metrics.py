"""What the gateway counts and times."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics(Collector):
    """The counters of one gateway, kept as plain numbers and put into families only when somebody reads them."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, int]] = Counter()
        self._refusals: Counter[str] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.streams = Gauge("gateway_open_streams", "Answers being streamed now", registry=self._registry)
        self._registry.register(self)

    def answered(self, service: str, status: int, seconds: float) -> None:
        """Count and time one answer of a service."""
        self._answers[service, status] += 1
        self._buckets[service, bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[service] += seconds

    def refused(self, code: str) -> None:
        """Count one refusal."""
        self._refusals[code] += 1

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """The families, for the Prometheus client."""
        answers = CounterMetricFamily("gateway_answers", "Answers handed on", labels=("service", "status"))
        for (service, status), count in self._answers.items():
            answers.add_metric((service, str(status)), count)
        refusals = CounterMetricFamily("gateway_refusals", "Requests the gateway refused", labels=("code",))
        for code, count in self._refusals.items():
            refusals.add_metric((code,), count)
        yield answers
        yield refusals
        yield self._times()

    def _times(self) -> HistogramMetricFamily:
        times = HistogramMetricFamily("gateway_service_seconds", "Time to a service's first byte", labels=("service",))
        for service, total in self._seconds.items():
            counts = accumulate(self._buckets[service, place] for place in range(len(_BOUNDS) + 1))
            bounds = [*map(str, _BOUNDS), "+Inf"]
            times.add_metric((service,), list(zip(bounds, counts, strict=True)), total)
        return times

    def text(self) -> str:
        """Everything in the Prometheus text format."""
        return generate_latest(self._registry).decode()
