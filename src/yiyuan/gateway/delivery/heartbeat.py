"""Comments while a stream says nothing, so that no client and no proxy gives it up.

What comes only notes its time: the one timer of a stream looks at it when the pause
could be over, and sleeps on where it is not.
"""

import asyncio
from collections.abc import Callable

from yiyuan.gateway.request.exchange import Exchange

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": waiting for the model\n\n"

Headers = Callable[[], bytes]
"""The stream's headers as of now: what an upstream made us drop is known late."""


class Heartbeat:
    """Comments while the upstream is silent; begins the response if need be."""

    def __init__(self, exchange: Exchange, headers: Headers) -> None:
        """`headers` are those of the stream, should the heartbeat begin it."""
        self._exchange = exchange
        self._headers = headers
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS, self._beat)

    def note_write(self) -> None:
        """Something was written: the silence begins anew."""
        self._last = self._loop.time()

    def stop(self) -> None:
        """No more comments."""
        self._timer.cancel()

    def _beat(self) -> None:
        silent = self._loop.time() - self._last
        if silent >= HEARTBEAT_SECONDS:
            if not self._exchange.is_started:
                self._exchange.begin_stream(200, self._headers())
            self._exchange.write(HEARTBEAT)
            self.note_write()
            silent = 0.0
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS - silent, self._beat)
