"""Looks for what operators must know: channels, keys, usage that is missing, shortfalls, stops.

Channels are judged by this process's own breakers, so each process tells of a channel
that it sees down, and the level in the database keeps it at once for all. What comes in
numbers is told once an hour.
"""

from typing import Final

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.services.accounts.ledger import last_verified
from yiyuan.services.mail.postbox import Postbox
from yiyuan.services.notifications.outbox import new_notice, notice_statement
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.queries import notices as queries
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import LevelRow
from yiyuan.store.tables.requests.shortfall_stops import named_stops

DOWN_AFTER_MS: Final = 60_000
UNMETERED_LEAST: Final = 3
STOPS_MAX: Final = 100
TOLD_MAX: Final = 10_000


class HouseWatch:
    """What one process has seen of its channels and its mail."""

    def __init__(self, context: ServiceContext) -> None:
        """Nothing is known yet."""
        self._context = context
        self._down_since: dict[str, int] = {}
        self._told_down: set[str] = set()
        self._mails_given_up = 0
        self._told_books: str | None = None
        self._told_stops: dict[str, None] = {}

    async def channels(self, states: dict[str, bool]) -> None:
        """Compare with what was seen before; `states` says by name which channels are down."""
        now = self._context.clock.wall_ms()
        for name, is_down in states.items():
            if is_down:
                since = self._down_since.setdefault(name, now)
                if now - since >= DOWN_AFTER_MS and name not in self._told_down:
                    self._told_down.add(name)
                    await self._channel(name, "down", max(1, (now - since) // 60_000))
            else:
                self._down_since.pop(name, None)
                if name in self._told_down:
                    self._told_down.discard(name)
                    await self._channel(name, "up", 0)

    async def books(self) -> None:
        """Tell of a proof that found the books wrong, once for all processes."""
        found = await last_verified(self._context)
        if found.ok is not False or found.at is None or found.at == self._told_books:
            return
        self._told_books = found.at
        data, key = {"problems": found.problems}, f"verify {found.at}"
        statement = notice_statement(self._context, "ledger.verify_failed", data, key=key)
        await self._context.database.write([statement])

    async def stops(self) -> None:
        """Tell of each account that its shortfalls have stopped, once for all processes."""
        statements = list[Statement]()
        for stop in await named_stops(self._context.database, STOPS_MAX):
            key = f"stopped {stop.account_id} {stop.model} {stop.stopped_at}"
            if key in self._told_stops:
                continue
            self._told_stops[key] = None
            data = {"account_id": stop.account_id, "account_name": stop.account_name}
            data["model"] = stop.model
            statements.append(notice_statement(self._context, "account.stopped", data, key=key))
        while len(self._told_stops) > TOLD_MAX:
            del self._told_stops[next(iter(self._told_stops))]
        if statements:
            await self._context.database.write(statements)

    async def hourly(self) -> None:
        """Tell of the hour that is over, once for all processes."""
        now = self._context.clock.wall_ms()
        until = now - now % HOUR_MS
        since, statements = until - HOUR_MS, list[Statement]()
        if not await rows.sinks_of(self._context.database, None):
            return
        database = self._context.database
        for found in await queries.shortfalls(database, since, until):
            data = {"model": found.model, "count": found.requests, "shortfall": found.shortfall}
            statements.append(self._of_hour("ledger.shortfall", found.model, until, data))
        for channel in await queries.unmetered(database, since, until):
            if channel.counted >= UNMETERED_LEAST:
                data = {"channel": channel.channel, "count": channel.counted}
                statements.append(self._of_hour("channel.unmetered", channel.channel, until, data))
        for name, count in await queries.refused_keys(database, since, now):
            data = {"channel": name, "count": count}
            statements.append(self._of_hour("channel.key_refused", name, until, data))
        if statements:
            await database.write(statements)

    async def mail(self, box: Postbox) -> None:
        """Tell that mails are given up; the place that tells it may be another than mail."""
        given_up = box.stats.given_up
        if given_up > self._mails_given_up:
            self._mails_given_up = given_up
            now = self._context.clock.wall_ms()
            data = {"count": given_up, "reason": box.stuck[-1].reason}
            statement = self._of_hour("mail.stuck", "mail", now - now % HOUR_MS, data)
            await self._context.database.write([statement])

    def _of_hour(self, event: str, subject: str, hour: int, data: dict[str, object]) -> Statement:
        return notice_statement(self._context, event, data, key=f"{event} {subject} {hour}")

    async def _channel(self, name: str, level: str, minutes: int) -> None:
        subject, now = f"channel {name}", self._context.clock.wall_ms()
        was = (await rows.levels(self._context.database, subject)).get(subject)
        if (was.level if was is not None else "up") == level:
            return
        data = {"channel": name, "minutes": minutes}
        key = f"{subject} {level} {0 if was is None else was.at}"
        notice = new_notice(self._context, f"channel.{level}", data, key=key)
        row = LevelRow(subject, level, now)
        await self._context.database.write(rows.cross(row, was, notice))
