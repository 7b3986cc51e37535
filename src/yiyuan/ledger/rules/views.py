"""What the book tells about accounts, budgets and itself."""

from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.clock import iso
from yiyuan.ledger.budgets import Budget, period_end
from yiyuan.ledger.rules.state import Account
from yiyuan.store.tables.ledger import AccountRow


class AccountView(Struct, frozen=True):
    """An account at this moment. `balance_micros` is posted money, held or not."""

    id: str
    name: str
    balance_micros: int
    held_micros: int
    available_micros: int
    is_suspended: bool


class BudgetView(Struct, frozen=True):
    """A budget at this moment, in the period of this moment; None is no limit."""

    id: str
    limit_micros: int | None
    spent_micros: int
    held_micros: int
    available_micros: int | None
    period: str
    model: str | None
    resets_at: int | None
    """When its next period begins; None in total."""


@dataclass(slots=True, frozen=True)
class LedgerStats:
    """Figures for metrics; the last three count since the start."""

    open_holds: int
    held_micros: int
    young_holds: int
    waiting_for_disk: int
    waiting_for_release: int
    batches: int
    durable_answers: int
    overdue_holds: int


def view_account(account: Account) -> AccountView:
    """How an account looks from outside."""
    return AccountView(
        account.id,
        account.name,
        account.posted,
        account.held,
        account.posted - account.held,
        account.suspended_at is not None,
    )


def view_row(row: AccountRow) -> AccountView:
    """The same, of what `OpenAccount`, `Rename`, `Suspend` and `Resume` answer."""
    available = row.posted - row.held
    is_suspended = row.suspended_at is not None
    return AccountView(row.id, row.name, row.posted, row.held, available, is_suspended)


def budget_document(view: BudgetView) -> dict[str, Any]:
    """A budget as JSON."""
    return {
        "id": view.id,
        "period": view.period,
        "model": view.model,
        "limit": view.limit_micros,
        "spent": view.spent_micros,
        "held": view.held_micros,
        "remaining": view.available_micros,
        "resets_at": None if view.resets_at is None else iso(view.resets_at),
    }


def budget_name(period: str, model: str | None) -> Phrase:
    """Which budget it is, in the middle of a sentence."""
    if model is None:
        return Phrase(f"budget_{period}")
    return Phrase(f"budget_{period}_of_model", model=model)


def view_budget(budget: Budget, at: int) -> BudgetView:
    """How a budget looks from outside at that time."""
    left = budget.available(at)
    return BudgetView(
        budget.id,
        budget.limit,
        0 if budget.is_over(at) else budget.spent,
        budget.held_at(at),
        None if left is None else max(0, left),
        budget.period,
        budget.model,
        period_end(budget.period, max(at, budget.counted_since)),
    )
