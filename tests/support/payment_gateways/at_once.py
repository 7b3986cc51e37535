"""Decisions that are made at once: each has read what it decides on before any of them writes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError

WAIT_SECONDS = 120.0
QUERIES_AT_ONCE = 4
"""Fewer than there are connections: on a busy machine nobody waits for one until that fails."""

Decision = Callable[[ServiceContext], Awaitable[Any]]


class _Held:
    """The real database; its first write waits until all others are about to write, too."""

    def __init__(self, real: Any, barrier: asyncio.Barrier, gate: asyncio.Semaphore) -> None:
        self._real, self._barrier, self._gate = real, barrier, gate
        self._is_through = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def write(self, statements: Any) -> Any:
        if not self._is_through:
            self._is_through = True
            async with asyncio.timeout(WAIT_SECONDS):
                await self._barrier.wait()
        async with self._gate:
            return await self._real.write(statements)

    async def read(self, sql: str, values: Any = ()) -> Any:
        async with self._gate:
            return await self._real.read(sql, values)


async def at_once(context: ServiceContext, decisions: list[Decision]) -> list[Any]:
    """What came of each: its result, or the code with which it was refused.

    A decision that writes nothing never lets the others go on: that fails by its timeout.
    """
    barrier, gate = asyncio.Barrier(len(decisions)), asyncio.Semaphore(QUERIES_AT_ONCE)

    async def one(decide: Decision) -> Any:
        held: Any = _Held(context.database, barrier, gate)
        try:
            return await decide(replace(context, database=held))
        except ServiceError as error:
            return error.code

    return list(await asyncio.gather(*(one(decide) for decide in decisions)))
