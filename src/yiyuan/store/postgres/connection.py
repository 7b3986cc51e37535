"""A PostgreSQL connection as `run_read` gives it: blocking, like SQLite's.

The function that reads runs in a thread of its own; every query it makes is carried
out on the event loop, in one read-only transaction of one snapshot. Rows come through
a cursor of the server, so memory stays flat whatever the size.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Self, TypeVar

import asyncpg

from yiyuan.store.postgres.errors import REFUSED, translate
from yiyuan.store.postgres.placeholders import numbered

T = TypeVar("T")
_ROWS_AT_ONCE = 1_000


class PostgresCursor:
    """The rows of one query."""

    def __init__(self, connection: asyncpg.Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Made by `PostgresConnection`."""
        self.row_factory: Any = None
        self._connection = connection
        self._loop = loop
        self._cursor: Any = None
        self._rows: list[Any] = []
        self._is_at_end = False

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Self:
        """Run a query."""
        self._rows, self._is_at_end = [], False
        self._cursor = self._wait(self._open(numbered(sql), values))
        return self

    def fetchone(self) -> Any:
        """The next row, or None."""
        if not self._rows:
            self._rows = self.fetchmany(_ROWS_AT_ONCE)
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = _ROWS_AT_ONCE, /) -> list[Any]:
        """The next rows."""
        if self._rows:
            rows, self._rows = self._rows[:size], self._rows[size:]
            return rows
        if self._is_at_end:
            return []
        fetched: list[Any] = self._wait(self._cursor.fetch(size))
        self._is_at_end = len(fetched) < size
        return fetched

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        while rows := self.fetchmany(_ROWS_AT_ONCE):
            yield from rows

    async def _open(self, sql: str, values: Sequence[Any]) -> Any:
        # Without a name, so that nothing is left behind in a server that a pooler lends.
        statement = await self._connection.prepare(sql, name="")
        return await statement.cursor(*values)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except REFUSED as error:
            raise translate(error) from error


class PostgresConnection:
    """Hands out cursors; see the module."""

    def __init__(self, connection: asyncpg.Connection, loop: asyncio.AbstractEventLoop) -> None:
        """`connection` is in its transaction, and is used by nobody else."""
        self._connection = connection
        self._loop = loop

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> PostgresCursor:
        """Run a query."""
        return self.cursor().execute(sql, values)

    def cursor(self) -> PostgresCursor:
        """A cursor to run a query with."""
        return PostgresCursor(self._connection, self._loop)
