"""Runs an ASGI 3 application for some of our paths, through an `Exchange`.

The `http` scope only: no lifespan, no websockets. Bodies stream in both
directions and hold back whoever is too fast. When the client goes away the
application's task is cancelled, as for any handler; after a complete answer
`receive` says `http.disconnect`. What the application raises, the server
answers for with a 500.

The server writes `date`, `connection` and the framing itself, so an
application's own are dropped, except for its `content-length`: it may have
been asked with HEAD, or stream a file.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from yiyuan.kernel.errors import Header
from yiyuan.web.exchange import Exchange

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_OURS = (b"connection", b"date", b"keep-alive", b"transfer-encoding", b"x-request-id")
_PATH_SAFE = "/:@!$&'()*+,;=-._~"


class AsgiBridge:
    """A handler that hands its exchanges to an ASGI application."""

    def __init__(self, app: AsgiApp, *, scheme: str = "http") -> None:
        """`scheme` is what the application takes itself to be reached by."""
        self._app = app
        self._scheme = scheme

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        call = _Call(exchange)
        await self._app(self._scope(exchange), call.receive, call.send)

    def _scope(self, exchange: Exchange) -> Scope:
        headers = exchange.headers.items()
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.0" if exchange.is_http_10 else "1.1",
            "method": exchange.method,
            "scheme": self._scheme,
            "path": exchange.path,
            "raw_path": quote(exchange.path, safe=_PATH_SAFE).encode("ascii"),
            "query_string": exchange.query.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers],
            "client": (exchange.peer, 0) if exchange.peer else None,
            "server": None,
        }


class _Call:
    """One call of the application."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._is_body_read = False
        self._answered = asyncio.Event()
        self._start: Message | None = None

    async def receive(self) -> Message:
        """ASGI's `receive`."""
        if not self._is_body_read and not self._answered.is_set():
            piece = await self._exchange.read()
            self._is_body_read = not piece
            return {"type": "http.request", "body": piece, "more_body": bool(piece)}
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """ASGI's `send`. Raises RuntimeError for messages out of order."""
        kind = message["type"]
        if kind == "http.response.start" and self._start is None:
            self._start = message
        elif kind == "http.response.body" and self._start is not None:
            await self._send_body(message, self._start)
        else:
            error = f"{kind!r} was not expected now"
            raise RuntimeError(error)

    async def _send_body(self, message: Message, start: Message) -> None:
        exchange = self._exchange
        body = bytes(message.get("body", b""))
        is_last = not message.get("more_body", False)
        if not exchange.is_started:
            headers, content_length = _split(start.get("headers", ()))
            if is_last and content_length is None:
                exchange.respond(start["status"], headers, body)
                self._answered.set()
                return
            exchange.begin_stream(start["status"], headers, content_length=content_length)
        if is_last:
            exchange.finish(body)
            self._answered.set()
        else:
            exchange.write(body)
            await exchange.drain()


def _split(headers: Iterable[tuple[bytes, bytes]]) -> tuple[list[Header], int | None]:
    """The application's own header lines, and the length that it declares."""
    content_length = None
    kept: list[Header] = []
    for name, value in headers:
        lowered = bytes(name).lower()
        if lowered == b"content-length":
            content_length = int(value)
        elif lowered not in _OURS:
            kept.append((lowered.decode("latin-1"), bytes(value).decode("latin-1")))
    return kept, content_length
