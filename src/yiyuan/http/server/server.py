"""Our own HTTP/1.1 server: listens, bounds, sweeps, reports and drains.

It serves one handler on sockets that are bound already (`bind`), under any
asyncio loop. HTTP/1.0 and 1.1 in clear text; TLS, HTTP/2 and compression are
the reverse proxy's business.

The sweep runs two to a hundred times a second, by the shortest limit: it
renews the `date` header and ends what is past its deadline, so deadlines are
late by up to a quarter of the shortest limit or half a second.

Draining (`stop`): nothing new is accepted, idle connections close, running
requests finish and then close theirs; what is left after `drain_seconds` is
cut, and their handlers get `cleanup_seconds` for their clean-up, since that
is where money is settled.

The connections above `connections_max` are told 503 with `Retry-After`; those
far above (a tenth and 64 more) are cut without a word. The same holds for the connections
of one address, with 429 (`addresses.py`).
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from email.utils import formatdate

from yiyuan.http.server.addresses import Addresses
from yiyuan.http.server.connection import Connection
from yiyuan.http.server.contract import ConnectionContract, Handler
from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.head import KnownHeads
from yiyuan.http.server.server_limits import ServerLimits
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import ApiError, Overloaded, retry_headers

ErrorReport = Callable[[Exchange, BaseException], None]

_BACKLOG = 2_048
_KEEPALIVE_IDLE_SECONDS = 60


def _is_nobody(_address: str) -> bool:
    return False


class Server:
    """Serves one handler; see the module."""

    def __init__(
        self,
        handler: Handler,
        *,
        clock: Clock,
        on_error: ErrorReport,
        limits: ServerLimits | None = None,
        default_language: str = "en",
        is_exempt: Callable[[str], bool] = _is_nobody,
    ) -> None:
        """`on_error` is told what a handler raised or left undone; it must not raise.

        The exchange it gets has the `request_id` that the client was told. `is_exempt` tells
        of an address whether many clients come by it: a proxy.
        """
        self.handler = handler
        self.limits = limits or ServerLimits()
        self.default_language = default_language
        self.date_line = b""
        self.heads = KnownHeads()
        self.is_leaving = False
        self.is_draining = False
        self.loop: asyncio.AbstractEventLoop
        self.refusals: Counter[str] = Counter()
        """The server's own refusals by code, since the start."""
        self._clock = clock
        self._on_error = on_error
        self._listeners: list[asyncio.Server] = []
        self._connections: set[ConnectionContract] = set()
        self._addresses = Addresses(self.limits.connections_per_address_max, is_exempt)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._sweep_seconds = min(0.5, max(0.01, self.limits.shortest_seconds() / 4))
        self._emptied: asyncio.Event
        limit = self.limits.connections_max
        self._connections_abs_max = limit + limit // 10 + 64

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Accept clients on these bound sockets, which are the server's from now on."""
        self.loop = asyncio.get_running_loop()
        self._emptied = asyncio.Event()
        self._sweep()
        for listening in sockets:
            listener = await self.loop.create_server(
                lambda: Connection(self), sock=listening, backlog=_BACKLOG
            )
            self._listeners.append(listener)

    def announce_end(self) -> None:
        """Serve on, but let each client connect anew after its answer: elsewhere, by then."""
        self.is_leaving = True

    async def stop(self, drain_seconds: float, *, cleanup_seconds: float = 5.0) -> int:
        """Drain and stop; returns how many connections had to be cut."""
        self.is_leaving = self.is_draining = True
        for listener in self._listeners:
            listener.close()
        for connection in list(self._connections):
            connection.retire()
        await self._wait_until_empty(drain_seconds)
        left = list(self._connections)
        for connection in left:
            connection.cut()
        await self._wait_until_empty(cleanup_seconds)
        if self._sweeper is not None:
            self._sweeper.cancel()
        return len(left)

    @property
    def connection_count(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    # What connections call.

    def joined(self, connection: ConnectionContract) -> ApiError | None:
        """Count a connection in; returns why it may not stay, if it may not."""
        count = len(self._connections)
        self._connections.add(connection)
        refusal = self._addresses.joined(connection.address)
        is_flooding = refusal is not None and self._addresses.is_flooding(connection.address)
        if is_flooding or count >= self._connections_abs_max:
            connection.cut()
        elif refusal is not None:
            return refusal
        elif count >= self.limits.connections_max or self.is_draining:
            return Overloaded(headers=retry_headers(1))
        return None

    def left(self, connection: ConnectionContract) -> None:
        """Count a connection out."""
        self._connections.discard(connection)
        self._addresses.left(connection.address)
        self._note_if_empty()

    def start_task(self, coroutine: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Run a connection's requests."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)
        return task

    def refused(self, error: ApiError) -> None:
        """Count a refusal of the server's own."""
        self.refusals[error.code] += 1

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """Report what a handler raised."""
        self._on_error(exchange, error)

    # Within.

    def _end_task(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a connection's task failed", "exception": error, "task": task}
            self.loop.call_exception_handler(context)
        self._note_if_empty()

    def _note_if_empty(self) -> None:
        if self.is_draining and not self._connections and not self._tasks:
            self._emptied.set()

    async def _wait_until_empty(self, seconds: float) -> None:
        self._note_if_empty()
        try:
            async with asyncio.timeout(seconds):
                await self._emptied.wait()
        except TimeoutError:
            return

    def _sweep(self) -> None:
        """Renew the date and end what is past its deadline."""
        date = formatdate(self._clock.wall_ms() // 1000, usegmt=True)
        self.date_line = f"date: {date}\r\n".encode("ascii")
        self._sweeper = self.loop.call_later(self._sweep_seconds, self._sweep)
        now = self.loop.time()
        self.heads.forget(now)
        late = [
            connection
            for connection in self._connections
            if connection.read_deadline <= now or connection.write_deadline <= now
        ]
        for connection in late:
            connection.pass_deadline(now)


def bind(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """Bind listening sockets for a name or address; an empty host is every interface.

    `::` takes IPv4 clients, too. `reuse_port` lets several processes bind the
    same port and share its clients. Raises OSError when an address is taken or
    the name is unknown.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listening = socket.socket(family, kind, protocol)
            sockets.append(listening)
            _prepare(listening, is_only_ipv6=len(found) > 1, reuse_port=reuse_port)
            chosen = address[1] or sockets[0].getsockname()[1]
            listening.bind((address[0], chosen, *address[2:]))
    except OSError:
        for listening in sockets:
            listening.close()
        raise
    return sockets


def _prepare(listening: socket.socket, *, is_only_ipv6: bool, reuse_port: bool) -> None:
    """Set the options that accepted sockets inherit, and those of binding."""
    listening.setblocking(False)  # noqa: FBT003 – its name says it
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_IDLE_SECONDS)
    if listening.family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(is_only_ipv6))
    if reuse_port:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
