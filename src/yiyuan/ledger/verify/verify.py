"""Proves from the stored rows alone that the books are right.

| check | holds when |
|---|---|
| V1 | an account's balance is what its last entry says, its `seq` the number of entries |
| V2 | entries of an account are numbered 1, 2, 3, … and each continues the balance before |
| V3 | `held` of an account, and of a budget in its period, is the sum of its open holds; what |
|    | a budget has spent is what its period's usage was charged, less what was refunded |
| V4 | 0 ≤ held ≤ posted |
| V5 | each charge has its usage, each charged usage its one entry, each refund its charge |
| V6 | each charge follows from the price's document, the factor, the time and the tokens |
| V7 | open holds are of the running epoch, not overdue, and their requests have not ended |
| V8 | each redemption has its code, claimed by that account and of that value, and each code |
|    | that was claimed some time ago has its one entry |
| V9 | all balances together are what came in less what was earned |
| V10 | each credited order has its one entry, of its account and amount, and the reverse |

An account that was found right gets a checkpoint: up to which entry, with what balance,
and a digest of all that was read. The next audit reads what came after it, and what may
change at any time: all accounts, holds and budgets (what a budget in total has spent is
compared with all the usage there is, and so only with `full`). With `full` everything is read
again, and must give the same digest at the checkpoint. Of requests that have expired
the charges must add up to what the sums by day say.

The work is done in pieces, each on a view of its own moment: an audit of any length
keeps no snapshot open, and memory does not grow with the history.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.budgets import counted_from_json
from yiyuan.ledger.verify.report import VerificationReport
from yiyuan.ledger.verify.verify_account import ROWS_AT_ONCE, AccountVerification, View
from yiyuan.ledger.verify.verify_orders import check_orders
from yiyuan.pricing.price import Price, from_json
from yiyuan.store.database import Connection
from yiyuan.store.queries.verify import codes as verify_codes
from yiyuan.store.queries.verify import rows as audit_reads
from yiyuan.store.queries.verify.budgets import budgets_spent
from yiyuan.store.queries.verify.rows import Head
from yiyuan.store.tables.ledger import CheckpointRow

Progress = Callable[[int, int], None]
"""Called with the entries read and to be read, now and then, in the audit's thread."""

OVERDUE_GRACE_MS = 60_000
# A request that had not ended then may have been admitted so long before the oldest
# hold: clocks of other nodes, and holds too young to have a row.
ADMITTED_GRACE_MS = 600_000
# A code is claimed a moment before its entry is booked; a crash in between is made good
# at the next start.
CLAIM_GRACE_MS = 60_000
_HEADS_AT_ONCE = 200
_WORK_PER_PIECE = 1_000
_WORK_PER_ACCOUNT = 5
_ENTRIES_PER_PROGRESS = 20_000


