"""When to ask about an order next: often at first, and long after it has expired. Pure."""

from typing import Final

from yiyuan.store.tables.payments.orders import OPEN, UNPAID, OrderRow

_SECOND_MS: Final = 1_000
_EARLY_SECONDS: Final = (5, 10, 20, 40, 60)
_STEADY_MS: Final = 60 * _SECOND_MS
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
LATE_MS: Final = (
    1 * _MINUTE_MS,
    10 * _MINUTE_MS,
    1 * _HOUR_MS,
    6 * _HOUR_MS,
    24 * _HOUR_MS,
    72 * _HOUR_MS,
)
"""After the end of an order that was not paid."""


def next_question(row: OrderRow, now: int) -> int | None:
    """When to ask again, in wall-clock ms; None is never."""
    if row.state not in UNPAID:
        return None
    age = now - row.created_at
    if row.state in OPEN:
        early = [s * _SECOND_MS for s in _EARLY_SECONDS if s * _SECOND_MS > age]
        following = row.created_at + early[0] if early else now + _STEADY_MS
        return min(following, max(row.expires_at, now + _SECOND_MS))
    end = max(row.expires_at, row.created_at)
    late = [end + late for late in LATE_MS if end + late > now]
    return late[0] if late else None
