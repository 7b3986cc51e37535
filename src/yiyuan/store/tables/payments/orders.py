"""Orders: each change of state names the states that it may come from."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, fields, insert

UNPAID: Final = ("created", "pending", "expired", "cancelled", "failed")
"""States that a payment, however late, still leads out of."""
OPEN: Final = ("created", "pending")
MOVING: Final = (*OPEN, "paid", "review")
"""States that orders leave again; their number stays small."""
ENDED: Final = ("credited", "expired", "cancelled", "failed")
"""All others: their number grows for ever."""


class OrderRow(NamedTuple):
    """One attempt to pay; amounts in minor units of `currency`, credits in micros."""

    id: str
    number: str
    account_id: str
    actor: str
    method_id: str
    type: str
    merchant: str
    is_test: int
    currency: str
    amount_minor: int
    fee_minor: int
    credit: int
    bonus: int
    rule: str
    """JSON: the rate and bonus step that made the numbers above."""
    state: str
    reason: str
    session_ref: str
    payment_ref: str | None
    shown: str
    """JSON: what the customer's page shows; `{}` until the provider has answered."""
    address: str
    is_phone: int
    created_at: int
    expires_at: int
    paid_at: int | None
    credited_at: int | None
    asked_at: int
    next_check_at: int | None
    checks: int
    refunded_minor: int
    dispute: str
    """The last word of a dispute; empty when there was none."""


class OrderFilter(NamedTuple):
    """Which orders to list; an empty text is any.

    In `review` are those that wait for somebody; `dismissed` is a state of its own here.
    """

    account_id: str = ""
    state: str = ""
    method_id: str = ""
    test: str = ""
    """`0` or `1`."""
    made_until: int = MICROS_MAX
    """In milliseconds: not the later ones."""


_ORDERS = f"SELECT {columns(OrderRow)} FROM payment_orders "  # noqa: S608 - field names


_STATE = """(CASE WHEN state = 'review' AND substr(reason, 1, 9) = 'dismissed'
             THEN 'dismissed' ELSE state END)"""


def add_order(row: OrderRow) -> Statement:
    """Keep a new order."""
    return insert("payment_orders", row)


async def find_order(database: Database, id_or_number: str) -> OrderRow | None:
    """One order."""
    sql = _ORDERS + "WHERE id = ? OR number = ?"
    return _one(await database.read(sql, (id_or_number, id_or_number)))


async def order_of_payment(database: Database, method_id: str, payment_ref: str) -> OrderRow | None:
    """The order that a provider's payment belongs to."""
    sql = _ORDERS + "WHERE method_id = ? AND payment_ref = ?"
    return _one(await database.read(sql, (method_id, payment_ref)))


async def orders(
    database: Database, wanted: OrderFilter, *, before: str = "", limit: int = 100
) -> list[OrderRow]:
    """Orders, the latest first; `before` is the id to continue after."""
    sql = f"""{_ORDERS} WHERE (? = '' OR account_id = ?) AND (? = '' OR {_STATE} = ?)
              AND (? = '' OR method_id = ?) AND (? = '' OR is_test = ?) AND created_at <= ?
              AND (? = '' OR id < ?)
              ORDER BY id DESC LIMIT ?"""
    is_test = int(wanted.test or 0)
    a, s, m = wanted.account_id, wanted.state, wanted.method_id
    made = wanted.made_until
    values = (a, a, s, s, m, m, wanted.test, is_test, made, before, before, limit)
    return [OrderRow(*row) for row in await database.read(sql, values)]


async def orders_in(database: Database, states: Sequence[str]) -> list[OrderRow]:
    """All orders in some states, the oldest first."""
    sql = _ORDERS + f"WHERE state IN ({_places(states)}) ORDER BY id LIMIT 1000"
    return [OrderRow(*row) for row in await database.read(sql, states)]


async def orders_to_ask(
    database: Database, now: int, limit: int, resting: Sequence[str] = ()
) -> list[OrderRow]:
    """Orders whose next question is due, but not those of methods that rest."""
    others = f"AND method_id NOT IN ({_places(resting)})" if resting else ""
    sql = _ORDERS + f"WHERE next_check_at <= ? {others} ORDER BY next_check_at LIMIT ?"
    return [OrderRow(*row) for row in await database.read(sql, (now, *resting, limit))]


async def paid_between(database: Database, method_id: str, first: int, end: int) -> list[OrderRow]:
    """Orders of a method whose payment was seen in a span of time."""
    sql = _ORDERS + "WHERE method_id = ? AND paid_at >= ? AND paid_at < ? ORDER BY id"
    return [OrderRow(*row) for row in await database.read(sql, (method_id, first, end))]


