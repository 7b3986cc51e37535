"""A scripted server on loopback: handlers by method and path, every request written down."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        """The body as JSON; empty when there is none."""
        return json.loads(self.raw) if self.raw else {}


@dataclass(slots=True)
class Answered:
    """What is sent back: JSON, or server-sent events when `events` is set."""

    status: int = 200
    body: Any = None
    events: list[Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    named: bool = False
    """Whether events carry their `type` as a name, as Anthropic's do."""
    done: bool = False
    """Whether the stream ends with `[DONE]`."""


Handle = Callable[[Asked], Answered]


class Server:
    """A running server; `asked` is what it was asked, in order."""

    def __init__(self, handle: Handle) -> None:
        self.asked: list[Asked] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(handle, self.asked))
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


@contextmanager
def serving(handle: Handle) -> Iterator[Server]:
    server = Server(handle)
    try:
        yield server
    finally:
        server.close()


def _handler(handle: Handle, asked: list[Asked]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            raw = self.rfile.read(int(headers.get("content-length", "0")))
            one = Asked(self.command, parts.path, query, headers, raw)
            asked.append(one)
            self._send(handle(one))

        do_GET = do_POST = _serve  # noqa: N815

        def _send(self, answered: Answered) -> None:
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            if answered.events is None:
                data = json.dumps(answered.body).encode()
                self.send_header("content-type", "application/json")
            else:
                data = b"".join(_framed(event, answered) for event in answered.events)
                data += b"data: [DONE]\n\n" if answered.done else b""
                self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler


def _framed(event: Any, answered: Answered) -> bytes:
    name = f"event: {event['type']}\n" if answered.named else ""
    return f"{name}data: {json.dumps(event)}\n\n".encode()
