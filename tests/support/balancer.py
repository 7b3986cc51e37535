"""A load balancer as small as can be: one connection a request, to nodes that are ready.

It asks each node for `/readyz` every tenth of a second and gives new connections to
those that said yes, in turn. Nothing is tried twice, so whatever goes wrong behind it
is seen by the client. Runs on a thread of its own.
"""

import asyncio
import itertools
import threading
from collections.abc import Sequence
from typing import Self

CHECK_SECONDS = 0.1
CHECK_TIMEOUT_SECONDS = 2.0
_ASK = b"GET /readyz HTTP/1.1\r\nhost: balancer\r\nconnection: close\r\n\r\n"


class Balancer:
    """Between clients and nodes, which are ports of loopback."""

    def __init__(self, ports: Sequence[int]) -> None:
        """Runs as a context manager."""
        self.ready: set[int] = set()
        self.given = dict.fromkeys(ports, 0)
        """Number of connections that each node got."""
        self._turns = itertools.cycle(ports)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.port = 0

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        checks = [asyncio.create_task(self._check(port)) for port in self.given]
        self._started.set()
        await self._stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert checks

    async def _check(self, port: int) -> None:
        while True:
            if await self._is_ready(port):
                self.ready.add(port)
            else:
                self.ready.discard(port)
            await asyncio.sleep(CHECK_SECONDS)

    async def _is_ready(self, port: int) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(_ASK)
                    return (await reader.readline()).startswith(b"HTTP/1.1 200")
                finally:
                    writer.close()
        except OSError:
            return False

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = next((port for port in self._turns if port in self.ready), None) if self.ready else 0
        if not port:
            writer.close()
            return
        self.given[port] += 1
        try:
            node_reader, node_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, node_writer), _copy(node_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends, or is gone."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()
