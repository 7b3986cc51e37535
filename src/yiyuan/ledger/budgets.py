"""Budgets and their periods: when one begins, when it ends, and what a budget is called.

Days and months are those of UTC, whoever asks and wherever. A period is told from a
time alone, so nothing has to run at midnight: the first request that is held in a new
period finds that the old one is over.

A hold remembers since when each of its budgets was counting as it was opened. It is
counted there as long as that has not changed: a request is spent in the period in which
it was admitted, however late it ends.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from yiyuan.kernel.calendar import DAY_MS, month_start, next_month_start
from yiyuan.store.tables.ledger import BudgetRow

Period = Literal["total", "day", "month"]
PERIODS: Final[tuple[Period, ...]] = get_args(Period)


@dataclass(slots=True)
class Budget:
    """A limit on spending in a period. Invariant: 0 ≤ kept ≤ held, 0 ≤ spent.

    spent + held passes the limit only if the limit was lowered below it. Both are of the
    period that began at `counted_since` (or of what was left of it then), which goes on
    until something is held in a later one: see `roll_over`. It never goes back.
    """

    id: str
    api_token_id: str
    limit: int | None
    spent: int = 0
    held: int = 0
    kept: int = 0
    period: str = "total"
    model: str | None = None
    counted_since: int = 0
    ends_at: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = period_end(self.period, self.counted_since)

    def is_over(self, at: int) -> bool:
        """Whether `at` is in a later period."""
        return self.ends_at is not None and at >= self.ends_at

    def available(self, at: int) -> int | None:
        """What may still be held at that time; None without a limit."""
        if self.limit is None or self.is_over(at):
            return self.limit
        return self.limit - self.spent - self.held

    def held_at(self, at: int) -> int:
        """What is held in the period of that time."""
        return 0 if self.is_over(at) else self.held

    def roll_over(self, at: int) -> bool:
        """Begin the period of that time, if it is a later one; says whether it is."""
        if not self.is_over(at):
            return False
        self.restart(period_start(self.period, at))
        return True

    def restart(self, at: int) -> None:
        """Count anew; what is open and was spent before does not count any more."""
        self.spent = self.held = self.kept = 0
        self.counted_since = at
        self.ends_at = period_end(self.period, at)

    def is_sound(self) -> bool:
        """Whether the invariant holds."""
        return 0 <= self.kept <= self.held and self.spent >= 0

    def row(self) -> BudgetRow:
        """The budget as stored."""
        return BudgetRow(
            self.id,
            self.api_token_id,
            self.limit,
            self.spent,
            self.kept,
            self.period,
            self.model,
            self.counted_since,
        )


def budget_of(row: BudgetRow) -> Budget:
    """A budget as its row says, what its stored holds make included."""
    return Budget(
        row.id,
        row.api_token_id,
        row.limit_micros,
        row.spent,
        row.held,
        row.held,
        row.period,
        row.model,
        row.counted_since,
    )


def budget_id(api_token_id: str, period: str, model: str | None) -> str:
    """The id of a token's one budget for a period and a model, or for all models.

    The budget in total over all models has the token's own id, as it always had.
    """
    parts = [api_token_id]
    if period != "total" or model is not None:
        parts.append(period)
    if model is not None:
        parts.append(model)
    return "/".join(parts)


def period_start(period: str, at: int) -> int:
    """When the period that `at` is in began; 0 in total."""
    if period == "day":
        return at - at % DAY_MS
    if period == "month":
        return month_start(at)
    return 0


def period_end(period: str, at: int) -> int | None:
    """When the next period begins; None in total."""
    if period == "day":
        return at - at % DAY_MS + DAY_MS
    if period == "month":
        return next_month_start(at)
    return None


def counted_to_json(budget_ids: Sequence[str], since: Sequence[int | None]) -> str:
    """How a hold's row says in which budgets it is counted, and since when each counts."""
    return json.dumps(dict(zip(budget_ids, since, strict=True))) if budget_ids else "[]"


def note_of(counting: Sequence[Budget]) -> tuple[str, int | None]:
    """How a charge says which budgets counted it: JSON, and the latest period's beginning.

    From times alone it could not be told: clocks are set back, and those of nodes differ.
    """
    since = [budget.counted_since for budget in counting]
    periods = [budget.counted_since for budget in counting if budget.ends_at is not None]
    note = counted_to_json([budget.id for budget in counting], since)
    return note, max(periods, default=None)


def counted_from_json(text: str) -> dict[str, int | None]:
    """The opposite. Raises ValueError.

    Rows of the first release only list the ids: None, they count whatever the period.
    """
    found = json.loads(text)
    return found if isinstance(found, dict) else dict.fromkeys(found)
