"""The real server in a thread with its own loop, and a raw socket to talk to it with.

Tests stay synchronous: they send bytes, read bytes and look at what the
handler noted. Every wait is bounded.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass

import uvloop

from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.server import Server, bind
from yiyuan.http.server.server_limits import ServerLimits
from yiyuan.kernel.clock import SystemClock

WAIT_SECONDS = 5.0
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
TEXT = [("content-type", "text/plain")]


def until(condition, seconds=3.0):
    """Wait until `condition()` is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.003)


def settled(value, every=0.05):
    """Wait until `value()` is something and has stopped changing; returns it."""
    before = None
    while not (now := value()) or now != before:
        before = now
        time.sleep(every)
    return now


class Serving:
    """One running server."""

    def __init__(self, handler, *, loop="uvloop", host="127.0.0.1", exempt=(), **limits):
        self.errors = []
        self.notes = []
        self.server = Server(
            handler,
            clock=SystemClock(),
            on_error=lambda exchange, error: self.errors.append((exchange, error)),
            limits=ServerLimits(**limits),
            is_exempt=exempt.__contains__,
        )
        self.sockets = bind(host, 0)
        self.address = self.sockets[0].getsockname()[:2]
        self._factory = LOOPS[loop]
        self._loop = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        assert self._ready.wait(WAIT_SECONDS)

    def _main(self):
        with asyncio.Runner(loop_factory=self._factory) as runner:
            runner.run(self._serve())

    async def _serve(self):
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self.errors.append((None, context)))
        self._halt = asyncio.Event()
        await self.server.start(self.sockets)
        self._ready.set()
        await self._halt.wait()

    def run(self, coroutine, timeout=WAIT_SECONDS):
        """Run a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def call(self, function):
        """Call a function in the server's loop."""

        async def calling():
            return function()

        return self.run(calling())

    def stop(self, drain_seconds=0.0):
        cut = self.run(self.server.stop(drain_seconds), drain_seconds + WAIT_SECONDS)
        self._loop.call_soon_threadsafe(self._halt.set)
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()
        return cut

    def is_empty(self):
        """Whether no client is connected and no handler runs."""
        server = self.server
        return self.call(lambda: server.connection_count == 0 and not server._tasks)

    @property
    def is_running(self):
        return self._thread.is_alive()

    def dial(self, data=b""):
        return Peer(self.address, data)

    def ask(self, data, *, is_head=False):
        """Send one request on a connection of its own and return the answer."""
        with self.dial(data) as peer:
            return peer.answer(is_head=is_head)


@dataclass
class Answer:
    """A parsed response."""

    status: int
    reason: str
    headers: dict
    body: bytes
    chunks: list

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json()["error"]["code"]


class Peer:
    """A client's raw socket."""

    def __init__(self, address, data=b"", *, receive_bytes=None, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(WAIT_SECONDS)
        try:
            if source is not None:
                self.socket.bind((source, 0))
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        if data:
            self.send(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def finish(self):
        """Send FIN."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Send RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def more(self):
        data = self.socket.recv(65_536)
        self._rest += data
        return data

    def until(self, mark):
        """Read through `mark`."""
        while mark not in self._rest:
            if not self.more():
                raise EOFError(self._rest)
        read, _, self._rest = self._rest.partition(mark)
        return read + mark

    def exactly(self, count):
        while len(self._rest) < count:
            if not self.more():
                raise EOFError(self._rest)
        read, self._rest = self._rest[:count], self._rest[count:]
        return read

    def all(self):
        """Read to the end of the connection."""
        while self.more():
            pass
        read, self._rest = self._rest, b""
        return read

    def is_closed(self):
        """Whether the server closes without another byte (waits for it)."""
        try:
            return not self._rest and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def answer(self, *, is_head=False):
        """Read one response, strictly."""
        head = self.until(b"\r\n\r\n").decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        version, status, reason = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {}
        for line in lines:
            name, value = line.split(": ", 1)
            assert name not in headers, f"{name} twice"
            headers[name] = value
        chunks = []
        if is_head or status in ("204", "304") or status[0] == "1":
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            assert "content-length" not in headers
            while size := int(self.until(b"\r\n"), 16):
                chunks.append(self.exactly(size))
                assert self.exactly(2) == b"\r\n"
            assert self.exactly(2) == b"\r\n"
            body = b"".join(chunks)
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            assert headers["connection"] == "close"
            body = self.all()
        return Answer(int(status), reason, headers, body, chunks)


async def echo(exchange: Exchange) -> None:
    """Answer with what was understood of the request."""
    body = await exchange.body(1_000_000)
    seen = {
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "headers": exchange.headers,
        "peer": exchange.peer,
        "body": body.decode("latin-1"),
    }
    exchange.respond(200, [("content-type", "application/json")], json.dumps(seen).encode())


def get(path="/", *, extra=b"", version=b"1.1"):
    return b"GET %b HTTP/%b\r\nhost: x\r\n%b\r\n" % (path.encode(), version, extra)


def post(body, *, path="/", extra=b""):
    head = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n%b\r\n"
    return head % (path.encode(), len(body), extra) + body


def chunked(*chunks, path="/", extra=b"", end=b"0\r\n\r\n"):
    head = b"POST %b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n%b\r\n"
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head % (path.encode(), extra) + framed + end
