"""PostgreSQL as the database: a small pool of connections, no state in any of them.

Looks like `store/sqlite/database.py`. A server that is away is `DatabaseAway` and may come back; a
read that lost its connection is tried once more, a write is not: what became of it is
for the caller to look up. The ledger's batches have their own way (`postgres_ledger`).

Behind PgBouncer in transaction mode nothing here relies on a session: every setting is
SET LOCAL, every lock ends with its transaction. There a statement that was prepared is
known to one server connection only, and between two transactions the next query may go
to another: so, when a pooler is found between (`postgres_url`), statements have no names
and each query runs in a transaction, which costs round trips.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import asyncpg

from yiyuan.store.database import Connection, Row, Statement
from yiyuan.store.errors import DatabaseAway
from yiyuan.store.postgres.connection import PostgresConnection
from yiyuan.store.postgres.errors import DRIVER, REFUSED, translate
from yiyuan.store.postgres.migrate import check_or_create, migrate
from yiyuan.store.postgres.placeholders import numbered
from yiyuan.store.postgres.url import WITHOUT_NAMES, connect_options, is_pooled

T = TypeVar("T")

CONNECT_TIMEOUT_SECONDS = 5.0
_POOL_MAX = 6
_COMMAND_TIMEOUT_SECONDS = 10.0
_IDLE_SECONDS = 120.0
_LONG_READERS = 2


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """One whose state nobody changes, so that nothing has to be reset after use."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing to do."""
        return ""


class PostgresDatabase:
    """The open database. Made by `open`, on the event loop that will use it."""

    def __init__(self, options: dict[str, Any], pool: asyncpg.Pool) -> None:
        """Made by `open` only."""
        self.transactions = 0
        self._options = options
        self._pool = pool
        self._is_pooled = is_pooled(options)
        self._is_closed = False
        self._long_readers = ThreadPoolExecutor(_LONG_READERS, "database-long-reader")

    @classmethod
    async def open(cls, url: str, *, should_migrate: bool = False) -> Self:
        """Connect; create the schema in an empty database.

        `should_migrate` brings an older schema forward. Raises SchemaError (older, or
        newer than this release), DatabaseAway, ValueError for a wrong URL.
        """
        try:
            options = connect_options(url)
            if await _has_pooler(options):
                options |= WITHOUT_NAMES
            pool = await asyncpg.create_pool(
                **options,
                min_size=0,
                max_size=_POOL_MAX,
                timeout=CONNECT_TIMEOUT_SECONDS,
                command_timeout=_COMMAND_TIMEOUT_SECONDS,
                max_inactive_connection_lifetime=_IDLE_SECONDS,
                connection_class=_Connection,
            )
        except REFUSED as error:
            raise translate(error) from error
        database = cls(options, pool)
        try:
            async with database.connection() as connection:
                await (migrate if should_migrate else check_or_create)(connection)
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def is_failed(self) -> bool:
        """Never for good: a server that is away may come back."""
        return self._is_closed

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the pool. Raises DatabaseAway, StoreError, StoreConflict.

        What is done with it need not be one transaction, but it is behind a pooler.
        """
        async with self._acquire() as connection:
            if not self._is_pooled:
                yield connection
                return
            async with connection.transaction():
                yield connection

    @asynccontextmanager
    async def _acquire(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the pool, for one transaction."""
        try:
            async with self._pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection:
                yield connection
        except REFUSED as error:
            raise translate(error) from error

    async def connect(self) -> asyncpg.Connection:
        """A connection outside the pool, for the ledger. Raises what the driver raises.

        To be used in transactions only.
        """
        return await connect(self._options)

    async def write(self, statements: Sequence[Statement]) -> list[int]:
        """Execute statements in one transaction; durable on return.

        Returns the count of rows that each has changed. Raises StoreConflict and
        StoreError when refused (then none took effect), DatabaseAway when it is not
        known whether they did.
        """
        async with self._acquire() as connection, connection.transaction():
            tags = [await connection.execute(numbered(sql), *values) for sql, values in statements]
        self.transactions += 1
        return [_count(tag) for tag in tags]

    async def read(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """Rows of a short query, accessible by column name and by position."""
        try:
            return await self._read(sql, values)
        except DatabaseAway:
            return await self._read(sql, values)

    async def _read(self, sql: str, values: Sequence[Any]) -> Sequence[Row]:
        async with self.connection() as connection:
            rows: Sequence[Row] = await connection.fetch(numbered(sql), *values)
            return rows

    async def run_read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` in a thread with a read-only view of one moment."""
        loop = asyncio.get_running_loop()
        async with (
            self._acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            view = PostgresConnection(connection, loop)
            return await loop.run_in_executor(self._long_readers, function, view)

    async def close(self) -> None:
        """Close all connections; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._long_readers.shutdown(wait=False)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                await self._pool.close()
        except DRIVER:
            self._pool.terminate()


async def connect(options: dict[str, Any]) -> asyncpg.Connection:
    """A single connection. Raises what the driver raises."""
    return await asyncpg.connect(
        **options, timeout=CONNECT_TIMEOUT_SECONDS, connection_class=_Connection
    )


async def _has_pooler(options: dict[str, Any]) -> bool:
    """Whether something between us and PostgreSQL lends out its connections.

    A pooler greets with a process number of its own, for it has none of the server's yet.
    """
    connection = await connect(options | WITHOUT_NAMES)
    try:
        async with connection.transaction():
            number = await connection.fetchval("SELECT pg_backend_pid()")
        return bool(number != connection.get_server_pid())
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_SECONDS)


def _count(tag: str) -> int:
    """The number at the end of `INSERT 0 1`, `UPDATE 3`, `DELETE 0`."""
    last = tag.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
