"""A request's own token budgets: what they leave, and how that is told.

Nothing is decided here: the ledger does that when it holds. These are the figures of a
moment, for the maximum that is affordable and for headers.
"""

from collections.abc import Sequence
from typing import Final

from yiyuan.auth.api_token import ApiToken, BudgetKey
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.clock import iso
from yiyuan.kernel.errors import Header
from yiyuan.ledger.budgets import period_end
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.rules.views import BudgetView, budget_name

REMAINING = "x-yiyuan-budget-remaining"
MEMBER: Final = "member:"
"""How the ids of budgets begin that all of a member's tokens share."""
RESETS_AT = "x-yiyuan-budget-resets-at"


async def tightest_budget(ledger: Ledger, keys: Sequence[BudgetKey]) -> BudgetView | None:
    """The budget that leaves least now; None when none limits anything."""
    found: BudgetView | None = None
    least = 0
    for key in keys:
        view = await ledger.budget(key.id)
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

    @property
    def of(self) -> str:
        """Whose budget it is: the token's own, or that of the member who made it."""
        return "member" if self._key.id.startswith(MEMBER) else "token"

    def details(self) -> dict[str, object]:
        """Keys of the error object."""
        whose = {"of": "member"} if self.of == "member" else {}
        return {
            "budget": {"period": self._key.period, "model": self._key.model, **whose},
            "resets_at": None if self.resets_at is None else iso(self.resets_at),
        }

    def name(self) -> Phrase:
        """Which budget it is, in the middle of a sentence."""
        return budget_name(self._key.period, self._key.model)

    def remedy(self) -> Phrase:
        """What can be done: the last sentence."""
        whose = "_of_member" if self.of == "member" else ""
        if self.resets_at is None:
            return Phrase(f"budget_stays{whose}")
        return Phrase(f"budget_resets{whose}", at=iso(self.resets_at))
