"""Lets the details of old requests expire: quietly in the background, or by command.

After `YIYUAN_USAGE_DETAIL_DAYS` full days a request's row and its attempts become part
of the sums of its day; reports read both, so no total changes. A pass is many short
transactions with rests between them. One process at a time does it, however many there
are; one that dies in between is followed by another after a minute. What fails is tried
again with the next pass.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

from yiyuan.i18n.message import Message
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import Clock, iso
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.tasks import end
from yiyuan.services.shared.command import Progress, command, progress_of
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing
from yiyuan.store.database import Database
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables import usage_retention
from yiyuan.store.tables.usage_retention import Turn

Json = dict[str, Any]

FIRST_PASS_SECONDS: Final = 20.0
PASS_SECONDS: Final = 3600.0
TURN_MS: Final = 60_000
REQUESTS_AT_ONCE: Final = 100
_ACCOUNTS_AT_ONCE: Final = 200
_RESTS_PER_WORK: Final = 4


class NotOurTurn(Exception):
    """Another process is at it."""


class Expiry:
    """The passes of one process."""

    def __init__(self, database: Database, clock: Clock, detail_days: int) -> None:
        """`detail_days` is how many full days to keep; 0 keeps everything."""
        self.requests_total = self.failures_total = 0
        self._database = database
        self._clock = clock
        self._detail_days = detail_days
        self._holder = new_id("turn")
        self._task: asyncio.Task[None] | None = None

    def start(
        self,
        first_pass_seconds: float = FIRST_PASS_SECONDS,
        pass_seconds: float = PASS_SECONDS,
    ) -> None:
        """Begin with the passes, unless everything is kept."""
        if self._detail_days > 0:
            work = self._keep_on(first_pass_seconds, pass_seconds)
            self._task = asyncio.get_running_loop().create_task(work)

    async def close(self) -> None:
        """End; a transaction that is under way takes effect or not, as a whole."""
        if self._task is not None:
            await end(self._task)

    def before_ms(self) -> int | None:
        """Requests admitted before this time expire: the beginning of a UTC day."""
        if self._detail_days == 0:
            return None
        return max(self._clock.wall_ms() // DAY_MS - self._detail_days, 0) * DAY_MS

    async def run(
        self, progress: Callable[[int], None] = lambda _: None, *, is_polite: bool = True
    ) -> int:
        """One pass over all accounts; returns how many requests have expired.

        `is_polite` rests four times as long as it works. Raises NotOurTurn.
        """
        before_ms, count, after = self.before_ms(), 0, ""
        if before_ms is None:
            return 0
        await self._take_turn()
        while accounts := await usage_retention.accounts_to_expire(
            self._database, after, before_ms, _ACCOUNTS_AT_ONCE
        ):
            await self._take_turn()
            async for moved in self._pieces(accounts, before_ms, is_polite=is_polite):
                count += moved
                self.requests_total += moved
                progress(count)
            after = accounts[-1]
        await usage_retention.take_turn(
            self._database, Turn(self._holder, 0), self._clock.wall_ms()
        )
        return count

    async def _pieces(
        self, accounts: list[str], before_ms: int, *, is_polite: bool
    ) -> AsyncIterator[int]:
        """Move what these accounts have, some requests at a time."""
        waiting: list[str] = []
        for account_id in accounts:
            while True:
                began = self._clock.monotonic()
                most = REQUESTS_AT_ONCE - len(waiting)
                found = await usage_retention.requests_to_expire(
                    self._database, account_id, before_ms, most
                )
                waiting += found
                if len(found) < most:
                    break
                yield await usage_retention.expire(self._database, waiting, self._turn())
                waiting = []
                if is_polite:
                    await asyncio.sleep(_RESTS_PER_WORK * (self._clock.monotonic() - began))
        if waiting:
            yield await usage_retention.expire(self._database, waiting, self._turn())

    def _turn(self) -> Turn:
        return Turn(self._holder, self._clock.wall_ms() + TURN_MS)

    async def _take_turn(self) -> None:
        if not await usage_retention.take_turn(self._database, self._turn(), self._clock.wall_ms()):
            raise NotOurTurn

    async def _keep_on(self, first_pass_seconds: float, pass_seconds: float) -> None:
        pause = first_pass_seconds
        while True:
            await asyncio.sleep(pause)
            pause = pass_seconds
            with suppress(NotOurTurn):
                try:
                    await self.run()
                except (LedgerUnavailable, *REFUSED):
                    self.failures_total += 1


@command("ledger.expire")
async def run_now(context: ServiceContext, request: Nothing, progress: Progress) -> Json:  # noqa: ARG001 - nothing
    """A pass by command: `{"requests", "before"}`, how many have expired and up to when."""
    passes = Expiry(context.database, context.clock, context.settings.usage_detail_days)
    before_ms = passes.before_ms()

    def tell(count: int) -> None:
        said = Message("{count:,} requests have expired", count=count)
        progress(progress_of(said, done=count))

    try:
        count = await passes.run(tell, is_polite=context.is_serving)
    except NotOurTurn:
        message = "a server or another command is at it: see the metric yiyuan_expired_requests"
        raise ServiceError("already_running", message) from None
    return {"requests": count, "before": None if before_ms is None else iso(before_ms)}
