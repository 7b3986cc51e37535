"""The ledger in memory: accounts, budgets, open holds, and what is not yet stored.

The core changes it, `take_batch` hands over as rows what has changed since the
last time. A hold lives in three stages: *young* (in memory only), *kept* (it has a
row in a batch), *stored* (that batch has been taken). What a young hold reserves
counts in memory, but not yet in the rows: `kept` is the part of `held` that the
rows show, so that the stored accounts and holds agree at any time. A hold that
ends before its row was taken leaves no trace of itself.
"""

from dataclasses import dataclass, field

from msgspec import Struct

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.budgets import Budget, budget_of, counted_from_json, counted_to_json
from yiyuan.ledger.operations import Hold
from yiyuan.store.tables import ledger as ledger_rows


@dataclass(slots=True)
class Account:
    """One balance. Invariant: 0 ≤ kept ≤ held ≤ posted ≤ 2^63 − 1."""

    id: str
    name: str
    created_at: int
    last_entry_at: int
    posted: int = 0
    held: int = 0
    kept: int = 0
    seq: int = 0
    suspended_at: int | None = None

    @property
    def available(self) -> int:
        """What may still be held or debited."""
        return self.posted - self.held

    def is_sound(self) -> bool:
        """Whether the invariant holds."""
        return 0 <= self.kept <= self.held <= self.posted <= MICROS_MAX

    def row(self) -> ledger_rows.AccountRow:
        """The account as stored."""
        return ledger_rows.AccountRow(
            self.id,
            self.name,
            self.posted,
            self.kept,
            self.seq,
            self.last_entry_at,
            self.suspended_at,
            self.created_at,
        )


class OpenHold(Struct, eq=False):
    """What is reserved for one request, until that ends."""

    operation: Hold
    account: Account
    budgets: tuple[Budget, ...]
    epoch: int
    counted_since: tuple[int | None, ...] = ()
    """Of each budget, as the hold was opened; None: whenever (see `budgets.py`)."""
    started: bool = False
    input_count: int = 0
    progress_output: int = 0
    is_kept: bool = False
    is_stored: bool = False
    # The next two belong to the book; the core does not look at them.
    durable_output: int = 0
    due: float = 0.0

    def counting(self) -> tuple[Budget, ...]:
        """Those of its budgets whose period is still that in which it was opened."""
        if not self.budgets:
            return ()
        pairs = zip(self.budgets, self.counted_since, strict=True)
        return tuple(
            budget for budget, since in pairs if since is None or since == budget.counted_since
        )

    def row(self) -> ledger_rows.HoldRow:
        """The hold as stored."""
        operation = self.operation
        return ledger_rows.HoldRow(
            operation.request_id,
            operation.account_id,
            operation.api_token_id,
            operation.model,
            operation.price.id,
            operation.price_factor_ppm,
            operation.amount_micros,
            operation.input_bound,
            operation.output_bound,
            int(self.started),
            self.input_count,
            self.progress_output,
            counted_to_json(operation.budget_ids, self.counted_since),
            self.epoch,
            operation.opened_at,
            operation.deadline,
        )


