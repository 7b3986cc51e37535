"""Who failed to prove who they are, how often, and how long they have to wait.

One row per key, which holds no e-mail address in clear. Each failure past the free ones
doubles the wait, up to a limit; a row that was quiet for `forget_ms` begins anew. The
conditions stand in the statement, so that of tries side by side, in any number of
processes, each sees the ones before it. Times are wall-clock milliseconds.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns


class FailuresRow(NamedTuple):
    """What is counted against one key."""

    key: str
    failures: int
    wait_ms: int
    last_at: int


class KnownPlaceRow(NamedTuple):
    """An address block in which a person has signed in."""

    user_id: str
    block: str
    last_at: int


async def failures_of(database: Database, keys: list[str]) -> dict[str, FailuresRow]:
    """The rows of these keys that there are."""
    places = ", ".join("?" * len(keys))
    sql = f"SELECT {columns(FailuresRow)} FROM sign_in_failures WHERE key IN ({places})"  # noqa: S608
    rows = [FailuresRow(*row) for row in await database.read(sql, keys)]
    return {row.key: row for row in rows}


def count_failure(
    key: str, now: int, *, free: int, first_wait_ms: int, wait_ms_max: int, forget_ms: int
) -> Statement:
    """Count one; changes no row while the key has to wait."""
    sql = """INSERT INTO sign_in_failures (key, failures, wait_ms, last_at) VALUES (?, 1, 0, ?)
             ON CONFLICT (key) DO UPDATE SET
             failures = CASE WHEN sign_in_failures.last_at < ? THEN 1
                     ELSE sign_in_failures.failures + 1 END,
             wait_ms = CASE WHEN sign_in_failures.last_at < ? OR sign_in_failures.failures + 1 < ?
                       THEN 0 WHEN sign_in_failures.wait_ms = 0 THEN ?
                       WHEN sign_in_failures.wait_ms * 2 > ? THEN ?
                       ELSE sign_in_failures.wait_ms * 2 END,
             last_at = ?
             WHERE sign_in_failures.wait_ms = 0
             OR sign_in_failures.last_at + sign_in_failures.wait_ms <= ?"""
    stale = now - forget_ms
    values = (key, now, stale, stale, free, first_wait_ms, wait_ms_max, wait_ms_max, now, now)
    return (sql, values)


def uncount_failure(before: FailuresRow, counted_at: int) -> Statement:
    """Put a row back as it was; changes nothing when somebody failed in between."""
    sql = """UPDATE sign_in_failures SET failures = ?, wait_ms = ?, last_at = ?
             WHERE key = ? AND last_at = ? AND failures = ?"""
    values = (before.failures, before.wait_ms, before.last_at, before.key, counted_at)
    return (sql, (*values, before.failures + 1))


def take_back_one(key: str, *, free: int) -> Statement:
    """Take one failure back, whatever came since; a wait that others earned stays."""
    sql = """UPDATE sign_in_failures SET failures = failures - 1,
             wait_ms = CASE WHEN failures <= ? THEN 0 ELSE wait_ms END
             WHERE key = ? AND failures > 0"""
    return (sql, (free, key))


def forgive(key: str) -> Statement:
    """Forget what was counted against a key."""
    return ("DELETE FROM sign_in_failures WHERE key = ?", (key,))


def forget_old_failures(before: int) -> Statement:
    """Forget keys that were quiet since."""
    return ("DELETE FROM sign_in_failures WHERE last_at < ?", (before,))


async def is_known_place(database: Database, user_id: str, block: str, since: int) -> bool:
    """Whether a person has signed in from this block since a time."""
    sql = "SELECT 1 FROM known_places WHERE user_id = ? AND block = ? AND last_at >= ?"
    return bool(await database.read(sql, (user_id, block, since)))


async def has_place(database: Database, user_id: str) -> bool:
    """Whether a person has signed in from anywhere that is remembered."""
    sql = "SELECT 1 FROM known_places WHERE user_id = ? LIMIT 1"
    return bool(await database.read(sql, (user_id,)))


def know_place(user_id: str, block: str, at: int) -> Statement:
    """Note that a person has signed in from a block."""
    sql = """INSERT INTO known_places (user_id, block, last_at) VALUES (?, ?, ?)
             ON CONFLICT (user_id, block) DO UPDATE SET last_at = excluded.last_at"""
    return (sql, (user_id, block, at))


def forget_old_places(before: int) -> Statement:
    """Forget places where nobody signed in since."""
    return ("DELETE FROM known_places WHERE last_at < ?", (before,))


TABLES: Final = (
    Table("sign_in_failures", FailuresRow, "key", is_backed_up=False),
    Table("known_places", KnownPlaceRow, "user_id, block", after=("users",)),
)
