"""How a body comes in: counted, bounded, and read where it holds nobody up.

In this order: whether its account may send another at all (`refusals.py`), room for it
(`body_budget.py`), its bytes, their compression (`decoding.py`), how many values they hold
(`values.py`), and only then its JSON and the dialect's reading of it, which for a heavy
body is done off the loop.
"""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from yiyuan.dialects.canonical import Json
from yiyuan.gateway.request.answer_room import AnswerRoom, AnswerSeat
from yiyuan.gateway.request.body import parse_body, parse_heavy
from yiyuan.gateway.request.body_budget import UNCOUNTED_BYTES, BodyBudget, BodyShare
from yiyuan.gateway.request.decoding import decoded
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.gateway.request.heavy_work import HeavyWork
from yiyuan.gateway.request.refusals import LARGE_BYTES, Refusals
from yiyuan.gateway.request.values import CONTAINER_BYTES, SMALL_BYTES, check_values, is_heavy
from yiyuan.kernel.errors import RequestTooLarge

MICROS_PER_BYTE = 1
"""Who has less than this for each byte of a body sends his large ones one by one."""

BeforeLarge = Callable[[int], Awaitable[None]]
P = ParamSpec("P")
T = TypeVar("T")


async def nothing(_size_bytes: int) -> None:
    """Read a large body like any other."""


class Arrival:
    """One request's body: what it takes, and how it and its answer are to be worked on."""

    __slots__ = (
        *("_answers", "_seat", "_work", "account", "bytes", "has_turn"),
        *("is_heavy", "share", "weight_bytes"),
    )

    def __init__(self, account: str, work: HeavyWork, answers: AnswerRoom) -> None:
        """Nothing has come yet."""
        self.account = account
        self._work = work
        self._answers = answers
        self._seat: AnswerSeat | None = None  # most answers come in one piece
        self.share: BodyShare | None = None  # most bodies are too small to be counted
        self.bytes = 0
        self.weight_bytes = 0
        """Of the body and of the objects that it becomes, as far as it was looked at."""
        self.is_heavy = False
        self.has_turn = False

    async def run(self, function: Callable[P, T], *args: P.args, **names: P.kwargs) -> T:
        """Do something of this request off the loop. Raises as `HeavyWork.run`."""
        if self.has_turn:
            return await self._work.now(function, *args, **names)
        return await self._work.run(self.account, function, *args, **names)

    async def run_owed(self, function: Callable[[], T]) -> T:
        """Do something of this request's answer off the loop; it is never refused."""
        return await self._work.run_owed(self.account, function)

    async def make_room(self, more_bytes: int) -> None:
        """Let more of the answer come, when there is room for it. Raises UpstreamFailure."""
        if self._seat is None:
            self._seat = self._answers.seat(self.account)
        await self._seat.make_room(more_bytes)

    def close(self) -> None:
        """Give back what the body and the answer took."""
        if self.share is not None:
            self.share.close()
        if self._seat is not None:
            self._seat.close()

    async def take_turn(self) -> None:
        """Have other heavy requests of this account wait. Raises as `HeavyWork.take_turn`."""
        if not self.has_turn:
            await self._work.take_turn(self.account)
            self.has_turn = True

    def end_turn(self) -> None:
        """The next may come: this one's money is held, or it is refused. Twice is once."""
        if self.has_turn:
            self.has_turn = False
            self._work.end_turn(self.account)


