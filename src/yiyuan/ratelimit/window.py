"""The exact sliding window: at most N admissions, or N tokens, in any 60 seconds.

A burst of all N at once is possible and there is no double burst around a boundary.
What is refused leaves no trace. A window knows no limit: it is asked with the limit
of the moment, and a changed limit simply sees the same history. Times are monotonic
seconds and must not decrease from call to call.

- `Ring` counts requests: the admission times of the last 60 seconds, eight bytes
  each, grown as needed; expiry is a binary search, so no call walks the ring.
- `Seconds` weighs tokens: one sum per second, at most 61 of them. A second's sum
  expires 60 seconds after the last that went into it, so that there are never more
  than N in any 60 seconds, and one admission counts for up to a second too long.
  `window.lua` does the same in Valkey, for both kinds.
"""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

WINDOW_SECONDS = 60.0

# A wait that is not a hair too short: adding it to the clock may round down.
_ROUNDING_SECONDS = 1e-6


class Window(NamedTuple):
    """One limit to be held: at most `limit` (≥ 1) a minute of what `key` counts.

    That is requests where `tokens` is None, and tokens where it tells how many of
    them this request brings. A key is always of the same kind.
    """

    key: str
    limit: int
    tokens: int | None = None

    @property
    def weight(self) -> int:
        """What this request takes of the limit."""
        return 1 if self.tokens is None else self.tokens


class Slot:
    """An admission, so that it can be given back or corrected once."""

    __slots__ = ("admitted_at", "windows")

    def __init__(self, windows: Sequence[Window], admitted_at: float) -> None:
        """`admitted_at` is the time under which `windows` count it, in monotonic seconds."""
        self.windows = windows
        self.admitted_at = admitted_at


class State(NamedTuple):
    """How full a window is. `reset_seconds` is when nothing in it counts any more."""

    limit: int
    remaining: int
    reset_seconds: float


class Allowed(NamedTuple):
    """Counted. `limit`, `remaining` and `reset_seconds` are the tightest request window's.

    `reset_seconds` is when that window will be wholly free again, as OpenAI means
    it. Without such a window requests are not limited, and `limit` is None;
    `tokens` is the same of the tightest token window.
    """

    limit: int | None
    remaining: int
    reset_seconds: float
    slot: Slot
    tokens: State | None = None


class Limited(NamedTuple):
    """Not counted. `window` is the index of the one that has to be waited for the longest.

    After `retry_seconds` there is room in every window, if nobody else comes; 60 for
    a request that brings more tokens than its limit, which never fits. The rest is
    as in `Allowed`, of that window or, of the other kind, the tightest.
    """

    window: int
    limit: int | None
    retry_seconds: float
    remaining: int
    reset_seconds: float
    tokens: State | None = None


class Counter(Protocol):
    """What a ring and the seconds have in common. Before asking, `expire`."""

    count: int
    """What the last 60 seconds add up to."""

    def expire(self, now: float) -> None:
        """Forget what is 60 seconds old."""

    def add(self, now: float, weight: int) -> None:
        """Count `weight` more."""

    def remove(self, admitted_at: float, weight: int) -> None:
        """Take back what was counted at that time, as far as it still counts."""

    def wait_seconds(self, now: float, limit: int, weight: int = 1) -> float:
        """How long until `weight` more fit under `limit`; 0 if they do now."""

    def reset_seconds(self, now: float) -> float:
        """How long until nothing counts any more."""

    def contents(self) -> Iterator[tuple[float, int]]:
        """What counts: when, and how much, oldest first."""


