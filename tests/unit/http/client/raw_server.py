"""A raw TCP server for one test: the handler decides every byte, and sees every end."""

import asyncio
import contextlib
import socket
import ssl as tls
import struct
from dataclasses import dataclass

from yiyuan.http.client.request import Call

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

NO_TLS = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
"""For clients that need no encryption: reading the system's authorities takes a while."""


@dataclass
class Request:
    head: str
    body: bytes

    @property
    def line(self):
        return self.head.split("\r\n")[0]

    @property
    def headers(self):
        return [tuple(line.split(": ", 1)) for line in self.head.split("\r\n")[1:]]


class Peer:
    """The server's side of one connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def request(self):
        """The next request, None at the end of the connection."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        text = head[:-4].decode("latin-1")
        length = [v for k, v in Request(text, b"").headers if k == "content-length"]
        return Request(text, await self.reader.readexactly(int(length[0])) if length else b"")

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def reset(self):
        """End with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def end(self):
        """End with FIN."""
        self.writer.close()

    async def gone(self, timeout=1.0):
        """Wait until the client has ended the connection."""
        async with asyncio.timeout(timeout):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65536):
                    pass


class RawServer:
    """A server on a free port; `connections` counts what was accepted."""

    def __init__(self, handler, ssl=None):
        self._handler, self._ssl = handler, ssl
        self._tasks, self._problems = {}, []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._ssl, limit=2**20
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.scheme = "https" if self._ssl else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}/v1/chat/completions"
        return self

    async def _serve(self, reader, writer):
        self.connections += 1
        self._tasks[asyncio.current_task()] = writer
        try:
            await self._handler(Peer(reader, writer))
        except (asyncio.CancelledError, ConnectionError):
            pass
        except BaseException as problem:
            self._problems.append(problem)
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def __aexit__(self, kind, value, trace):
        self._server.close()
        for task, writer in self._tasks.items():
            task.cancel()
            if not writer.transport.is_closing():  # Python 3.11.2 fails at the second time
                writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):  # until the aborted transports are closed
            await asyncio.sleep(0)
        if self._problems and kind is None:
            raise self._problems[0]


def answering(*answers):
    """A handler that answers each request of a connection with the next of `answers`."""

    async def handler(peer):
        for answer in answers:
            if await peer.request() is None:
                return
            await peer.send(answer)
        await peer.gone(timeout=10)

    return handler


def call(server, **changes):
    """A call to `server`, with timeouts that no test waits for in vain."""
    fields = {
        "method": "POST",
        "url": server if isinstance(server, str) else server.url,
        "body": b"{}",
        "allow_private": True,
        "connect_timeout": 2.0,
        "first_byte_timeout": 3.0,
        "idle_timeout": 3.0,
    }
    return Call(**(fields | changes))


async def fetch(client, server, limit=1_000_000, **changes):
    """Send and read everything."""
    response = await client.send(call(server, **changes))
    try:
        return response, await response.read(limit)
    finally:
        response.close()
