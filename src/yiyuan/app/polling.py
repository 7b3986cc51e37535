"""Hearing of changes by the database alone, where several processes share one.

Every half second the number of changes is compared with the one that is known, so a
change of the catalog or of an API token is followed within a second. While the database
is away the process goes on with what it knows. Nothing here raises.
"""

import asyncio
from collections.abc import Awaitable, Callable

from yiyuan.kernel.tasks import end
from yiyuan.store.errors import REFUSED, LedgerUnavailable

POLL_SECONDS = 0.5


class Polling:
    """One process's look-out; `open` starts it."""

    def __init__(
        self,
        read_version: Callable[[], Awaitable[int]],
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        """`reload` reads everything anew; it may fail as a database does, and no otherwise."""
        self._read_version = read_version
        self._reload = reload
        self._version: int | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Follow changes from now on; the first look reads everything, to miss nothing."""
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            await end(self._task)

    async def publish(self) -> None:
        """Nobody has to be told: the others look for themselves."""

    async def _follow(self) -> None:
        while True:
            try:
                version = await self._read_version()
                if version != self._version:
                    await self._reload()
                self._version = version
            except (LedgerUnavailable, *REFUSED):
                self._version = None  # at the next look, read everything
            await asyncio.sleep(POLL_SECONDS)
