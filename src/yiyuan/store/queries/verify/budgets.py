"""What usage and refunds make of the budgets, for the proof that the rows agree.

Each charge notes which budgets counted it and in which of their periods, so what a budget
has spent follows exactly, whatever the clocks said. A budget of a day or month is compared
with the charges of its period, found by their index; one in total needs all the charges
there are, and is compared by a full proof only.

Two things can only be bounded. Charges from before that was noted are taken by their times,
with room for clocks that differ. Of requests that have expired only the day is known: what
they were charged may have counted.
"""

import json
from collections import defaultdict
from typing import Any, Final

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection

_LIMITED: Final = "SELECT id, counted_since FROM budgets WHERE limit_micros IS NOT NULL"
# A budget is found by its token's account; without its token only a full proof sees it.
_OF_PERIODS: Final = " AND period <> 'total' AND api_token_id IN (SELECT id FROM api_tokens)"
_NOTED_OF_PERIODS: Final = """
SELECT DISTINCT u.request_id, u.charge, u.counted
FROM budgets b JOIN api_tokens t ON t.id = b.api_token_id
JOIN usage u ON u.account_id = t.account_id AND u.counted_at >= b.counted_since
WHERE b.period <> 'total' AND b.limit_micros IS NOT NULL AND u.counted <> '?'
"""
_ALL_NOTED: Final = "SELECT request_id, charge, counted FROM usage WHERE counted <> '?'"
_REFUNDED: Final = """
SELECT u.request_id, -r.amount, u.counted
FROM entries r JOIN usage u ON u.request_id = substr(r.idem_key, 8)
WHERE r.idem_key >= 'refund:' AND r.idem_key < 'refund;' AND r.kind = 'refund'
  AND u.counted <> '?'
"""

# Charges from before it was noted: clocks of nodes differ around the moment at which a
# period begins, and another node knows a new budget a moment later.
_KNOWN_WITHIN_MS: Final = 60_000
_CLOCKS_APART_MS: Final = 3_600_000
_OLD: Final = """
SELECT b.id, sum(CASE WHEN u.admitted_at >= b.counted_since + ? THEN u.charge ELSE 0 END),
       coalesce(sum(u.charge), 0)
FROM budgets b JOIN api_tokens t ON t.id = b.api_token_id
JOIN usage u ON u.account_id = t.account_id AND u.admitted_at >= b.counted_since - ?
            AND u.api_token_id = b.api_token_id AND (b.model IS NULL OR b.model = u.model)
WHERE u.counted = '?' AND b.limit_micros IS NOT NULL
"""
_OLD_REFUNDED: Final = """
SELECT b.id, sum(r.amount)
FROM entries r JOIN usage u ON u.request_id = substr(r.idem_key, 8)
JOIN budgets b ON b.api_token_id = u.api_token_id
WHERE r.idem_key >= 'refund:' AND r.idem_key < 'refund;' AND r.kind = 'refund'
  AND u.counted = '?'
  AND (b.model IS NULL OR b.model = u.model) AND u.admitted_at >= b.counted_since GROUP BY b.id
"""
_EXPIRED: Final = """
SELECT b.id, sum(u.charge) FROM usage_days u JOIN api_tokens t ON t.id = u.api_token_id
CROSS JOIN budgets b
WHERE b.api_token_id IN (t.id, 'member:' || t.account_id || ':' || t.user_id)
  AND (b.model IS NULL OR b.model = u.model)
  AND (u.day + 1) * ? > b.counted_since GROUP BY b.id
"""


def budgets_spent(connection: Connection, *, is_full: bool) -> dict[str, tuple[int, int]]:
    """What each budget with a limit must have spent, at least and at most, by its id."""
    of_periods = "" if is_full else _OF_PERIODS
    since = {row[0]: int(row[1]) for row in _rows(connection, _LIMITED + of_periods)}
    noted = _noted(connection, _ALL_NOTED if is_full else _NOTED_OF_PERIODS, since)
    back = _noted(connection, _REFUNDED, since)
    sql = _OLD + ("" if is_full else " AND b.period <> 'total'") + " GROUP BY b.id"
    old = {
        row[0]: (int(row[1]), int(row[2]))
        for row in _rows(connection, sql, _KNOWN_WITHIN_MS, _CLOCKS_APART_MS)
    }
    old_back = {row[0]: int(row[1]) for row in _rows(connection, _OLD_REFUNDED)}
    expired = {row[0]: int(row[1]) for row in _rows(connection, _EXPIRED, DAY_MS)}
    found = {}
    for budget_id in since:
        exact = noted[budget_id] + back[budget_id]
        least, most = old.get(budget_id, (0, 0))
        given = old_back.get(budget_id, 0)
        more = expired.get(budget_id, 0)
        found[budget_id] = (max(0, exact + least - given), max(0, exact + most + more - given))
    return found


def _noted(connection: Connection, sql: str, since: dict[str, int]) -> defaultdict[str, int]:
    """The amounts of the rows by the budgets that count them still."""
    found: defaultdict[str, int] = defaultdict(int)
    for _, amount, note in _rows(connection, sql):
        for budget_id, counted_since in json.loads(note).items():
            if since.get(budget_id) == counted_since:
                found[budget_id] += int(amount)
    return found


def _rows(connection: Connection, sql: str, *values: object) -> list[Any]:
    return connection.execute(sql, values).fetchall()
