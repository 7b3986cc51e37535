"""The metrics, in Prometheus' text form.

On the hot path a counter is an integer in a dictionary; the families that
Prometheus reads are made when it asks. No series carries an account, a token or
a client's free text: the number of series is bounded by the catalog.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

SECONDS_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "yiyuan_requests": ("Metered requests by ending.", ("endpoint", "model", "outcome", "status")),
    "yiyuan_refusals": ("Requests that were refused, by error code.", ("code",)),
    "yiyuan_tokens": ("Tokens that were settled.", ("model", "kind")),
    "yiyuan_channel_tokens": (
        "Input that was settled, and what of it an upstream had in its cache.",
        ("channel", "model", "kind"),
    ),
    "yiyuan_charged_micros": ("Money that was charged.", ("model",)),
    "yiyuan_shortfall_micros": ("Cost above the hold, borne by the operator.", ("model",)),
    "yiyuan_shortfalls": (
        "Requests that cost more than their holds, beyond what the settings allow.",
        ("channel", "model"),
    ),
    "yiyuan_unmetered_answers": (
        "Complete answers that were charged by our own count.",
        ("channel",),
    ),
    "yiyuan_model_fallbacks": (
        "Requests that another model was tried for, by the last one.",
        ("model", "tried"),
    ),
    "yiyuan_attempts": ("Calls to upstreams by ending.", ("channel", "outcome")),
    "yiyuan_log_lines_dropped": ("Log lines dropped because the queue was full.", ()),
    "yiyuan_ledger_batches": ("Commits of the ledger.", ()),
    "yiyuan_expired_requests": ("Requests whose details have become part of their day.", ()),
    "yiyuan_expiry_failures": ("Passes over expired requests that failed.", ()),
    "yiyuan_payment_notifies": ("Notifies of payment providers.", ("method", "verdict")),
    "yiyuan_limiter_degraded_seconds": ("Time without the shared limiter.", ()),
}
HISTOGRAMS: dict[str, tuple[str, str]] = {
    "yiyuan_request_seconds": ("Time from a request's head to its last byte.", "endpoint"),
    "yiyuan_first_byte_seconds": ("Time to the first byte of an answer.", "endpoint"),
}
GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "yiyuan_open_holds": ("Requests whose money is on hold now.", ()),
    "yiyuan_held_micros": ("Money on hold now.", ()),
    "yiyuan_ledger_queue": ("Operations waiting for the ledger's next commit.", ()),
    "yiyuan_log_queue": ("Log lines waiting to be written.", ()),
    "yiyuan_breaker_open": ("1 while a breaker is open.", ("channel", "key", "model")),
    "yiyuan_accounts_kept_away": (
        "Accounts that a channel is closed to for failures of their own.",
        ("channel",),
    ),
    "yiyuan_channel_balance": (
        "What a key's account has left at its vendor, in the vendor's currency.",
        ("channel", "key", "currency"),
    ),
    "yiyuan_event_loop_lag_seconds": ("How late the event loop was last seen to be.", ()),
    "yiyuan_connections": ("Open client connections.", ()),
    "yiyuan_body_bytes": ("Memory that the bodies of open requests take.", ()),
    "yiyuan_answer_bytes": ("Memory that whole answers of upstreams take.", ()),
    "yiyuan_heavy_jobs": ("Large requests that are read, bounded or counted, or wait for it.", ()),
    "yiyuan_limiter_backend_up": ("1 while the shared limiter decides.", ()),
    "yiyuan_limiter_replicas": ("Processes that share the limits.", ()),
    "yiyuan_limiter_keys": ("Windows that the limiter remembers.", ()),
    "yiyuan_payment_orders": ("Payment orders by state.", ("method", "state")),
    "yiyuan_payment_review": ("Payment orders that wait for a person.", ()),
    "yiyuan_payment_oldest_paid_uncredited_seconds": ("Age of the oldest paid order.", ()),
    "yiyuan_payment_compare_differences": ("Differences of the last day.", ("method",)),
    "yiyuan_is_ready": ("1 while the server takes traffic.", ()),
}

Samples = list[tuple[tuple[str, ...], float]]


class Histogram:
    """Counts of one label value by bucket."""

    __slots__ = ("counts", "sum_seconds")

    def __init__(self) -> None:
        """Nothing was seen."""
        self.counts = [0] * (len(SECONDS_BUCKETS) + 1)
        self.sum_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Take in one time."""
        self.counts[bisect_left(SECONDS_BUCKETS, seconds)] += 1
        self.sum_seconds += seconds


class Metrics:
    """The registry of one process."""

    def __init__(self) -> None:
        """Gauges are added with `watch`."""
        self._counters: dict[str, dict[tuple[str, ...], int]] = {
            name: defaultdict(int) for name in COUNTERS
        }
        self._histograms: dict[str, dict[str, Histogram]] = {
            name: defaultdict(Histogram) for name in HISTOGRAMS
        }
        self._gauges: dict[str, Callable[[], Samples]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def count(self, name: str, labels: tuple[str, ...] = (), amount: int = 1) -> None:
        """Add to a counter of `COUNTERS`; `labels` in its order."""
        self._counters[name][labels] += amount

    def counter(self, name: str) -> dict[tuple[str, ...], int]:
        """A counter of `COUNTERS` to add to without a call: new labels begin at 0."""
        return self._counters[name]

    def counts(self, name: str) -> list[tuple[tuple[str, ...], int]]:
        """A counter of `COUNTERS` as of now, by its labels."""
        return list(self._counters[name].items())

    def histogram(self, name: str, label: str) -> Histogram:
        """One of `HISTOGRAMS`, to add to."""
        return self._histograms[name][label]

    def watch(self, name: str, read: Callable[[], Samples]) -> None:
        """Read a gauge of `GAUGES` (or a counter kept elsewhere) when Prometheus asks."""
        assert name in GAUGES or name in COUNTERS
        self._gauges[name] = read

    def render(self) -> bytes:
        """All families in the text form."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Make the families; called by the registry."""
        for name, (text, labels) in COUNTERS.items():
            family = CounterMetricFamily(name, text, labels=labels)
            watched = self._gauges.get(name)
            samples = watched() if watched else list(self._counters[name].items())
            for values, count in samples:
                family.add_metric(values, count)
            yield family
        for name, (text, label) in HISTOGRAMS.items():
            yield self._histogram(name, text, label)
        for name, (text, labels) in GAUGES.items():
            gauge = GaugeMetricFamily(name, text, labels=labels)
            for values, value in self._gauges[name]() if name in self._gauges else ():
                gauge.add_metric(values, value)
            yield gauge

    def _histogram(self, name: str, text: str, label: str) -> Metric:
        family = HistogramMetricFamily(name, text, labels=(label,))
        bounds = [*map(str, SECONDS_BUCKETS), "+Inf"]
        for value, histogram in self._histograms[name].items():
            if not any(histogram.counts):
                continue
            buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
            family.add_metric((value,), buckets, histogram.sum_seconds)
        return family
