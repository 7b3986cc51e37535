"""Follows the files that keys of channels come from: a changed one is read within a minute."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from yiyuan.kernel.tasks import end
from yiyuan.routing.catalog import Catalog
from yiyuan.services.catalog.reading.key_files import read_key_file

LOOK_SECONDS: Final = 30.0


class KeyFiles:
    """One process's look-out."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        follow: Callable[[], Awaitable[None]],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`follow` reads the catalog anew, and the files with it; it never raises."""
        self._catalog = catalog
        self._follow = follow
        self._look_seconds = look_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.create_task(self._look_again())

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            await end(self._task)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            if await asyncio.to_thread(self._has_changed):
                await self._follow()

    def _has_changed(self) -> bool:
        for channel in self._catalog().channels:
            for key in channel.keys:
                if key.file is not None and read_key_file(key.file) not in (None, key.secret):
                    return True
        return False
