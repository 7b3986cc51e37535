"""Who writes to the ledger in PostgreSQL: epochs, their heartbeats, their ends.

A process that takes part has an epoch. It is `live` while its heartbeat comes, `retired`
when it has ended by itself, `dead` when others have given it up. All times are the
database's, so clocks that disagree recover nothing too early.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import asyncpg

from yiyuan.store.errors import StoreConflict
from yiyuan.store.postgres.batch import NOW_MS
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.tables.ledger import HoldRow

_REGISTER: Final = f"""
INSERT INTO epochs (epoch, started_at, state, node, heartbeat_at)
SELECT coalesce(max(epoch), 0) + 1, {NOW_MS}, 'live', $1, {NOW_MS} FROM epochs
RETURNING epoch
"""  # noqa: S608 - names of ours
_BEAT: Final = f"""
UPDATE epochs SET heartbeat_at = {NOW_MS} WHERE epoch = $1 AND state = 'live'
RETURNING epoch
"""  # noqa: S608
_END: Final = f"""
UPDATE epochs SET state = $2, ended_at = {NOW_MS} WHERE epoch = ANY($1) AND state = 'live'
"""  # noqa: S608
# SKIP LOCKED: an epoch whose row is locked is at work; waiting for it could deadlock.
_GIVE_UP: Final = f"""
UPDATE epochs SET state = 'dead', ended_at = {NOW_MS} WHERE epoch IN (
    SELECT epoch FROM epochs
    WHERE state = 'live' AND epoch <> $1 AND heartbeat_at < {NOW_MS} - $2
    FOR UPDATE SKIP LOCKED)
RETURNING epoch
"""  # noqa: S608
# Never the last one: its number must not be given out again. SKIP LOCKED as above.
_PRUNE: Final = f"""
DELETE FROM epochs WHERE epoch IN (
    SELECT epoch FROM epochs
    WHERE state <> 'live' AND ended_at < {NOW_MS} - $1
      AND epoch < (SELECT max(epoch) FROM epochs)
      AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.epoch = epochs.epoch)
    ORDER BY epoch LIMIT $2
    FOR UPDATE SKIP LOCKED)
RETURNING epoch
"""  # noqa: S608
_ORPHANS: Final = f"""
SELECT {", ".join("holds." + name for name in HoldRow._fields)}, prices.model, prices.document
FROM holds LEFT JOIN prices ON prices.id = holds.price_id
WHERE NOT EXISTS (SELECT 1 FROM live_epochs WHERE live_epochs.epoch = holds.epoch)
ORDER BY holds.opened_at, holds.request_id LIMIT $1
"""  # noqa: S608


class Orphan(NamedTuple):
    """A hold whose process is gone, with its price's model and document."""

    hold: HoldRow
    price_model: str
    price_document: str


async def register(database: PostgresDatabase, node: str) -> int:
    """A new epoch. Raises DatabaseAway."""
    while True:
        try:
            async with database.connection() as connection:
                return int(await connection.fetchval(_REGISTER, node))
        except StoreConflict:
            continue  # somebody took the same number


async def beat(database: PostgresDatabase, epoch: int) -> bool:
    """Say that it is alive; False when others have declared it dead."""
    async with database.connection() as connection:
        return await connection.fetchval(_BEAT, epoch) is not None


async def retire(database: PostgresDatabase, epoch: int) -> None:
    """The process ends by itself."""
    async with database.connection() as connection:
        await connection.execute(_END, [epoch], "retired")


async def give_up_silent(database: PostgresDatabase, own_epoch: int, silent_ms: int) -> list[int]:
    """Declare epochs dead whose heartbeat is older than `silent_ms`; returns them."""
    async with database.connection() as connection:
        rows = await connection.fetch(_GIVE_UP, own_epoch, silent_ms)
        return [row[0] for row in rows]


async def give_up_ended(database: PostgresDatabase, has_ended: Callable[[str], bool]) -> list[int]:
    """Declare epochs dead whose `node` says a process that is known to have ended."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT epoch, node FROM epochs WHERE state = 'live'")
        ended = [row[0] for row in rows if has_ended(row[1])]
        if ended:
            await connection.execute(_END, ended, "dead")
    return ended


async def prune(database: PostgresDatabase, ended_ms: int, most: int) -> int:
    """Forget the oldest epochs that ended so long ago and have no holds; how many.

    One that is gone is as dead as one that is marked: the fence finds no row.
    """
    async with database.connection() as connection:
        return len(await connection.fetch(_PRUNE, ended_ms, most))


async def orphans(database: PostgresDatabase, most: int) -> list[Orphan]:
    """Holds of epochs that are not live, oldest first."""
    async with database.connection() as connection:
        rows: list[asyncpg.Record] = await connection.fetch(_ORPHANS, most)
    width = len(HoldRow._fields)
    return [Orphan(HoldRow(*row[:width]), row[width], row[width + 1]) for row in map(tuple, rows)]
