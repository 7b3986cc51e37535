"""Makes batches of what is asked, and gets each of them committed, whatever happens.

One batch is under way at a time. What goes wrong with it:

- *The connection was lost before COMMIT was sent*: it had no effect, and is done again.
- *It was lost while COMMIT was under way*: its number in the epoch's row tells. The
  look-up waits for the old transaction's lock on that row, so its answer is final.
- *Somebody else has an account or a budget locked for long*: its operations are put
  off and tried by themselves every tenth of a second, the others go on. If it is more
  than that (a table, this process's own epoch), nothing goes on, and that is as if the
  database were away.
- *The database refuses a row*: another process has used the same key or name just now;
  each operation is tried alone, and sees it. What is refused alone is a fault.
- *A fault, or the fence*: this process must not go on (fail-stop).
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from yiyuan.kernel.clock import Clock
from yiyuan.ledger.errors import LedgerError, LedgerUnavailable
from yiyuan.ledger.operations import (
    Details,
    Held,
    Hold,
    Progress,
    Recover,
    Settle,
    Start,
    Switch,
    Void,
)
from yiyuan.ledger.postgres.pending import PendingOperation, is_blocked
from yiyuan.ledger.postgres.transaction import Decided, decide
from yiyuan.ledger.rules.state import LedgerState, OpenHold
from yiyuan.store.postgres.batch import Fenced
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.postgres.session import BatchConnections, Outcome

Committed = Callable[[LedgerState, list[PendingOperation], list[Any]], None]

BATCH_MAX: Final = 1_024
PUT_OFF_SECONDS: Final = 0.1
_PAUSES_SECONDS: Final = (0.0, 0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
_ATTEMPTS_ALONE: Final = 5


class Batches:
    """The one way of this process to change the ledger; on one event loop only."""

    def __init__(
        self,
        database: PostgresDatabase,
        clock: Clock,
        epoch: int,
        on_commit: Committed,
        on_failure: Callable[[str], None],
    ) -> None:
        """`on_commit` is told of every batch before its waiters are."""
        self.failure: LedgerUnavailable | None = None
        self.opened: dict[str, OpenHold] = {}
        """This process's open holds, as committed."""
        self.committed = self.answered = 0
        self._clock = clock
        self._epoch = epoch
        self._on_commit = on_commit
        self._on_failure = on_failure
        self._sessions = BatchConnections(database, epoch, self._note_away)
        self._loop = asyncio.get_running_loop()
        self._pending: list[PendingOperation] = []
        self._running: list[PendingOperation] = []
        self._put_off: list[PendingOperation] = []
        self._runner: asyncio.Task[None] | None = None
        self._blocked: frozenset[str] = frozenset()
        """Accounts and budgets whose operations are put off."""
        self._is_retry_due = False
        self._retry: asyncio.TimerHandle | None = None
        self._should_skip = False
        self._away_since: float | None = None
        self._ended_accounts: dict[str, str] = {}

    # ------------------------------------------------------------ asking

    @property
    def waiting(self) -> int:
        """Operations that are not committed yet."""
        return len(self._pending) + len(self._running) + len(self._put_off)

    @property
    def away_seconds(self) -> float:
        """How long the database has been away; 0 while it is there."""
        since = self._away_since
        return 0.0 if since is None else self._clock.monotonic() - since

    def submit(self, ask: PendingOperation) -> None:
        """Have it decided with the next batch. Raises LedgerUnavailable after a failure."""
        if self.failure is not None:
            raise self.failure
        self._pending.append(ask)
        self._kick()

    def account_of(self, request_id: str) -> str:
        """The account of a request that the batch just committed has ended."""
        return self._ended_accounts.get(request_id, "")

    async def close(self, timeout_seconds: float) -> None:
        """Carry out what was asked, as long as the database is there; then retire."""
        deadline = self._clock.monotonic() + timeout_seconds
        while self.waiting and self.failure is None and self._clock.monotonic() < deadline:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.005)
        if self.failure is None:
            self._stop(LedgerUnavailable("the ledger is closed"))
            await self._sessions.retire()
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        self._sessions.close()

    def fail(self, reason: str) -> None:
        """Let nothing more be decided here; told once."""
        if self.failure is None:
            self._stop(LedgerUnavailable(reason))
            self._on_failure(reason)

    def _stop(self, failure: LedgerUnavailable) -> None:
        self.failure = failure
        asks = self._running + self._pending + self._put_off
        self._running, self._pending, self._put_off = [], [], []
        for ask in asks:
            if ask.future is not None and not ask.future.done():
                ask.future.set_exception(LedgerUnavailable(failure.reason))

    # ------------------------------------------------------------ one after the other

    def _kick(self) -> None:
        if self._runner is None or self._runner.done():
            self._runner = self._loop.create_task(self._run())

    async def _run(self) -> None:
        """Batch after batch, until nothing is asked.

        Between the last look at `_pending` and the end nothing is awaited, and after
        the end `submit` starts anew.
        """
        await asyncio.sleep(0)  # what is asked in this round of the loop comes along
        try:
            while (self._pending or self._is_retry_due) and self.failure is None:
                self._running = self._take()
                await self._carry_out()
        except Fenced:
            self.fail("others have declared this process dead, after it was silent too long")
        except Exception as error:
            # A fault in the core or in the SQL: nothing of the batch is stored.
            self._sessions.drop()
            self.fail(f"ledger batch: {type(error).__name__}: {error}")
            raise
        finally:
            self._runner = None

    def _take(self) -> list[PendingOperation]:
        """The next batch: what was put off, when it is time for that, or what is new."""
        if self._is_retry_due:
            self._is_retry_due = False
            asks, self._put_off = self._put_off[:BATCH_MAX], self._put_off[BATCH_MAX:]
            self._blocked = self._blocked if self._put_off else frozenset()
            self._put_aside([])
            self._should_skip = True
            return asks
        asks, self._pending = self._pending[:BATCH_MAX], self._pending[BATCH_MAX:]
        if self._blocked:
            is_put_off = [is_blocked(ask, self.opened, self._blocked) for ask in asks]
            self._put_aside([ask for ask, is_so in zip(asks, is_put_off, strict=True) if is_so])
            asks = [ask for ask, is_so in zip(asks, is_put_off, strict=True) if not is_so]
        return asks

    def _put_aside(self, asks: list[PendingOperation]) -> None:
        """Try these again a little later."""
        self._put_off += asks
        if self._put_off and self._retry is None:
            self._retry = self._loop.call_later(PUT_OFF_SECONDS, self._take_up)

    async def _carry_out(self) -> None:
        """Get `_running` committed."""
        asks = self._running
        is_refused = await self._until_done(asks)
        if is_refused:
            for ask in asks:
                await self._alone(ask)
        self._running = []

    async def _alone(self, ask: PendingOperation) -> None:
        """Try one operation by itself; what made it fail may have become visible."""
        for _ in range(_ATTEMPTS_ALONE):
            if not await self._until_done([ask]):
                return
        raise AssertionError(f"the database refuses {type(ask.operation).__name__}")

    async def _until_done(self, asks: list[PendingOperation]) -> bool:
        """Commit these, however long the database is away; True if it refuses a row."""
        failures = 0
        while self.failure is None:
            if failures:
                await asyncio.sleep(_PAUSES_SECONDS[min(failures, len(_PAUSES_SECONDS) - 1)])
            asks = [ask for ask in asks if not ask.is_withdrawn]
            if not asks:
                return False
            outcome, decided = await self._attempt(asks)
            if outcome is Outcome.COMMITTED:
                self._away_since = None
                self._finish(decided)
                return False
            if outcome is Outcome.REFUSED:
                return True
            if outcome is Outcome.AWAY:
                failures += 1
            elif outcome is Outcome.BUSY:
                failures = 1
                if self._should_skip:  # and so it was not a row that could be left out
                    self._note_away()
                self._should_skip = True
        return False

    def _note_away(self) -> None:
        """The database is not to be had, from now on or still."""
        self._away_since = self._away_since or self._clock.monotonic()

    async def _attempt(self, asks: list[PendingOperation]) -> tuple[Outcome, Decided]:
        decided = Decided([], [], [], LedgerState(self._epoch))

        async def decide_here(session: Any, number: int) -> None:
            nonlocal decided
            decided = await decide(
                session, self._epoch, number, asks, self.opened, should_skip=self._should_skip
            )

        outcome = await self._sessions.run(decide_here)
        return outcome, decided

    # ------------------------------------------------------------ afterwards

    def _finish(self, decided: Decided) -> None:
        """The batch is durable: remember it, tell everyone who waits."""
        self.committed += 1
        self._should_skip = False
        self._blocked |= decided.skipped
        self._put_aside(decided.put_off)
        self._ended_accounts.clear()
        for ask, answer in zip(decided.asks, decided.answers, strict=True):
            self._remember(ask, answer, decided.state)
        self._on_commit(decided.state, decided.asks, decided.answers)
        for ask, answer in zip(decided.asks, decided.answers, strict=True):
            self._tell(ask, answer)

    def _take_up(self) -> None:
        """Ask again for what was put off."""
        self._retry = None
        if self._put_off and self.failure is None:
            self._is_retry_due = True
            self._kick()

    def _remember(self, ask: PendingOperation, answer: Any, state: LedgerState) -> None:
        operation = ask.operation
        if not isinstance(operation, Hold | Switch | Start | Progress | Settle | Void | Recover):
            return
        if isinstance(answer, LedgerError):
            return
        request_id = operation.request_id
        hold = state.holds.get(request_id)
        if hold is None:
            ended = self.opened.pop(request_id, ask.orphan)
            if ended is not None:
                self._ended_accounts[request_id] = ended.operation.account_id
            return
        hold.durable_output = hold.progress_output
        if isinstance(operation, Hold):
            lifetime_ms = operation.deadline - operation.opened_at
            # By the monotonic clock: a wall clock that jumps must not end a request.
            hold.due = self._clock.monotonic() + lifetime_ms / 1000
        self.opened[request_id] = hold

    def _tell(self, ask: PendingOperation, answer: Any) -> None:
        future = ask.future
        if future is None:
            return
        if not future.done():
            self.answered += 1
            if isinstance(answer, LedgerError):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        elif isinstance(answer, Held) and isinstance(ask.operation, Hold):
            # Whoever asked has gone in the meantime.
            details = Details(endpoint="", ended_at=self._clock.wall_ms())
            void = Void(ask.operation.request_id, "client_gone", details)
            self._pending.append(PendingOperation(void))
