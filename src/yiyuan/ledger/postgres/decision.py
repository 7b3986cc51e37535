"""Decides one batch: the core over rows that the database has locked.

The state lives for one batch. Accounts and budgets come from their rows; the holds of
this process from its memory, which is the truth about them as long as the fence holds.
What came of it is either committed as a whole or forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yiyuan.ledger import operations
from yiyuan.ledger.budgets import Budget, budget_of
from yiyuan.ledger.errors import (
    AccountExists,
    AlreadyOpen,
    AlreadyRefunded,
    IdempotencyMismatch,
    LedgerError,
    NothingToRefund,
)
from yiyuan.ledger.postgres.pending import PendingOperation
from yiyuan.ledger.rules.accounts import refund_key, reverse_of
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.state import Account, LedgerState, OpenHold
from yiyuan.store.queries.ledger import Refundable
from yiyuan.store.tables.ledger import AccountRow, BudgetRow, EntryRow

_Request = (
    operations.Start
    | operations.Switch
    | operations.Progress
    | operations.Settle
    | operations.Void
    | operations.Recover
)


@dataclass(slots=True)
class Found:
    """What a batch has read, its accounts and budgets locked."""

    accounts: Iterable[AccountRow] = ()
    budgets: Iterable[BudgetRow] = ()
    open_counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    entries: Iterable[EntryRow] = ()
    """Those under the keys that were asked for."""
    names: set[str] = field(default_factory=set)
    """The names of accounts that are taken, of those that were asked for."""
    orphans: Mapping[str, OpenHold] = field(default_factory=dict)


class BatchDecision:
    """One batch being decided."""

    def __init__(self, epoch: int, found: Found) -> None:
        """The state before the batch, but for the holds."""
        self.state = state = LedgerState(epoch)
        self._names = found.names
        self._orphans = found.orphans
        self._opened: Mapping[str, OpenHold] = {}
        self._entries = {entry.idem_key: entry for entry in found.entries}
        self._are_counted = found.open_counts
        for row in found.accounts:
            state.load_account(row)
            account = state.accounts[row.id]
            account.held = account.kept = row.held
        for budget_row in found.budgets:
            state.budgets[budget_row.id] = budget_of(budget_row)
        state.open_counts.update(found.open_counts)

    def load(self, asks: Iterable[PendingOperation], opened: Mapping[str, OpenHold]) -> None:
        """Take over the holds that the batch is about; `opened` are this process's."""
        self._opened = opened
        for ask in asks:
            operation = ask.operation
            if not isinstance(operation, _Request) or operation.request_id in self.state.holds:
                continue
            source = opened if ask.orphan is None else self._orphans
            hold = source.get(operation.request_id)
            if hold is not None:
                self._load_hold(hold)

    def _load_hold(self, hold: OpenHold) -> None:
        operation, state = hold.operation, self.state
        loaded = OpenHold(
            operation,
            state.accounts[operation.account_id],
            tuple(state.budgets[budget_id] for budget_id in operation.budget_ids),
            hold.epoch,
            hold.counted_since,
            hold.started,
            hold.input_count,
            hold.progress_output,
            is_kept=True,
            is_stored=True,
            due=hold.due,
        )
        # Their rows count it already; `add_hold` counts it once more.
        holders: tuple[Account | Budget, ...] = (loaded.account, *loaded.counting())
        for holder in holders:
            holder.held -= operation.amount_micros
        key = (operation.account_id, operation.model)
        if key in self._are_counted:
            state.open_counts[key] -= 1
        state.add_hold(loaded)

    def answer(self, ask: PendingOperation) -> Any:
        """Decide one operation; refusals are values."""
        operation = ask.operation
        match operation:
            case operations.Hold():
                return self._hold(operation)
            case operations.Credit() if operation.idem_key is not None:
                return self._keyed_credit(operation, operation.idem_key)
            case operations.OpenAccount() | operations.Rename():
                return self._named(operation)
            case operations.Refund():
                return self._refund(operation, ask.refundable)
            case _:
                return apply(self.state, operation)

    def _hold(self, operation: operations.Hold) -> Any:
        if operation.request_id in self._opened and operation.account_id in self.state.accounts:
            return AlreadyOpen(operation.request_id)
        answer = apply(self.state, operation)
        if isinstance(answer, operations.Held):
            # Every hold has its row at once: other processes must see it.
            kept = apply(self.state, operations.Keep(operation.request_id))
            assert not isinstance(kept, LedgerError), kept
        return answer

    def _keyed_credit(self, operation: operations.Credit, key: str) -> EntryRow | LedgerError:
        first = self._entries.get(key)
        if first is None:
            return self._posted(operation)
        asked = (operation.account_id, operation.kind, operation.amount_micros, operation.contra)
        if asked != (first.account_id, first.kind, first.amount, first.contra):
            return IdempotencyMismatch(key)
        return first

    def _named(
        self, operation: operations.OpenAccount | operations.Rename
    ) -> AccountRow | LedgerError:
        account = self.state.accounts.get(operation.account_id)
        is_own = account is not None and account.name == operation.name
        is_own = is_own and isinstance(operation, operations.Rename)
        if operation.name in self._names and not is_own:
            return AccountExists(operation.name)
        answer = apply(self.state, operation)
        if not isinstance(answer, LedgerError):
            self._names.add(operation.name)
        return answer

    def _refund(
        self, operation: operations.Refund, found: Refundable | None
    ) -> EntryRow | LedgerError:
        if refund_key(operation.request_id) in self._entries:
            return AlreadyRefunded(operation.request_id)
        if found is None:
            return NothingToRefund(operation.request_id)
        return self._posted(reverse_of(operation, found))

    def _posted(self, operation: operations.Operation[EntryRow]) -> EntryRow | LedgerError:
        entry = apply(self.state, operation)
        if isinstance(entry, EntryRow) and entry.idem_key is not None:
            self._entries[entry.idem_key] = entry
        return entry


def in_order(asks: list[PendingOperation]) -> list[PendingOperation]:
    """What ends or pays in comes before the holds: it can only make room for them."""
    holds = [ask for ask in asks if isinstance(ask.operation, operations.Hold)]
    if not holds or len(holds) == len(asks):
        return asks
    return [ask for ask in asks if not isinstance(ask.operation, operations.Hold)] + holds
