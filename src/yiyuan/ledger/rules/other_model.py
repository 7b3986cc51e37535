"""Another model takes a request over before anything of it was delivered.

Part of the core: pure functions over the state (see `apply.py`). The hold's amount stays:
whoever opened it made it an upper bound for every model that may answer.
"""

from msgspec.structs import replace

from yiyuan.ledger.budgets import Budget
from yiyuan.ledger.errors import (
    AlreadyEnded,
    AlreadyStarted,
    InvalidAmount,
    LedgerError,
    UnknownBudget,
)
from yiyuan.ledger.operations import DONE, Done, Refused, Switch
from yiyuan.ledger.rules.hold_check import why_not_switch
from yiyuan.ledger.rules.state import LedgerState, OpenHold


def switch(state: LedgerState, operation: Switch) -> Done | Refused | LedgerError:
    """Have an open hold stand for another model, at that one's price and in its budgets."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    if opened.started:
        return AlreadyStarted(operation.request_id)
    if operation.input_bound < 0 or operation.output_bound < 0:
        return InvalidAmount(f"bounds below zero for {operation.request_id}")
    known = {budget.id for budget in opened.budgets}
    found = [state.budgets.get(each) for each in operation.budget_ids if each not in known]
    joined = tuple(budget for budget in found if budget is not None)
    if len(joined) != len(found) or len(set(operation.budget_ids)) != len(operation.budget_ids):
        return UnknownBudget(", ".join(operation.budget_ids))
    refused = why_not_switch(state, opened, operation, joined)
    if refused is not None:
        return refused

    before = opened.operation
    after = replace(
        before,
        model=operation.model,
        price=operation.price,
        price_factor_ppm=operation.price_factor_ppm,
        input_bound=operation.input_bound,
        output_bound=operation.output_bound,
        budget_ids=operation.budget_ids,
        account_concurrency=operation.account_concurrency,
    )
    _change_budgets(state, opened, joined, after.budget_ids)
    state.count_as(opened, after)
    if opened.is_kept:
        state.changed_holds[operation.request_id] = opened
    return DONE


def _change_budgets(
    state: LedgerState, opened: OpenHold, joined: tuple[Budget, ...], wanted: tuple[str, ...]
) -> None:
    """Hold the amount in budgets that did not count the request, and no more in others."""
    amount = opened.operation.amount_micros
    for budget in opened.counting():
        if budget.id not in wanted:
            _add(state, budget, -amount, is_kept=opened.is_kept)
    since = dict(zip((budget.id for budget in opened.budgets), opened.counted_since, strict=True))
    for budget in joined:
        if budget.roll_over(opened.operation.opened_at):
            state.changed_budgets[budget.id] = budget
        since[budget.id] = budget.counted_since
        _add(state, budget, amount, is_kept=opened.is_kept)
    opened.budgets = tuple(state.budgets[budget_id] for budget_id in wanted)
    opened.counted_since = tuple(since[budget_id] for budget_id in wanted)


def _add(state: LedgerState, budget: Budget, amount: int, *, is_kept: bool) -> None:
    budget.held += amount
    if is_kept:
        budget.kept += amount
        state.changed_budgets[budget.id] = budget
    assert budget.is_sound(), budget
