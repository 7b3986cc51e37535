"""How many orders an account may make: counted and added in one transaction.

Who asks at once from many places is let in one after the other, by the row that they lock.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.tables.payments.orders import OPEN, OrderRow, add_order


class OrderLimits(NamedTuple):
    """What an account's orders may come to, the new one included; None is no limit."""

    made: int | None
    """Orders since `made_since`, in whatever state they are now."""
    made_since: int
    open: int
    daily_micros: int | None
    """Credit of what waits for its payment, and of what was paid since `paid_since`."""
    paid_since: int


def add_within(row: OrderRow, limits: OrderLimits) -> list[Statement]:
    """Keep a new order, unless that is too much: then the last of these has changed a row."""
    conditions = [f"(SELECT count(*) FROM payment_orders WHERE {_OPEN}) > ?"]  # noqa: S608
    values: list[Any] = [row.account_id, *OPEN, limits.open]
    if limits.made is not None:
        conditions.append(f"(SELECT count(*) FROM payment_orders WHERE {_MADE}) > ?")  # noqa: S608
        values += [row.account_id, limits.made_since, limits.made]
    if limits.daily_micros is not None:
        conditions.append(f"({_ORDERED}) > ?")
        values += [*_ordered(row.account_id, limits.paid_since), limits.daily_micros]
    sql = f"DELETE FROM payment_orders WHERE id = ? AND ({' OR '.join(conditions)})"  # noqa: S608
    return [_lock(row.account_id), add_order(row), (sql, (row.id, *values))]


def move_within(row: OrderRow, moved: Statement, daily_micros: int, since: int) -> list[Statement]:
    """Move an order, unless with it the account were paid more since a time: the last one does."""
    sql, values = moved
    paid = """(SELECT coalesce(sum(credit), 0) FROM payment_orders
               WHERE account_id = ? AND paid_at >= ? AND state IN ('paid', 'credited'))"""
    limited = (
        f"{sql} AND {paid} <= ?",
        (*values, row.account_id, since, daily_micros - row.credit),
    )
    return [_lock(row.account_id), limited]


def move_ordered_within(
    row: OrderRow, moved: Statement, daily_micros: int, since: int
) -> list[Statement]:
    """Move an order; where it had ended, and so made room for others, only if there is room yet."""
    sql, values = moved
    limited = (
        f"{sql} AND (state IN (?, ?) OR ({_ORDERED}) <= ?)",
        (*values, *OPEN, *_ordered(row.account_id, since), daily_micros - row.credit),
    )
    return [_lock(row.account_id), limited]


async def ordered_micros(database: Database, account_id: str, paid_since: int) -> int:
    """What an account has ordered and may still pay, and what it has paid since a time."""
    return int((await database.read(_ORDERED, _ordered(account_id, paid_since)))[0][0])


async def open_until(database: Database, account_id: str) -> list[int]:
    """When each order that waits for its payment ends, the next first."""
    sql = f"SELECT expires_at FROM payment_orders WHERE {_OPEN} ORDER BY expires_at"  # noqa: S608
    return [int(row[0]) for row in await database.read(sql, (account_id, *OPEN))]


async def made_at(database: Database, account_id: str, since: int) -> list[int]:
    """When each order since a time was made, the oldest first."""
    sql = f"SELECT created_at FROM payment_orders WHERE {_MADE} ORDER BY created_at"  # noqa: S608
    return [int(row[0]) for row in await database.read(sql, (account_id, since))]


async def asked_count(database: Database, account_id: str, since: int, until: int) -> int:
    """About how many of an account's orders the provider was or is asked in a span of time."""
    sql = """SELECT count(*) FROM payment_orders
             WHERE account_id = ? AND (asked_at > ? OR next_check_at <= ?)"""
    return int((await database.read(sql, (account_id, since, until)))[0][0])


_OPEN = "account_id = ? AND state IN (?, ?)"
_MADE = "account_id = ? AND created_at > ?"
_ORDERED = """SELECT coalesce(sum(credit), 0) FROM payment_orders
              WHERE account_id = ? AND (state IN (?, ?) OR paid_at >= ? AND
                (state IN ('paid', 'credited')
                 OR state = 'review' AND substr(reason, 1, 9) <> 'dismissed'))"""


def _ordered(account_id: str, paid_since: int) -> Sequence[Any]:
    return (account_id, *OPEN, paid_since)


def _lock(account_id: str) -> Statement:
    """Let no other order of the account be added before this transaction has ended."""
    sql = """INSERT INTO account_profiles (account_id) VALUES (?)
             ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id"""
    return (sql, (account_id,))
