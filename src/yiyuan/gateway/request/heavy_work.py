"""Work that takes the processor for long, away from the event loop: one thread, a short line.

A body of megabytes, or one of thousands of values, takes tens of milliseconds to read, to
bound and to count, and while the loop does it nobody else is served. So it is done here.
An account has one job in the thread at a time, so that it waits for its own and the others
only for one of it; what does not fit the line is refused. A request that keeps its turn
does several jobs before the next request of its account does its first: what is refused
is refused before anything is done for those behind it. Large answers are read and written
here too: an account's wait in a line of their own, which is never full, since they are paid.

Where only the interpreter's lock moves the work (`orjson` keeps it while it reads), the
thread gains nothing but its turn: one such call is bounded by the size of a body.
"""

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from yiyuan.kernel.errors import Overloaded, retry_headers
from yiyuan.kernel.limit_errors import LargeRequestsWaiting

P = ParamSpec("P")
T = TypeVar("T")

JOBS_MAX = 64
ACCOUNT_JOBS_MAX = 16


@dataclass(slots=True)
class _Line:
    """One account's jobs, the running one included."""

    count: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class HeavyWork:
    """The one thread of a process, and who waits for it."""

    def __init__(self, jobs_max: int = JOBS_MAX, account_jobs_max: int = ACCOUNT_JOBS_MAX) -> None:
        """At most `jobs_max` wait or run, of one account `account_jobs_max`."""
        self._thread = ThreadPoolExecutor(1, "heavy-work")
        self._jobs_max = jobs_max
        self._account_jobs_max = account_jobs_max
        self._jobs = 0
        self._lines: dict[str, _Line] = {}
        self._owed: dict[str, _Line] = {}

    async def run(
        self, account: str, function: Callable[P, T], *args: P.args, **names: P.kwargs
    ) -> T:
        """Call `function` in the thread, in its turn, and return what it returns.

        Raises what it raises; LargeRequestsWaiting and Overloaded when the line is full.
        """
        await self.take_turn(account)
        try:
            return await self.now(function, *args, **names)
        finally:
            self.end_turn(account)

    async def run_owed(self, account: str, function: Callable[[], T]) -> T:
        """Do the same for what may not be refused any more: an answer. Raises what it raises."""
        line = self._owed.setdefault(account, _Line())
        self._jobs += 1
        line.count += 1
        try:
            async with line.turn:
                return await self.now(function)
        finally:
            self._leave(self._owed, account, line)

    async def take_turn(self, account: str) -> None:
        """Wait until no other request of this account has its turn; `end_turn` ends it.

        Raises LargeRequestsWaiting and Overloaded when the line is full.
        """
        if self._jobs >= self._jobs_max:
            raise Overloaded(headers=retry_headers(1.0))
        line = self._lines.setdefault(account, _Line())
        if line.count >= self._account_jobs_max:
            raise LargeRequestsWaiting(limit=self._account_jobs_max)
        self._jobs += 1
        line.count += 1
        try:
            await line.turn.acquire()
        except BaseException:
            self._leave(self._lines, account, line)
            raise

    def end_turn(self, account: str) -> None:
        """Let the next request of this account on."""
        line = self._lines[account]
        line.turn.release()
        self._leave(self._lines, account, line)

    async def now(self, function: Callable[P, T], *args: P.args, **names: P.kwargs) -> T:
        """Call `function` in the thread; only for who has the account's turn."""
        loop = asyncio.get_running_loop()
        call = partial(function, *args, **names)
        return await loop.run_in_executor(self._thread, _call, call)

    def _leave(self, lines: dict[str, _Line], account: str, line: _Line) -> None:
        self._jobs -= 1
        line.count -= 1
        if line.count == 0:
            lines.pop(account, None)

    @property
    def jobs(self) -> int:
        """How many wait or run."""
        return self._jobs

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _call(function: Callable[[], T]) -> T:
    """Call it; what it raises keeps nothing of what it read, which the loop would have to free."""
    try:
        return function()
    except Exception as raised:
        error: BaseException | None = raised
        while error is not None:
            traceback.clear_frames(error.__traceback__)
            error = error.__context__
        raise
