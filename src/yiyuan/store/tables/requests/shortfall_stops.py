"""Accounts that wait until an operator has looked at their shortfalls, by model."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, upsert

_RELEASE: Final = """
UPDATE shortfall_stops SET released_at = ?, released_by = ?
WHERE account_id = ? AND model = ? AND released_at IS NULL
"""
_COUNT: Final = """
SELECT count(*) FROM usage
WHERE account_id = ? AND model = ? AND ended_at > ? AND shortfall > ?
AND shortfall * 100 > charge * ?
AND ended_at > coalesce((SELECT released_at FROM shortfall_stops
                         WHERE account_id = usage.account_id AND model = usage.model), 0)
"""


_NAMED: Final = """
SELECT s.account_id, a.name, s.model, s.stopped_at
FROM shortfall_stops s JOIN accounts a ON a.id = s.account_id
WHERE s.released_at IS NULL ORDER BY s.stopped_at DESC, s.account_id, s.model LIMIT ?
"""


class ShortfallStopRow(NamedTuple):
    """One account and model; times in wall-clock ms, None until it is released."""

    account_id: str
    model: str
    request_id: str
    """The last request before it was stopped."""
    stopped_at: int
    released_at: int | None = None
    released_by: str | None = None


class ShortfallEvent(NamedTuple):
    """A request that cost more than its hold; amounts in micros, `at` in wall-clock ms."""

    request_id: str
    account_id: str
    model: str
    channel: str
    charge: int
    shortfall: int
    at: int


def stop(row: ShortfallStopRow) -> Statement:
    """Stop an account at a model."""
    return upsert("shortfall_stops", row, ("account_id", "model"))


def release(row: ShortfallStopRow, at: int, actor: str) -> Statement:
    """Let it go on."""
    return (_RELEASE, (at, actor, row.account_id, row.model))


async def open_stops(database: Database, account_id: str | None = None) -> list[ShortfallStopRow]:
    """Those that are not released: of one account, or of all."""
    sql = f"SELECT {columns(ShortfallStopRow)} FROM shortfall_stops WHERE released_at IS NULL"  # noqa: S608 - field names
    if account_id is None:
        rows = await database.read(sql)
    else:
        rows = await database.read(f"{sql} AND account_id = ? ORDER BY model", (account_id,))
    return [ShortfallStopRow(*row) for row in rows]


class NamedStop(NamedTuple):
    """One that is not released, with its account's name; the time in wall-clock ms."""

    account_id: str
    account_name: str
    model: str
    stopped_at: int


async def named_stops(database: Database, limit: int) -> list[NamedStop]:
    """Those that are not released, the latest first."""
    return [NamedStop(*row) for row in await database.read(_NAMED, (limit,))]


async def count_shortfalls(
    database: Database, account_id: str, model: str, since_ms: int, amount: int, percent: int
) -> int:
    """Requests since then, and since the last release, that fell short by more than both.

    `amount` is in micros, `percent` of the charge.
    """
    rows = await database.read(_COUNT, (account_id, model, since_ms, amount, percent))
    return int(rows[0][0])


TABLES: Final = (
    Table("shortfall_stops", ShortfallStopRow, "account_id, model", after=("accounts",)),
)
