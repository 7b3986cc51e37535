"""The operator's list of accounts: found by any part, sorted by what they have and spend."""

from typing import Final, Literal, NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Database

Sort = Literal["name", "balance", "spend_month", "last_used", "created", "tokens"]

_ORDER: Final[dict[Sort, str]] = {
    "name": "name",
    "balance": "posted",
    "spend_month": "spend_month",
    "last_used": "coalesce(last_used, 0)",
    "created": "created_at",
    "tokens": "api_tokens",
}
_LINES: Final = """
SELECT a.id, a.name, a.posted, a.held, a.suspended_at, a.created_at,
       CAST(coalesce((SELECT sum(charge) FROM usage
        WHERE account_id = a.id AND admitted_at >= ?), 0)
        + coalesce((SELECT sum(charge) FROM usage_days
        WHERE account_id = a.id AND day >= ?), 0) AS BIGINT) AS spend_month,
       coalesce((SELECT max(admitted_at) FROM usage WHERE account_id = a.id),
        (SELECT max(day) * CAST(? AS BIGINT) FROM usage_days
         WHERE account_id = a.id)) AS last_used,
       (SELECT count(*) FROM api_tokens WHERE account_id = a.id
        AND revoked_at IS NULL AND is_internal = 0) AS api_tokens
FROM accounts AS a
WHERE (? = '' OR lower(a.name) LIKE ? ESCAPE '!' OR a.id = ?
       OR EXISTS (SELECT 1 FROM members AS m JOIN users AS u ON u.id = m.user_id
                  WHERE m.account_id = a.id AND lower(u.email) LIKE ? ESCAPE '!')
       OR EXISTS (SELECT 1 FROM api_tokens AS t WHERE t.account_id = a.id
                  AND t.is_internal = 0
                  AND (t.id = ? OR lower(t.hint) LIKE ? ESCAPE '!')))
  AND (? = 'all' OR (a.suspended_at IS NOT NULL) = (? = 'suspended'))
"""


class AccountLine(NamedTuple):
    """An account in the operator's list; amounts in micros, times in ms."""

    id: str
    name: str
    posted: int
    held: int
    suspended_at: int | None
    created_at: int
    spend_month: int
    last_used: int | None
    api_tokens: int


class AccountSearch(NamedTuple):
    """Which accounts, in which order; `since_ms` begins the month whose spend is summed."""

    text: str
    state: Literal["all", "active", "suspended"]
    sort: Sort
    is_descending: bool
    since_ms: int


async def accounts_page(
    database: Database, search: AccountSearch, *, offset: int, limit: int
) -> list[AccountLine]:
    """Accounts that have the text in name, member's e-mail, id or token ending."""
    text = search.text.lower()
    part = "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    order = f"{_ORDER[search.sort]} {'DESC' if search.is_descending else 'ASC'}, name"
    sql = f"SELECT * FROM ({_LINES}) AS lines ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
    found = (text, part, search.text, part, search.text, part)
    values = (
        *(search.since_ms, search.since_ms // DAY_MS, DAY_MS),
        *found,
        *(search.state, search.state, limit, offset),
    )
    rows = await database.run_read(lambda c: c.execute(sql, values).fetchall())
    return [AccountLine(*row) for row in rows]
