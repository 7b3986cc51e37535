"""The ledger over PostgreSQL, for any number of processes.

The rules are the same core's; what differs is where the truth is: in rows that a batch
locks, not in memory. Everything that was asked while the last transaction ran is the
next batch (no timer; `_run` takes what is there until nothing is, and nothing awaits
between its last look and its end, so no wake-up can be lost). A hold is answered when
it is committed. This process's open holds are kept in memory; nobody else may change
them as long as its epoch is live, which every batch checks.

When the database is away, nothing is lost and nothing is decided: holds are refused
with 503, endings wait. A batch whose commit was not answered is looked up by its number
in the epoch's row, and is then answered or done again: never twice, never not at all.

Once its epoch is declared dead, this process refuses everything and is expected to
exit (`on_failure`), as it is after a fault in the core.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Self, TypeVar

from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import Overloaded, retry_headers
from yiyuan.ledger.contract import NothingAtOnce
from yiyuan.ledger.errors import AlreadyEnded, LedgerError, LedgerUnavailable, NotStarted
from yiyuan.ledger.operations import (
    Details,
    Done,
    Held,
    Hold,
    Operation,
    Progress,
    Recover,
    Refund,
    Refused,
    Settle,
    Settled,
    Start,
    Switch,
    Void,
)
from yiyuan.ledger.postgres.batches import Batches
from yiyuan.ledger.postgres.epoch_lease import USUAL, EpochLease, Times
from yiyuan.ledger.postgres.pending import PendingOperation
from yiyuan.ledger.postgres.process_identity import this_node
from yiyuan.ledger.postgres.view_cache import ViewCache
from yiyuan.ledger.recovery import Recovered
from yiyuan.ledger.release_queue import ReleaseQueue
from yiyuan.ledger.rules.state import LedgerState
from yiyuan.ledger.rules.views import AccountView, BudgetView, LedgerStats
from yiyuan.store.postgres import epochs
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.queries.ledger import account_by_name, refundable

Answer = TypeVar("Answer")

QUEUE_MAX: Final = 4_096
HOLD_PATIENCE_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 30.0
AWAY_SECONDS: Final = 1.0
"""So long without the database until holds are refused at once, but for one."""
RELEASE_POLL_SECONDS: Final = 0.1
CLOSE_SECONDS: Final = 10.0
_OPENING: Final = Hold | Start | Progress | Switch


class PostgresLedger(NothingAtOnce):
    """One process's part in the ledger. Made by `open`; on one event loop only."""

    def __init__(
        self,
        database: PostgresDatabase,
        clock: Clock,
        epoch: int,
        fail: Callable[[str], None],
        times: Times,
    ) -> None:
        """Made by `open` only."""
        self.epoch = epoch
        self.recovered = Recovered()
        self._database = database
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._glances = ViewCache(database, clock)
        self._releases = ReleaseQueue()
        self._batches = Batches(database, clock, epoch, self._committed, fail)
        self._keeper = EpochLease(database, clock, epoch, self._batches, times)
        self._postings: set[asyncio.Task[Any]] = set()
        self._voiding: set[str] = set()
        """Requests whose void is not committed yet."""

    @classmethod
    async def open(
        cls,
        database: PostgresDatabase,
        clock: Clock,
        on_failure: Callable[[str], None] = lambda _: None,
        times: Times = USUAL,
    ) -> Self:
        """Begin an epoch, recover what ended processes left behind, and stay alive.

        `on_failure` is called once, when this process must not go on. Raises DatabaseAway.
        """
        epoch = await epochs.register(database, this_node())
        ledger = cls(database, clock, epoch, on_failure, times)
        ledger.recovered = await ledger._keeper.open()
        return ledger

    async def close(self) -> None:
        """Let what was asked end, and retire. Open holds are recovered by others."""
        if self._postings:
            await asyncio.wait(self._postings)
        self._releases.stop()
        await self._keeper.close()
        await self._batches.close(CLOSE_SECONDS)

    @property
    def is_failed(self) -> bool:
        """Whether this process may not decide any more."""
        return self._batches.failure is not None

    async def account(self, account_id: str) -> AccountView | None:
        """The account as of a moment ago; older while the database is away."""
        return await self._glances.account(account_id)

    async def find_account(self, name_or_id: str) -> AccountView | None:
        """The account of this id, or else of this name."""
        found = await self._glances.account(name_or_id)
        if found is None:
            account_id = await account_by_name(self._database, name_or_id)
            found = None if account_id is None else await self._glances.account(account_id)
        return found

    async def budget(self, budget_id: str) -> BudgetView | None:
        """The budget as of a moment ago; older while the database is away."""
        return await self._glances.budget(budget_id)

    def durable_progress(self, request_id: str) -> int:
        """Output tokens that the stored hold proves; 0 when the request has ended."""
        opened = self._batches.opened.get(request_id)
        return 0 if opened is None else opened.durable_output

    def stats(self) -> LedgerStats:
        """Figures of this process."""
        batches = self._batches
        return LedgerStats(
            open_holds=len(batches.opened),
            held_micros=sum(hold.operation.amount_micros for hold in batches.opened.values()),
            young_holds=0,
            waiting_for_disk=batches.waiting,
            waiting_for_release=self._releases.waiting,
            batches=batches.committed,
            durable_answers=batches.answered,
            overdue_holds=self._keeper.overdue_holds,
        )

    # ------------------------------------------------------------ requests

    async def hold(self, operation: Hold) -> Held | Refused:
        """Reserve a request's upper bound, or say why not; durable on return.

        A hold that nobody waits for any more is given back at once. Raises Overloaded
        (too much waits, or the database is away), LedgerError.
        """
        batches = self._batches
        # While it is away one hold may wait, to find out when it is back.
        is_away = batches.away_seconds > AWAY_SECONDS and batches.waiting > 0
        if is_away or batches.waiting >= QUEUE_MAX:
            raise Overloaded(headers=retry_headers(1))
        answer: Held | Refused = await self._ask(PendingOperation(operation), HOLD_PATIENCE_SECONDS)
        return answer

    async def switch(self, operation: Switch) -> Done | Refused:
        """See `Ledger.switch`; durable on return."""
        return await self._ask(PendingOperation(operation))  # type: ignore[no-any-return]

    async def released(self, account_id: str, timeout_seconds: float) -> bool:
        """Wait until a hold of the account ends here or elsewhere, or money comes in.

        False at the time-out, at once when too many wait or nothing is held.
        """
        before = self._glances.last_seen(account_id)
        if before is None or before.held_micros == 0 or self.is_failed:
            return False
        deadline = self._clock.monotonic() + timeout_seconds
        while (left := deadline - self._clock.monotonic()) > 0:
            began = self._clock.monotonic()
            pause = min(left, RELEASE_POLL_SECONDS)
            if await self._releases.wait(account_id, pause):
                return True
            if self._clock.monotonic() - began < pause / 2:
                return False  # too many wait
            now = await self._glances.account(account_id, RELEASE_POLL_SECONDS)
            if now is None or now.available_micros > before.available_micros:
                return True
            before = now
        return False

    async def start(self, request_id: str, input_count: int) -> None:
        """Output may be delivered once this returns. Raises AlreadyEnded."""
        await self._ask(PendingOperation(Start(request_id, input_count)))

    async def progress(self, request_id: str, output_tokens: int) -> None:
        """Return when up to `output_tokens` may have been delivered. Raises AlreadyEnded."""
        await self._ask(PendingOperation(Progress(request_id, output_tokens)))

    def mark(self, request_id: str, output_tokens: int) -> None:
        """Ask for progress to be made durable, and do not wait. Raises AlreadyEnded."""
        opened = self._batches.opened.get(request_id)
        if opened is None or request_id in self._voiding:
            raise AlreadyEnded(request_id)
        if not opened.started:
            raise NotStarted(request_id)
        self._batches.submit(PendingOperation(Progress(request_id, output_tokens)))

    async def settle(self, operation: Settle) -> Settled:
        """Charge a request and end it; durable on return.

        Decided even if nobody waits for it. Raises AlreadyEnded, InvalidUsage.
        """
        answer: Settled = await self._ask(PendingOperation(operation))
        return answer

    async def void(self, operation: Void) -> None:
        """End a request without charge; durable soon. Raises AlreadyEnded."""
        request_id = operation.request_id
        if request_id not in self._batches.opened or request_id in self._voiding:
            raise AlreadyEnded(request_id)
        self._batches.submit(PendingOperation(operation))
        self._voiding.add(request_id)

    # ------------------------------------------------------------ postings

    async def post(self, operation: Operation[Answer]) -> Answer:
        """Anything that is no part of a request; durable on return.

        Carried through even if the caller is cancelled. A keyed credit that was made
        before is answered by its first entry. Raises LedgerError.
        """
        task: asyncio.Task[Answer] = self._loop.create_task(self._post(operation))
        self._postings.add(task)
        task.add_done_callback(self._postings.discard)
        return await asyncio.shield(task)

    async def _post(self, operation: Operation[Any]) -> Any:
        found = None
        if isinstance(operation, Refund):
            found = await refundable(self._database, operation.request_id)
        return await self._ask(PendingOperation(operation, refundable=found))

    # ------------------------------------------------------------ asking

    async def _ask(self, ask: PendingOperation, patience_seconds: float = PATIENCE_SECONDS) -> Any:
        """Wait for the batch that decides it."""
        ask.future = self._loop.create_future()
        self._batches.submit(ask)
        try:
            async with asyncio.timeout(patience_seconds):
                return await ask.future
        except TimeoutError:
            self._give_back(ask)
            raise LedgerUnavailable("the database does not answer") from None
        except asyncio.CancelledError:
            self._give_back(ask)
            raise

    def _give_back(self, ask: PendingOperation) -> None:
        """Void a hold that was answered in the very round in which its asker gave up.

        A later answer finds the future done, and `Batches` gives the hold back itself.
        """
        future = ask.future
        if future is None or not future.done() or future.cancelled() or self.is_failed:
            return
        operation = ask.operation
        if not isinstance(operation, Hold) or future.exception() is not None:
            return
        if isinstance(future.result(), Held):
            details = Details(endpoint="", ended_at=self._clock.wall_ms())
            self._batches.submit(
                PendingOperation(Void(operation.request_id, "client_gone", details))
            )

    def _committed(
        self, state: LedgerState, asks: list[PendingOperation], answers: list[Any]
    ) -> None:
        """A batch is durable: remember what was seen, and wake who waits for money."""
        self._glances.note(state)
        for ask, answer in zip(asks, answers, strict=True):
            operation = ask.operation
            if isinstance(operation, Void):
                self._voiding.discard(operation.request_id)
            if isinstance(answer, LedgerError) or isinstance(operation, _OPENING):
                continue
            if isinstance(operation, Settle | Void | Recover):
                self._releases.wake(self._batches.account_of(operation.request_id))
            elif (account_id := getattr(answer, "account_id", None)) is not None:
                self._releases.wake(account_id)
