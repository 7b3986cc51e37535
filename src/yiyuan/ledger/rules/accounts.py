"""Accounts, budgets, and money that comes and goes outside requests.

Part of the core: pure functions over the state (see `apply.py`).
"""

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.budgets import Budget
from yiyuan.ledger.errors import (
    AccountExists,
    InsufficientFunds,
    InvalidAmount,
    InvalidText,
    LedgerError,
    NothingToRefund,
    UnknownAccount,
)
from yiyuan.ledger.operations import (
    Credit,
    OpenAccount,
    Refund,
    Rename,
    Resume,
    Reverse,
    SetBudget,
    Suspend,
)
from yiyuan.ledger.rules.posting import Cause, clean_text, is_storable, post_entry
from yiyuan.ledger.rules.state import Account, LedgerState
from yiyuan.store.queries.ledger import Refundable
from yiyuan.store.tables.ledger import AccountRow, BudgetRow, EntryRow

_CREATE_KEY, _REFUND_KEY = "create:", "refund:"  # no caller's key may begin like these
# Money of these kinds only ever comes in; the others may also take it out.
_INCOMING = frozenset({"topup", "redeem", "grant"})


def open_account(state: LedgerState, operation: OpenAccount) -> AccountRow | LedgerError:
    """A new account and its grant. That its name is free the book has checked."""
    if operation.account_id in state.accounts:
        return AccountExists(operation.account_id)
    if not is_storable(operation.name):
        return InvalidText(f"the name {operation.name!r}")
    if not 0 <= operation.grant_micros <= MICROS_MAX:
        return InvalidAmount(f"a grant of {operation.grant_micros}")
    account = Account(operation.account_id, operation.name, operation.at, operation.at)
    state.accounts[account.id] = account
    state.changed_accounts[account.id] = account
    if operation.grant_micros:
        actor = clean_text(operation.actor) or ""
        cause = Cause(actor, idem_key=create_key(account.id))
        post_entry(state, account, "grant", operation.grant_micros, "promo", cause, operation.at)
    assert account.is_sound(), account
    return account.row()


def suspend(state: LedgerState, operation: Suspend) -> AccountRow | LedgerError:
    """Suspending twice keeps the first time."""
    account = state.accounts.get(operation.account_id)
    if account is None:
        return UnknownAccount(operation.account_id)
    if account.suspended_at is None:
        account.suspended_at = operation.at
        state.changed_accounts[account.id] = account
    return account.row()


def resume(state: LedgerState, operation: Resume) -> AccountRow | LedgerError:
    """Resuming an account that is not suspended changes nothing."""
    account = state.accounts.get(operation.account_id)
    if account is None:
        return UnknownAccount(operation.account_id)
    if account.suspended_at is not None:
        account.suspended_at = None
        state.changed_accounts[account.id] = account
    return account.row()


def rename(state: LedgerState, operation: Rename) -> AccountRow | LedgerError:
    """Another name. That it is free the book has checked."""
    account = state.accounts.get(operation.account_id)
    if account is None:
        return UnknownAccount(operation.account_id)
    if not is_storable(operation.name):
        return InvalidText(f"the name {operation.name!r}")
    account.name = operation.name
    state.changed_accounts[account.id] = account
    state.renamed.append(account.id)
    return account.row()


def set_budget(state: LedgerState, operation: SetBudget) -> BudgetRow | LedgerError:
    """A limit below what is spent is allowed: nothing more is held then."""
    limit = operation.limit_micros
    if limit is not None and not 0 <= limit <= MICROS_MAX:
        return InvalidAmount(f"a budget of {limit}")
    budget = state.budgets.get(operation.budget_id)
    if budget is None:
        budget = Budget(
            operation.budget_id,
            operation.api_token_id,
            limit,
            period=operation.period,
            model=operation.model,
            counted_since=operation.at,
        )
        state.budgets[budget.id] = budget
    elif budget.limit is None and limit is not None:
        # Later than before even if the clock is not: open holds are told apart by it.
        budget.restart(max(operation.at, budget.counted_since + 1))
    budget.limit = limit
    state.changed_budgets[budget.id] = budget
    return budget.row()


def credit(state: LedgerState, operation: Credit) -> EntryRow | LedgerError:
    """Money in, or out of what is available. That its key is new the book has checked."""
    account = state.accounts.get(operation.account_id)
    if account is None:
        return UnknownAccount(operation.account_id)
    key = operation.idem_key
    if key is not None and (not is_storable(key) or key.startswith((_CREATE_KEY, _REFUND_KEY))):
        return InvalidText(f"the key {key!r}")
    amount = operation.amount_micros
    if amount == 0 or (amount < 0 and operation.kind in _INCOMING):
        return InvalidAmount(f"a {operation.kind} of {amount}")
    if account.posted + amount > MICROS_MAX:
        return InvalidAmount(f"a {operation.kind} of {amount} is too large")
    if amount < 0 and -amount > account.available:
        return InsufficientFunds(account.id, account.available)
    assert operation.contra != "revenue", operation
    actor, memo = clean_text(operation.actor) or "", clean_text(operation.memo) or ""
    cause = Cause(actor, memo, idem_key=operation.idem_key)
    entry = post_entry(
        state, account, operation.kind, amount, operation.contra, cause, operation.at
    )
    assert account.is_sound(), account
    return entry


def reverse(state: LedgerState, operation: Reverse) -> EntryRow | LedgerError:
    """Give a charge back. Its key makes sure that no store takes a second one.

    A budget gets back what it has counted, if it still counts: not from a period that
    is over, and never below zero.
    """
    charge = operation.charge
    account = state.accounts.get(charge.account_id)
    if account is None:
        return UnknownAccount(charge.account_id)
    if charge.kind not in {"charge", "recovered"} or charge.request_id is None:
        return NothingToRefund(charge.id)
    assert charge.amount < 0, charge
    if account.posted - charge.amount > MICROS_MAX:
        return InvalidAmount(f"a refund of {-charge.amount} is too large")
    actor, memo = clean_text(operation.actor) or "", clean_text(operation.memo) or ""
    cause = Cause(actor, memo, idem_key=refund_key(charge.request_id))
    entry = post_entry(state, account, "refund", -charge.amount, "revenue", cause, operation.at)
    for budget_id, since in operation.counted:
        budget = state.budgets.get(budget_id)
        if budget is not None and _still_counts(budget, since, operation.admitted_at):
            budget.spent = max(0, budget.spent + charge.amount)
            state.changed_budgets[budget.id] = budget
    assert account.is_sound(), account
    return entry


def _still_counts(budget: Budget, since: int | None, admitted_at: int) -> bool:
    """Whether the period in which it counted a charge goes on."""
    if since is None:
        return admitted_at >= budget.counted_since
    return since == budget.counted_since


def reverse_of(operation: Refund, found: Refundable) -> Reverse:
    """The operation that a refund is, now that its charge is looked up."""
    return Reverse(
        found.charge,
        operation.actor,
        operation.memo,
        operation.at,
        found.counted,
        found.admitted_at,
    )


def create_key(account_id: str) -> str:
    """The key of the grant that an account was opened with."""
    return f"{_CREATE_KEY}{account_id}"


def refund_key(request_id: str) -> str:
    """The key of a request's one refund."""
    return f"{_REFUND_KEY}{request_id}"
