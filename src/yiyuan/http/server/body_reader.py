"""A request's body on its way in: waited for, measured, bounded.

Bytes are collected as they arrive up to `unread_bytes_max`; beyond, the client
is held back until the handler asks. Only while the handler waits does time
count: a byte every `body_stall_seconds`, and after that span at least
`body_bytes_per_second_min` on average, or else RequestTimeout.

After a failure, or when nobody wants the body any more (`discard`), what still
comes is thrown away, so that the end of the connection is noticed.
"""

import asyncio
from typing import Protocol

from yiyuan.http.server.body_framing import Body
from yiyuan.http.server.flow_control import NEVER
from yiyuan.http.server.head import malformed
from yiyuan.http.server.server_limits import ServerLimits
from yiyuan.kernel.errors import ApiError, RequestTimeout, RequestTooLarge


class Source(Protocol):
    """What an inbox asks of its connection."""

    def wait_until(self, deadline: float) -> None:
        """Call `time_out` when the loop's time is past `deadline`."""
        ...

    def hold_back(self) -> None:
        """Stop reading the socket."""
        ...

    def let_on(self) -> None:
        """Read the socket again."""
        ...

    def send_continue(self) -> None:
        """Tell the client to send the body it waits with."""
        ...


class BodyReader:
    """The body of one request, not all of which came with its head."""

    __slots__ = (
        "_body",
        "_failure",
        "_is_discarding",
        "_is_expected",
        "_is_lost",
        "_limits",
        "_loop",
        "_source",
        "_started",
        "_waited_seconds",
        "_waiter",
        "_wanted",
        "_window",
    )

    def __init__(
        self,
        body: Body,
        source: Source,
        limits: ServerLimits,
        loop: asyncio.AbstractEventLoop,
        *,
        is_expected: bool,
    ) -> None:
        """`is_expected`: the client waits for `100 Continue`."""
        self._body = body
        self._source = source
        self._limits = limits
        self._loop = loop
        self._is_expected = is_expected
        self._window = limits.unread_bytes_max
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._started = 0.0
        self._waited_seconds = 0.0
        self._failure: ApiError | None = None
        self._is_discarding = False
        self._is_lost = False

    @property
    def is_complete(self) -> bool:
        """Whether the whole body has arrived."""
        return self._body.is_complete

    def is_worth_draining(self) -> bool:
        """Whether the rest is known, small and on its way, so the connection can be kept."""
        body = self._body
        if body.is_complete:
            return True
        if body.rest is None or self._failure is not None:
            return False
        return body.rest <= self._limits.unread_bytes_max and not self._is_expected

    def feed(self, data: bytes, start: int) -> int:
        """Take what belongs to the body from `data[start:]`; returns where that ends."""
        body = self._body
        end = body.feed(data, start)
        if end > start:
            self._is_expected = False
        if self._is_discarding:
            body.received.clear()
            return len(data) if body.is_broken else end
        if body.is_broken:
            self._fail(malformed("http_chunks"))
            return len(data)
        if self._waiter is not None:
            if body.is_complete or len(body.received) >= self._wanted:
                self._wake()
            else:
                self._move_deadline()
        if len(body.received) > self._window and not body.is_complete:
            self._source.hold_back()
        return end

    async def all(self, limit_bytes: int) -> bytes:
        """The whole body. Raises RequestTooLarge, RequestTimeout, InvalidRequest."""
        body = self._body
        if self._failure is None and max(body.declared or 0, body.count) > limit_bytes:
            self._fail(RequestTooLarge(limit_bytes=limit_bytes))
        self._window = limit_bytes
        while not body.is_complete:
            await self._wait(limit_bytes + 1)
            if body.count > limit_bytes:
                self._fail(RequestTooLarge(limit_bytes=limit_bytes))
        self._raise_failure()
        return bytes(body.received)

    async def next(self) -> bytes:
        """The next piece; `b""` at the end. Raises RequestTimeout, InvalidRequest."""
        body = self._body
        while not body.received and not body.is_complete:
            await self._wait(1)
        self._raise_failure()
        piece = bytes(body.received)
        body.received.clear()
        self._source.let_on()
        return piece

    def discard(self) -> None:
        """Throw away what has come and what will."""
        self._is_discarding = True
        self._body.received = bytearray()
        self._source.let_on()

    def time_out(self) -> None:
        """The deadline has passed."""
        self._fail(RequestTimeout())

    def lose(self) -> None:
        """The client is gone: nobody need wait on."""
        self._is_lost = True
        self._wake()

    async def _wait(self, wanted: int) -> None:
        self._raise_failure()
        if self._is_expected:
            self._is_expected = False
            self._source.send_continue()
        self._wanted = wanted
        self._started = self._loop.time()
        self._waiter = waiter = self._loop.create_future()
        self._move_deadline()
        self._source.let_on()
        try:
            await waiter
        finally:
            self._waiter = None
            self._source.wait_until(NEVER)
            self._waited_seconds += self._loop.time() - self._started

    def _move_deadline(self) -> None:
        limits = self._limits
        earned_seconds = self._body.count / limits.body_bytes_per_second_min
        latest = min(self._loop.time(), self._started + earned_seconds - self._waited_seconds)
        self._source.wait_until(latest + limits.body_stall_seconds)

    def _fail(self, failure: ApiError) -> None:
        if self._failure is None:
            self._failure = failure
        self.discard()
        self._wake()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_lost and not self._body.is_complete:
            message = "the client went away before its request was complete"
            raise ConnectionResetError(message)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
