"""From an upstream's bytes to one response: status, headers, body. No socket, no clock.

httptools' strict parser (llhttp) does the work. A body comes chunked, by length, or
until the connection closes. 1xx responses are skipped (101 is a fault: nobody asked).
Trailers are read and dropped. What must not be taken for a response is a `fault`.
"""

import httptools

from yiyuan.http.header_names import HeaderNames

_FRAMING = frozenset(("content-length", "transfer-encoding"))


class ResponseParser:
    """Reads the responses of one connection, one after another."""

    def __init__(self, names: HeaderNames) -> None:
        """`names` are shared by all connections."""
        self.status = 0
        """0 until the head is complete."""
        self.headers: dict[str, str] = {}
        """Lower-case names."""
        self.is_ended = False
        """The message is complete."""
        self.keep_alive = False
        """Whether another response may follow; known at the end."""
        self.fault: str | None = None
        """Why the message cannot be taken."""
        self._names = names
        self._is_head_request = False
        self._is_informational = False
        self._rest = b""  # of a body that ended within the last piece
        # The parser calls these two in C: no Python frame per header and chunk.
        # A repeated header's last value counts; the ones that matter do not repeat.
        self._raw_headers: dict[bytes, bytes] = {}
        self.on_header = self._raw_headers.__setitem__
        self._body: list[bytes] = []
        self.on_body = self._body.append
        self._parser = httptools.HttpResponseParser(self)

    @property
    def has_length(self) -> bool:
        """Whether the body's end shows in it; if not, the connection's end is its end."""
        return bool(self.status) and not _FRAMING.isdisjoint(self.headers)

    def begin(self, *, is_head_request: bool) -> None:
        """Expect the response to a request that goes out now."""
        self.status = 0
        self.is_ended = self.keep_alive = False
        self._is_head_request = is_head_request
        self._rest = b""
        if self._body or self._raw_headers:  # of a response that broke off
            self._raw_headers.clear()
            self._body.clear()

    def feed(self, data: bytes) -> bytes:
        """Parse what came; returns the response's body bytes in it."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.keep_alive = False
            if not self.is_ended:
                self.fault = self.fault or f"not HTTP/1.1: {error}"
        if self.is_ended:
            rest, self._rest = self._rest, b""
            return rest
        body = self._body
        if not body:
            return b""
        taken = b"".join(body)
        body.clear()
        return taken

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """A response begins; after a complete one it is bytes that nobody asked for."""
        if self.is_ended:
            self.keep_alive = False

    def on_headers_complete(self) -> None:
        """Take the head over, or skip a 1xx."""
        if self.is_ended:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._is_informational = True
            if status == 101 or status < 100:
                self.fault = f"unexpected status {status}"
            self._raw_headers.clear()
            return
        names = self._names
        headers = {}
        for name, value in self._raw_headers.items():
            headers[names[name]] = value.decode("latin-1")
        self._raw_headers.clear()
        if "transfer-encoding" in headers and headers["transfer-encoding"].lower() != "chunked":
            self.fault = "a transfer encoding other than chunked"
            return
        self.headers = headers
        self.status = status
        if self._is_head_request:
            self.is_ended = True
            self.keep_alive = False

    def on_message_complete(self) -> None:
        """The response is over, unless it was a 1xx."""
        if self._is_informational:
            self._is_informational = False
        elif not self.is_ended:
            self._rest = b"".join(self._body)
            self._body.clear()
            self.is_ended = True
            self.keep_alive = self._parser.should_keep_alive()
