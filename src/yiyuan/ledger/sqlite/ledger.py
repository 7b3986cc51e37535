"""The ledger as the rest of the product uses it, over one SQLite writer.

Every operation is decided at once, in memory, on the event loop, by the core; so
nothing can come between a check and its change. What must be durable is awaited:

- `hold` is decided and not awaited to disk: it becomes durable with `start`, or
  after 50 to 100 ms. A request that ends sooner leaves only its charge.
- `start` and `progress` return when they are durable (gates 1 and 2 of a stream),
  `settle` when the charge is (gate 3).
- `void` is decided at once and written along with whatever comes next.

How that is done for many at once, and what happens when it fails: `group_commit.py`.
After a failure the book refuses everything (LedgerUnavailable).
"""

import asyncio
from typing import Self, TypeVar

from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import Overloaded, retry_headers
from yiyuan.ledger.operations import (
    Done,
    Held,
    Hold,
    Keep,
    Operation,
    Progress,
    Recover,
    Refused,
    Settle,
    Settled,
    Start,
    Switch,
    Void,
)
from yiyuan.ledger.recovery import Recovered, restore_state
from yiyuan.ledger.release_queue import ReleaseQueue
from yiyuan.ledger.rules.state import LedgerState
from yiyuan.ledger.rules.views import (
    AccountView,
    BudgetView,
    LedgerStats,
    view_account,
    view_budget,
)
from yiyuan.ledger.sqlite.group_commit import GroupCommit
from yiyuan.ledger.sqlite.postings import Postings
from yiyuan.store.queries.ledger import account_by_name, load_ledger
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.tables.ledger import EpochRow

Answer = TypeVar("Answer")

# Answers that may wait for the disk before new holds are turned away.
QUEUE_MAX = 4_096
# A hold is given its row when it has seen two ticks: after 50 to 100 ms.
TICK_SECONDS = 0.05
_TICKS_PER_REAPING = 100


