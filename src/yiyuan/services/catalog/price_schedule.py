"""Wakes the shop when the next price is due, so that it holds from its time on.

Every node has one. Whoever is first puts the price in force; the others find it there.
A wake-up that fails as a database does is tried again soon.
"""

import asyncio
from collections.abc import Awaitable, Callable

from yiyuan.kernel.clock import Clock
from yiyuan.store.errors import REFUSED, LedgerUnavailable

_SLEEP_SECONDS_MAX = 3600.0
_AGAIN_SECONDS = 5.0


class PriceClock:
    """One timer."""

    def __init__(self, clock: Clock, wake: Callable[[], Awaitable[None]]) -> None:
        """`wake` puts due prices in force, and sets the clock anew."""
        self._clock = clock
        self._wake = wake
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def set(self, due_ms: int | None) -> None:
        """Wake at this time, and at no other; None is never."""
        self.close()
        if due_ms is not None:
            seconds = max(0.0, (due_ms - self._clock.wall_ms()) / 1000)
            self._sleep(min(seconds + 0.001, _SLEEP_SECONDS_MAX))

    def close(self) -> None:
        """Wake no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sleep(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._task = asyncio.ensure_future(self._follow())

    async def _follow(self) -> None:
        try:
            await self._wake()
        except (LedgerUnavailable, *REFUSED):
            self._sleep(_AGAIN_SECONDS)
