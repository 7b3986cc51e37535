"""An upstream that answers with exactly these bytes, whatever is asked of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EVENTS = "text/event-stream"
JSON = "application/json"


@dataclass(slots=True)
class RawServer:
    """A running server; set what it says, read what it was asked."""

    origin: str
    content_type: str = EVENTS
    status: int = 200
    pieces: list[bytes] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)
    ends_abruptly: bool = False
    """Whether the last chunk, which says that it was the last, is missing."""
    pause_seconds: float = 0.0
    """Between the pieces, so that each is read alone."""

    def say(self, *pieces: bytes, content_type: str = EVENTS, status: int = 200) -> None:
        """Answer so from now on."""
        self.pieces, self.content_type, self.status = list(pieces), content_type, status
        self.asked.clear()


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """A server on a free port of loopback."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server = RawServer(f"http://127.0.0.1:{http.server_address[1]}")
    http.RequestHandlerClass = _handler(server)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


def _handler(server: RawServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.asked.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(server.status)
            self.send_header("content-type", server.content_type)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in server.pieces:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                time.sleep(server.pause_seconds)
            if server.ends_abruptly:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_args: object) -> None:
            pass

    return Handler
