"""One request and its one answer, without a word about sockets: what handlers are written against.

Rooms below `web` may not import this one: they state what they use as a
`typing.Protocol`, which this class fits as it is.

**Request.** `method`, `path` (percent-decoded, without query), `query` (raw),
`headers` (lower-case names; repeated ones joined by `, `, cookies by `; `),
`peer` (the socket's IP address) and `request_id` are there at once. The body
is not read before `body` or `read` is called, so a request can be refused
first; what is then left of its body is drained if it is at most 64 KiB, and
otherwise the connection is closed after the answer.

**Answer.** Either `respond`, or `begin_stream`, `write` …, `finish`. The server
adds `date`, `x-request-id`, `request-id`, `content-length` or
`transfer-encoding`, and `connection`: a handler must not. `shared_headers`,
when set, goes with whatever answers, the server's own 500 included.

**The client goes away** (FIN or RST) before the answer is complete: the
handler's task is cancelled, once. From then on `is_gone` is true, everything
written is dropped, and `drain` returns at once, so clean-up code needs no
special case. After a complete answer the handler is left to finish its work.

A handler that returns without a complete answer, or raises, is answered for
with a 500, or by cutting the connection if the answer had begun.
"""

from collections.abc import Coroutine
from typing import Any, Protocol

from yiyuan.http.server.body_framing import as_chunk
from yiyuan.http.server.head import Head
from yiyuan.http.server.status_lines import (
    STATUS_LINES,
    HeaderLines,
    encode_headers,
    has_no_body,
    odd_status_line,
)

_CONNECTION_CLOSE = b"connection: close\r\n"
_CONNECTION_KEEP = b"connection: keep-alive\r\n"
_ONE_BUFFER_BYTES_MAX = 65_536


class ResponseSink(Protocol):
    """What an exchange asks of the connection under it."""

    is_gone: bool
    closes_after: bool
    """The connection ends with the answer."""

    @property
    def date_line(self) -> bytes:
        """The `date` header of this second."""
        ...

    def send(self, data: bytes) -> None:
        """Hand one buffer to the socket."""
        ...

    def try_send(self, data: bytes) -> bool:
        """Hand one buffer to the socket unless the client must be waited for."""
        ...

    def send_both(self, head: bytes, body: bytes) -> None:
        """Hand two buffers to the socket in one go, without joining them."""
        ...

    async def drain(self) -> None:
        """Return when the socket can take more."""
        ...

    def stays_open(self) -> bool:
        """Whether another request may follow the one being answered."""
        ...

    def completed(self) -> None:
        """Take note that the answer is complete; close if `closes_after`."""
        ...

    def abort(self) -> None:
        """Cut the connection."""
        ...

    def arrived(self) -> bytes | None:
        """The whole request body where it came along with the head."""
        ...

    async def body(self, limit_bytes: int) -> bytes:
        """Read the whole request body."""
        ...

    async def read(self) -> bytes:
        """Read the next piece of the request body."""
        ...


