"""Slows down who guesses: per person and per address, each failure doubles the wait.

Kept in memory, per process, bounded: what is oldest is forgotten first. The first few
failures are free, since people mistype; success forgives. A try is counted before it is
known how it ends, so that tries side by side are not all the first; one that was neither
is taken back.
"""

from collections import OrderedDict
from dataclasses import dataclass

from yiyuan.kernel.clock import Clock

FREE_TRIES = 5
WAIT_SECONDS_MAX = 900.0
KEYS_MAX = 10_000
_FORGET_SECONDS = 3600.0


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    """Monotonic seconds."""


class Backoff:
    """Counts failures by key, and says how long to wait."""

    def __init__(self, clock: Clock, free_tries: int = FREE_TRIES) -> None:
        """`free_tries` failures cost nothing; the next waits a second, then two, four, …"""
        self._clock = clock
        self._free_tries = free_tries
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_seconds(self, *keys: str) -> float:
        """How long whoever has these keys has to wait; 0 when they may try."""
        return max(map(self._wait, keys), default=0.0)

    def failed(self, *keys: str) -> None:
        """Count a failure against each key."""
        now = self._clock.monotonic()
        for key in keys:
            known = self._failures.pop(key, None)
            count = 0 if known is None or now - known.last > _FORGET_SECONDS else known.count
            self._failures[key] = _Failures(count + 1, now)
        while len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Forgive each key."""
        for key in keys:
            self._failures.pop(key, None)

    def take_back(self, *keys: str) -> None:
        """Uncount a failure that was none; the ones before it stay."""
        for key in keys:
            known = self._failures.get(key)
            if known is not None and known.count > 0:
                known.count -= 1

    def _wait(self, key: str) -> float:
        known = self._failures.get(key)
        if known is None or known.count < self._free_tries:
            return 0.0
        wait = min(WAIT_SECONDS_MAX, 2.0 ** (known.count - self._free_tries))
        return max(0.0, known.last + wait - self._clock.monotonic())
