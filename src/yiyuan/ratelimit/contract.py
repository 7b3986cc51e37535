"""What every limiter promises, whether its windows are in memory or in Valkey.

A request names every window it has to fit; it is counted in all of them or, if one
is full, in none. In any 60 seconds a window admits at most its limit, a burst of all
at once included. No call raises, and none waits for longer than the limiter's own
bound: what a limiter cannot find out it decides by what it knows.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from yiyuan.ratelimit.window import Allowed, Limited, Slot, Window


class Backend(NamedTuple):
    """How a limiter that shares its windows is doing."""

    is_up: bool
    away_seconds: float
    """For how long this process has decided alone, all in all."""
    replicas: int
    """How many processes share the limits, as far as is known."""


class Limiter(Protocol):
    """Counts admissions."""

    async def open(self) -> None:
        """Connect to what the windows are in; a second at most, and without it all goes on."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...

    def backend(self) -> Backend | None:
        """What the windows are in; None where that is this process's memory."""
        ...

    async def admit(self, windows: Sequence[Window]) -> Allowed | Limited:
        """Count one request in every window, or in none. No key may come twice."""
        ...

    async def peek(self, windows: Sequence[Window]) -> Allowed | Limited:
        """What `admit` would say of a request that comes now, without counting it.

        `remaining` is therefore what is left before such a request.
        """
        ...

    def give_back(self, slot: Slot) -> None:
        """Uncount an admission, as if it had never been; a second time does nothing."""
        ...

    def correct(self, slot: Slot, tokens: int) -> None:
        """Let an admission that has ended weigh the tokens that it really used.

        What it used less is free again, under the admission's own time; what it used
        more counts from now on, over the limit if need be. Requests stay counted.
        After that the slot is worth nothing any more.
        """
        ...

    def key_count(self) -> int:
        """How many keys this process remembers, for the metrics."""
        ...