class Exchange:
    """One request and its answer."""

    __slots__ = (
        "_content_left",
        "_head",
        "_is_chunked",
        "_wire",
        "derived",
        "headers",
        "is_complete",
        "is_http_10",
        "is_started",
        "method",
        "path",
        "peer",
        "query",
        "request_id",
        "shared_headers",
    )

    def __init__(self, wire: ResponseSink, head: Head, peer: str, request_id: str) -> None:
        """Made by the server, one per request."""
        self.method = head.method
        self.path = head.path
        self.query = head.query
        self.headers = head.headers
        self.derived = head.derived
        self.is_http_10 = head.is_http_10
        self.peer = peer
        self.request_id = request_id
        self.shared_headers = b""
        self.is_started = False
        self.is_complete = False
        self._wire = wire
        self._head = b""
        self._is_chunked = False
        self._content_left = -1

    @property
    def is_gone(self) -> bool:
        """Whether the client has closed or reset the connection."""
        return self._wire.is_gone

    def arrived(self) -> bytes | None:
        """The whole body where it came along with the head; None: ask `body` or `read`."""
        return self._wire.arrived()

    def body(self, limit_bytes: int) -> Coroutine[Any, Any, bytes]:
        """Read the whole body, of at most `limit_bytes`; the same again when called again.

        Sends `100 Continue` first if the client waits for it. Raises
        RequestTooLarge (before reading, where the length is declared),
        RequestTimeout when the client is too slow, and InvalidRequest when
        its chunked framing is broken; the connection is closed after any of them.
        ConnectionResetError when the client is gone (in clean-up, or in a task
        of the handler's own).
        """
        return self._wire.body(limit_bytes)

    async def read(self) -> bytes:
        """Read the next piece of the body as it arrives; `b""` at its end.

        The client is held back while pieces are not read. Raises as `body`
        does, but has no limit. Use either `read` or `body`, not both.
        """
        return await self._wire.read()

    def close_after(self) -> None:
        """Let the connection end with the answer, which says so."""
        self._wire.closes_after = True

    def respond(self, status: int, headers: HeaderLines, body: bytes = b"") -> None:
        """Send the complete answer in one write; a HEAD request gets no body.

        `headers` as bytes are lines made with `encode_headers`. Raises
        ValueError for an unsafe header and RuntimeError on a second answer.
        """
        lines = self._begin(status, headers)
        if has_no_body(status):
            length = body = b""
        else:
            length = f"content-length: {len(body)}\r\n".encode("ascii")
        head = b"".join((lines, length, self._connection_line(), b"\r\n"))
        self.is_complete = True
        wire = self._wire
        if self.method == "HEAD" or not body:
            wire.send(head)
        elif len(body) <= _ONE_BUFFER_BYTES_MAX:
            wire.send(head + body)
        else:
            wire.send_both(head, body)
        wire.completed()

    def begin_stream(
        self, status: int, headers: HeaderLines, *, content_length: int | None = None
    ) -> None:
        """Begin an answer in pieces; its head is sent with the first of them.

        Without `content_length` the pieces are chunks (for HTTP/1.0: the end
        of the connection ends the answer). Raises as `respond` does.
        """
        lines = self._begin(status, headers)
        if has_no_body(status):
            framing, self._content_left = b"", 0
        elif content_length is not None:
            framing, self._content_left = b"content-length: %d\r\n" % content_length, content_length
        elif self.is_http_10:
            framing = b""
        else:
            framing, self._is_chunked = b"transfer-encoding: chunked\r\n", True
        if self._content_left < 0 and not self._is_chunked:
            self._wire.closes_after = True
        connection = self._connection_line()
        if self.method == "HEAD":
            self._content_left, self._is_chunked = -1, False
        self._head = b"%b%b%b\r\n" % (lines, framing, connection)

    def write(self, chunk: bytes) -> None:
        """Send a piece of the answer in one write; follow it with `drain`.

        An empty piece sends the head if that has not been sent. Raises
        RuntimeError when there is more than the declared length.
        """
        self._send_piece(chunk, b"")

    def try_write(self, chunk: bytes) -> bool:
        """Send a further chunk if the client takes what it is given; False: nothing was done."""
        if self._head or not chunk or not self._is_chunked or self.is_complete:
            return False
        return self._wire.try_send(as_chunk(chunk))

    def drain(self) -> Coroutine[Any, Any, None]:
        """Return, when awaited, once the client has taken enough that more may be written."""
        return self._wire.drain()

    def finish(self, last: bytes = b"") -> None:
        """End the streamed answer, with `last` as its last piece, in one write."""
        if self._content_left > len(last) and not self.is_gone:
            self.abort()
            message = "the answer is shorter than its declared length"
            raise RuntimeError(message)
        self._send_piece(last, b"0\r\n\r\n" if self._is_chunked else b"")
        self.is_complete = True
        self._wire.completed()

    def abort(self) -> None:
        """Cut the connection, so that the client cannot take the answer for complete.

        The handler that calls this is not cancelled: it goes on with its work.
        """
        self.is_complete = True
        self._wire.abort()

    def _begin(self, status: int, headers: HeaderLines) -> bytes:
        if self.is_started:
            message = "this exchange has been answered already"
            raise RuntimeError(message)
        request_id = self.request_id.encode("ascii")
        lines = (
            STATUS_LINES.get(status) or odd_status_line(status),
            self._wire.date_line,
            b"x-request-id: ",
            request_id,
            b"\r\nrequest-id: ",
            request_id,
            b"\r\n",
            self.shared_headers,
            encode_headers(headers),
        )
        self.is_started = True
        return b"".join(lines)  # formatting takes twice as long

    def _connection_line(self) -> bytes:
        wire = self._wire
        if wire.closes_after or not wire.stays_open():
            wire.closes_after = True
            return _CONNECTION_CLOSE
        return _CONNECTION_KEEP if self.is_http_10 else b""

    def _send_piece(self, chunk: bytes, end: bytes) -> None:
        if not self.is_started or self.is_complete:
            message = "there is no open stream to write to"
            raise RuntimeError(message)
        if chunk:
            if self._is_chunked:
                chunk = as_chunk(chunk)
            elif self.method == "HEAD":
                chunk = b""
            elif self._content_left >= 0:
                self._count_content(len(chunk))
        data = self._head + chunk + end
        self._head = b""
        if data:
            self._wire.send(data)

    def _count_content(self, count: int) -> None:
        if count > self._content_left:
            self.abort()
            message = "the answer is longer than its declared length"
            raise RuntimeError(message)
        self._content_left -= count
