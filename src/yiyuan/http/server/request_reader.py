"""What a client sends, up to a request that can be answered, and how its connection ends.

**Reading.** A head is looked for only while no request is being answered, so
pipelined requests wait as bytes, at most `unread_bytes_max` of them (plus one
read); then the socket is not read. The same holds for a body that the handler
has not asked for. `body_framing.py` cuts the body off at its end.

**Closing.** After a refusal, or an answer that left more of the body unread
than is worth draining, the write side is closed first and the rest is thrown
away for `linger_seconds`: closing at once would reset the connection and take
the answer away from a client that is still sending.
"""

from yiyuan.http.server.body_framing import ChunkedBody, LengthBody
from yiyuan.http.server.body_reader import BodyReader
from yiyuan.http.server.contract import ServerContract
from yiyuan.http.server.error_response import language_of, refusal_body, refusal_headers
from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.flow_control import NEVER, FlowControl
from yiyuan.http.server.head import CHUNKED, Head, MalformedHead, is_hopeless, malformed
from yiyuan.kernel.errors import ApiError, HeadersTooLarge, RequestTooLarge
from yiyuan.kernel.ids import new_id

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_DISCARD_PAUSE_SECONDS = 0.025

# A connection's states, in the order of a request's life.
IDLE = 0  # no byte of a next request
HEAD = 1  # part of a head
ANSWERING = 2  # a handler runs
SKIPPING = 3  # the rest of a body that nobody wanted comes in
LINGERING = 4  # the write side is closed; what comes is thrown away
CLOSING = 5  # what is unsent goes out, then the socket closes


