"""Requests that cost more than their holds, and the accounts that they stop.

A hold is an upper bound. One that was too small is a fault of ours or of an upstream's,
and whoever finds it could spend more than he has. So every shortfall above what the
settings allow is an event, and an account that has `shortfall_limit` of them within an
hour at one model is refused there until an operator has looked: `account.release`. An
answer that was too large to pass on counts as one, with all that was held for it: the
upstream wants its money, and nobody was charged.

The process that answers stops the account at once; the row that it writes stops it on
every node within a second and after a restart.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.kernel.tasks import end
from yiyuan.services.accounts.accounts import ByName, get_account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.requests.shortfall_stops import (
    ShortfallEvent,
    ShortfallStopRow,
    count_shortfalls,
    open_stops,
    release,
    stop,
)

RETRY_SECONDS: Final = 1.0
WATCHED_MAX: Final = 10_000

Json = dict[str, Any]
Key = tuple[str, str]


class Limits(Protocol):
    """What the settings allow; see `SiteSettings`."""

    @property
    def shortfall_amount(self) -> int:
        """In micros."""

    @property
    def shortfall_percent(self) -> int:
        """Of the charge."""

    @property
    def shortfall_limit(self) -> int:
        """Within an hour, of one account and model; 0 stops nobody."""


class ShortfallWatch:
    """What one process knows of shortfalls."""

    def __init__(
        self,
        context: ServiceContext,
        site: Callable[[], Limits],
        report: Callable[[str], None],
    ) -> None:
        """`report` writes a line to the log."""
        self._context, self._site, self._report = context, site, report
        self._times: dict[Key, deque[int]] = {}
        self._stopped: set[Key] = set()
        self._unwritten: dict[Key, ShortfallStopRow] = {}
        self._events: asyncio.Queue[ShortfallEvent] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def is_stopped(self, account_id: str, model: str) -> bool:
        """Whether an account's requests to a model wait for an operator."""
        return (account_id, model) in self._stopped

    def note(self, event: ShortfallEvent) -> bool:
        """Take notice of one; whether it is more than the settings allow."""
        site = self._site()
        is_small = event.shortfall <= site.shortfall_amount
        if is_small or event.shortfall * 100 <= event.charge * site.shortfall_percent:
            return False
        told = f"request {event.request_id} of {event.account_id} to {event.model} by"
        told += f" {event.channel}"
        if event.charge:
            told += f" cost {event.shortfall} more than the {event.charge} that were held"
        else:
            told += f" may have cost {event.shortfall}: its answer was too large to pass on"
        self._report(told)
        if site.shortfall_limit == 0:
            return True
        key = (event.account_id, event.model)
        if len(self._times) >= WATCHED_MAX and key not in self._times:
            self._times.clear()
        times = self._times.setdefault(key, deque(maxlen=site.shortfall_limit))
        times.append(event.at)
        if len(times) >= site.shortfall_limit and times[-site.shortfall_limit] > event.at - HOUR_MS:
            self._stop(event)
        self._events.put_nowait(event)
        return True

    async def load(self) -> None:
        """Follow what was stopped or released, here or elsewhere."""
        rows = await open_stops(self._context.database)
        before, self._stopped = self._stopped, {(row.account_id, row.model) for row in rows}
        self._stopped |= self._unwritten.keys()
        for key in before - self._stopped:
            self._times.pop(key, None)

    def start(self) -> None:
        """Begin writing."""
        self._task = asyncio.get_running_loop().create_task(self._keep_on())

    async def close(self) -> None:
        """Stop writing; a stop that was not written is found again by the next shortfall."""
        if self._task is not None:
            await end(self._task)

    def _stop(self, event: ShortfallEvent) -> None:
        key = (event.account_id, event.model)
        if key not in self._stopped:
            self._stopped.add(key)
            self._unwritten[key] = ShortfallStopRow(*key, event.request_id, event.at)
            self._report(
                f"{event.account_id} is stopped at {event.model}: account release frees it"
            )

    async def _keep_on(self) -> None:
        while True:
            event = await self._events.get()
            if not await self._write(event):
                self._events.put_nowait(event)
                await asyncio.sleep(RETRY_SECONDS)

    async def _write(self, event: ShortfallEvent) -> bool:
        """Count what other processes have seen too, and write a stop; whether it went well."""
        database, site = self._context.database, self._site()
        key = (event.account_id, event.model)
        try:
            if key not in self._stopped:
                count = await count_shortfalls(
                    database,
                    *key,
                    event.at - HOUR_MS,
                    site.shortfall_amount,
                    site.shortfall_percent,
                )
                if site.shortfall_limit and count >= site.shortfall_limit:
                    self._stop(event)
            row = self._unwritten.get(key)
            if row is not None:
                await database.write([stop(row), new_version()])
                del self._unwritten[key]
                await self._context.reload()
        except (LedgerUnavailable, *REFUSED):
            return False
        return True


@command("account.release")
async def release_account(context: ServiceContext, request: ByName) -> Json:
    """Let an account go on that its shortfalls had stopped: the models, perhaps none."""
    account = await get_account(context, request.name)
    rows = await open_stops(context.database, account.id)
    now = context.clock.wall_ms()
    statements = [release(row, now, context.actor) for row in rows]
    if statements:
        await context.database.write([*statements, new_version()])
        await context.reload()
    return {"id": account.id, "name": account.name, "released": [row.model for row in rows]}
