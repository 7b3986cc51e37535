"""One structured line per exchange, written by a thread of its own.

The hot path appends a tuple to a bounded queue; a thread wakes four times a
second, formats what has gathered and writes it in one go. When the queue is
full, lines are dropped and counted rather than requests delayed; the next line
that is written says how many. Prompts, answers, keys and addresses are never in
a line: there is no field for them.
"""

import sys
import threading
from collections import deque
from typing import Any, TextIO

import msgspec

from yiyuan.kernel.clock import iso

QUEUE_LINES_MAX = 50_000
FLUSH_SECONDS = 0.25

FIELDS = (
    "at",
    "request_id",
    "endpoint",
    "account",
    "api_token",
    "model",
    "channel",
    "status",
    "outcome",
    "error",
    "streamed",
    "input_tokens",
    "output_tokens",
    "charge_micros",
    "shortfall_micros",
    "attempts",
    "first_byte_ms",
    "total_ms",
)
_Line: type[msgspec.Struct] = msgspec.defstruct("_Line", [(name, Any) for name in FIELDS])
"""Written in half the time of a dict with the same names."""


class ExchangeLog:
    """The log of exchanges."""

    def __init__(self, stream: TextIO | None = None, *, lines_max: int = QUEUE_LINES_MAX) -> None:
        """`stream` defaults to standard error; no more than `lines_max` wait."""
        self._lines_max = lines_max
        self._stream = stream or sys.stderr
        self._encoder = msgspec.json.Encoder()
        self._queue: deque[tuple[Any, ...]] = deque()
        self._dropped = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exchange-log", daemon=True)
        self.dropped_total = 0

    def start(self) -> None:
        """Begin writing."""
        self._thread.start()

    def append(self, values: tuple[Any, ...]) -> None:
        """Queue one line: values in the order of `FIELDS`, `at` in wall milliseconds."""
        if len(self._queue) >= self._lines_max:
            self._dropped += 1
            self.dropped_total += 1
            return
        self._queue.append(values)

    def queued(self) -> int:
        """Lines that wait to be written."""
        return len(self._queue)

    def close(self) -> None:
        """Write what is left and stop; waits at most two seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines: list[msgspec.Struct | dict[str, int]] = []
        while self._queue:
            at, *values = self._queue.popleft()
            lines.append(_Line(iso(at), *values))
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            lines.append({"log_lines_dropped": dropped})
        if not lines:
            return
        text = self._encoder.encode_lines(lines).decode()
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # A full disk or a closed pipe must not stop the gateway; it is counted.
            self.dropped_total += len(lines)