class Ring:
    """The admissions of one key in the last 60 seconds."""

    __slots__ = ("_head", "_times", "count")

    def __init__(self) -> None:
        self._times = array("d", bytes(8 * 8))
        self._head = 0
        self.count = 0

    def expire(self, now: float) -> None:
        """Forget the admissions that are 60 seconds old; `count` is then what counts."""
        times, head = self._times, self._head
        cutoff = now - WINDOW_SECONDS
        if not self.count or times[head] > cutoff:
            return
        size = len(times)
        end = head + self.count
        index = bisect_right(times, cutoff, head, min(end, size))
        if index == size and end > size:
            index = size + bisect_right(times, cutoff, 0, end - size)
        self.count = end - index
        self._head = index % size

    def add(self, now: float, weight: int = 1) -> None:
        """Count `weight` admissions at once."""
        for _ in range(weight - 1):
            self.add(now, 1)
        size = len(self._times)
        if self.count == size:
            self._straighten()
            self._times.extend(array("d", bytes(8 * size)))
            size *= 2
        self._times[(self._head + self.count) % size] = now
        self.count += 1

    def remove(self, admitted_at: float, weight: int = 1) -> None:
        """Take back admissions of that very time; nothing if they have expired."""
        for _ in range(weight):
            self._remove_one(admitted_at)

    def _remove_one(self, admitted_at: float) -> None:
        last = self.count - 1
        if last >= 0 and self._times[(self._head + last) % len(self._times)] == admitted_at:
            self.count = last
            return
        self._straighten()
        index = bisect_right(self._times, admitted_at, 0, self.count) - 1
        if index >= 0 and self._times[index] == admitted_at:
            del self._times[index]
            self._times.append(0.0)
            self.count = last

    def wait_seconds(self, now: float, limit: int, weight: int = 1) -> float:
        """How long until `weight` more fit under `limit`; 0 if they do now."""
        excess = self.count + weight - limit
        if excess <= 0:
            return 0.0
        if weight > limit:
            return WINDOW_SECONDS
        blocking = self._times[(self._head + excess - 1) % len(self._times)]
        return blocking + WINDOW_SECONDS - now + _ROUNDING_SECONDS

    def reset_seconds(self, now: float) -> float:
        """How long until nothing counts any more."""
        if not self.count:
            return 0.0
        newest = self._times[(self._head + self.count - 1) % len(self._times)]
        return newest + WINDOW_SECONDS - now

    def contents(self) -> Iterator[tuple[float, int]]:
        """Every admission's time, oldest first, each with 1."""
        for index in range(self._head, self._head + self.count):
            yield self._times[index % len(self._times)], 1

    def _straighten(self) -> None:
        """Turn the ring so that the oldest admission is first."""
        if self._head:
            self._times = self._times[self._head :] + self._times[: self._head]
            self._head = 0


class _Second:
    """What one second's admissions weigh, and when the last of them was."""

    __slots__ = ("last", "number", "weight")

    def __init__(self, number: int, last: float, weight: int) -> None:
        self.number = number
        self.last = last
        self.weight = weight


class Seconds:
    """The tokens of one key in the last 60 seconds, by second."""

    __slots__ = ("_seconds", "count")

    def __init__(self) -> None:
        self._seconds: deque[_Second] = deque()
        self.count = 0

    def expire(self, now: float) -> None:
        """Forget the seconds whose last admission is 60 seconds old."""
        seconds, cutoff = self._seconds, now - WINDOW_SECONDS
        while seconds and seconds[0].last <= cutoff:
            self.count -= seconds.popleft().weight

    def add(self, now: float, weight: int) -> None:
        """Count `weight` tokens, whatever the limit."""
        if weight <= 0:
            return
        self.count += weight
        number = int(now)
        if self._seconds and self._seconds[-1].number == number:
            self._seconds[-1].weight += weight
            self._seconds[-1].last = now
        else:
            self._seconds.append(_Second(number, now, weight))

    def remove(self, admitted_at: float, weight: int) -> None:
        """Take back tokens of that second, at most what it still has."""
        number = int(admitted_at)
        for second in reversed(self._seconds):
            if second.number == number:
                taken = min(second.weight, weight)
                second.weight -= taken
                self.count -= taken
            if second.number <= number:
                return

    def wait_seconds(self, now: float, limit: int, weight: int = 1) -> float:
        """How long until `weight` more fit under `limit`; 0 if they do now."""
        excess = self.count + weight - limit
        if excess <= 0:
            return 0.0
        for second in self._seconds:
            excess -= second.weight
            if excess <= 0:
                return second.last + WINDOW_SECONDS - now + _ROUNDING_SECONDS
        return WINDOW_SECONDS

    def reset_seconds(self, now: float) -> float:
        """How long until nothing counts any more."""
        for second in reversed(self._seconds):
            if second.weight:
                return second.last + WINDOW_SECONDS - now
        return 0.0

    def contents(self) -> Iterator[tuple[float, int]]:
        """Each second's last time and weight, oldest first."""
        for second in self._seconds:
            if second.weight:
                yield second.last, second.weight
