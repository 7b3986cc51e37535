"""One client's connection: its requests are answered in order, by one task.

**Answering.** One task per connection runs the handler for one request after
another; it is made with the first request. Between pipelined requests it lets
the others run, and waits until the client has taken the answers so far.

**Going away.** While a request is being answered, the end of the client's
stream (FIN) counts as going away just as a reset does: hardly any HTTP client
half-closes, and a gateway must not pay for answers that nobody reads. Only what
is answered within `half_closed_seconds` still goes out, for those who do. The
handler is cancelled once, and its clean-up is never cancelled again. While the
read side is held back (`request_reader.py`) neither is noticed before a write fails.

**Time.** Two deadlines, moved by assignments and compared by the server's
sweep; no timer per connection.
"""

import asyncio
from collections.abc import Awaitable

from yiyuan.http.server.contract import ServerContract
from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.flow_control import NEVER
from yiyuan.http.server.peer import peer_address
from yiyuan.http.server.request_reader import (
    ANSWERING,
    CLOSING,
    HEAD,
    IDLE,
    LINGERING,
    SKIPPING,
    RequestReader,
)
from yiyuan.kernel.errors import ApiError, InternalError, RequestTimeout


class Connection(RequestReader):
    """One client's connection."""

    __slots__ = ("_is_cancelled", "_task", "_wake")

    def __init__(self, server: ServerContract) -> None:
        """Made by the server for each client it accepts."""
        super().__init__(server)
        self._task: asyncio.Task[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._is_cancelled = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.attach(transport)
        self._peer = peer_address(transport.get_extra_info("peername"))
        self.read_deadline = self._loop.time() + self._limits.idle_seconds
        refusal = self._server.joined(self)
        if refusal is not None:
            self._refuse(refusal, {})

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        state = self._state
        if state <= HEAD:
            self._buffer = self._buffer + data if self._buffer else data
            self._look_for_head()
        elif state <= SKIPPING:
            inbox = self._inbox
            start = 0 if inbox is None else inbox.feed(data, 0)
            if start < len(data):
                self._keep(data[start:])
            if state == SKIPPING and inbox is not None and inbox.is_complete:
                self._wait_for_head()
        elif state == LINGERING:
            self._discard_slowly()
        if self._exchange is not None:
            self._wake_task()

    def eof_received(self) -> bool:
        """The client has closed its side: it is gone, unless its answer is already there."""
        exchange = self._exchange
        if exchange is None or exchange.is_complete:
            return False
        if exchange.is_started or (self._inbox is not None and not self._inbox.is_complete):
            self.cut()
            return False
        self.closes_after = True
        self._loop.call_later(self._limits.half_closed_seconds, self._give_up, exchange)
        return True

    def _give_up(self, exchange: Exchange) -> None:
        """What takes longer nobody waits for."""
        if exchange is self._exchange and not exchange.is_complete and not self.is_gone:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Both sides are closed."""
        del exc
        self._state = CLOSING
        self.lose()
        self._server.left(self)

    # What the server calls.

    @property
    def address(self) -> str:
        """The peer's; empty for a Unix socket."""
        return self._peer

    def retire(self) -> None:
        """The server drains: close if no request is under way."""
        if self._state == IDLE:
            self._close()

    def lose(self) -> None:
        """The client is gone: cancel the handler, once, unless it has answered."""
        if self.is_gone:
            return
        super().lose()
        exchange = self._exchange
        if exchange is not None and not exchange.is_complete and self._task is not None:
            self._is_cancelled = True
            self._task.cancel()
        if self._inbox is not None:
            self._inbox.lose()
        self._wake_task()

    def pass_deadline(self, now: float) -> None:
        """One of the deadlines has passed."""
        if self.write_deadline <= now:
            self.judge_sending()
        elif self._state == ANSWERING and self._inbox is not None:
            self.read_deadline = NEVER
            self._inbox.time_out()
        elif self._state == HEAD:
            self._refuse(RequestTimeout(), {})
        elif self._state == IDLE:
            self._close()
        elif self._state == LINGERING and self._transport.get_write_buffer_size():
            self.read_deadline = now + self._limits.linger_seconds
        else:
            self.cut()

    # Answering.

    def _wake_task(self) -> None:
        if self._task is None:
            if self._exchange is not None:
                self._task = self._server.start_task(self._run())
        elif self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _run(self) -> None:
        """Answer one request after another until the connection ends."""
        exchange = self._exchange
        try:
            while exchange is not None:
                try:
                    await self._server.handler(exchange)
                except asyncio.CancelledError as cancellation:
                    if (
                        self._task is not None
                        and self._task.cancelling()
                        and not self._is_cancelled
                    ):
                        self.cut()
                        raise
                    if not self._is_cancelled:
                        self._fail(exchange, cancellation)
                except Exception as error:  # noqa: BLE001 – the edge: nothing may end the server
                    self._answer_for(exchange, error)
                self._leave(exchange)
                if self._is_write_paused:
                    await self.drain()
                self._go_on()
                waiting = self._until_next()
                if waiting is not None:
                    await waiting
                exchange = self._exchange
        finally:
            if self._state == ANSWERING:
                self.cut()

    def _leave(self, exchange: Exchange) -> None:
        """The handler has ended: its answer is there, or is given now."""
        if not exchange.is_complete and not self.is_gone:
            self._fail(exchange, RuntimeError("the handler left without an answer"))
        self._exchange = None

    def _until_next(self) -> Awaitable[None] | None:
        """What ends when the next exchange may be there; None when none will come."""
        if self._exchange is not None:
            return asyncio.sleep(0)
        if self._state <= SKIPPING and not self.is_gone:
            self._wake = self._loop.create_future()
            return self._wake
        return None

    def _go_on(self) -> None:
        """After an exchange: the next one, or the end."""
        if self._state != ANSWERING or self.is_gone:
            return
        if self._transport.is_closing():  # by the client's FIN
            self._close()
        elif self._server.is_draining:
            self._end()
        elif self._inbox is not None and not self._inbox.is_complete:
            self._state = SKIPPING
            self.read_deadline = self._loop.time() + self._limits.body_stall_seconds
            self._inbox.discard()
        else:
            self._wait_for_head()

    def _answer_for(self, exchange: Exchange, error: Exception) -> None:
        """The handler refused, or failed: it is answered for."""
        if isinstance(error, ApiError):
            try:
                self._server.refused(error)
                self._stand_in(exchange, error)
            except Exception as worse:  # noqa: BLE001 – the edge, too
                error = worse
            else:
                return
        self._fail(exchange, error)

    def _fail(self, exchange: Exchange, error: BaseException) -> None:
        """Report what went wrong, and answer for the handler."""
        self._server.failed(exchange, error)
        self._stand_in(exchange, InternalError(request_id=exchange.request_id))

    def _stand_in(self, exchange: Exchange, error: ApiError) -> None:
        """Answer for a handler that did not; cut the connection if it has begun to."""
        if exchange.is_complete or self.is_gone:
            return
        if exchange.is_started:
            exchange.abort()
        else:
            self._respond(exchange, error)
