"""What people ask of accounts and usage: short queries, no rules of money."""

from operator import add
from typing import NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection, Database
from yiyuan.store.errors import REFUSED
from yiyuan.store.tables.ledger import AccountRow

DatabaseError = REFUSED
"""Whatever the driver raises: no database, a damaged one, no room on the disk."""

_ACCOUNTS = f"SELECT {', '.join(AccountRow._fields)} FROM accounts "  # noqa: S608 - field names

# The index on (account_id, admitted_at) serves the condition.
_USAGE = """
SELECT admitted_at / ?, model, count(*), CAST(sum(input_tokens) AS BIGINT),
       CAST(sum(cached_input_tokens) AS BIGINT),
       CAST(sum(cache_write_tokens + cache_write_1h_tokens) AS BIGINT),
       CAST(sum(output_tokens) AS BIGINT), CAST(sum(reasoning_tokens) AS BIGINT),
       CAST(sum(charge) AS BIGINT)
FROM usage
WHERE account_id = ? AND admitted_at >= ?
GROUP BY 1, 2
"""
# The same of requests that have expired; the primary key serves the condition.
_USAGE_DAYS = """
SELECT day, model, CAST(sum(requests) AS BIGINT), CAST(sum(input_tokens) AS BIGINT),
       CAST(sum(cached_input_tokens) AS BIGINT),
       CAST(sum(cache_write_tokens + cache_write_1h_tokens) AS BIGINT),
       CAST(sum(output_tokens) AS BIGINT), CAST(sum(reasoning_tokens) AS BIGINT),
       CAST(sum(charge) AS BIGINT)
FROM usage_days
WHERE account_id = ? AND day >= ?
GROUP BY 1, 2
"""


class UsageLine(NamedTuple):
    """One account's use of one model on one UTC day; `charge` in micros."""

    day: int
    """Days since 1970-01-01."""
    model: str
    requests: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge: int


async def find_account(database: Database, name: str) -> AccountRow | None:
    """An account by its name or id; no name looks like an id."""
    rows = await database.read(_ACCOUNTS + "WHERE name = ? OR id = ?", (name, name))
    return AccountRow(*rows[0]) if rows else None


async def all_accounts(database: Database) -> list[AccountRow]:
    """Every account, by name."""
    return [AccountRow(*row) for row in await database.read(_ACCOUNTS + "ORDER BY name")]


async def spent_since(database: Database, since_ms: int) -> dict[str, int]:
    """What each account was charged since the beginning of a UTC day, in micros."""
    queries = (
        (
            """SELECT a.id, CAST(sum(u.charge) AS BIGINT) FROM accounts AS a JOIN usage AS u
               ON u.account_id = a.id AND u.admitted_at >= ? GROUP BY a.id""",
            since_ms,
        ),
        (
            """SELECT account_id, CAST(sum(charge) AS BIGINT) FROM usage_days
               WHERE day >= ? GROUP BY account_id""",
            since_ms // DAY_MS,
        ),
    )
    spent: dict[str, int] = {}
    for sql, since in queries:
        for row in await database.read(sql, (since,)):
            spent[row[0]] = spent.get(row[0], 0) + row[1]
    return spent


async def usage_by_day(database: Database, account_id: str, since_ms: int) -> list[UsageLine]:
    """What an account used by UTC day and model, from `since_ms` on.

    Of a day whose requests have expired only the whole is known: it counts whole.
    """

    def read(connection: Connection) -> list[UsageLine]:
        lines: dict[tuple[int, str], UsageLine] = {}
        for query, values in (
            (_USAGE, (DAY_MS, account_id, since_ms)),
            (_USAGE_DAYS, (account_id, since_ms // DAY_MS)),
        ):
            for row in map(tuple, connection.execute(query, values)):
                key = (row[0], row[1])
                counts = lines[key][2:] if key in lines else (0,) * len(row[2:])
                lines[key] = UsageLine(*key, *map(add, counts, row[2:]))
        return [lines[key] for key in sorted(lines)]

    return await database.run_read(read)


async def is_empty(database: Database) -> bool:
    """Whether there is no account, no model and no channel."""
    tables = ("accounts", "models", "channels")
    sql = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)  # noqa: S608
    return not (await database.read(f"SELECT {sql}"))[0][0]
