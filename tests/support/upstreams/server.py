"""The scripted upstream: a raw asyncio HTTP/1.1 server that speaks as OpenAI, Anthropic and Google.

Run as a process: `python tests/support/upstreams/server.py --port 0`; it prints its port.
Besides the model API it answers

- `POST /_script`  one scenario (see behaviour.py), `DELETE /_script` forgets all;
- `POST /_open`    opens a scenario's gate: `{"name": …}`;
- `GET /_log?scenario=…`  what it received and sent, `DELETE /_log` forgets it.

Times are CLOCK_MONOTONIC seconds, which processes of one machine share.
"""

import argparse
import asyncio
import contextlib
import json
import pathlib
import socket
import sys
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]))

from tests.support.upstreams.behaviour import Scenarios
from tests.support.upstreams.exchange import Exchange
from tests.support.upstreams.watched import Gone, Watched

SEND_BUFFER_BYTES = 65_536  # small, so that a reader that does not read is soon noticed


class Upstream:
    """All state of one scripted upstream."""

    def __init__(self) -> None:
        self.scenarios = Scenarios()
        self.log: list[dict[str, Any]] = []
        self.count = 0

    def control(self, method: str, path: str, query: dict[str, str], body: bytes) -> Any:
        """Answer the test, not the gateway."""
        match method, path:
            case "POST", "/_script":
                self.scenarios.put(json.loads(body))
            case "DELETE", "/_script":
                self.scenarios = Scenarios()
            case "POST", "/_open":
                self.scenarios.by_name[json.loads(body)["name"]].gate.set()
            case "GET", "/_log":
                wanted = query.get("scenario")
                return [e for e in self.log if wanted is None or e["scenario"] == wanted]
            case "DELETE", "/_log":
                self.log.clear()
            case _:
                raise ValueError(f"no such control: {method} {path}")
        return {}


async def read_request(reader: asyncio.StreamReader) -> tuple | None:
    """Read one request; None when the connection ends."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in filter(None, rest):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return method, target, headers, body


async def serve_connection(
    upstream: Upstream,
    protocol: Watched,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Answer the requests of one connection, one after another."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        while (request := await read_request(reader)) is not None:
            exchange = Exchange(upstream, protocol, writer, *request)
            await exchange.answer()
            if not exchange.keep_alive:
                break
    except (Gone, ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main(host: str, port: int) -> None:
    """Serve until killed; the port is printed first."""
    upstream = Upstream()
    loop = asyncio.get_running_loop()

    def protocol() -> Watched:
        reader = asyncio.StreamReader(limit=2**20, loop=loop)
        made: list[Watched] = []

        def connected(r: asyncio.StreamReader, w: asyncio.StreamWriter) -> Any:
            return serve_connection(upstream, made[0], r, w)

        made.append(Watched(reader, connected, loop))
        return made[0]

    server = await loop.create_server(protocol, host, port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(options.host, options.port))
