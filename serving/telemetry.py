"""Numbers about the process for Prometheus. Numbers about learning are marts, not metrics."""

import time
from collections.abc import Iterator
from threading import Lock
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import ConnectionPool

ACTIVE_SECONDS = 300
MOST_TOPICS = 200
"""Topics that are told apart by name; a metric has room for so many, and a big site has more."""
OTHER_TOPICS, WHOLE_COURSE = "other", "whole course"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Telemetry(Collector):
    """The metrics of one application; each has a registry of its own, so that two may live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests_total", "Requests answered.", ["method", "endpoint", "status"], registry=self.registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time to the end of the answer.",
            ["method", "endpoint"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._generated = Counter(
            "questions_generated_total", "Questions made and kept.", ["topic", "difficulty"], registry=self.registry
        )
        self._topics: set[str] = set()
        self._pool: ConnectionPool | None = None
        self._seen: dict[UUID, float] = {}
        self._lock = Lock()
        self.registry.register(self)

    def watch(self, pool: ConnectionPool) -> None:
        """Report this pool."""
        self._pool = pool

    def answered(self, method: str, endpoint: str, status: int, seconds: float, account_id: UUID | None) -> None:
        """Count one answer."""
        self._requests.labels(method, endpoint, status).inc()
        self._durations.labels(method, endpoint).observe(seconds)
        if account_id is not None:
            with self._lock:
                self._seen[account_id] = time.monotonic()

    def questions_generated(self, topic: str | None, difficulty: str, count: int) -> None:
        """Count questions that were made about a topic."""
        name = topic or WHOLE_COURSE
        with self._lock:
            if name not in self._topics and len(self._topics) < MOST_TOPICS:
                self._topics.add(name)
            label = name if name in self._topics else OTHER_TOPICS
        self._generated.labels(label, difficulty).inc(count)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What is read when asked for instead of being counted."""
        yield GaugeMetricFamily("active_users", "Accounts seen in the last five minutes.", self._active())
        stats = self._pool.get_stats() if self._pool else {}
        pool = GaugeMetricFamily("db_pool_connections", "Connections to PostgreSQL.", labels=["state"])
        size, free = stats.get("pool_size", 0), stats.get("pool_available", 0)
        for state, value in {"open": size, "idle": free, "busy": size - free}.items():
            pool.add_metric([state], value)
        yield pool
        yield GaugeMetricFamily(
            "db_pool_waiting", "Requests that wait for a connection.", stats.get("requests_waiting", 0)
        )

    def _active(self) -> int:
        oldest = time.monotonic() - ACTIVE_SECONDS
        with self._lock:
            self._seen = {account: seen for account, seen in self._seen.items() if seen >= oldest}
            return len(self._seen)
