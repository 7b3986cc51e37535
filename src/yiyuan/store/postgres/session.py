"""The connection that the ledger's batches use, and what became of each batch.

A batch is tried by `run`, which knows of every failure whether the batch took effect:
the answer is one of `Outcome`, never "unknown".
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Final

import asyncpg

from yiyuan.store.errors import DatabaseAway
from yiyuan.store.postgres import batch as rows
from yiyuan.store.postgres import epochs
from yiyuan.store.postgres.batch import Fenced, Session
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.postgres.errors import BUSY, DRIVER, is_away

BATCH_SECONDS: Final = 12.0
LOOK_UP_SECONDS: Final = 12.0
_LOOK_UP_PAUSE_SECONDS: Final = 0.2


class Outcome(Enum):
    """What became of one attempt."""

    COMMITTED = auto()
    AWAY = auto()
    """No effect: the database cannot be reached."""
    BUSY = auto()
    """No effect: a lock could not be had in time."""
    REFUSED = auto()
    """No effect: a row breaks a rule of the schema."""


class BatchConnections:
    """At most one connection at a time; made when needed, dropped when in doubt."""

    def __init__(
        self, database: PostgresDatabase, epoch: int, on_away: Callable[[], None] = lambda: None
    ) -> None:
        """Connects to nothing yet. `on_away` is told when the database cannot be reached."""
        self._database = database
        self._on_away = on_away
        self._epoch = epoch
        self._number = 0
        self._session: Session | None = None

    async def run(self, work: Callable[[Session, int], Awaitable[None]]) -> Outcome:
        """Try a batch: `work(session, number)` begins, locks and writes.

        Raises Fenced, and whatever is a fault in `work`; then nothing took effect.
        """
        self._number += 1
        try:
            session = self._session
            if session is None or session.is_closed():
                session = self._session = await self._database.connect()
            async with asyncio.timeout(BATCH_SECONDS):
                await work(session, self._number)
        except (Fenced, *DRIVER) as error:
            return await self._undone(error)
        try:
            async with asyncio.timeout(BATCH_SECONDS):
                await rows.commit(session)
        except DRIVER:
            self.drop()
            return await self._look_up(self._number)
        return Outcome.COMMITTED

    async def retire(self) -> None:
        """End the epoch, if the database is there."""
        with suppress(DatabaseAway):
            await epochs.retire(self._database, self._epoch)

    def drop(self) -> None:
        """Give the connection up; the server undoes what was not committed."""
        session, self._session = self._session, None
        if session is not None:
            session.terminate()

    def close(self) -> None:
        """The same, for good."""
        self.drop()

    async def _undone(self, error: Exception) -> Outcome:
        """COMMIT was never sent: nothing took effect."""
        if is_away(error):
            self.drop()
            self._on_away()
            return Outcome.AWAY
        try:
            assert self._session is not None
            async with asyncio.timeout(BATCH_SECONDS):
                await rows.rollback(self._session)
        except DRIVER:
            self.drop()
        if isinstance(error, BUSY):
            return Outcome.BUSY
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            return Outcome.REFUSED
        raise error

    async def _look_up(self, number: int) -> Outcome:
        """Ask until it is known whether the batch of this number took effect."""
        while True:
            try:
                async with asyncio.timeout(LOOK_UP_SECONDS):
                    session = self._session = await self._database.connect()
                    done = await rows.took_effect(session, self._epoch, number)
            except DRIVER as error:
                if not is_away(error) and not isinstance(error, BUSY):
                    raise
                self.drop()
                self._on_away()
                await asyncio.sleep(_LOOK_UP_PAUSE_SECONDS)
                continue
            return Outcome.COMMITTED if done else Outcome.AWAY
