"""Counts and durations of requests, as text for Prometheus. Pictures are not counted."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds


class Metrics:
    """The metrics of one server.

    Args:
        in_flight: returns the number of requests that are processed or wait for a thread.
        workers_replaced: returns the number of worker processes that were replaced.
    """

    def __init__(self, in_flight: Callable[[], int], workers_replaced: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter("tenfold_requests", "Requests answered.", ["route", "status"], registry=self._registry)
        self._seconds = Histogram(
            "tenfold_request_seconds",
            "Time from request to answer.",
            ["route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        gauge = Gauge("tenfold_requests_in_flight", "Requests processed or queued.", registry=self._registry)
        gauge.set_function(in_flight)
        replaced = Gauge("tenfold_workers_replaced", "Worker processes replaced.", registry=self._registry)
        replaced.set_function(workers_replaced)

    def count_answer(self, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            route: the path template, so that there are few values.
            status: the HTTP status.
            seconds: time since the request arrived.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)
