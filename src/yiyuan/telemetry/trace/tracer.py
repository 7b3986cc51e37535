"""Sends traces: a bounded queue, and a thread that posts what has gathered.

On the hot path one tuple is appended. The thread samples, makes spans and posts them;
errors and shortfalls are always sent. When the queue is full or the collector keeps
refusing, records are dropped and counted; a request never waits for its trace. A batch
is tried three times; redirects are not followed, and what a collector answers is not
read beyond its status.
"""

import gzip
import http.client
import ssl
import threading
from collections import deque
from urllib.parse import SplitResult, urlsplit

import orjson

from yiyuan.telemetry.trace.context import SpanContext, span_context
from yiyuan.telemetry.trace.otlp import Json, document, spans_of
from yiyuan.telemetry.trace.record import TraceRecord
from yiyuan.telemetry.trace.settings import TraceSettings

TRIES = 3
RETRY_SECONDS_MAX = 30.0
CLOSE_SECONDS = 2.0
_RETRIED = frozenset({429, 502, 503, 504})
_RATIO_BITS = 56


class Tracer:
    """The traces of one process."""

    def __init__(self, settings: TraceSettings, version: str) -> None:
        """Nothing runs before `start`; raises OSError for an unreadable certificate file."""
        self._settings = settings
        self._version = version
        self._url = urlsplit(settings.url)
        self._tls = _tls(self._url, settings.certificate)
        self._queue: deque[TraceRecord] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self.dropped_total = 0
        self.sent_total = 0
        """Spans that a collector accepted."""

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def append(self, record: TraceRecord) -> None:
        """Queue one finished request."""
        if len(self._queue) >= self._settings.queue_max:
            self.dropped_total += 1
            return
        self._queue.append(record)

    def queued(self) -> int:
        """Requests that wait to be sent."""
        return len(self._queue)

    def close(self) -> None:
        """Try once to send what is left, and stop; waits at most two seconds."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def is_sampled(self, record: TraceRecord, context: SpanContext) -> bool:
        """Whether a request is traced; all that is unusual about money or errors is."""
        if record.error_code is not None or record.shortfall_micros:
            return True
        return self._is_drawn(context)

    def traceparent(self, request_id: str, given: str | None, attempt: int | None) -> str:
        """What an upstream is told: `given` is the client's own header."""
        context = span_context(request_id, given)
        return context.traceparent(attempt, is_sampled=self._is_drawn(context))

    def _is_drawn(self, context: SpanContext) -> bool:
        if self._settings.follows_parent and context.parent_sampled is not None:
            return context.parent_sampled
        drawn = int(context.trace_id[-_RATIO_BITS // 4 :], 16)
        return drawn < self._settings.ratio * (1 << _RATIO_BITS)

    def _run(self) -> None:
        while not self._wake.wait(self._settings.delay_seconds):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        while self._queue:
            spans: list[Json] = []
            requests = 0
            while self._queue and len(spans) < self._settings.batch_max:
                record = self._queue.popleft()
                context = span_context(record.request_id, record.traceparent)
                if self.is_sampled(record, context):
                    requests += 1
                    spans.extend(spans_of(record, context))
            if spans and not self._send(spans):
                self.dropped_total += requests
                return  # the collector is away: the rest waits for the next turn

    def _send(self, spans: list[Json]) -> bool:
        body = orjson.dumps(document(self._settings.resource, self._version, spans))
        if self._settings.is_compressed:
            body = gzip.compress(body, 6)
        for attempt in range(TRIES):
            wait = self._post(body)
            if wait is None:
                self.sent_total += len(spans)
                return True
            if wait < 0 or self._stop.wait(min(wait or 2.0**attempt, RETRY_SECONDS_MAX)):
                return False
        return False

    def _post(self, body: bytes) -> float | None:
        """None when accepted; else seconds to wait (0: as long as usual, −1: never again)."""
        connection = self._connection()
        target = self._url.path or "/"
        if self._url.query:
            target += f"?{self._url.query}"
        headers = {**self._settings.headers, "Content-Type": "application/json"}
        if self._settings.is_compressed:
            headers["Content-Encoding"] = "gzip"
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError):
            return 0.0
        finally:
            connection.close()
        if answer.status // 100 == 2:
            return None
        if answer.status not in _RETRIED:
            return -1.0
        told = answer.getheader("Retry-After") or ""
        return float(told) if told.isascii() and told.isdigit() else 0.0

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        timeout = self._settings.timeout_seconds
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=timeout)


def _tls(url: SplitResult, certificate: str | None) -> ssl.SSLContext | None:
    if url.scheme != "https":
        return None
    return ssl.create_default_context(cafile=certificate)
