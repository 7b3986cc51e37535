"""One connection to Valkey, on which calls follow each other without waiting.

Replies come in the order of the calls, so a reply that came too late still finds its
call: whoever gave up on it is told by `late`. A call costs a fifth of what it does with
the general client, which the limiter pays on every request. A URL means the same here as
there, with one difference: with TLS, the host's name is checked unless the URL says
`ssl_check_hostname=false`. Clusters and sentinels are not supported.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from valkey.asyncio import SSLConnection
from valkey.asyncio.connection import parse_url
from valkey.exceptions import ValkeyError

from yiyuan.ratelimit.valkey.resp import Incomplete, Reply, ReplyError, pack, unpack

CALL_SECONDS = 0.05
CONNECT_SECONDS = 1.0
BUFFER_BYTES_MAX = 1024 * 1024
_LATE_LOOP_SECONDS = 0.005


class Away(Exception):
    """Valkey did not do it: too slow, not reachable, or not able to. `str` says which."""

    def __init__(self, why: str, call: "Call | None" = None) -> None:
        """`call` is the one that may still be answered."""
        super().__init__(why)
        self.call = call


class Call:
    """A command under way. `future` is done with the reply, or with Away."""

    __slots__ = ("deadline", "future", "late")

    def __init__(self, future: "asyncio.Future[Reply]", deadline: float) -> None:
        """`deadline` is in the loop's time."""
        self.future = future
        self.deadline = deadline
        self.late: Callable[[Reply], None] | None = None
        """Told of a reply that nobody waits for any more."""


class Pipeline(asyncio.Protocol):
    """The connection."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        """`on_lost` is called once, when the connection is gone for whatever reason."""
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._calls: deque[Call] = deque()
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, url: str, on_lost: Callable[[], None]) -> "Pipeline":
        """Connect and sign in. Raises Away."""
        pipe, is_ready = cls(on_lost), False
        try:
            options: dict[str, Any] = {**parse_url(url)}
            async with asyncio.timeout(CONNECT_SECONDS):
                await _connect(pipe, options)
                for command in _greeting(options):
                    _check(await pipe.call(command, CONNECT_SECONDS).future)
        except (OSError, TimeoutError) as error:
            raise Away(f"cannot connect: {str(error) or 'no answer'}") from None
        except (ValueError, ValkeyError):  # its text may hold a part of the password
            raise Away("its URL cannot be read") from None
        else:
            is_ready = True
            return pipe
        finally:
            if not is_ready:
                pipe.close()

    def call(self, command: bytes, seconds: float = CALL_SECONDS) -> Call:
        """Send a packed command. The call's future fails with Away after `seconds`."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        call = Call(future, self._loop.time() + seconds)
        if self._transport is None:
            future.set_exception(Away("the connection was lost"))
            return call
        self._calls.append(call)
        self._transport.write(command)
        if self._timer is None:
            self._timer = self._loop.call_at(call.deadline, self._watch, call.deadline)
        return call

    @property
    def is_open(self) -> bool:
        """Whether it can be called."""
        return self._transport is not None

    def close(self) -> None:
        """End it; calls under way fail."""
        if self._transport is not None:
            self._transport.abort()
            self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not of that class

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """See asyncio.Protocol."""
        if self._transport is None:
            return
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        calls, self._calls = self._calls, deque()
        for call in calls:
            _fail(call, "the connection was lost")
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        buffer = self._buffer + data if self._buffer else data
        at = 0
        try:
            while at < len(buffer) and self._calls:
                reply, at = unpack(buffer, at)
                _done(self._calls.popleft(), reply)
        except Incomplete:
            pass
        except (ValueError, RecursionError):
            self.close()
            return
        self._buffer = buffer[at:]
        if len(self._buffer) > BUFFER_BYTES_MAX or (self._buffer and not self._calls):
            self.close()

    def _watch(self, due: float) -> None:
        """Give up on calls whose time is over; they are in the order of their calls."""
        self._timer = None
        now = self._loop.time()
        if now > due + _LATE_LOOP_SECONDS and self._calls:
            # This process was late, not Valkey: see first what lies in the socket.
            again = now + _LATE_LOOP_SECONDS
            self._timer = self._loop.call_at(again, self._watch, again)
            return
        for call in self._calls:
            if call.deadline > now + 0.001 and not call.future.done():
                self._timer = self._loop.call_at(call.deadline, self._watch, call.deadline)
                return
            _fail(call, "too slow")


async def _connect(pipe: Pipeline, options: dict[str, Any]) -> None:
    """Raises OSError, of which TLS errors are a kind."""
    loop = asyncio.get_running_loop()
    if "path" in options:
        await loop.create_unix_connection(lambda: pipe, options["path"])
        return
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    ssl = None
    if options.get("connection_class") is SSLConnection:
        of_tls = {name: value for name, value in options.items() if name.startswith("ssl_")}
        ssl = SSLConnection(**{"ssl_check_hostname": True, **of_tls}).ssl_context.get()
    await loop.create_connection(lambda: pipe, host, port, ssl=ssl)


def _greeting(options: dict[str, Any]) -> list[bytes]:
    commands = []
    if password := options.get("password"):
        user = [options["username"].encode()] if options.get("username") else []
        commands.append(pack(b"AUTH", *user, password.encode()))
    if database := options.get("db"):
        commands.append(pack(b"SELECT", str(database).encode()))
    return commands


def _check(reply: Reply) -> None:
    if isinstance(reply, ReplyError):
        raise Away(f"it answers {reply}")


def _done(call: Call, reply: Reply) -> None:
    if not call.future.done():
        call.future.set_result(reply)
    elif call.late is not None:
        call.late(reply)


def _fail(call: Call, why: str) -> None:
    if not call.future.done():
        call.future.set_exception(Away(why, call))
