"""Decides in memory, makes durable in groups: the machine inside the book.

Batches form by themselves: while one commit runs, changes gather, and the next
commit takes all of them. There is no timer: the disk decides how long a group
gathers. Everything here happens on the event loop's thread, the writer's callbacks
included, so no wake-up can be lost between them.

After an error while writing, or a fault in the core, what is on disk is unknown, or
what is in memory is wrong: every waiter fails, nothing is decided any more, and the
database reports it to whoever can end the process.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from yiyuan.ledger.errors import LedgerError, LedgerUnavailable
from yiyuan.ledger.operations import Operation
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.state import LedgerState, OpenHold
from yiyuan.store.sqlite.database import SqliteDatabase

Answer = TypeVar("Answer")
Waiter = tuple[asyncio.Future[Any], Any]


class GroupCommit:
    """The state of the ledger, and the one way from it to the disk."""

    def __init__(
        self, database: SqliteDatabase, state: LedgerState, on_failure: Callable[[], None]
    ) -> None:
        """`on_failure` is called once, when nothing will be written any more."""
        self.state = state
        self.batches = 0
        self.durable_answers = 0
        self._database = database
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._failure: LedgerUnavailable | None = None
        self._is_flush_scheduled = False
        self._is_writing = False
        self._gathering: list[Waiter] = []
        """Waiters for what has changed since the last batch was taken."""
        self._writing: list[Waiter] = []
        """Waiters for the batch that is being written."""
        self._writing_progress: list[tuple[OpenHold, int]] = []

    @property
    def is_failed(self) -> bool:
        """Whether everything is refused."""
        return self._failure is not None or self._database.is_failed

    @property
    def waiting(self) -> int:
        """Answers that wait for the disk."""
        return len(self._gathering) + len(self._writing)

    def close(self) -> None:
        """Refuse everything from now on."""
        self._failure = LedgerUnavailable("the ledger is closed")

    def apply(self, operation: Operation[Answer]) -> Answer:
        """Let the core decide. Raises what it refuses with."""
        if self._failure is not None or self._database.is_failed:
            raise self._unavailable()
        try:
            answer = apply(self.state, operation)
        except Exception as error:
            # A fault in the core: its state may be half changed and must not be stored.
            self._database.stop(f"ledger core: {type(error).__name__}: {error}")
            raise
        if isinstance(answer, LedgerError):
            raise answer
        return answer

    def durable(self, answer: Answer, *, in_writing: bool = False) -> "asyncio.Future[Answer]":
        """What gives the answer once all that was decided is on disk.

        `in_writing`: what matters is in the batch that is being written already.
        """
        if self._failure is not None or self._database.is_failed:
            raise self._unavailable()
        future: asyncio.Future[Answer] = self._loop.create_future()
        if in_writing and self._is_writing:
            self._writing.append((future, answer))
        else:
            self._gathering.append((future, answer))
            self.schedule()
        return future

    def schedule(self) -> None:
        """Take a batch at the end of this round of the loop, unless one is being written."""
        if not self._is_writing and not self._is_flush_scheduled:
            self._is_flush_scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_scheduled = False
        if self._is_writing or not (self._gathering or self.state.has_changes):
            return
        self._is_writing = True
        self._writing, self._gathering = self._gathering, []
        self._writing_progress = []
        if self.state.changed_holds:
            holds = self.state.changed_holds.values()
            self._writing_progress = [(opened, opened.progress_output) for opened in holds]
        try:
            self._database.submit(self.state.take_batch(), self._written, self._write_failed)
        except LedgerUnavailable as error:
            self._write_failed(error)

    def _written(self) -> None:
        waiters, self._writing = self._writing, []
        self._is_writing = False
        self.batches += 1
        self.durable_answers += len(waiters)
        for opened, output_tokens in self._writing_progress:
            opened.durable_output = output_tokens
        for future, answer in waiters:
            if not future.done():
                future.set_result(answer)
        # After those who were just woken, so that what they do next comes along.
        self.schedule()

    def _write_failed(self, error: Exception) -> None:
        self._failure = LedgerUnavailable(str(error))
        waiters = self._writing + self._gathering
        self._writing, self._gathering = [], []
        for future, _ in waiters:
            if not future.done():
                future.set_exception(self._unavailable())
        self._on_failure()

    def _unavailable(self) -> LedgerUnavailable:
        return LedgerUnavailable(str(self._failure or "the database has failed"))
