"""The two clocks: the wall for records, the monotonic one for waiting and limits.

Rooms take a `Clock` instead of calling `time`, so that tests and the simulator
can drive them.
"""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """What rooms ask of time."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow; for intervals."""
        ...


class SystemClock:
    """The machine's clocks."""

    def wall_ms(self) -> int:
        """See `Clock.wall_ms`."""
        return int(time.time() * 1000)

    monotonic = staticmethod(time.monotonic)
    """See `Clock.monotonic`; without a call between, since a request asks eight times."""


def iso(wall_ms: int) -> str:
    """Write milliseconds since the epoch as ISO 8601 in UTC: `2026-11-22T08:30:00.123Z`."""
    seconds, milliseconds = divmod(wall_ms, 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(64)
def _second(seconds: int) -> str:
    """The log of requests asks for the same one thousands of times."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def parse_time(text: str) -> int:
    """Read ISO 8601 as milliseconds since the epoch; a bare date is 00:00 UTC.

    A time without a zone is UTC. Raises ValueError when it is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
