"""Back-pressure in both directions, and the deadlines that go with it.

Writing: above `write_high_bytes` unsent, `drain` waits; a handler that never
drains is stopped at `write_bytes_max`; a client that takes nothing of what
waits for it for `send_stall_seconds` is cut off. Reading: `hold_back` and
`let_on`; while held back the client's going away is not noticed.

The deadlines are plain numbers which the server's sweep compares with the
clock; moving one is an assignment.
"""

import asyncio
from typing import cast

from yiyuan.http.server.server_limits import ServerLimits

NEVER = float("inf")


class FlowControl(asyncio.Protocol):
    """What flows through one connection's socket, however it is meant."""

    __slots__ = (
        "_drainers",
        "_is_read_paused",
        "_is_write_paused",
        "_limits",
        "_loop",
        "_transport",
        "_unsent_bytes",
        "is_gone",
        "read_deadline",
        "write_deadline",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: ServerLimits) -> None:
        """Nothing flows before a transport is attached."""
        self._loop = loop
        self._limits = limits
        self._transport = cast("asyncio.Transport", None)
        self._drainers: list[asyncio.Future[None]] | None = None
        self._is_read_paused = False
        self._is_write_paused = False
        self._unsent_bytes = 0
        self.is_gone = False
        self.read_deadline = NEVER
        self.write_deadline = NEVER

    def attach(self, transport: asyncio.BaseTransport) -> None:
        """Use this transport from now on."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._limits.write_high_bytes)

    def cut(self) -> None:
        """End the connection now, whatever is under way."""
        self._transport.abort()
        self.lose()

    def lose(self) -> None:
        """The client is gone: whoever waits for it need not wait on."""
        self.is_gone = True
        self._release_drainers()

    def send(self, data: bytes) -> None:
        """Hand one buffer to the socket; dropped when the connection ends."""
        transport = self._transport
        if transport.is_closing():
            return
        if self._is_write_paused:
            unsent_bytes = transport.get_write_buffer_size()
            if unsent_bytes > self._limits.write_bytes_max:
                self.cut()
                return
        transport.write(data)

    def try_send(self, data: bytes) -> bool:
        """Hand it to the socket if nothing has to be waited for; else nothing is done."""
        transport = self._transport
        if self._is_write_paused or transport.is_closing():
            return False
        transport.write(data)
        return True

    def send_both(self, head: bytes, body: bytes) -> None:
        """Hand two buffers to the socket in one go, without joining them."""
        if not self._transport.is_closing():
            self._transport.writelines((head, body))

    async def drain(self) -> None:
        """Return when the socket can take more, or the client is gone."""
        if self._is_write_paused and not self.is_gone:
            waiter = self._loop.create_future()
            if self._drainers is None:
                self._drainers = []
            self._drainers.append(waiter)
            await waiter

    def pause_writing(self) -> None:
        """The client takes less than it is sent."""
        self._is_write_paused = True
        self.watch_sending()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._is_write_paused = False
        self.write_deadline = NEVER
        self._release_drainers()

    def watch_sending(self) -> None:
        """From now on, the client must take something of what waits for it."""
        self._unsent_bytes = self._transport.get_write_buffer_size()
        self.write_deadline = self._loop.time() + self._limits.send_stall_seconds

    def judge_sending(self) -> None:
        """The time is up: cut the connection unless something was taken."""
        if self._transport.get_write_buffer_size() < self._unsent_bytes:
            self.watch_sending()
        else:
            self.cut()

    def hold_back(self) -> None:
        """Stop reading, so that the client cannot send on."""
        if not self._is_read_paused and not self._transport.is_closing():
            self._is_read_paused = True
            self._transport.pause_reading()

    def let_on(self) -> None:
        """Read again."""
        if self._is_read_paused and not self._transport.is_closing():
            self._is_read_paused = False
            self._transport.resume_reading()

    def _release_drainers(self) -> None:
        if self._drainers is not None:
            for waiter in self._drainers:
                if not waiter.done():
                    waiter.set_result(None)
            self._drainers = None
