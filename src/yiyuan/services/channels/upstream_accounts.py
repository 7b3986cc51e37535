"""Looks after the operator's own accounts at vendors: what is left, and which keys are over.

Balances are asked where a preset says how, every ten minutes, with each key that is in
use; nothing is changed by it. Notices are written once per crossing or key.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Final

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.integrations.call import Call
from yiyuan.integrations.providers.balance import Left, balance_url, read_balance
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import format_millionths
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel, UpstreamKey
from yiyuan.services.notifications.outbox import new_notice, notice_statement
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.outbound import send
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import LevelRow

BETWEEN_SECONDS: Final = 600.0
KEYS_MAX: Final = 100
"""More are not asked in one round."""
EXPIRES_SOON_MS: Final = 7 * DAY_MS
_TIMEOUT_SECONDS: Final = 10.0
_ANSWER_BYTES_MAX: Final = 65_536


class UpstreamAccounts:
    """What one process knows of them."""

    def __init__(
        self, context: ServiceContext, client: Client, catalog: Callable[[], Catalog]
    ) -> None:
        """Nothing is known yet."""
        self.left: dict[tuple[str, str], Left] = {}
        """By channel and key, as last told."""
        self._context = context
        self._client = client
        self._catalog = catalog
        self._asked_at: float | None = None

    async def look(self) -> None:
        """Ask for balances when it is time, and tell what operators must know."""
        now = self._context.clock.monotonic()
        if self._asked_at is None or now - self._asked_at >= BETWEEN_SECONDS:
            self._asked_at = now
            await self._ask_all()
        await self._tell_of_keys()

    async def _ask_all(self) -> None:
        wall = self._context.clock.wall_ms()
        asked = [
            (channel, key)
            for channel in self._catalog().channels
            if channel.enabled and channel.provider.balance is not None
            for key in channel.keys
            if key.expires_at is None or key.expires_at > wall
        ]
        known: dict[tuple[str, str], Left] = {}
        told = await asyncio.gather(*(self._ask(*each) for each in asked[:KEYS_MAX]))
        for (channel, key), left in zip(asked, told, strict=False):
            if left is not None:
                known[channel.id, key.id] = left
                await self._tell_of_balance(channel, key, left)
        self.left = known

    async def _ask(self, channel: Channel, key: UpstreamKey) -> Left | None:
        """What a key's account has left; None where that is not told."""
        balance = channel.provider.balance
        assert balance is not None
        headers = [*channel.headers, *channel.provider.credential(key.secret)]
        call = Call("GET", balance_url(balance, channel.base_url), headers)
        try:
            answer = await send(
                self._client,
                call,
                allow_private=channel.allow_private,
                timeout_seconds=_TIMEOUT_SECONDS,
                bytes_max=_ANSWER_BYTES_MAX,
                proxy=channel.proxy,
            )
            document = json.loads(answer.body) if answer.status == 200 else None
        except (UpstreamFailure, ValueError, RecursionError):
            return None
        return read_balance(balance, document, channel.base_url)

    async def _tell_of_balance(self, channel: Channel, key: UpstreamKey, left: Left) -> None:
        """Once for each time that it falls below the threshold."""
        database, now = self._context.database, self._context.clock.wall_ms()
        least = (await read_site(self._context)).low_channel_balance
        level = "low" if left.micros < least else "ok"
        subject = f"upstream balance {channel.id} {key.id}"
        was = (await rows.levels(database, subject)).get(subject)
        if (was.level if was is not None else "ok") == level:
            return
        notice = None
        if level == "low":
            data = {
                "channel": channel.name,
                "left": f"{format_millionths(left.micros)} {left.currency}",
                "least": f"{format_millionths(least)} {left.currency}",
            }
            once = f"{subject} {0 if was is None else was.at}"
            notice = new_notice(self._context, "channel.balance_low", data, key=once)
        await database.write(rows.cross(LevelRow(subject, level, now), was, notice))

    async def _tell_of_keys(self) -> None:
        """Of keys that expire within a week, once each."""
        now = self._context.clock.wall_ms()
        soon = [
            (channel, key)
            for channel in self._catalog().channels
            for key in channel.keys
            if key.expires_at is not None and key.expires_at - now < EXPIRES_SOON_MS
        ]
        statements = [
            notice_statement(
                self._context,
                "channel.key_expiring",
                {"channel": channel.name, "expires_at": iso(key.expires_at or 0)},
                key=f"key {key.id} expires {key.expires_at}",
            )
            for channel, key in soon
        ]
        if statements:
            await self._context.database.write(statements)