class SqliteLedger:
    """The one owner of the ledger's state. Made by `open`; on one event loop only."""

    def __init__(
        self, database: SqliteDatabase, clock: Clock, state: LedgerState, recovered: Recovered
    ) -> None:
        """Made by `open` only."""
        self.recovered = recovered
        self._database = database
        self._clock = clock
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._releases = ReleaseQueue()
        self._commits = GroupCommit(database, state, self._releases.stop)
        self._postings = Postings(database, self._commits, self._releases)
        self._tick_handle: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._aging: list[str] = []
        self._overdue_holds = 0

    @classmethod
    async def open(cls, database: SqliteDatabase, clock: Clock) -> Self:
        """Load the ledger, begin a new epoch and recover the holds of older ones.

        Raises LedgerInconsistent when the stored holds do not add up.
        """
        stored = await database.run_read(load_ledger)
        state, recovered = restore_state(stored, clock)
        ledger = cls(database, clock, state, recovered)
        await ledger._commits.durable(None)
        return ledger

    async def close(self) -> None:
        """Let postings end, write what is left and end the epoch.

        Requests must have ended before: what they still hold is recovered at the
        next start.
        """
        await self._postings.end()
        if self._tick_handle is not None:
            self._tick_handle.cancel()
        self._releases.stop()
        if not self.is_failed:
            now = self._clock.wall_ms()
            self._state.epochs.append(EpochRow(self._state.epoch, now, now))
            await self._commits.durable(None)
            self._commits.close()

    @property
    def is_failed(self) -> bool:
        """Whether the ledger has stopped and refuses everything."""
        return self._commits.is_failed

    def account_at_once(self, account_id: str) -> AccountView | None:
        """The account at this moment, in memory."""
        account = self._state.accounts.get(account_id)
        return None if account is None else view_account(account)

    async def account(self, account_id: str) -> AccountView | None:
        """The same, for who may have to wait elsewhere."""
        return self.account_at_once(account_id)

    async def find_account(self, name_or_id: str) -> AccountView | None:
        """The account of this id, or else of this name."""
        if name_or_id not in self._state.accounts:
            found = await account_by_name(self._database, name_or_id)
            return None if found is None else await self.account(found)
        return await self.account(name_or_id)

    async def budget(self, budget_id: str) -> BudgetView | None:
        """The budget at this moment, in memory."""
        budget = self._state.budgets.get(budget_id)
        return None if budget is None else view_budget(budget, self._clock.wall_ms())

    def durable_progress(self, request_id: str) -> int:
        """Output tokens that the stored hold proves; 0 when the request has ended."""
        opened = self._state.holds.get(request_id)
        return 0 if opened is None else opened.durable_output

    def stats(self) -> LedgerStats:
        """Figures for metrics."""
        return LedgerStats(
            open_holds=len(self._state.holds),
            held_micros=sum(h.operation.amount_micros for h in self._state.holds.values()),
            young_holds=len(self._state.young),
            waiting_for_disk=self._commits.waiting,
            waiting_for_release=self._releases.waiting,
            batches=self._commits.batches,
            durable_answers=self._commits.durable_answers,
            overdue_holds=self._overdue_holds,
        )

    async def hold(self, operation: Hold) -> Held | Refused:
        """See `hold_at_once`: there is nothing to wait for."""
        return self.hold_at_once(operation)

    def hold_at_once(self, operation: Hold) -> Held | Refused:
        """Reserve a request's upper bound, or say why not.

        Raises Overloaded when too much waits for the disk, LedgerUnavailable,
        and LedgerError for an unknown account or budget.
        """
        if self._commits.waiting >= QUEUE_MAX:
            raise Overloaded(headers=retry_headers(1))
        answer = self._commits.apply(operation)
        if type(answer) is Held:
            opened = self._state.holds[operation.request_id]
            lifetime_ms = operation.deadline - operation.opened_at
            # By the monotonic clock: a wall clock that jumps must not end a request.
            opened.due = self._clock.monotonic() + lifetime_ms / 1000
            if self._tick_handle is None:
                self._tick_handle = self._loop.call_later(TICK_SECONDS, self._tick)
        return answer

    async def switch(self, operation: Switch) -> Done | Refused:
        """Let another model answer a request that has not started, or say why not.

        Decided at once; a hold that is stored already is written with the next batch,
        which is there before `start` returns. Raises AlreadyEnded, AlreadyStarted.
        """
        answer = self._commits.apply(operation)
        self._commits.schedule()
        return answer

    async def released(self, account_id: str, timeout_seconds: float) -> bool:
        """Wait until a hold of the account ends (True), at most `timeout_seconds`.

        Call it right after the refusal, without waiting for anything in between.
        False at the time-out, at once when too many wait or nothing is held.
        """
        account = self._state.accounts.get(account_id)
        if account is None or account.held == 0 or self.is_failed:
            return False
        return await self._releases.wait(account_id, timeout_seconds)

    async def start(self, request_id: str, input_count: int) -> None:
        """Output may be delivered once this returns. Raises AlreadyEnded."""
        await self._commits.durable(self._commits.apply(Start(request_id, input_count)))

    async def progress(self, request_id: str, output_tokens: int) -> None:
        """Return when up to `output_tokens` may have been delivered. Raises AlreadyEnded."""
        self.mark(request_id, output_tokens)
        opened = self._state.holds[request_id]
        if opened.durable_output < output_tokens:
            in_writing = request_id not in self._state.changed_holds
            await self._commits.durable(None, in_writing=in_writing)

    def mark(self, request_id: str, output_tokens: int) -> None:
        """Ask for progress to be made durable, and do not wait. Raises AlreadyEnded."""
        self._commits.apply(Progress(request_id, output_tokens))
        self._commits.schedule()

    async def settle(self, operation: Settle) -> Settled:
        """Charge a request and end it; durable on return.

        Decided even if the waiting is cancelled. Raises AlreadyEnded,
        InvalidUsage (then the hold stays open), LedgerUnavailable.
        """
        return await self._commits.durable(self._end(operation))

    async def void(self, operation: Void) -> None:
        """End a request without charge; written with the next batch. Raises AlreadyEnded."""
        self._end(operation)
        self._commits.schedule()

    def _end(self, operation: Settle | Void | Recover) -> Settled:
        opened = self._state.holds.get(operation.request_id)
        answer = self._commits.apply(operation)
        assert opened is not None
        self._releases.wake(opened.account.id)
        return answer

    async def post(self, operation: Operation[Answer]) -> Answer:
        """Anything that is no part of a request; durable on return.

        Carried through even if the caller is cancelled. A keyed credit that was
        made before is answered by its first entry. Raises LedgerError.
        """
        return await self._postings.post(operation)

    def _tick(self) -> None:
        """Give rows to holds that have seen a tick before; end those that are overdue."""
        self._tick_handle = None
        if self.is_failed:
            return
        young = self._state.young
        for request_id in self._aging:
            if request_id in young:
                self._commits.apply(Keep(request_id))
        self._aging = list(young)
        self._ticks += 1
        if self._ticks % _TICKS_PER_REAPING == 0:
            self._reap()
        if self._state.has_changes:
            self._commits.schedule()
        if self._state.holds:
            self._tick_handle = self._loop.call_later(TICK_SECONDS, self._tick)

    def _reap(self) -> None:
        """Recover holds past their deadline: whoever opened them has lost them."""
        now = self._clock.monotonic()
        overdue = [key for key, opened in self._state.holds.items() if opened.due < now]
        for request_id in overdue:
            self._end(Recover(request_id, self._clock.wall_ms()))
        self._overdue_holds += len(overdue)
