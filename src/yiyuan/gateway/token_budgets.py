"""A request's own token budgets: what they leave, and how that is told.

Nothing is decided here: the ledger does that when it holds. These are the figures of a
moment, for the maximum that is affordable and for headers.
"""

from collections.abc import Sequence

from yiyuan.access.api_token import ApiToken, BudgetKey
from yiyuan.kernel.clock import iso
from yiyuan.kernel.errors import Header
from yiyuan.kernel.text import Phrase
from yiyuan.ledger.budgets import period_end
from yiyuan.ledger.ledger import Ledger
from yiyuan.ledger.views import BudgetView, budget_name

REMAINING = "x-yiyuan-budget-remaining"
RESETS_AT = "x-yiyuan-budget-resets-at"


async def tightest_budget(book: Ledger, keys: Sequence[BudgetKey]) -> BudgetView | None:
    """The budget that leaves least now; None when none limits anything."""
    found: BudgetView | None = None
    least = 0
    for key in keys:
        view = await book.budget(key.id)
        if view is None or view.available_micros is None:
            continue
        if found is None or view.available_micros < least:
            found, least = view, view.available_micros
    return found


def budget_headers(remaining_micros: int, resets_at: int | None) -> tuple[Header, ...]:
    """What the tightest budget has left, and when it counts anew, if ever."""
    headers: tuple[Header, ...] = ((REMAINING, str(remaining_micros)),)
    return headers if resets_at is None else (*headers, (RESETS_AT, iso(resets_at)))


class RefusingBudget:
    """The budget that a request was refused by, as its 402 tells it."""

    def __init__(self, api_token: ApiToken, budget_id: str | None, at: int) -> None:
        """`budget_id` as the ledger named it; `at` is the time of the request."""
        keys = [key for key in api_token.budgets if key.id == budget_id]
        self._key = keys[0] if keys else BudgetKey(api_token.id, "total", None)
        self.resets_at = period_end(self._key.period, at)

    def details(self) -> dict[str, object]:
        """Keys of the error object."""
        return {
            "budget": {"period": self._key.period, "model": self._key.model},
            "resets_at": None if self.resets_at is None else iso(self.resets_at),
        }

    def name(self) -> Phrase:
        """Which budget it is, in the middle of a sentence."""
        return budget_name(self._key.period, self._key.model)

    def remedy(self) -> Phrase:
        """What can be done: the last sentence."""
        if self.resets_at is None:
            return Phrase("budget_stays")
        return Phrase("budget_resets", at=iso(self.resets_at))
