"""SQLite as the database: one file in the home, one writer, a few readers.

WAL with `synchronous=FULL` makes a commit survive the loss of power; `NORMAL`
makes it survive the process only, for those who accept that. Writes go through one
thread (`writer.py`), in order and grouped; reads run in threads of their own on
read-only connections and never wait for the writer.

The home's lock (`home.py`) is the caller's: this room does not check it.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from yiyuan.store.sqlite.batch import write_batch
from yiyuan.store.sqlite.migrate import migrate
from yiyuan.store.sqlite.writer import Writer
from yiyuan.store.tables.ledger import Batch

Synchronous = Literal["FULL", "NORMAL"]
Statement = tuple[str, Sequence[Any]]
# Without an adapter each NULL of a row costs an AttributeError, worded and thrown away: most
# of what it takes to hand the row over. This one gives back what it gets, without a frame.
sqlite3.register_adapter(type(None), {None: None}.get)

Row = sqlite3.Row
Connection = sqlite3.Connection
IntegrityError = sqlite3.IntegrityError
T = TypeVar("T")

DATABASE_FILE = "yiyuan.db"
_BUSY_MS = 5_000
_CACHE_KIB = 32_768
# Prepared ones: a batch has one for each number of rows and what they have in common.
_STATEMENTS = 512
# Pages of 4 KiB: how long the log may grow before a commit also tidies it up. With many
# accounts each charge writes pages of its own; what is written again meanwhile, once.
_CHECKPOINT_PAGES = 16_000
_LOG_BYTES_MAX = 64 * 1024 * 1024


class _Statements:
    """A caller's own statements, written together or not at all."""

    is_essential = False

    def __init__(self, statements: Sequence[Statement], future: asyncio.Future[list[int]]) -> None:
        self._statements = statements
        self._future = future
        self._counts: list[int] = []

    def run(self, connection: sqlite3.Connection) -> None:
        self._counts = [
            connection.execute(sql, values).rowcount for sql, values in self._statements
        ]

    def done(self) -> None:
        if not self._future.done():
            self._future.set_result(self._counts)

    def failed(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)


class _Ledger:
    """A batch of the ledger."""

    is_essential = True

    def __init__(
        self, batch: Batch, done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        self._batch = batch
        self._done = done
        self._failed = failed

    def run(self, connection: sqlite3.Connection) -> None:
        write_batch(connection, self._batch)

    def done(self) -> None:
        self._done()

    def failed(self, error: Exception) -> None:
        self._failed(error)


class SqliteDatabase:
    """The open database. Made by `open`, on the event loop that will use it."""

    def __init__(self, path: Path, writer: Writer) -> None:
        """Made by `open` only."""
        self.path = path
        self._writer = writer
        self.is_failed = False
        """Whether the writer has stopped; then every write is refused."""
        writer.tell(self._note_failure)
        self._own = threading.local()
        self._readers = ThreadPoolExecutor(2, "database-reader")
        self._long_readers = ThreadPoolExecutor(2, "database-long-reader")

    @classmethod
    async def open(
        cls,
        home: Path,
        *,
        synchronous: Synchronous = "FULL",
        on_failure: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Open (or create) and migrate `home/yiyuan.db`, and start its writer.

        `on_failure` is called once, on the loop, when the writer has stopped: the
        process should exit. Raises SchemaError, sqlite3.Error.
        """
        path = home / DATABASE_FILE
        connection = await asyncio.to_thread(_open_for_writing, path, synchronous)
        return cls(path, Writer(connection, asyncio.get_running_loop(), on_failure))

    def _note_failure(self) -> None:
        self.is_failed = True

    @property
    def transactions(self) -> int:
        """Transactions committed since the start."""
        return self._writer.transactions

    async def write(self, statements: Sequence[Statement]) -> list[int]:
        """Execute statements in one transaction; durable on return.

        Returns the count of rows that each has changed. Raises sqlite3.Error
        (IntegrityError and the like; OverflowError and UnicodeError for values that
        cannot be stored) when a statement is refused, and then none of them took
        effect; LedgerUnavailable when the writer has stopped.
        """
        future: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._writer.submit(_Statements(statements, future))
        return await future

    def submit(
        self, batch: Batch, done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """Queue a batch of the ledger; one of the callbacks follows, on the loop."""
        self._writer.submit(_Ledger(batch, done, failed))

    def stop(self, reason: str) -> None:
        """Write nothing more, as after a failure: what would be written is not right."""
        self._writer.stop(reason)

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows of a short query, accessible by column name and by position."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, sql, values)

    async def run_read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` in a thread with a read-only connection of its own.

        For long reads: one transaction, so that everything it sees is of one moment.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._long_readers, self._run_read, function)

    async def close(self) -> None:
        """Write what was submitted and close; a second call does nothing."""
        await self._writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._long_readers.shutdown)

    # ------------------------------------------------------------ in reader threads

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = open_for_reading(self.path)
        return connection.execute(sql, values).fetchall()

    def _run_read(self, function: Callable[[Connection], T]) -> T:
        connection = open_for_reading(self.path)
        try:
            connection.execute("BEGIN")
            return function(connection)
        finally:
            connection.close()


def open_for_reading(path: Path) -> Connection:
    """A connection that cannot write, with rows by name."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute("PRAGMA query_only = ON")
    connection.row_factory = sqlite3.Row
    return connection


def _open_for_writing(path: Path, synchronous: Synchronous) -> Connection:
    """Open, migrate, and set what the writer relies on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    with ExitStack() as unless_ready:
        unless_ready.callback(connection.close)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        assert mode == "wal", f"{path} does not support write-ahead logging"
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES_MAX}")
        migrate(connection)
        unless_ready.pop_all()
    return connection
