"""What the book tells about accounts, budgets and itself."""

from dataclasses import dataclass

from yiyuan.ledger.state import Account, Budget
from yiyuan.store.rows import AccountRow


@dataclass(slots=True)
class AccountView:
    """An account at this moment. `balance_micros` is posted money, held or not."""

    id: str
    name: str
    balance_micros: int
    held_micros: int
    available_micros: int
    is_suspended: bool


@dataclass(slots=True, frozen=True)
class BudgetView:
    """A budget at this moment; None is no limit."""

    id: str
    limit_micros: int | None
    spent_micros: int
    held_micros: int
    available_micros: int | None


@dataclass(slots=True, frozen=True)
class BookStats:
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
        account.available,
        account.suspended_at is not None,
    )


def view_row(row: AccountRow) -> AccountView:
    """The same, of what `OpenAccount`, `Suspend` and `Resume` answer."""
    available = row.posted - row.held
    is_suspended = row.suspended_at is not None
    return AccountView(row.id, row.name, row.posted, row.held, available, is_suspended)


def view_budget(budget: Budget) -> BudgetView:
    """How a budget looks from outside."""
    left = budget.available()
    available = None if left is None else max(0, left)
    return BudgetView(budget.id, budget.limit, budget.spent, budget.held, available)
