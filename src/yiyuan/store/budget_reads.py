"""What usage and refunds make of the budgets, for an audit.

A budget of a period is compared with its token's usage of that period, found by the
index of its account. One in total needs all the usage there is; that is read once for
all of them, in one query, by a full audit only. Of requests that have expired, the day
is known: what they were charged may have counted, and nobody can tell what of it was
refunded, so they widen what is accepted.
"""

from typing import Any, Final

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection

# Around the moment at which a period begins, clocks of nodes differ, and another node
# knows a new budget a moment later.
_KNOWN_WITHIN_MS: Final = 60_000
_CLOCKS_APART_MS: Final = 3_600_000

_COUNTS: Final = "(b.model IS NULL OR b.model = u.model)"
_SUMS: Final = """
SELECT b.id, sum(CASE WHEN u.admitted_at >= b.counted_since + ? THEN u.charge ELSE 0 END),
       coalesce(sum(u.charge), 0)
"""
_OF_PERIODS: Final = f"""{_SUMS}
FROM budgets b JOIN api_tokens t ON t.id = b.api_token_id
LEFT JOIN usage u ON u.account_id = t.account_id AND u.admitted_at >= b.counted_since - ?
                 AND u.api_token_id = b.api_token_id AND {_COUNTS}
WHERE b.period <> 'total' AND b.limit_micros IS NOT NULL GROUP BY b.id
"""
# A cross join: SQLite goes once through the usage, and not once for each budget.
_OF_ALL: Final = f"""{_SUMS}
FROM usage u CROSS JOIN budgets b
WHERE u.admitted_at >= b.counted_since - ? AND u.api_token_id = b.api_token_id AND {_COUNTS}
GROUP BY b.id
"""
_REFUNDED: Final = """
SELECT b.id, sum(r.amount)
FROM entries r JOIN usage u ON u.request_id = substr(r.idem_key, 8)
JOIN budgets b ON b.api_token_id = u.api_token_id
WHERE r.idem_key >= 'refund:' AND r.idem_key < 'refund;' AND r.kind = 'refund'
  AND (b.model IS NULL OR b.model = u.model) AND u.admitted_at >= b.counted_since GROUP BY b.id
"""
_EXPIRED: Final = """
SELECT b.id, sum(u.charge) FROM usage_days u CROSS JOIN budgets b
WHERE u.api_token_id = b.api_token_id AND (b.model IS NULL OR b.model = u.model)
  AND (u.day + 1) * ? > b.counted_since - ? GROUP BY b.id
"""
_LIMITED: Final = "SELECT id FROM budgets WHERE limit_micros IS NOT NULL"


def budgets_spent(connection: Connection, *, is_full: bool) -> dict[str, tuple[int, int]]:
    """What each budget with a limit must have spent, at least and at most, by its id."""
    sql = _OF_ALL if is_full else _OF_PERIODS
    charged = {
        row[0]: (int(row[1]), int(row[2]))
        for row in _rows(connection, sql, _KNOWN_WITHIN_MS, _CLOCKS_APART_MS)
    }
    if is_full:
        limited = [row[0] for row in _rows(connection, _LIMITED)]
        charged = {budget_id: charged.get(budget_id, (0, 0)) for budget_id in limited}
    refunded = {row[0]: int(row[1]) for row in _rows(connection, _REFUNDED)}
    rows = _rows(connection, _EXPIRED, DAY_MS, _CLOCKS_APART_MS)
    expired = {row[0]: int(row[1]) for row in rows}
    found = {}
    for budget_id, (least, most) in charged.items():
        back, more = refunded.get(budget_id, 0), expired.get(budget_id, 0)
        found[budget_id] = (max(0, least - back), max(0, most + more - back))
    return found


def _rows(connection: Connection, sql: str, *values: object) -> list[Any]:
    return connection.execute(sql, values).fetchall()
