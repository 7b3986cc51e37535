"""Why a hold is not granted: suspended, concurrency, budget, balance, in this order.

Part of the core: pure functions over the state (see `apply.py`), which they only read.
"""

from yiyuan.ledger.budgets import Budget
from yiyuan.ledger.operations import Hold, Refused, RefusedFor, Switch
from yiyuan.ledger.rules.state import Account, LedgerState, OpenHold


def why_not(
    state: LedgerState, operation: Hold, account: Account, budgets: tuple[Budget, ...]
) -> Refused | None:
    """The first reason not to hold, in the order that the contract gives them."""
    amount = operation.amount_micros
    if account.suspended_at is not None:
        return _refused("suspended", amount, account)
    limit = operation.account_concurrency
    if limit is not None and state.open_counts.get((account.id, operation.model), 0) >= limit:
        return _refused("concurrency", amount, account)
    for budget in budgets:
        left = budget.available(operation.opened_at)
        if left is not None and amount > left:
            return _refused("budget", amount, account, budgets, operation.opened_at)
    if amount > account.posted - account.held:
        return _refused("balance", amount, account, budgets, operation.opened_at)
    return None


def why_not_switch(
    state: LedgerState, opened: OpenHold, operation: Switch, joined: tuple[Budget, ...]
) -> Refused | None:
    """The same for another model, in budgets that did not count the request before.

    What is held already stays, so neither balance nor suspension are asked again.
    """
    amount, account = opened.operation.amount_micros, opened.account
    limit, model = operation.account_concurrency, operation.model
    is_new = model != opened.operation.model
    if limit is not None and is_new and state.open_counts.get((account.id, model), 0) >= limit:
        return _refused("concurrency", amount, account)
    at = opened.operation.opened_at
    for budget in joined:
        left = budget.available(at)
        if left is not None and amount > left:
            return _refused("budget", amount, account, joined, at)
    return None


def _refused(
    which: RefusedFor,
    amount: int,
    account: Account,
    budgets: tuple[Budget, ...] = (),
    at: int = 0,
) -> Refused:
    may_fit = which in {"budget", "balance"} and amount <= account.posted
    lefts = []
    for budget in budgets:
        left = budget.available(at)
        if left is not None:
            lefts.append((max(0, left), budget.id))
            may_fit = may_fit and amount <= left + budget.held_at(at)
    tightest, budget_id = min(lefts, default=(None, None))
    return Refused(
        which,
        required_micros=amount,
        available_micros=account.available,
        held_micros=account.held,
        posted_micros=account.posted,
        budget_available_micros=tightest,
        budget_id=budget_id,
        may_fit_later=may_fit,
    )
