"""How late the event loop is: the first sign of overload, and of work that blocks."""

import asyncio

INTERVAL_SECONDS = 0.5


class LoopLag:
    """Measures, twice a second, by how much a timer is late."""

    def __init__(self) -> None:
        """Nothing runs before `start`."""
        self.seconds = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin measuring on the running loop."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + INTERVAL_SECONDS
        self._timer = loop.call_at(self._due, self._tick, loop)

    def stop(self) -> None:
        """Stop measuring."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self.seconds = max(0.0, now - self._due)
        self._due = now + INTERVAL_SECONDS
        self._timer = loop.call_at(self._due, self._tick, loop)
