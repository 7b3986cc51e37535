"""The life of one request's money: hold, keep, start, progress, and its one end.

Part of the core: pure functions over the state (see `apply.py`). Each checks
everything first and only then changes anything, so a refusal leaves no trace.
"""

from typing import Literal

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.kernel.usage import REQUEST_TOKENS_MAX, Usage
from yiyuan.ledger.budgets import Budget, note_of
from yiyuan.ledger.errors import (
    AlreadyEnded,
    AlreadyOpen,
    InvalidAmount,
    InvalidUsage,
    LedgerError,
    NotStarted,
    UnknownAccount,
    UnknownBudget,
)
from yiyuan.ledger.operations import (
    DONE,
    Details,
    Done,
    Held,
    Hold,
    Keep,
    Progress,
    Recover,
    Refused,
    Settle,
    Settled,
    Source,
    Start,
    Void,
)
from yiyuan.ledger.rules.hold_check import why_not
from yiyuan.ledger.rules.posting import Cause, post_entry
from yiyuan.ledger.rules.state import LedgerState, OpenHold
from yiyuan.ledger.rules.usage_rows import attempt_rows, usage_row

_NO_USAGE = Usage()


def hold(state: LedgerState, operation: Hold) -> Held | Refused | LedgerError:
    """Reserve `amount_micros` of the account and of each budget, or nothing of any."""
    account = state.accounts.get(operation.account_id)
    if account is None:
        return UnknownAccount(operation.account_id)
    if operation.request_id in state.holds:
        return AlreadyOpen(operation.request_id)
    amount = operation.amount_micros
    if amount < 0 or operation.input_bound < 0 or operation.output_bound < 0:
        return InvalidAmount(f"a hold of {amount} for {operation.request_id}")
    budgets: tuple[Budget, ...] = ()
    if operation.budget_ids:
        found = [state.budgets.get(budget_id) for budget_id in operation.budget_ids]
        budgets = tuple(budget for budget in found if budget is not None)
        if len(set(operation.budget_ids)) != len(budgets):
            return UnknownBudget(", ".join(operation.budget_ids))
    refused = why_not(state, operation, account, budgets)
    if refused is not None:
        return refused

    since: tuple[int | None, ...] = ()
    if budgets:
        for budget in budgets:
            if budget.roll_over(operation.opened_at):
                state.changed_budgets[budget.id] = budget
        since = tuple(budget.counted_since for budget in budgets)
    opened = OpenHold(operation, account, budgets, state.epoch, since)
    state.add_hold(opened)
    state.young[operation.request_id] = opened
    assert account.is_sound(), account
    assert not budgets or all(budget.is_sound() for budget in budgets), budgets
    return Held(amount, account.posted - account.held)


def keep(state: LedgerState, operation: Keep) -> Done | LedgerError:
    """Make a row of a hold that has none yet."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    if not opened.is_kept:
        _keep(state, opened)
    return DONE


def _keep(state: LedgerState, opened: OpenHold) -> None:
    request_id, amount = opened.operation.request_id, opened.operation.amount_micros
    assert not opened.is_stored
    del state.young[request_id]
    opened.is_kept = True
    opened.account.kept += amount
    assert opened.account.is_sound(), opened.account
    state.changed_accounts[opened.account.id] = opened.account
    for budget in opened.counting() if opened.budgets else ():
        budget.kept += amount
        assert budget.is_sound(), budget
        state.changed_budgets[budget.id] = budget
    state.changed_holds[request_id] = opened


def start(state: LedgerState, operation: Start) -> Done | LedgerError:
    """From now on the input is owed, whatever happens."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    if operation.input_count < 0:
        return InvalidUsage(f"{operation.input_count} input tokens")
    opened.started = True
    opened.input_count = min(operation.input_count, opened.operation.input_bound)
    if opened.is_kept:
        state.changed_holds[operation.request_id] = opened
    else:
        _keep(state, opened)
    return DONE


def progress(state: LedgerState, operation: Progress) -> Done | LedgerError:
    """Note how much may have been delivered; less than before changes nothing."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    if not opened.started:
        return NotStarted(operation.request_id)
    if not 0 <= operation.output_tokens <= REQUEST_TOKENS_MAX:
        return InvalidUsage(f"{operation.output_tokens} output tokens")
    if operation.output_tokens > opened.progress_output:
        opened.progress_output = operation.output_tokens
        state.changed_holds[operation.request_id] = opened
    return DONE


def settle(state: LedgerState, operation: Settle) -> Settled | LedgerError:
    """Charge what was used, at most the hold."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    usage, source = operation.usage, operation.source
    if not usage.is_possible(REQUEST_TOKENS_MAX) or (source == "none" and usage != _NO_USAGE):
        return InvalidUsage(f"{operation.request_id}: {usage}")
    cost = 0 if source == "none" else cost_micros(opened.operation, usage)
    return _end(state, opened, "charge", cost, usage, source, operation.outcome, operation.details)


def void(state: LedgerState, operation: Void) -> Settled | LedgerError:
    """Charge nothing."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    return _end(state, opened, "charge", 0, _NO_USAGE, "none", operation.outcome, operation.details)


def recover(state: LedgerState, operation: Recover) -> Settled | LedgerError:
    """End a request whose process is gone, from what its row proves."""
    opened = state.holds.get(operation.request_id)
    if opened is None:
        return AlreadyEnded(operation.request_id)
    details = Details(endpoint="", streamed=opened.started, ended_at=operation.at)
    if not opened.started:
        return _end(state, opened, "recovered", 0, _NO_USAGE, "none", "recovered", details)
    usage = Usage(opened.input_count, opened.progress_output)
    cost = cost_micros(opened.operation, usage)
    return _end(state, opened, "recovered", cost, usage, "counted", "recovered", details)


def cost_micros(operation: Hold, usage: Usage) -> int:
    """What the usage costs by the hold's own snapshot of the price; within 64 bits."""
    factor_ppm, at = operation.price_factor_ppm, operation.opened_at
    cost = operation.price.charge_micros(usage, factor_ppm, at)
    return min(MICROS_MAX, cost)


def _end(
    state: LedgerState,
    opened: OpenHold,
    kind: Literal["charge", "recovered"],
    cost: int,
    usage: Usage,
    source: Source,
    outcome: str,
    details: Details,
) -> Settled:
    """End a hold, the only place that does: release it, charge, write down the usage."""
    operation, account = opened.operation, opened.account
    assert cost >= 0, cost
    charge = min(cost, operation.amount_micros)
    was_kept = opened.is_kept
    counting = opened.counting() if opened.budgets else ()
    state.remove_hold(opened)
    for budget in counting:
        budget.spent += charge
        assert budget.is_sound(), budget
        if charge or was_kept:
            state.changed_budgets[budget.id] = budget
    if charge:
        actor = "gateway" if kind == "charge" else "recovery"
        cause = Cause(actor, request_id=operation.request_id)
        post_entry(state, account, kind, -charge, "revenue", cause, details.ended_at)
    elif was_kept:
        state.changed_accounts[account.id] = account
    assert account.is_sound(), account
    assert operation.request_id not in state.holds
    settled = Settled(charge, cost - charge, account.posted)
    row = usage_row(operation, settled, usage, source, outcome, details)
    if counting:
        counted, counted_at = note_of(counting)
        row = row._replace(counted=counted, counted_at=counted_at)
    state.usage.append(row)
    state.attempts += attempt_rows(operation.request_id, details.attempts)
    return settled
