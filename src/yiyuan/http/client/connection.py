"""One HTTP/1.1 connection to an upstream: bytes in, one response at a time out.

An `asyncio.Protocol` over a `ResponseParser`. A connection carries one call at a
time: `start` writes head and body, what is parsed fills the call's `Response`, and
when the message is complete the connection goes back to its pool. No task belongs
to it; everything happens in the event loop's callbacks, and a waiting reader is
woken once per piece read from the socket. A body that ends early is a `reset`.

Never reused is a connection whose response says so, that has bytes left over
after the response (the next call could be answered by them), whose request was
not sent completely, or that carried a HEAD. Bytes on an idle connection close
it.

Limits: at most 64 KiB, and the read in which they are passed, may come without
body bytes in them: heads, 1xx responses, trailers, chunk extensions.

Timeouts: one timer, armed lazily. What changes with every piece is only
`_deadline`; a timer that fires early looks at it and sleeps on. The head must be
complete within the first-byte timeout, however slowly it drips; then no pause
may be longer than the idle timeout.
"""

import asyncio
from typing import Protocol, cast

from yiyuan.http.client.errors import FailureKind, UpstreamFailure
from yiyuan.http.client.origin import Origin
from yiyuan.http.client.request import Call
from yiyuan.http.client.response import Response
from yiyuan.http.client.response_parser import ResponseParser
from yiyuan.http.header_names import HeaderNames

HEAD_BYTES_MAX = 64 * 1024
UNREAD_BYTES_MAX = 256 * 1024
JOINED_BODY_BYTES_MAX = 64 * 1024
"""Up to here head and body are joined; larger bodies are not worth the copy."""

_NEVER = float("inf")


class Owner(Protocol):
    """What a connection tells its pool."""

    def release(self, connection: "Connection") -> None:
        """The response is complete, the connection may carry another."""
        ...

    def lost(self, connection: "Connection") -> None:
        """The connection is gone."""
        ...


class Connection(asyncio.Protocol):
    """One connection; its pool and its response call the methods."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        owner: Owner,
        origin: Origin,
        names: HeaderNames,
    ) -> None:
        """`origin` is kept for the pool."""
        self.origin = origin
        self.is_reused = False
        self.is_closed = False
        self.idle_since = 0.0
        self.loop = loop
        self._owner = owner
        self._parser = ResponseParser(names)
        self._transport: asyncio.Transport | None = None
        self._response: Response | None = None
        self._bytes_without_body = 0
        self._idle_timeout = 0.0
        self._deadline = _NEVER
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = _NEVER

    # Calls.

    def attach(self, transport: asyncio.Transport) -> None:
        """Take over a transport that a tunnel has prepared."""
        self._transport = transport

    def start(self, head: bytes, call: Call) -> Response:
        """Write one request; its response is filled from now on."""
        assert self._response is None
        transport = self._transport
        assert transport is not None
        response = Response(self.loop)
        self._bytes_without_body = 0
        if self.is_closed or transport.is_closing():
            response.failure = _reset("closed while idle", request_was_written=False)
            return response
        self._response = response
        response.source = self
        self._parser.begin(is_head_request=call.method == "HEAD")
        self._idle_timeout = call.idle_timeout
        self._arm(self.loop.time() + call.first_byte_timeout)
        body = call.body
        if len(body) <= JOINED_BODY_BYTES_MAX:
            transport.write(head + body)
        else:
            transport.writelines((head, body))
        call.was_written = True
        return response

    def resume(self) -> None:
        """Read from the socket again: the reader has caught up."""
        response = self._response
        if response is not None and self._transport is not None:
            response.is_paused = False
            self._transport.resume_reading()
            self._arm(self.loop.time() + self._idle_timeout)

    def abort(self) -> None:
        """End it at once: what is not sent is dropped, the peer sees the end now."""
        self._response = None
        self.is_closed = True
        self._deadline = _NEVER
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_untouched(self) -> bool:
        """Whether no byte came since `start`."""
        return self._bytes_without_body == 0

    # asyncio's callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        # uvloop's transports are asyncio's in all but the class.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came and wake the reader once."""
        response = self._response
        if response is None:
            self.abort()
            return
        parser = self._parser
        body = parser.feed(data)
        if not response.status and parser.status:
            response.headers, response.status = parser.headers, parser.status
        if parser.is_ended and parser.fault is None:
            self._finish(response, body)
            return
        if body:
            response.push(body)
            self._bytes_without_body = 0
        else:
            response.wake()
            self._bytes_without_body += len(data)
            if self._bytes_without_body > HEAD_BYTES_MAX and not parser.is_ended:
                self.fail("too_large", "a response head, or nothing but framing, over 64 KiB")
                return
        if parser.fault is not None:
            self.fail("protocol", parser.fault)
        elif response.status:
            self._deadline = deadline = self.loop.time() + self._idle_timeout
            if deadline < self._timer_at:
                self._arm(deadline)
            if response.buffered_bytes > UNREAD_BYTES_MAX:
                self._pause(response)

    def eof_received(self) -> None:
        """See asyncio; `connection_lost` follows. What we had still to send is in vain."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of the connection, which may be the end of a body without length."""
        self.is_closed = True
        self._deadline = _NEVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        response, self._response = self._response, None
        if response is not None:
            response.source = None
            if response.status and not self._parser.has_length and exc is None:
                response.is_complete = True
            else:
                detail = "the connection was reset" if exc else "the connection was closed"
                response.failure = _reset(detail, request_was_written=True)
            response.wake()
        self._owner.lost(self)

    # Steps.

    def _pause(self, response: Response) -> None:
        assert self._transport is not None
        response.is_paused = True
        self._transport.pause_reading()
        self._deadline = _NEVER

    def _finish(self, response: Response, body: bytes) -> None:
        """The message is complete: give the connection back, or end it."""
        assert self._transport is not None
        self._response = None
        self._deadline = _NEVER
        response.complete(body)
        if self._parser.keep_alive and not self._transport.get_write_buffer_size():
            self.is_reused = True
            self._owner.release(self)
        else:
            self.abort()

    def fail(self, kind: FailureKind, detail: str) -> None:
        """Abort, and tell the reader why."""
        response = self._response
        self.abort()
        if response is not None:
            response.source = None
            response.failure = UpstreamFailure(kind, detail, request_was_written=True)
            response.wake()

    def _arm(self, deadline: float) -> None:
        self._deadline = deadline
        if deadline < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = deadline
            self._timer = self.loop.call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_at = _NEVER
        if self._deadline > self.loop.time():
            self._arm(self._deadline)
        elif self._response is not None and self._response.status:
            self.fail("timeout_idle", f"nothing for {self._idle_timeout:g} s")
        else:
            self.fail("timeout_first_byte", "no response head in time")


def _reset(detail: str, *, request_was_written: bool) -> UpstreamFailure:
    return UpstreamFailure("reset", detail, request_was_written=request_was_written)
