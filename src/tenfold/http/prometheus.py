"""What a server counts, and how Prometheus reads it. Knows requests by route, status and time, not what they are."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counts of one server.

    Args:
        in_flight: tells how many requests are read or wait for it.
    """

    def __init__(self, at_work: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter("tenfold_requests", "Requests answered.", ["route", "status"], registry=self._registry)
        self._seconds = Histogram(
            "tenfold_request_seconds", "From request to answer.", ["route"], buckets=SECONDS, registry=self._registry
        )
        waiting = Gauge("tenfold_at_work", "Requests that are read or wait for it.", registry=self._registry)
        waiting.set_function(at_work)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            route: the template of its path, so that there are few.
            status: of HTTP.
            seconds: since the request came.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)
