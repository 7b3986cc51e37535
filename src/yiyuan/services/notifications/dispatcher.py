"""Tells notices: chooses who is told, tries, waits, and gives up after a day.

Runs in every process that serves; each step is claimed in the database, so a notice
reaches a place once, however many processes there are. One that ends in the middle of a
try is followed by another after two minutes: a receiver may then get it twice, with the
same id. What was given up stays to be seen, for 30 days.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.tasks import end
from yiyuan.services.notifications.destinations import deliver
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import DeliveryRow, Due, NoticeRow, SinkRow
from yiyuan.store.tables.people import counters

LOOK_SECONDS: Final = 2.0
WATCH_SECONDS: Final = 10.0
AT_ONCE: Final = 8
CLAIM_MS: Final = 120_000
WAITS_SECONDS: Final = (10, 60, 300, 1800, 7200, 21_600, 43_200)
"""Between eight tries: together a bit over 20 hours."""
KEPT_DAYS: Final = 30
_FORGET_EVERY: Final = 300


class Dispatcher:
    """The notices of one process."""

    def __init__(
        self, context: ServiceContext, watch: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`watch` looks for thresholds that were crossed, now and then."""
        self._context = context
        self._watch = watch
        self._task: asyncio.Task[None] | None = None
        self.failures_total = 0

    def start(
        self, look_seconds: float = LOOK_SECONDS, watch_seconds: float = WATCH_SECONDS
    ) -> None:
        """Begin, on the running loop."""
        work = self._keep_on(look_seconds, watch_seconds)
        self._task = asyncio.get_running_loop().create_task(work, name="notices")

    async def close(self) -> None:
        """Stop; a try that is under way is made again by somebody else, or later."""
        if self._task is not None:
            await end(self._task)

    async def run(self) -> int:
        """Spread what is new and try what is due; how many tries there were."""
        context = self._context
        for notice in await rows.unspread(context.database, 100):
            await self._spread(notice)
        due = await rows.due(context.database, context.clock.wall_ms(), AT_ONCE)
        tried = await asyncio.gather(*(self._try(each) for each in due))
        return sum(tried)

    async def _keep_on(self, look_seconds: float, watch_seconds: float) -> None:
        rounds, until_watch = 0, 0.0
        while True:
            try:
                while await self.run() >= AT_ONCE:
                    pass
                if until_watch <= 0 and self._watch is not None:
                    until_watch = watch_seconds
                    await self._watch()
                if rounds % _FORGET_EVERY == 0:
                    await self._forget()
            except (*REFUSED, LedgerUnavailable, OSError):
                self.failures_total += 1
            rounds, until_watch = rounds + 1, until_watch - look_seconds
            await asyncio.sleep(look_seconds)

    async def _spread(self, notice: NoticeRow) -> None:
        database, now = self._context.database, self._context.clock.wall_ms()
        if notice.user_id is not None:
            found = await rows.sinks_by(database, notice.user_id)
        else:
            found = await rows.sinks_of(database, notice.account_id)
        chosen = [
            DeliveryRow(new_id("dlv"), notice.id, sink.id, "waiting", 0, now, "", now, None)
            for sink in found
            if _wants(sink, notice.event)
        ]
        await database.write(rows.spread(notice.id, chosen, now))

    async def _try(self, due: Due) -> bool:
        context, delivery = self._context, due.delivery
        now = context.clock.wall_ms()
        claimed = await context.database.write([rows.claim(delivery, now + CLAIM_MS)])
        if claimed != [1]:
            return False
        outcome = await deliver(context, due.sink, due.notice)
        now = context.clock.wall_ms()
        if outcome.state == "delivered":
            step = rows.end_delivery(delivery.id, "delivered", "", now)
        elif outcome.state == "refused" or delivery.tries >= len(WAITS_SECONDS):
            step = rows.end_delivery(delivery.id, "dead", outcome.reason[:300], now)
        else:
            seconds = max(WAITS_SECONDS[delivery.tries], min(outcome.wait_seconds or 0, 3600))
            step = rows.try_again(delivery.id, outcome.reason[:300], now + seconds * 1000)
        await context.database.write([step])
        return True

    async def _forget(self) -> None:
        now = self._context.clock.wall_ms()
        await self._context.database.write(
            [*rows.forget_told(now - KEPT_DAYS * DAY_MS), counters.forget_past(now)]
        )


def _wants(sink: SinkRow, event: str) -> bool:
    is_told = sink.disabled_at is None and sink.confirmed_at is not None
    return is_told and event in json.loads(sink.events)
