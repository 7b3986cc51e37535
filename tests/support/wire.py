"""A small HTTP client for tests: whole answers, event streams, raw bytes, many at once.

Over `http.client` and sockets, so that nothing between the test and the wire
is clever. Every wait is bounded by a timeout.
"""

import asyncio
import contextlib
import http.client
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class Answer:
    """A complete response; header names are lower-case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error object of the body."""
        return self.json()["error"]

    @property
    def charge(self) -> int:
        """What the response says it cost, in micros."""
        return int(self.headers["x-yiyuan-charge"])

    @property
    def request_id(self) -> str:
        """Our id of the request."""
        return self.headers["x-request-id"]


@dataclass(slots=True)
class Event:
    """One server-sent event, or a comment (then `data` is None)."""

    data: str | None
    event: str | None = None
    comment: str | None = None

    def json(self) -> Any:
        """The data, parsed."""
        assert self.data is not None
        return json.loads(self.data)


def encode(body: Any) -> bytes | None:
    """A body as bytes: JSON, unless it is bytes already."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False).encode()


def fields_for(
    key: str | None, headers: dict[str, str] | None, body: bytes | None
) -> dict[str, str]:
    """Request headers: the credential and the JSON content type, unless given."""
    fields = {} if key is None else {"Authorization": f"Bearer {key}"}
    if body is not None:
        fields["Content-Type"] = "application/json"
    return fields | (headers or {})


def _open(base: str, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(base)
    assert parts.hostname
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


def call(
    base: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """Send one request on a new connection and read the whole answer."""
    connection = _open(base, timeout)
    try:
        data = encode(body)
        connection.request(method, path, data, fields_for(key, headers, data))
        response = connection.getresponse()
        lowered = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, response.reason, lowered, response.read())
    finally:
        connection.close()


class EventStream:
    """A streamed answer, read as it comes. Use as a context manager."""

    def __init__(
        self,
        base: str,
        path: str,
        body: Any,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = TIMEOUT_SECONDS,
        receive_buffer_bytes: int | None = None,
    ) -> None:
        """Send the request and wait for the response's head."""
        self._connection = _open(base, timeout)
        self._connection.connect()
        self.socket = self._connection.sock
        if receive_buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        data = encode(body)
        try:
            self._connection.request("POST", path, data, fields_for(key, headers, data))
            self._response = self._connection.getresponse()
        except BaseException:
            self._connection.close()
            raise
        self.status = self._response.status
        self.headers = {name.lower(): value for name, value in self._response.getheaders()}
        self.seen: list[Event] = []
        self._buffer = b""
        self._pieces = self._read_pieces()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def request_id(self) -> str:
        """Our id of the request."""
        return self.headers["x-request-id"]

    def answer(self) -> Answer:
        """The rest, as one answer; for a request that was refused."""
        return Answer(self.status, self._response.reason, self.headers, self._response.read())

    def _read_pieces(self) -> Iterator[bytes]:
        """The body as it comes; http.client would take a cut one for a complete one."""
        file = self._response.fp
        if not self._response.chunked:
            yield from iter(lambda: file.read1(65_536), b"")
            return
        while True:
            size_line = file.readline()
            if not size_line:
                raise http.client.IncompleteRead(b"")
            size = int(size_line.split(b";")[0], 16)
            piece = file.read(size)
            if len(piece) < size or not file.readline():
                raise http.client.IncompleteRead(piece)
            if not size:
                return
            yield piece

    def _line(self) -> bytes:
        """The next line; empty at the end."""
        while b"\n" not in self._buffer:
            piece = next(self._pieces, None)
            if piece is None:
                rest, self._buffer = self._buffer, b""
                return rest
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def events(self, *, comments: bool = False) -> Iterator[Event]:
        """Events until the body ends. Raises OSError or IncompleteRead when it breaks."""
        event, data = None, []
        while line := self._line():
            text = line.decode().rstrip("\r\n")
            if text.startswith(":"):
                if comments:
                    yield Event(None, comment=text[1:].strip())
            elif text.startswith("event:"):
                event = text[6:].strip()
            elif text.startswith("data:"):
                data.append(text[5:].removeprefix(" "))
            elif not text and data:
                found = Event("\n".join(data), event)
                self.seen.append(found)
                event, data = None, []
                yield found
            else:
                assert not text, f"a line that is no part of an event stream: {text!r}"

    def take(self, count: int) -> list[Event]:
        """The next `count` events."""
        taken = []
        for event in self.events():
            taken.append(event)
            if len(taken) == count:
                break
        return taken

    def rest(self) -> list[Event]:
        """All events that are still to come."""
        return list(self.events())

    def close(self) -> None:
        """Leave politely, with FIN."""
        self._response.close()
        self._connection.close()

    def abort(self) -> None:
        """Leave with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()
        self.socket.close()


def raw(base: str, data: bytes, *, timeout: float = 10.0, half_close: bool = False) -> bytes:
    """Send bytes as they are; what comes back until the server closes or `timeout` passes."""
    parts = urlsplit(base)
    assert parts.hostname
    received = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as sock:
        with contextlib.suppress(OSError):
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while piece := sock.recv(65_536):
                received += piece
    return received


def parse_raw(received: bytes) -> Answer:
    """The first response in raw bytes; its body is everything up to its length."""
    head, _, rest = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    _, status, *reason = first.split(" ", 2)
    pairs = [line.partition(":") for line in lines]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", len(rest)))
    return Answer(int(status), "".join(reason), headers, rest[:length])


@dataclass(slots=True)
class Load:
    """What came back from many requests, in no particular order."""

    answers: list[Answer] = field(default_factory=list)

    def count(self, status: int) -> int:
        """How many had this status."""
        return sum(answer.status == status for answer in self.answers)


async def _post_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> Answer:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    answer = parse_raw(head)
    if answer.headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            answer.body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        answer.body = await reader.readexactly(int(answer.headers["content-length"]))
    return answer


async def _flood(base: str, requests: list[bytes], connections: int) -> Load:
    parts = urlsplit(base)
    load, waiting = Load(), iter(requests)

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        try:
            for request in waiting:
                load.answers.append(await _post_on(reader, writer, request))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    await asyncio.gather(*(worker() for _ in range(connections)))
    return load


def flood(
    base: str, posts: list[tuple[str, str, Any]], *, connections: int, timeout: float = 120.0
) -> Load:
    """Send many posts (key, path, body) over keep-alive connections, as fast as they go."""
    requests = []
    for key, path, body in posts:
        data = encode(body) or b""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        requests.append(head.encode() + data)
    return asyncio.run(asyncio.wait_for(_flood(base, requests, connections), timeout))
