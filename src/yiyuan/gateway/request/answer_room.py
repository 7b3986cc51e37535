"""Room for the whole answers of upstreams: who finds none waits, and his upstream with him.

A small request may have an answer of megabytes, which takes memory from its first bytes
until its client has taken it. It is paid, so it is not refused for that: it is read on
when there is room. The oldest never waits, of all and within its account, so that one
always comes to its end. Small answers are not counted.
"""

import asyncio
from typing import Final

from yiyuan.http.client.errors import UpstreamFailure

UNCOUNTED_BYTES: Final = 1024 * 1024
WEIGHT: Final = 4
"""What an answer takes, for each of its bytes: as it comes, as read, and as written again."""
WAIT_SECONDS: Final = 60.0


class AnswerRoom:
    """The memory of one process for whole answers."""

    def __init__(
        self, total_bytes: int, account_bytes: int, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """What all answers, and those of one account, may take; how long one waits for room."""
        self._total_bytes = total_bytes
        self._account_bytes = account_bytes
        self._wait_seconds = wait_seconds
        self._by_account: dict[str, int] = {}
        self._seats: dict[AnswerSeat, None] = {}  # the oldest first
        self._waiters: set[asyncio.Future[None]] = set()
        self.used_bytes = 0
        """By all counted answers."""

    def seat(self, account: str) -> "AnswerSeat":
        """The place of a request whose answer has not begun."""
        return AnswerSeat(self, account)

    async def take(self, seat: "AnswerSeat") -> None:
        """Give a seat what its answer needs, once there is room for it. Raises UpstreamFailure."""
        self._seats.setdefault(seat)
        if self._give(seat):
            return
        try:
            async with asyncio.timeout(self._wait_seconds):
                while not self._give(seat):
                    await self._change()
        except TimeoutError:
            message = "no room for a whole answer"
            raise UpstreamFailure("too_large", message, request_was_written=True) from None

    def leave(self, seat: "AnswerSeat") -> None:
        """Take a seat's bytes off again, and have those that wait look."""
        if seat not in self._seats:
            return
        del self._seats[seat]
        self.used_bytes -= seat.held_bytes
        left = self._by_account.get(seat.account, 0) - seat.held_bytes
        if left:
            self._by_account[seat.account] = left
        else:
            self._by_account.pop(seat.account, None)
        seat.held_bytes = 0
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _give(self, seat: "AnswerSeat") -> bool:
        more = seat.needed_bytes - seat.held_bytes
        mine = self._by_account.get(seat.account, 0)
        if seat is not next(iter(self._seats)):
            if self.used_bytes + more > self._total_bytes:
                return False
            if mine + more > self._account_bytes and not self._is_oldest_of_account(seat):
                return False
        self.used_bytes += more
        self._by_account[seat.account] = mine + more
        seat.held_bytes += more
        return True

    def _is_oldest_of_account(self, seat: "AnswerSeat") -> bool:
        return seat is next(other for other in self._seats if other.account == seat.account)

    async def _change(self) -> None:
        """Wait until somebody leaves."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)


class AnswerSeat:
    """What one request's answer takes; several calls to upstreams share it."""

    __slots__ = ("_read_bytes", "_room", "account", "held_bytes")

    def __init__(self, room: AnswerRoom, account: str) -> None:
        """Nothing was read yet."""
        self._room = room
        self._read_bytes = 0
        self.account = account
        self.held_bytes = 0

    @property
    def needed_bytes(self) -> int:
        """What it should hold by now."""
        return self._read_bytes * WEIGHT

    async def make_room(self, more_bytes: int) -> None:
        """Take note of a piece that came; returns when the next may. Raises UpstreamFailure."""
        self._read_bytes += more_bytes
        if self._read_bytes > UNCOUNTED_BYTES:
            await self._room.take(self)

    def close(self) -> None:
        """The request has ended; a second time does nothing."""
        if self.held_bytes or self._read_bytes > UNCOUNTED_BYTES:
            self._room.leave(self)
