"""Counters that all nodes share: how often something happened in a window of time.

Counting and refusing are one statement, so any number of callers on any number of nodes
pass the limit together at most as often as it says.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table


class CounterRow(NamedTuple):
    """How often `name` was counted in the window that began then; times in milliseconds."""

    name: str
    window_start: int
    ends_at: int
    n: int


def count_up(name: str, now_ms: int, window_ms: int, most: int) -> Statement:
    """Count once, at most up to `most`: no row changes where it is reached."""
    start = now_ms - now_ms % window_ms
    sql = """INSERT INTO counters (name, window_start, ends_at, n) SELECT ?, ?, ?, 1 WHERE ? > 0
             ON CONFLICT (name, window_start) DO UPDATE SET n = counters.n + 1
             WHERE counters.n < ?"""
    return (sql, (name, start, start + window_ms, most, most))


def take_back(name: str, now_ms: int, window_ms: int) -> Statement:
    """Uncount once; the last one is left, since a row of none means nothing."""
    start = now_ms - now_ms % window_ms
    sql = "UPDATE counters SET n = n - 1 WHERE name = ? AND window_start = ? AND n > 1"
    return (sql, (name, start))


def reserve_account(
    user_id: str, account_id: str, now_ms: int, until_ms: int, most: int
) -> Statement:
    """Note that a person opens an account; no row changes where they own as many as they may.

    What is being opened counts as well, until it is theirs (`release_account`) or its time
    is over. Stands behind `lock_user`, so that of two at once each sees the other.
    """
    name = _opening(user_id)
    sql = """INSERT INTO counters (name, window_start, ends_at, n) SELECT ?, ?, ?, 1 WHERE ? >
             (SELECT COUNT(*) FROM members WHERE user_id = ? AND role = 'owner')
             + (SELECT COUNT(*) FROM counters WHERE substr(name, 1, ?) = ? AND ends_at > ?)"""
    values = (name + account_id, now_ms, until_ms, most, user_id, len(name), name, now_ms)
    return (sql, values)


def release_account(user_id: str, account_id: str) -> Statement:
    """The account is theirs now, or is not opened after all."""
    return ("DELETE FROM counters WHERE name = ?", (_opening(user_id) + account_id,))


def _opening(user_id: str) -> str:
    return f"opening {user_id} "


def forget_past(now_ms: int) -> Statement:
    """Delete windows that are over."""
    return ("DELETE FROM counters WHERE ends_at <= ?", (now_ms,))


async def counted(database: Database, name: str, now_ms: int, window_ms: int) -> int:
    """How often it was counted in the window of now."""
    sql = "SELECT n FROM counters WHERE name = ? AND window_start = ?"
    rows = await database.read(sql, (name, now_ms - now_ms % window_ms))
    return int(rows[0][0]) if rows else 0


TABLES: Final = (Table("counters", CounterRow, "name, window_start"),)