@dataclass(slots=True)
class LedgerState:
    """Everything that decides about money, and the changes not yet handed over."""

    epoch: int
    accounts: dict[str, Account] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    holds: dict[str, OpenHold] = field(default_factory=dict)
    young: dict[str, OpenHold] = field(default_factory=dict)
    """The open holds that have no row yet, oldest first."""
    open_counts: dict[tuple[str, str], int] = field(default_factory=dict)
    """Number of open holds by account and model."""

    changed_accounts: dict[str, Account] = field(default_factory=dict)
    changed_budgets: dict[str, Budget] = field(default_factory=dict)
    changed_holds: dict[str, OpenHold] = field(default_factory=dict)
    ended_holds: list[str] = field(default_factory=list)
    entries: list[ledger_rows.EntryRow] = field(default_factory=list)
    usage: list[ledger_rows.UsageRow] = field(default_factory=list)
    attempts: list[ledger_rows.AttemptRow] = field(default_factory=list)
    epochs: list[ledger_rows.EpochRow] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    """Accounts with another name; they are among the changed ones."""

    @property
    def has_changes(self) -> bool:
        """Whether `take_batch` would hand over anything."""
        # Entries never come without their account, attempts never without usage.
        return bool(
            self.usage
            or self.changed_accounts
            or self.changed_holds
            or self.changed_budgets
            or self.ended_holds
            or self.epochs
        )

    def take_batch(self) -> ledger_rows.Batch:
        """Hand over all changes, as rows, and begin to collect anew."""
        holds, budgets = [], []
        if self.changed_holds:
            for hold in self.changed_holds.values():
                assert hold.is_kept
                hold.is_stored = True
                holds.append(hold.row())
        if self.changed_budgets:
            budgets = [budget.row() for budget in self.changed_budgets.values()]
        batch = ledger_rows.Batch(
            accounts=[account.row() for account in self.changed_accounts.values()],
            entries=self.entries,
            holds=holds,
            ended_holds=self.ended_holds,
            budgets=budgets,
            usage=self.usage,
            attempts=self.attempts,
            epochs=self.epochs,
            renamed=self.renamed,
        )
        if self.renamed:
            self.renamed = []
        self.changed_accounts = {}
        self.changed_budgets = {}
        self.changed_holds = {}
        self.ended_holds = []
        self.entries = []
        self.usage = []
        self.attempts = []
        self.epochs = []
        return batch

    # ------------------------------------------------------------ loading

    def load_account(self, row: ledger_rows.AccountRow) -> None:
        """Take over a stored account; its holds follow."""
        self.accounts[row.id] = Account(
            row.id,
            row.name,
            row.created_at,
            row.last_entry_at,
            posted=row.posted,
            seq=row.seq,
            suspended_at=row.suspended_at,
        )

    def load_budget(self, row: ledger_rows.BudgetRow) -> None:
        """Take over a stored budget; its holds follow."""
        self.budgets[row.id] = budget = budget_of(row)
        budget.held = budget.kept = 0

    def load_hold(self, row: ledger_rows.HoldRow, operation: Hold) -> None:
        """Take over a stored hold; what it reserves is added up from the holds."""
        budgets = tuple(self.budgets[budget_id] for budget_id in operation.budget_ids)
        hold = OpenHold(
            operation,
            self.accounts[row.account_id],
            budgets,
            row.epoch,
            tuple(counted_from_json(row.budget_ids).values()),
            bool(row.started),
            row.input_count,
            row.progress_output,
            is_kept=True,
            is_stored=True,
            durable_output=row.progress_output,
        )
        self.add_hold(hold)
        holders: tuple[Account | Budget, ...] = (hold.account, *hold.counting())
        for holder in holders:
            holder.kept += operation.amount_micros

    def add_hold(self, hold: OpenHold) -> None:
        """Count a hold as open and its amount as held."""
        operation = hold.operation
        self.holds[operation.request_id] = hold
        key = (operation.account_id, operation.model)
        self.open_counts[key] = self.open_counts.get(key, 0) + 1
        hold.account.held += operation.amount_micros
        if hold.budgets:  # most have none, and a call costs
            for budget in hold.counting():
                budget.held += operation.amount_micros

    def count_as(self, hold: OpenHold, operation: Hold) -> None:
        """Let `operation` say from now on what an open hold stands for."""
        self._uncount(hold.operation)
        hold.operation = operation
        key = (operation.account_id, operation.model)
        self.open_counts[key] = self.open_counts.get(key, 0) + 1

    def _uncount(self, operation: Hold) -> None:
        key = (operation.account_id, operation.model)
        count = self.open_counts[key] - 1
        if count:
            self.open_counts[key] = count
        else:
            del self.open_counts[key]

    def remove_hold(self, hold: OpenHold) -> None:
        """The opposite of `add_hold`, and of its row if it has one."""
        operation = hold.operation
        request_id, amount = operation.request_id, operation.amount_micros
        del self.holds[request_id]
        self._uncount(operation)
        counting = hold.counting() if hold.budgets else ()
        holders: tuple[Account | Budget, ...] = (hold.account, *counting)
        for holder in holders:
            holder.held -= amount
            if hold.is_kept:
                holder.kept -= amount
        if hold.is_kept:
            self.changed_holds.pop(request_id, None)
            if hold.is_stored:
                self.ended_holds.append(request_id)
        else:
            del self.young[request_id]
