"""Connections per origin: which are idle, how many there may be, who waits for one.

The pool does not connect; it hands out idle connections and permits to make one.

1. `take` gives the idle connection used last, if any. The least used ones thus
   age and are closed after 30 s: servers close idle connections without a word,
   and a request written into a closed one costs a retry.
2. Otherwise `permit` counts a new connection against the origin's limit (10,000).
   At the limit the caller waits in order, at most 1,000 of them and no longer
   than its connect timeout, for whatever comes first: a connection given back,
   or the place of one that ended.
3. `release` gives a connection to the first in the queue, else keeps it if
   fewer than 64 are idle, else closes it.

Failure: a full queue is `connect`, waiting too long `timeout_connect`.
An origin without connections is forgotten.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from yiyuan.http.client.connection import Connection
from yiyuan.http.client.errors import FailureKind, UpstreamFailure
from yiyuan.http.client.origin import Origin


@dataclass(slots=True, frozen=True)
class PoolLimits:
    """Bounds per origin."""

    connections_max: int = 10_000
    idle_max: int = 256
    idle_seconds: float = 30.0
    waiting_max: int = 1_000


@dataclass(slots=True, frozen=True)
class PoolStats:
    """Counts over all origins, for metrics."""

    open: int
    """Connections that exist or are being made, idle ones included."""
    idle: int
    waiting: int


class _Shelf:
    __slots__ = ("count", "idle", "waiters")

    def __init__(self) -> None:
        self.count = 0
        self.idle: list[Connection] = []
        self.waiters: deque[asyncio.Future[Connection | None]] = deque()


class Pool:
    """The connections of one client."""

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._shelves: dict[Origin, _Shelf] = {}
        self._connections: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closed = False

    def take(self, origin: Origin) -> Connection | None:
        """An idle connection, if there is one."""
        shelf = self._shelves.get(origin)
        while shelf is not None and shelf.idle:
            connection = shelf.idle.pop()
            if not connection.is_closed:
                return connection
        return None

    async def permit(self, origin: Origin, timeout_seconds: float) -> Connection | None:
        """Wait for the right to connect (None), or for somebody's connection.

        Whoever gets None must make a connection or call `give_back`.
        """
        shelf = self._shelves.setdefault(origin, _Shelf())
        if shelf.count < self._limits.connections_max:
            shelf.count += 1
            return None
        if len(shelf.waiters) >= self._limits.waiting_max:
            raise _busy("connect", "too many requests wait for a connection")
        waiter = asyncio.get_running_loop().create_future()
        shelf.waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_seconds):
                connection: Connection | None = await waiter
        except TimeoutError:
            self._withdraw(origin, shelf, waiter)
            raise _busy("timeout_connect", "no connection became free in time") from None
        except asyncio.CancelledError:
            self._withdraw(origin, shelf, waiter)
            raise
        return connection

    def add(self, connection: Connection) -> None:
        """A permitted connection was made."""
        if connection.is_closed:  # and has said so before it was ours
            self.give_back(connection.origin)
        else:
            self._connections.add(connection)

    def give_back(self, origin: Origin) -> None:
        """A permit was not used, or its connection is gone: the next in the queue may."""
        shelf = self._shelves[origin]
        shelf.count -= 1
        while shelf.waiters:
            waiter = shelf.waiters.popleft()
            if not waiter.done():
                shelf.count += 1
                waiter.set_result(None)
                return
        if shelf.count == 0:
            del self._shelves[origin]

    def release(self, connection: Connection) -> None:
        """See `Owner.release`."""
        shelf = self._shelves[connection.origin]
        while shelf.waiters:
            waiter = shelf.waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if self._is_closed or len(shelf.idle) >= self._limits.idle_max:
            connection.abort()
            return
        connection.idle_since = connection.loop.time()
        shelf.idle.append(connection)
        if self._sweep is None:
            self._sweep = connection.loop.call_later(self._limits.idle_seconds / 4, self._close_old)

    def lost(self, connection: Connection) -> None:
        """See `Owner.lost`."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        idle = self._shelves[connection.origin].idle
        if connection in idle:
            idle.remove(connection)
        self.give_back(connection.origin)

    def close(self) -> None:
        """Abort every connection; none is kept from now on."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in list(self._connections):
            connection.fail("reset", "the client is closed")

    def stats(self) -> PoolStats:
        """Counts as of now."""
        shelves = self._shelves.values()
        return PoolStats(
            open=sum(shelf.count for shelf in shelves),
            idle=sum(len(shelf.idle) for shelf in shelves),
            waiting=sum(len(shelf.waiters) for shelf in shelves),
        )

    def _withdraw(
        self, origin: Origin, shelf: _Shelf, waiter: asyncio.Future[Connection | None]
    ) -> None:
        """Leave the queue; what was given at the last moment goes on to the next."""
        if waiter.done() and not waiter.cancelled():
            connection = waiter.result()
            if connection is None:
                self.give_back(origin)
            elif not connection.is_closed:
                self.release(connection)
        elif waiter in shelf.waiters:
            shelf.waiters.remove(waiter)

    def _close_old(self) -> None:
        """Close what has been idle for too long; comes again while anything is idle."""
        self._sweep = None
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._limits.idle_seconds
        is_anything_left = False
        for shelf in self._shelves.values():
            count = 0
            while count < len(shelf.idle) and shelf.idle[count].idle_since <= oldest:
                count += 1
            for connection in shelf.idle[:count]:
                connection.abort()
            del shelf.idle[:count]
            is_anything_left = is_anything_left or bool(shelf.idle)
        if is_anything_left:
            self._sweep = loop.call_later(self._limits.idle_seconds / 4, self._close_old)


def _busy(kind: FailureKind, detail: str) -> UpstreamFailure:
    return UpstreamFailure(kind, detail, request_was_written=False)