class RequestReader(FlowControl):
    """The requests of one connection, and what their exchanges ask of it."""

    __slots__ = (
        "_at",
        "_buffer",
        "_content",
        "_exchange",
        "_inbox",
        "_keeps_alive",
        "_peer",
        "_server",
        "_state",
        "closes_after",
    )

    def __init__(self, server: ServerContract) -> None:
        """Nothing has come."""
        super().__init__(server.loop, server.limits)
        self._server = server
        self._peer = ""
        self._state = IDLE
        self._buffer = b""
        self._at = 0
        self._content = b""
        self._inbox: BodyReader | None = None
        self._exchange: Exchange | None = None
        self._keeps_alive = True
        self.closes_after = False

    # What the exchange and the inbox call.

    @property
    def date_line(self) -> bytes:
        """The `date` header of this second."""
        return self._server.date_line

    def stays_open(self) -> bool:
        """Whether another request may follow the one being answered."""
        if not self._keeps_alive or self._server.is_leaving:
            return False
        return self._inbox is None or self._inbox.is_worth_draining()

    def completed(self) -> None:
        """The answer is complete: close, if it said so."""
        if self.closes_after and self._state == ANSWERING and not self.is_gone:
            self._end()

    def abort(self) -> None:
        """Cut the connection at the handler's wish."""
        self.cut()

    def arrived(self) -> bytes | None:
        """The whole request body where it came along with the head; else None."""
        return self._content if self._inbox is None else None

    async def body(self, limit_bytes: int) -> bytes:
        """The whole request body. Raises as `Exchange.body`."""
        if self._inbox is not None:
            self._content = await self._inbox.all(limit_bytes)
            self._inbox = None
        if len(self._content) > limit_bytes:
            raise RequestTooLarge(limit_bytes=limit_bytes)
        return self._content

    async def read(self) -> bytes:
        """The next piece of the request body. Raises as `Exchange.read`."""
        if self._inbox is not None:
            return await self._inbox.next()
        content, self._content = self._content, b""
        return content

    def wait_until(self, deadline: float) -> None:
        """A body is waited for until then, in the loop's time."""
        if self._state == ANSWERING:
            self.read_deadline = deadline

    def send_continue(self) -> None:
        """Tell the client to send the body it waits with."""
        self.send(_CONTINUE)

    # The next request: from bytes to an exchange.

    def _wait_for_head(self) -> None:
        """Be ready for a next request, part or all of which may be there."""
        self._state = IDLE
        self._content = b""
        self._inbox = None
        self.read_deadline = self._loop.time() + self._limits.idle_seconds
        if self._buffer:
            self._look_for_head()

    def _look_for_head(self) -> None:
        """Begin an exchange if the buffer holds a whole head."""
        buffer = self._buffer
        start = self._at
        while buffer.startswith(b"\r\n", start):
            start += 2
        end = buffer.find(b"\r\n\r\n", start)
        if (len(buffer) if end < 0 else end) - start > self._limits.head_bytes_max:
            self._refuse(HeadersTooLarge(limit_bytes=self._limits.head_bytes_max), {})
        elif end < 0:
            self._take_part_of_head(buffer[start:])
        else:
            try:
                head = self._server.heads.read(buffer[start : end + 4])
            except MalformedHead as malformed_head:
                self._refuse(malformed_head.refusal, malformed_head.headers)
            else:
                self._begin(head, end + 4)

    def _take_part_of_head(self, part: bytes) -> None:
        self._buffer = part
        self._at = 0
        self.let_on()
        if is_hopeless(part):
            self._refuse(malformed("http_header"), {})
        elif part and self._state == IDLE:
            self._state = HEAD
            self.read_deadline = self._loop.time() + self._limits.head_seconds

    def _begin(self, head: Head, start: int) -> None:
        """Begin the exchange whose body begins at `start` in the buffer."""
        self._state = ANSWERING
        self._keeps_alive = head.keeps_alive
        self.read_deadline = NEVER
        buffer = self._buffer
        length = head.length
        if 0 <= length <= len(buffer) - start:
            end = start + length
            self._content = buffer[start:end]
        else:
            body = ChunkedBody() if length == CHUNKED else LengthBody(length)
            self._inbox = BodyReader(
                body, self, self._limits, self._loop, is_expected=head.expects_continue
            )
            self.let_on()
            end = self._inbox.feed(buffer, start)
        if end == len(buffer):
            self._buffer, end = b"", 0
        self._at = end
        if len(self._buffer) - end > self._limits.unread_bytes_max:
            self.hold_back()
        elif self._inbox is None:
            self.let_on()
        self._exchange = self._make_exchange(head)

    def _make_exchange(self, head: Head) -> Exchange:
        return Exchange(self, head, self._peer, new_id("ex"))

    def _keep(self, data: bytes) -> None:
        """Keep bytes of later requests, within bounds."""
        self._buffer = self._buffer[self._at :] + data
        self._at = 0
        if len(self._buffer) > self._limits.unread_bytes_max:
            self.hold_back()

    # Ending.

    def _respond(self, exchange: Exchange, error: ApiError) -> None:
        language = language_of(exchange.headers, self._server.default_language)
        exchange.respond(error.status, refusal_headers(error), refusal_body(error, language))

    def _refuse(self, error: ApiError, headers: dict[str, str]) -> None:
        """Answer what is no request, and close."""
        self._server.refused(error)
        self.closes_after = True
        head = Head(
            "", "", "", headers, 0, is_http_10=False, keeps_alive=False, expects_continue=False
        )
        self._respond(self._make_exchange(head), error)
        self._linger()

    def _end(self) -> None:
        """After the last answer: close, kindly if the client may still be sending."""
        if self._buffer or (self._inbox is not None and not self._inbox.is_complete):
            self._linger()
        else:
            self._close()

    def _linger(self) -> None:
        self._state = LINGERING
        self._buffer = b""
        self._at = 0
        if self._transport.is_closing():
            return
        self.let_on()
        self._transport.write_eof()
        self.read_deadline = self._loop.time() + self._limits.linger_seconds
        self.watch_sending()

    def _discard_slowly(self) -> None:
        """Take what a refused client sends no faster than it is worth: a few MB a second."""
        self.hold_back()
        self._loop.call_later(_DISCARD_PAUSE_SECONDS, self._discard_on)

    def _discard_on(self) -> None:
        if self._state == LINGERING and not self._transport.is_closing():
            self.let_on()

    def _close(self) -> None:
        self._state = CLOSING
        self.read_deadline = NEVER
        self.watch_sending()
        self._transport.close()
