"""Moves old requests out of `usage` and `attempts` into sums by day, each exactly once.

A piece is one transaction: it adds the requests of a list to `usage_days` and deletes
their rows, so that whatever fails, a request is in one place or the other. What a budget
counts of them goes into `budget_remainders` by a trigger, in the same transaction. On PostgreSQL
many processes may try; each piece first locks the row of the turn, so the next one sees
what the last one deleted. Entries are never touched.

Requests are found account by account along the index on (account_id, admitted_at):
an index by time alone would be written with every request, for the sake of this.
"""

from functools import cache
from typing import Final, NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table
from yiyuan.store.tables.ledger import UsageDayRow

IS_ERROR: Final = "(status IS NULL OR status >= 400 OR outcome = 'interrupted')"
"""What counts as an error, of a row of `usage`."""
_TURN: Final = "expiry"
_ACCOUNTS: Final = """
SELECT a.id FROM accounts a
WHERE a.id > ? AND (SELECT min(u.admitted_at) FROM usage u WHERE u.account_id = a.id) < ?
ORDER BY a.id LIMIT ?
"""
_REQUESTS: Final = """
SELECT request_id FROM usage WHERE account_id = ? AND admitted_at < ?
ORDER BY admitted_at LIMIT ?
"""
_TAKE: Final = """
INSERT INTO turns (name, holder, ends_at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
WHERE turns.holder = excluded.holder OR turns.ends_at < ?
"""
# Whoever comes later waits for this row, even one who believes that it is its turn.
_LOCK: Final = """
UPDATE turns SET ends_at = CASE WHEN holder = ? THEN ? ELSE ends_at END WHERE name = ?
"""
_KEY: Final = 7
"""The first columns of `usage_days`, in which the requests of a row are alike."""
_SUMS: Final = f"""
SELECT account_id, admitted_at / {DAY_MS}, api_token_id, model, endpoint, outcome,
       CASE WHEN {IS_ERROR} THEN 1 ELSE 0 END, count(*),
       sum(CASE WHEN charge > 0 THEN 1 ELSE 0 END),
       sum(input_tokens), sum(cached_input_tokens), sum(cache_write_tokens),
       sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens),
       sum(charge), sum(shortfall), sum(upstream_cost),
       sum(CASE WHEN upstream_cost IS NOT NULL THEN charge END)
FROM usage WHERE request_id IN
"""  # noqa: S608 - constants
# One of them may be unknown; then it is the other.
_PLUS: Final = "coalesce(usage_days.{name} + excluded.{name}, usage_days.{name}, excluded.{name})"


class TurnRow(NamedTuple):
    """Who does something that one process at a time may do, and until when."""

    name: str
    holder: str
    ends_at: int


class BudgetRemainderRow(NamedTuple):
    """What a budget counts that no row of usage tells; a trigger writes it.

    It counts as long as the budget's period is the one that began at `counted_since`.
    """

    budget_id: str
    counted_since: int
    amount: int
    """In micros; negative where the times of old charges tell too much."""


class Turn(NamedTuple):
    """A process's right to do this now: it says who, and until when."""

    holder: str
    ends_at: int


async def take_turn(database: Database, turn: Turn, now_ms: int) -> bool:
    """Take, or keep, the turn; False while somebody else has it."""
    (count,) = await database.write([(_TAKE, (_TURN, turn.holder, turn.ends_at, now_ms))])
    return count == 1


async def accounts_to_expire(
    database: Database, after: str, before_ms: int, most: int
) -> list[str]:
    """The next accounts, by id, that have requests admitted before a time."""
    rows = await database.run_read(
        lambda connection: connection.execute(_ACCOUNTS, (after, before_ms, most)).fetchall()
    )
    return [row[0] for row in rows]


async def requests_to_expire(
    database: Database, account_id: str, before_ms: int, most: int
) -> list[str]:
    """An account's oldest requests admitted before a time."""
    rows = await database.read(_REQUESTS, (account_id, before_ms, most))
    return [row[0] for row in rows]


async def expire(database: Database, request_ids: list[str], turn: Turn) -> int:
    """Move these requests into their days; returns how many were still there."""
    add, delete_attempts, delete_usage = _statements(len(request_ids))
    statements: list[Statement] = [
        (_LOCK, (turn.holder, turn.ends_at, _TURN)),
        (add, request_ids),
        (delete_attempts, request_ids),
        (delete_usage, request_ids),
    ]
    return (await database.write(statements))[-1]


@cache
def _statements(count: int) -> tuple[str, str, str]:
    """For so many requests: add them to their days, delete attempts, delete usage."""
    places = f"({', '.join('?' * count)})"
    columns, numbers = UsageDayRow._fields, ", ".join(map(str, range(1, _KEY + 1)))
    sums = ", ".join(f"{name} = {_PLUS.format(name=name)}" for name in columns[_KEY:])
    # Names of ours only; values are bound.
    add = (
        f"INSERT INTO usage_days ({', '.join(columns)}) {_SUMS} {places} "
        f"GROUP BY {numbers} ON CONFLICT ({', '.join(columns[:_KEY])}) DO UPDATE SET {sums}"
    )
    return (
        add,
        f"DELETE FROM attempts WHERE request_id IN {places}",  # noqa: S608
        f"DELETE FROM usage WHERE request_id IN {places}",  # noqa: S608
    )


TABLES: Final = (
    Table("turns", TurnRow, "name", is_backed_up=False),
    Table("budget_remainders", BudgetRemainderRow, "budget_id"),
)