class Verification:
    """One run. Call `piece` until it returns True, then ask for the `verdict`."""

    def __init__(
        self,
        *,
        now_ms: int,
        full: bool = False,
        progress: Progress = lambda _done, _total: None,
    ) -> None:
        """Reads nothing yet."""
        self._now_ms = now_ms
        self._is_full = full
        self._progress = progress
        self._findings = VerificationReport()
        self._total = self._told = 0
        self._usage_from = 0
        self._prices: dict[str, Price] = {}
        self._checkpoints: list[CheckpointRow] = []
        self._view: View | None = None
        self._work: Iterator[None] | None = None

    def piece(self, connection: Connection) -> bool:
        """Do some more, on a view of this moment; True when nothing is left."""
        if self._view is None or self._work is None:
            self._view = View(connection)
            self._work = self._pieces(self._view)
        self._view.connection = connection
        self._findings.work = 0
        for _ in self._work:
            if self._findings.read - self._told >= _ENTRIES_PER_PROGRESS:
                self._told = self._findings.read
                self._progress(self._told, max(self._total, self._told))
            return False
        read = self._findings.read
        self._progress(read, read)
        return True

    def verdict(self) -> dict[str, Any]:
        """`{"ok", "accounts", "entries", "read", "problems"}`, problems in words."""
        return self._findings.verdict()

    def take_checkpoints(self) -> list[CheckpointRow]:
        """What was proved since the last call, to be stored for the next audit."""
        taken, self._checkpoints = self._checkpoints, []
        return taken

    # ------------------------------------------------------------ the work

    def _pieces(self, view: View) -> Iterator[None]:
        _, entries, checked = audit_reads.totals(view.connection)
        self._total = entries if self._is_full else entries - checked
        self._read_prices(view.connection)
        self._check_holds(view.connection)
        self._check_budgets(view.connection)
        yield
        after = ""
        while heads := audit_reads.heads(view.connection, after, _HEADS_AT_ONCE):
            held = audit_reads.held_by_account(view.connection)
            for head in heads:
                yield from self._check_account(view, head, held.get(head.account.id, 0))
            after = heads[-1].account.id
            yield
        yield from self._check_strays(view)
        yield from self._check_codes(view)
        yield from check_orders(view, self._findings.problem, self._now_ms)
        self._check_system()

    def _check_account(self, view: View, head: Head, held: int) -> Iterator[None]:
        """V1 to V6 of one account; `held` is of the same moment as `head`."""
        account = AccountVerification(self._findings, head, self._prices, is_full=self._is_full)
        if not account.is_new():
            account.check_head(head.account, held)
            return
        yield from account.pieces(view)
        checkpoint = account.checkpoint(self._usage_from, self._now_ms)
        if checkpoint is not None:
            self._checkpoints.append(checkpoint)
        self._findings.work += _WORK_PER_ACCOUNT
        if self._findings.work >= _WORK_PER_PIECE:
            yield

    def _read_prices(self, connection: Connection) -> None:
        """V6 of the prices themselves."""
        for price_id, model, document in audit_reads.prices(connection):
            try:
                self._prices[price_id] = from_json(document, price_id=price_id, model=model)
            except ValueError as error:
                self._findings.problem(f"V6 price {price_id}: {error}")

    def _check_holds(self, connection: Connection) -> None:
        """V7, and V3 of holds whose account does not exist."""
        problem, oldest = self._findings.problem, self._now_ms
        live = audit_reads.live_epochs(connection)
        for hold in audit_reads.holds(connection):
            oldest = min(oldest, hold.opened_at)
            name = f"V7 account {hold.account_id}: the hold of request {hold.request_id}"
            if hold.epoch not in live:
                problem(f"{name} is of epoch {hold.epoch}, which does not run")
            if hold.deadline + OVERDUE_GRACE_MS < self._now_ms:
                overdue_seconds = (self._now_ms - hold.deadline) // 1000
                problem(f"{name} is overdue by {overdue_seconds} s")
        for account_id, request_id in audit_reads.requests_open_and_ended(connection):
            problem(f"V7 account {account_id}: request {request_id} has ended and is still held")
        for account_id, amount in audit_reads.holds_of_nobody(connection):
            problem(f"V3 account {account_id}: does not exist, but {amount} is held")
        self._usage_from = max(oldest - ADMITTED_GRACE_MS, 0)

    def _check_budgets(self, connection: Connection) -> None:
        """V3 of budgets, each in its current period."""
        problem = self._findings.problem
        held: Counter[tuple[str, int | None]] = Counter()
        for hold in audit_reads.holds(connection):
            try:
                counted = counted_from_json(hold.budget_ids)
            except (ValueError, TypeError):
                problem(f"V3 request {hold.request_id}: its budgets are {hold.budget_ids!r}")
                continue
            for budget_id, since in counted.items():
                held[budget_id, since] += hold.amount
        spent = budgets_spent(connection, is_full=self._is_full)
        budget_ids = set()
        for budget in audit_reads.budgets(connection):
            budget_ids.add(budget.id)
            name = f"V3 budget {budget.id}"
            if budget.held != held[budget.id, budget.counted_since] + held[budget.id, None]:
                problem(f"{name}: {budget.held} is held, which its open holds do not make")
            made = spent.get(budget.id)
            if made is not None and budget.spent != made:
                problem(f"{name}: {budget.spent} is spent, its usage makes {made}")
            elif not 0 <= budget.spent <= MICROS_MAX:
                problem(f"{name}: {budget.spent} is spent")
        for budget_id in {budget_id for budget_id, _ in held if budget_id not in budget_ids}:
            problem(f"V3 budget {budget_id}: does not exist, but holds name it")

    def _check_strays(self, view: View) -> Iterator[None]:
        """V1 and V5 of rows whose account does not exist."""
        findings = self._findings
        for account_id in audit_reads.strays(view.connection, "entries"):
            seq = 0
            while page := audit_reads.entries(view.connection, account_id, seq, ROWS_AT_ONCE):
                for entry, _, _ in page:
                    findings.problem(
                        f"V1 entry {entry.id}: its account {account_id} does not exist"
                    )
                    findings.entries += 1
                    findings.read += 1
                    findings.by_contra[entry.contra] += entry.amount
                seq = page[-1].entry.seq
                yield
        for account_id in audit_reads.strays(view.connection, "usage"):
            findings.problem(f"V5 account {account_id}: does not exist, but requests name it")

    def _check_codes(self, view: View) -> Iterator[None]:
        """V8, from both sides, some codes and some entries at a time."""
        problem, last = self._findings.problem, ""
        claimed_before = self._now_ms - CLAIM_GRACE_MS
        while codes := verify_codes.claimed_codes(view.connection, last, ROWS_AT_ONCE):
            for code in codes:
                name = f"V8 account {code.account_id}: a code of batch {code.batch_id}"
                entry = (code.entry_account_id, code.entry_amount)
                if code.entry_account_id is None:
                    if code.claimed_at < claimed_before:
                        problem(f"{name} was claimed, and has no entry")
                elif entry != (code.account_id, code.value):
                    problem(f"{name} is worth {code.value}, but its entry is {entry}")
            last = codes[-1].hash
            yield
        last = ""
        while entries := verify_codes.redemptions(view.connection, last, ROWS_AT_ONCE):
            for found in entries:
                if not found.is_claimed:
                    name = f"V8 account {found.account_id}: entry {found.entry_id}"
                    problem(f"{name} redeems no code of its own")
            last = entries[-1].key
            yield

    def _check_system(self) -> None:
        """V9: balances against the sums of all entries, by where they went."""
        by_contra = self._findings.by_contra
        came_in = sum(by_contra[contra] for contra in ("proved", "cash", "promo", "adjust"))
        earned = -by_contra["revenue"]
        if self._findings.posted != came_in - earned:
            self._findings.problem(
                f"V9 all balances are {self._findings.posted}, but {came_in} came in and "
                f"{earned} was earned"
            )


def verify(
    connection: Connection,
    *,
    now_ms: int,
    full: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> dict[str, Any]:
    """Check V1 to V10 on one view, storing nothing; the verdict."""
    audit = Verification(now_ms=now_ms, full=full, progress=progress)
    while not audit.piece(connection):
        pass
    return audit.verdict()
