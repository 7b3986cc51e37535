"""The one thread that writes to the database, and its group commit.

Everything that was submitted while the last commit ran shares the next
transaction: no timer decides how long to wait, the disk does. Jobs are written in
the order in which they were submitted.

There are two kinds of jobs. What the ledger submits must succeed: any error stops
the writer for good (fail-stop), because the ledger's memory is ahead of the disk by
then. Other jobs run inside a savepoint, and an error that is the statement's own
fault (a constraint, wrong SQL) undoes and fails that job alone. Every other error,
and any error of a commit, stops the writer: it is then unknown what the disk holds.

The event loop is told of a whole transaction by one callback.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from yiyuan.store.errors import LedgerUnavailable

# Errors of a statement that leave the connection and its transaction sound.
_STATEMENT_FAULTS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
    }
)


class WriteTask(Protocol):
    """Something to write. `run` is called in the thread, the others on the loop."""

    is_essential: bool
    """Whether its failure stops the writer."""

    def run(self, connection: sqlite3.Connection) -> None:
        """Execute the statements; the transaction is open."""
        ...

    def done(self) -> None:
        """The job is durable."""
        ...

    def failed(self, error: Exception) -> None:
        """The job is not known to be durable."""
        ...


class Writer:
    """Owns the writing connection and the thread that uses it."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        loop: asyncio.AbstractEventLoop,
        on_failure: Callable[[str], None],
    ) -> None:
        """`on_failure` is called once, on the loop, with the reason for the log."""
        self.failure: LedgerUnavailable | None = None
        self.transactions = 0
        self._connection = connection
        self._transaction = connection.cursor()
        """Begins and commits: the connection's own `execute` makes a cursor each time."""
        self._loop = loop
        self._on_failure = on_failure
        self._queue: queue.SimpleQueue[WriteTask | None] = queue.SimpleQueue()
        self._unfinished: list[WriteTask] = []
        self._is_closing = False
        self._tell: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def tell(self, note: Callable[[], None]) -> None:
        """Have `note` called as soon as the writer fails, before any job is told."""
        self._tell = note

    def submit(self, job: WriteTask) -> None:
        """Queue a job; on the loop only. Raises LedgerUnavailable after a failure."""
        if self.failure is not None:
            raise self.failure
        if self._is_closing:
            reason = "the database is closed"
            raise LedgerUnavailable(reason)
        self._unfinished.append(job)
        self._queue.put(job)

    def stop(self, reason: str) -> None:
        """Fail on purpose; on the loop only. What is being written may yet be stored."""
        if self.failure is None:
            self._queue.put(None)
            self._failed(reason)

    async def close(self) -> None:
        """Write what was submitted, then end the thread and close the connection."""
        if not self._is_closing:
            self._is_closing = True
            self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)
        if self.failure is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        await asyncio.sleep(0)  # the last transaction's callbacks

    # ------------------------------------------------------------ in the thread

    def _run(self) -> None:
        reason = "the writer thread ended unexpectedly"
        try:
            while jobs := self._take():
                self._write(jobs)
            self._connection.close()
            reason = ""
        except (sqlite3.Error, OverflowError, UnicodeError, AssertionError) as error:
            reason = f"{type(error).__name__}: {error}"
        finally:
            if reason:
                self._loop.call_soon_threadsafe(self._failed, reason)

    def _take(self) -> list[WriteTask]:
        """Wait for a job and take all that are there; nothing when closing."""
        jobs: list[WriteTask] = []
        while (job := self._queue.get()) is not None:
            jobs.append(job)
            if self._queue.empty():  # nobody else takes from it
                return jobs
        if jobs:
            self._queue.put(None)  # close after this transaction
        return jobs

    def _write(self, jobs: list[WriteTask]) -> None:
        refused: dict[int, Exception] = {}
        self._transaction.execute("BEGIN IMMEDIATE")
        for position, job in enumerate(jobs):
            if job.is_essential:
                job.run(self._connection)
            elif error := self._run_apart(job):
                refused[position] = error
        self._transaction.execute("COMMIT")
        self.transactions += 1
        self._loop.call_soon_threadsafe(self._committed, jobs, refused)

    def _run_apart(self, job: WriteTask) -> Exception | None:
        """Run a job so that its own faults undo it alone."""
        self._connection.execute("SAVEPOINT job")
        try:
            job.run(self._connection)
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            # Without a code it is the driver that refused: a value that no column takes.
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code not in _STATEMENT_FAULTS or not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return error
        self._connection.execute("RELEASE job")
        return None

    # ------------------------------------------------------------ on the loop

    def _committed(self, jobs: list[WriteTask], refused: dict[int, Exception]) -> None:
        if self.failure is not None:
            return  # they have been told
        del self._unfinished[: len(jobs)]
        for position, job in enumerate(jobs):
            if refused and (error := refused.get(position)):
                job.failed(error)
            else:
                job.done()

    def _failed(self, reason: str) -> None:
        if self.failure is not None:
            return
        self.failure = LedgerUnavailable(reason)
        if self._tell is not None:
            self._tell()
        jobs, self._unfinished = self._unfinished, []
        for job in jobs:
            job.failed(self.failure)
        self._on_failure(reason)