class StateCount(NamedTuple):
    """How many orders of a kind are in a state."""

    kind: str
    state: str
    orders: int


async def count_in_review(database: Database) -> int:
    """How many orders wait for a person; dismissed ones do not."""
    sql = """SELECT count(*) FROM payment_orders
             WHERE state = 'review' AND substr(reason, 1, 9) <> 'dismissed'"""
    return int((await database.read(sql))[0][0])


async def counts(database: Database, states: Sequence[str]) -> list[StateCount]:
    """Orders by kind of method and state, found by the index on states."""
    sql = f"""SELECT m.kind, c.state, sum(c.orders) FROM
                 (SELECT state, method_id, count(*) AS orders FROM payment_orders
                  WHERE state IN ({_places(states)}) GROUP BY state, method_id) AS c
              JOIN payment_methods AS m ON m.id = c.method_id
              GROUP BY m.kind, c.state"""  # noqa: S608 - question marks
    rows = await database.read(sql, tuple(states))
    return [StateCount(row[0], row[1], int(row[2])) for row in rows]


def claim_question(order_id: str, now: int, not_since: int, next_check_at: int) -> Statement:
    """Be the one who asks, unless somebody has asked after `not_since`."""
    sql = """UPDATE payment_orders SET asked_at = ?, next_check_at = ?, checks = checks + 1
             WHERE id = ? AND asked_at <= ?"""
    return (sql, (now, next_check_at, order_id, not_since))


def ask_next(order_id: str, at: int | None) -> Statement:
    """When to ask again; None is never."""
    return ("UPDATE payment_orders SET next_check_at = ? WHERE id = ?", (at, order_id))


def ask_sooner(order_id: str, at: int) -> Statement:
    """Ask at this time, if not sooner."""
    sql = """UPDATE payment_orders SET next_check_at = ?
             WHERE id = ? AND (next_check_at IS NULL OR next_check_at > ?)"""
    return (sql, (at, order_id, at))


def move(order_id: str, states: Sequence[str], **changes: Any) -> Statement:
    """Change an order that is in one of `states`; the count of rows says whether it was."""
    assert set(changes) <= set(fields(OrderRow)), changes
    assigned = ", ".join(f"{name} = ?" for name in changes)
    sql = f"UPDATE payment_orders SET {assigned} WHERE id = ? AND state IN ({_places(states)})"  # noqa: S608 - field names
    return (sql, (*changes.values(), order_id, *states))


def move_unchanged(row: OrderRow, states: Sequence[str], **changes: Any) -> Statement:
    """The same, unless a person or the provider has decided otherwise since it was read."""
    sql, values = move(row.id, states, **changes)
    sql += " AND refunded_minor = ? AND dispute = ? AND reason = ?"
    return (sql, (*values, row.refunded_minor, row.dispute, row.reason))


def learn_payment(row: OrderRow, payment_ref: str) -> Statement:
    """Keep the provider's number of a payment in place of what a person had written, or nothing."""
    sql = """UPDATE payment_orders SET payment_ref = ?
             WHERE id = ? AND COALESCE(payment_ref, '') = ?"""
    return (sql, (payment_ref, row.id, row.payment_ref or ""))


def lock_order(order_id: str) -> Statement:
    """Let nobody else change an order before this transaction has ended."""
    return ("UPDATE payment_orders SET checks = checks WHERE id = ?", (order_id,))


def add_refunded(order_id: str, amount_minor: int) -> Statement:
    """Count a refund; refused by the schema when it is more than was paid."""
    sql = "UPDATE payment_orders SET refunded_minor = refunded_minor + ? WHERE id = ?"
    return (sql, (amount_minor, order_id))


def note_dispute(order_id: str, word: str) -> Statement:
    """Keep the last word of a dispute."""
    return ("UPDATE payment_orders SET dispute = ? WHERE id = ?", (word, order_id))


async def has_open_dispute(database: Database, account_id: str) -> bool:
    """Whether one of an account's payments is disputed and not decided yet."""
    sql = "SELECT 1 FROM payment_orders WHERE account_id = ? AND dispute = 'open' LIMIT 1"
    return bool(await database.read(sql, (account_id,)))


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _one(rows: Sequence[Any]) -> OrderRow | None:
    return OrderRow(*rows[0]) if rows else None


TABLES: Final = (Table("payment_orders", OrderRow, "id", after=("accounts", "payment_methods")),)
