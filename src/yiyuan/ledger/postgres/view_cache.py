"""Accounts and budgets as they were a moment ago, for admission and display.

Whether money is there is decided under a lock; what is shown, and which tier applies,
may be a tenth of a second old: long enough that a busy account, which every batch
refreshes, is hardly ever read, and short enough that nobody waits for a change. While
the database is away the last glance has to do.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from yiyuan.kernel.clock import Clock
from yiyuan.ledger.budgets import budget_of
from yiyuan.ledger.rules.state import LedgerState
from yiyuan.ledger.rules.views import AccountView, BudgetView, view_account, view_budget, view_row
from yiyuan.store.database import Database
from yiyuan.store.errors import DatabaseAway
from yiyuan.store.queries.ledger import account_by_id, budget_by_id

Seen = TypeVar("Seen")

MAX_AGE_SECONDS = 0.1
_KEPT_MAX = 50_000


class ViewCache:
    """What was last seen."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is seen yet."""
        self._database = database
        self._clock = clock
        self._accounts: dict[str, tuple[float, AccountView]] = {}
        self._budgets: dict[str, tuple[float, BudgetView]] = {}

    def last_seen(self, account_id: str) -> AccountView | None:
        """The account as it was last seen, whenever that was."""
        found = self._accounts.get(account_id)
        return None if found is None else found[1]

    async def account(
        self, account_id: str, max_age_seconds: float = MAX_AGE_SECONDS
    ) -> AccountView | None:
        """The account, seen at most `max_age_seconds` ago."""

        async def look() -> AccountView | None:
            row = await account_by_id(self._database, account_id)
            return None if row is None else view_row(row)

        return await self._recent(self._accounts, account_id, max_age_seconds, look)

    async def budget(self, budget_id: str) -> BudgetView | None:
        """The budget, seen a moment ago."""

        async def look() -> BudgetView | None:
            row = await budget_by_id(self._database, budget_id)
            return None if row is None else view_budget(budget_of(row), self._clock.wall_ms())

        return await self._recent(self._budgets, budget_id, MAX_AGE_SECONDS, look)

    async def _recent(
        self,
        seen: dict[str, tuple[float, Seen]],
        id_: str,
        max_age_seconds: float,
        look: Callable[[], Awaitable[Seen | None]],
    ) -> Seen | None:
        """What was seen lately, or is seen now; while the database is away, what was last seen."""
        now, found = self._clock.monotonic(), seen.get(id_)
        if found is not None and now - found[0] <= max_age_seconds:
            return found[1]
        try:
            view = await look()
        except DatabaseAway:
            if found is None:
                raise
            return found[1]
        if view is not None:
            _keep(seen, id_, (now, view))
        return view

    def note(self, state: LedgerState) -> None:
        """Take over what a committed batch has left."""
        now = self._clock.monotonic()
        for account in state.accounts.values():
            _keep(self._accounts, account.id, (now, view_account(account)))
        for budget in state.budgets.values():
            _keep(self._budgets, budget.id, (now, view_budget(budget, self._clock.wall_ms())))


def _keep(kept: dict[str, Seen], key: str, seen: Seen) -> None:
    if len(kept) >= _KEPT_MAX:
        kept.clear()
    kept[key] = seen
