"""One posting per key at a time, so that a look-up before it stays true."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class KeyLocks:
    """Keys that somebody works on."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def on(self, key: str) -> AsyncIterator[None]:
        """Have `key` alone; waits while others have it."""
        while (end := self._ends.get(key)) is not None:
            await end.wait()
        end = self._ends[key] = asyncio.Event()
        try:
            yield
        finally:
            del self._ends[key]
            end.set()
