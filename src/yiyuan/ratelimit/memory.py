"""The limiter of one process: exact windows by key.

Keys that nobody asks about for 60 to 120 seconds are forgotten, a whole generation
at a time; by then all their admissions have expired, so nothing is lost. Nothing
here waits or fails.

It is also what a process falls back on while the shared limiter is away: then it
admits its share of each limit, and is warm because it was told of every admission.
"""

from collections.abc import Callable, Iterator, Sequence

from yiyuan.ratelimit import verdict
from yiyuan.ratelimit.contract import Backend
from yiyuan.ratelimit.verdict import Reading
from yiyuan.ratelimit.window import (
    WINDOW_SECONDS,
    Allowed,
    Counter,
    Limited,
    Ring,
    Seconds,
    Slot,
    Window,
)


class InMemoryLimiter:
    """See `Limiter`. `monotonic` gives seconds that never decrease."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._counters: dict[str, Counter] = {}
        self._older: dict[str, Counter] = {}
        self._rotate_at = monotonic() + WINDOW_SECONDS

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    def backend(self) -> Backend | None:
        """See `Limiter.backend`."""
        return None

    async def admit(self, windows: Sequence[Window]) -> Allowed | Limited:
        """See `Limiter.admit`."""
        if len(windows) != 1 or windows[0].tokens is not None:
            return self.decide(windows)
        now = self._tick()  # nearly every request; worth its own few lines
        limit = windows[0].limit
        ring = self._counter(windows[0], now)
        assert isinstance(ring, Ring)
        if ring.count >= limit:
            return verdict.limited(windows, [_reading(windows[0], ring, now)])
        ring.add(now)
        return Allowed(limit, limit - ring.count, WINDOW_SECONDS, Slot(windows, now))

    def decide(self, windows: Sequence[Window], replicas: int = 1) -> Allowed | Limited:
        """The same at once, within this process's share where there are `replicas`."""
        now = self._tick()
        counters, left = [], []
        for window in windows:
            _, limit, tokens = window
            counter = self._counter(window, now)
            if replicas > 1:
                limit = share(window, replicas)
            counters.append(counter)
            left.append(limit - counter.count - (1 if tokens is None else tokens))
        if left and min(left) < 0:
            return verdict.limited(windows, _readings(windows, counters, now, replicas))
        _add(windows, counters, now)
        return verdict.admitted(windows, left, Slot(windows, now))

    def count_in(self, windows: Sequence[Window]) -> float:
        """Count what somebody else has admitted; the time under which it is counted."""
        now = self._tick()
        _add(windows, [self._counter(window, now) for window in windows], now)
        return now

    async def peek(self, windows: Sequence[Window]) -> Allowed | Limited:
        """See `Limiter.peek`."""
        return self.look(windows)

    def look(self, windows: Sequence[Window], replicas: int = 1) -> Allowed | Limited:
        """The same at once, of this process's share."""
        now = self._tick()
        counters = [self._existing(window, now) for window in windows]
        readings = _readings(windows, counters, now, replicas)
        if any(reading.wait_seconds for reading in readings):
            return verdict.limited(windows, readings)
        return verdict.free(windows, readings, Slot((), now))

    def give_back(self, slot: Slot) -> None:
        """See `Limiter.give_back`."""
        windows, slot.windows = slot.windows, ()
        for window in windows:
            self._take_back(window, slot.admitted_at, window.weight)

    def correct(self, slot: Slot, tokens: int) -> None:
        """See `Limiter.correct`."""
        windows, slot.windows = slot.windows, ()
        for window in windows:
            if window.tokens is None:
                continue
            if tokens < window.tokens:
                self._take_back(window, slot.admitted_at, window.tokens - tokens)
            elif tokens > window.tokens:
                now = self._tick()
                self._counter(window, now).add(now, tokens - window.tokens)

    def key_count(self) -> int:
        """See `Limiter.key_count`."""
        return len(self._counters) + len(self._older)

    def contents(self) -> Iterator[tuple[str, float, int]]:
        """All that counts now: key, monotonic time, weight."""
        now = self._tick()
        for counters in (self._older, self._counters):
            for key, counter in counters.items():
                counter.expire(now)
                for at, weight in counter.contents():
                    yield key, at, weight

    def _take_back(self, window: Window, admitted_at: float, weight: int) -> None:
        counter = self._counters.get(window.key) or self._older.get(window.key)
        if counter is not None:
            counter.remove(admitted_at, weight)

    def _tick(self) -> float:
        """Now; forgets the keys of the generation before last when it is time."""
        now = self._monotonic()
        if now >= self._rotate_at:
            is_long_idle = now >= self._rotate_at + WINDOW_SECONDS
            self._older = {} if is_long_idle else self._counters
            self._counters = {}
            self._rotate_at = now + WINDOW_SECONDS
        return now

    def _counter(self, window: Window, now: float) -> Counter:
        """The counter of a key, made if need be, without what has expired."""
        counter = self._counters.get(window.key)
        if counter is None:
            counter = self._older.pop(window.key, None) or _new(window)
            self._counters[window.key] = counter
        counter.expire(now)
        return counter

    def _existing(self, window: Window, now: float) -> Counter:
        """The counter of a key, or an empty one that is not kept."""
        key = window.key
        counter = self._counters.get(key) or self._older.get(key) or _new(window)
        counter.expire(now)
        return counter


def share(window: Window, replicas: int) -> int:
    """What one of `replicas` processes may admit of a limit alone, rounded up.

    A request that brings more tokens than the share, but fits the limit, is let in
    when nothing else counts: else it would never be.
    """
    part = -(-window.limit // replicas)
    return min(window.limit, max(part, window.weight))


def _new(window: Window) -> Counter:
    return Ring() if window.tokens is None else Seconds()


def _add(windows: Sequence[Window], counters: Sequence[Counter], now: float) -> None:
    for (_, _, tokens), counter in zip(windows, counters, strict=True):
        counter.add(now, 1 if tokens is None else tokens)


def _readings(
    windows: Sequence[Window], counters: Sequence[Counter], now: float, replicas: int
) -> list[Reading]:
    return [
        _reading(window, counter, now, replicas)
        for window, counter in zip(windows, counters, strict=True)
    ]


def _reading(window: Window, counter: Counter, now: float, replicas: int = 1) -> Reading:
    limit = window.limit if replicas == 1 else share(window, replicas)
    return Reading(
        max(0, limit - counter.count),
        counter.wait_seconds(now, limit, window.weight),
        counter.reset_seconds(now),
    )
