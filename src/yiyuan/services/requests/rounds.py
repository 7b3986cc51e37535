"""What is noted in memory and written every so often, by a task of its own.

Whoever notes something only adds to memory. What a round could not write is the affair of
`write`: to keep it for the next one, or to let it go.
"""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress

from yiyuan.kernel.tasks import end


class WrittenInRounds(ABC):
    """Writes every `write_seconds`, and once more at its end."""

    write_seconds: float
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin writing."""
        self._task = asyncio.get_running_loop().create_task(self._keep_on())

    async def close(self) -> None:
        """Write what is left, and end."""
        if self._task is not None:
            await end(self._task)
        await self.write()

    @abstractmethod
    async def write(self) -> None:
        """Write what has come together."""

    async def _keep_on(self) -> None:
        while True:
            await asyncio.sleep(self.write_seconds)
            with suppress(asyncio.TimeoutError):
                await self.write()