class Intake:
    """Reads the bodies of one process."""

    def __init__(
        self,
        budget: BodyBudget,
        answers: AnswerRoom,
        refusals: Refusals,
        work: HeavyWork,
        body_bytes_max: int,
    ) -> None:
        """A body of more than `body_bytes_max` is 413."""
        self.work = work
        self.answers = answers
        self.budget = budget
        self._refusals = refusals
        self._bytes_max = body_bytes_max
        self._small_bytes_max = min(SMALL_BYTES, UNCOUNTED_BYTES, body_bytes_max)

    def begin(self, account: str) -> Arrival:
        """Expect a request of this account; `end` it. Raises RefusedTooOften."""
        self._refusals.check(account)
        return Arrival(account, self.work, self.answers)

    def end(self, arrival: Arrival, refused: int | None = None) -> None:
        """The request has ended; `refused` is the status if it went to no upstream."""
        if refused is not None:
            self._refusals.note(arrival.account, refused, max(arrival.bytes, arrival.weight_bytes))
        if arrival.has_turn:
            arrival.end_turn()
        arrival.close()

    async def line_up(self, arrival: Arrival, size_bytes: int, balance_micros: int) -> None:
        """Have the large bodies of an account that can hardly pay for one come one by one.

        Raises as `HeavyWork.take_turn`, and RefusedTooOften by what became of those before it.
        """
        if balance_micros < size_bytes * MICROS_PER_BYTE:
            await self._take_turn(arrival)

    async def _take_turn(self, arrival: Arrival) -> None:
        await arrival.take_turn()
        self._refusals.check(arrival.account)

    def read_at_once(self, exchange: Exchange, arrival: Arrival) -> Json | None:
        """The JSON object of a small body that came along with its head, as nearly all do.

        None for any other: see `read`. Raises InvalidRequest.
        """
        body = exchange.arrived()
        if body is None or len(body) > self._small_bytes_max:
            return None
        if "content-encoding" in exchange.headers:
            return None
        arrival.bytes = len(body)
        return parse_body(body)

    async def read(
        self,
        exchange: Exchange,
        arrival: Arrival,
        understand: Callable[[Json], T],
        before_large: BeforeLarge = nothing,
    ) -> T:
        """The body, parsed and understood.

        `before_large` is asked with its size at most, before more of a large one is read.
        Raises what that does, RequestTooLarge, RequestTimeout, TooMuchAtOnce, Overloaded,
        InvalidRequest.
        """
        share = arrival.share = self.budget.share(arrival.account)
        body = await self._body(exchange, arrival, share, before_large)
        encoding = exchange.headers.get("content-encoding")
        if encoding is not None:
            body = await arrival.run(decoded, body, encoding, self._bytes_max)
            share.grow_to(len(body))
        if len(body) <= SMALL_BYTES:  # it is neither heavy nor of too many values
            return understand(parse_body(body))
        arrival.is_heavy = is_heavy(body)
        if not arrival.is_heavy:
            check_values(body)
            return understand(parse_body(body))
        await self._take_turn(arrival)  # until its money is held, or it is refused
        containers = await arrival.run(check_values, body)
        arrival.weight_bytes = len(body) + containers * CONTAINER_BYTES
        share.weighs(arrival.weight_bytes)
        return await arrival.run(_understood, body, understand)

    async def _body(
        self, exchange: Exchange, arrival: Arrival, share: BodyShare, before_large: BeforeLarge
    ) -> bytes:
        declared = exchange.headers.get("content-length")
        if declared is not None:
            length = int(declared)
            if length > self._bytes_max:
                raise RequestTooLarge(limit_bytes=self._bytes_max)
            if length > LARGE_BYTES:
                await before_large(length)
            share.grow_to(length)
            arrival.bytes = length  # one that finds no room is not read: it costs nothing
            return await exchange.body(self._bytes_max)
        pieces = bytearray()
        while piece := await exchange.read():
            if len(pieces) <= LARGE_BYTES < len(pieces) + len(piece):
                await before_large(self._bytes_max)
            pieces += piece
            arrival.bytes = len(pieces)
            if arrival.bytes > self._bytes_max:
                raise RequestTooLarge(limit_bytes=self._bytes_max)
            share.grow_to(arrival.bytes)
        return bytes(pieces)


def _understood(body: bytes, understand: Callable[[Json], T]) -> T:
    return understand(parse_heavy(body))
