"""Telling the other nodes that the catalog or an API token has changed, and hearing of it.

Each node keeps catalog and tokens in memory. A change is published on a channel of
Valkey, so that the others follow at once; and every second each node compares the
number of changes in the database with the one it knows, so that it follows within a
second whatever becomes of a message. While Valkey is away that number alone has to do;
while the database is away a node goes on with what it knows. Nothing here raises.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from yiyuan.kernel.tasks import end
from yiyuan.store.errors import REFUSED, LedgerUnavailable

CHANNEL = "yiyuan:changed"
POLL_SECONDS = 1.0
CALL_SECONDS = 0.5
RETRY_SECONDS = 0.5
LISTEN_SECONDS = 5.0

_AWAY = (ValkeyError, OSError, TimeoutError)


class Invalidation:
    """One node's ear and mouth; `open` starts them."""

    def __init__(
        self,
        url: str,
        read_version: Callable[[], Awaitable[int]],
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        """`reload` reads everything anew; it may fail as a database does, and no otherwise."""
        self._read_version = read_version
        self._reload = reload
        has_tls = url.lower().startswith(("rediss:", "valkeys:"))
        self._client = Valkey.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CALL_SECONDS,
            **({"ssl_check_hostname": True} if has_tls else {}),
        )
        self._own = secrets.token_hex(8)
        self._told = asyncio.Event()
        self._version: int | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Follow changes from now on; the first look reads everything, to miss nothing."""
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """Stop following."""
        for task in self._tasks:
            await end(task)
        with contextlib.suppress(*_AWAY):
            await self._client.aclose()

    async def publish(self) -> None:
        """Tell the others that something has changed; for half a second at most."""
        with contextlib.suppress(*_AWAY):
            async with asyncio.timeout(CALL_SECONDS):
                await self._client.publish(CHANNEL, self._own)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(*_AWAY):
                async with self._client.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    while True:
                        message = await channel.get_message(timeout=LISTEN_SECONDS)
                        if message is not None and message["data"] != self._own:
                            self._told.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        while True:
            was_told = self._told.is_set()
            self._told.clear()
            try:
                version = await self._read_version()
                if was_told or version != self._version:
                    await self._reload()
                self._version = version
            except (LedgerUnavailable, *REFUSED):
                self._version = None  # at the next look, read everything
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), POLL_SECONDS)
