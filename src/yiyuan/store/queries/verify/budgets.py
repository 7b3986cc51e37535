"""What usage and refunds make of the budgets, for the proof that the rows agree.

Each charge notes which budgets counted it and in which of their periods, so what a budget
has spent follows exactly, whatever the clocks said. A budget of a day or month is compared
with the charges of its period, found by their index; one in total needs all the charges
there are, and is compared by a full proof only.

Charges from before that was noted count where their time says so, as a refund of them does.
What a budget counts and no row of usage tells is a sum of its own (`budget_remainders`): what
has expired since, and by how much the times of those old charges were wrong.
"""

import json
from collections import defaultdict
from typing import Any, Final

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

_OLD: Final = """
SELECT b.id, sum(u.charge)
FROM budgets b JOIN api_tokens t ON t.id = b.api_token_id
JOIN usage u ON u.account_id = t.account_id AND u.admitted_at >= b.counted_since
            AND u.api_token_id = b.api_token_id AND (b.model IS NULL OR b.model = u.model)
WHERE u.counted = '?' AND b.limit_micros IS NOT NULL
"""
_OLD_REFUNDED: Final = """
SELECT b.id, -sum(r.amount)
FROM entries r JOIN usage u ON u.request_id = substr(r.idem_key, 8)
JOIN budgets b ON b.api_token_id = u.api_token_id
WHERE r.idem_key >= 'refund:' AND r.idem_key < 'refund;' AND r.kind = 'refund'
  AND u.counted = '?'
  AND (b.model IS NULL OR b.model = u.model) AND u.admitted_at >= b.counted_since GROUP BY b.id
"""
_REMAINDERS: Final = """
SELECT b.id, m.amount FROM budget_remainders m
JOIN budgets b ON b.id = m.budget_id AND b.counted_since = m.counted_since
"""


def budgets_spent(connection: Connection, *, is_full: bool) -> dict[str, int]:
    """What each budget with a limit must have spent, in micros, by its id."""
    of_periods = "" if is_full else _OF_PERIODS
    since = {row[0]: int(row[1]) for row in _rows(connection, _LIMITED + of_periods)}
    old = _OLD + ("" if is_full else " AND b.period <> 'total'") + " GROUP BY b.id"
    parts = [
        _noted(connection, _ALL_NOTED if is_full else _NOTED_OF_PERIODS, since),
        _noted(connection, _REFUNDED, since),
        *(
            {row[0]: int(row[1]) for row in _rows(connection, sql)}
            for sql in (old, _OLD_REFUNDED, _REMAINDERS)
        ),
    ]
    return {budget_id: max(0, sum(part.get(budget_id, 0) for part in parts)) for budget_id in since}


def _noted(connection: Connection, sql: str, since: dict[str, int]) -> dict[str, int]:
    """The amounts of the rows by the budgets that count them still."""
    found: defaultdict[str, int] = defaultdict(int)
    for _, amount, note in _rows(connection, sql):
        for budget_id, counted_since in json.loads(note).items():
            if since.get(budget_id) == counted_since:
                found[budget_id] += int(amount)
    return found


def _rows(connection: Connection, sql: str) -> list[Any]:
    return connection.execute(sql).fetchall()
