"""What the server and its connections ask of each other."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Protocol

from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.head import KnownHeads
from yiyuan.http.server.server_limits import ServerLimits
from yiyuan.kernel.errors import ApiError

Handler = Callable[[Exchange], Awaitable[None]]


class ConnectionContract(Protocol):
    """What the server asks of a connection."""

    read_deadline: float
    write_deadline: float

    @property
    def address(self) -> str:
        """The peer's; empty for a Unix socket."""
        ...

    def retire(self) -> None:
        """Close if no request is under way; the server drains."""
        ...

    def pass_deadline(self, now: float) -> None:
        """One of the deadlines is not after `now`."""
        ...

    def cut(self) -> None:
        """End it now, whatever is under way."""
        ...


class ServerContract(Protocol):
    """What a connection asks of the server."""

    handler: Handler
    limits: ServerLimits
    loop: asyncio.AbstractEventLoop
    date_line: bytes
    heads: KnownHeads
    default_language: str
    is_leaving: bool
    is_draining: bool

    def joined(self, connection: ConnectionContract) -> ApiError | None:
        """Count the connection in; returns why it may not stay, if it may not."""
        ...

    def left(self, connection: ConnectionContract) -> None:
        """Count the connection out."""
        ...

    def start_task(self, coroutine: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Run a connection's requests in a task that the server waits for."""
        ...

    def refused(self, error: ApiError) -> None:
        """Take note of a refusal of the server's own."""
        ...

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """Take note of what a handler raised."""
        ...
