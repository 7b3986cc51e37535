"""Requests that ended with an error: the latest of them whole, all of them counted.

Both tables are bounded: rows beyond the latest `KEPT_ROWS` and minutes older than
`KEPT_MINUTES` are deleted.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, insert

KEPT_ROWS: Final = 10_000
KEPT_MINUTES: Final = 30 * 24 * 60

_COUNT: Final = """
INSERT INTO refusal_minutes (minute, account_id, model, code, count) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (minute, account_id, model, code)
DO UPDATE SET count = refusal_minutes.count + excluded.count
"""
_TRIM_ROWS: Final = """
DELETE FROM refusals
WHERE at < (SELECT r.at FROM refusals AS r ORDER BY r.at DESC LIMIT 1 OFFSET ?)
"""
_TRIM_MINUTES: Final = "DELETE FROM refusal_minutes WHERE minute < ?"


class RefusalRow(NamedTuple):
    """One such request; times in wall-clock ms, `model` as it was asked for."""

    request_id: str
    at: int
    account_id: str | None
    """None where the key belonged to nobody."""
    api_token_id: str | None
    model: str
    endpoint: str
    status: int
    code: str
    total_ms: int


class RefusalMinute(NamedTuple):
    """What is counted together: a minute since 1970, an account or none, a model, a code."""

    minute: int
    account_id: str
    model: str
    code: str


def add_refusal(row: RefusalRow) -> Statement:
    """Keep one whole; one that is there already stays."""
    sql, values = insert("refusals", row)
    return (f"{sql} ON CONFLICT (request_id) DO NOTHING", values)


def count_refusals(minute: RefusalMinute, count: int) -> Statement:
    """Count some more of a minute."""
    return (_COUNT, (*minute, count))


async def trim(database: Database, now_ms: int) -> None:
    """Delete what is more, or older, than is kept."""
    oldest = now_ms // 60_000 - KEPT_MINUTES
    await database.write([(_TRIM_ROWS, (KEPT_ROWS,)), (_TRIM_MINUTES, (oldest,))])


TABLES: Final = (
    Table("refusals", RefusalRow, "at, request_id", is_backed_up=False),
    Table("refusal_minutes", RefusalMinute, "minute, account_id, model, code", is_backed_up=False),
)
