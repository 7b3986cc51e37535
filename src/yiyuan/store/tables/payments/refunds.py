"""Refunds, and debts for what could not be taken back."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, fields, insert
from yiyuan.store.tables.payments.orders import OrderRow, add_refunded, lock_order


class RefundRow(NamedTuple):
    """One refund: minor units of the order's currency, and the micros it takes back."""

    id: str
    order_id: str
    n: int
    """1, 2, 3, … of its order: of two at once that are the same number, one is refused."""
    key: str
    cause: str
    amount_minor: int
    credit: int
    bonus: int
    state: str
    provider_ref: str | None
    reason: str
    actor: str
    at: int
    done_at: int | None
    next_check_at: int | None


class DebtRow(NamedTuple):
    """What an account owes, in micros."""

    id: str
    account_id: str
    refund_id: str
    amount: int
    collected: int
    at: int
    closed_at: int | None


_REFUNDS = f"SELECT {columns(RefundRow)} FROM payment_refunds "  # noqa: S608 - field names
_DEBTS = f"SELECT {columns(DebtRow)} FROM account_debts "  # noqa: S608 - field names


def add_refund(row: RefundRow) -> Statement:
    """Keep a new refund; refused where its key or provider's number is known."""
    return insert("payment_refunds", row)


def add_refund_of(row: RefundRow, order: OrderRow) -> list[Statement]:
    """The same, and count it, if the order is still in its state: else the last is a 1.

    What was reckoned for an order that is credited meanwhile would take nothing back.
    """
    counted, values = add_refunded(order.id, row.amount_minor)
    gone = """DELETE FROM payment_refunds WHERE id = ? AND NOT EXISTS
              (SELECT 1 FROM payment_orders WHERE id = ? AND state = ?)"""
    return [
        lock_order(order.id),
        add_refund(row),
        (f"{counted} AND state = ?", (*values, order.state)),
        (gone, (row.id, order.id, order.state)),
    ]


async def refunds_of(database: Database, order_id: str) -> list[RefundRow]:
    """An order's refunds, in order."""
    rows = await database.read(_REFUNDS + "WHERE order_id = ? ORDER BY id", (order_id,))
    return [RefundRow(*row) for row in rows]


async def find_refund(database: Database, refund_id: str) -> RefundRow | None:
    """One refund."""
    rows = await database.read(_REFUNDS + "WHERE id = ?", (refund_id,))
    return RefundRow(*rows[0]) if rows else None


async def refunds_to_follow(database: Database, now: int, limit: int) -> list[RefundRow]:
    """Refunds whose next step is due."""
    sql = _REFUNDS + "WHERE next_check_at <= ? ORDER BY next_check_at LIMIT ?"
    return [RefundRow(*row) for row in await database.read(sql, (now, limit))]


def move_refund(refund_id: str, states: Sequence[str], **changes: Any) -> Statement:
    """Change a refund that is in one of `states`; the count of rows says whether it was."""
    assert set(changes) <= set(fields(RefundRow)), changes
    assigned = ", ".join(f"{name} = ?" for name in changes)
    places = ", ".join("?" * len(states))
    sql = f"UPDATE payment_refunds SET {assigned} WHERE id = ? AND state IN ({places})"  # noqa: S608 - field names
    return (sql, (*changes.values(), refund_id, *states))


def fail_refund(refund: RefundRow, states: Sequence[str], **changes: Any) -> list[Statement]:
    """End a refund that is in one of `states` and count it no more: the last count is a 1."""
    failed = move_refund(refund.id, states, state="failed", **changes)
    counted, values = add_refunded(refund.order_id, -refund.amount_minor)
    places = ", ".join("?" * len(states))
    live = f"EXISTS (SELECT 1 FROM payment_refunds WHERE id = ? AND state IN ({places}))"  # noqa: S608
    return [
        lock_order(refund.order_id),
        (f"{counted} AND {live}", (*values, refund.id, *states)),
        failed,
    ]


def claim_refund(refund_id: str, before: int | None, next_check_at: int) -> Statement:
    """Be the one who takes a refund's next step."""
    sql = "UPDATE payment_refunds SET next_check_at = ? WHERE id = ? AND next_check_at = ?"
    return (sql, (next_check_at, refund_id, before))


def add_debt(row: DebtRow) -> Statement:
    """Keep a debt, once for each refund."""
    sql, values = insert("account_debts", row)
    return (f"{sql} ON CONFLICT (refund_id) DO NOTHING", values)


async def open_debts(database: Database, account_id: str | None = None) -> list[DebtRow]:
    """What is owed, the oldest first."""
    sql = _DEBTS + "WHERE closed_at IS NULL AND (? = '' OR account_id = ?) ORDER BY at, id"
    rows = await database.read(sql, (account_id or "", account_id or ""))
    return [DebtRow(*row) for row in rows]


async def number_of_refunded(database: Database, refund_id: str) -> str:
    """The number of the order that a refund is of."""
    sql = """SELECT o.number FROM payment_refunds AS r
             JOIN payment_orders AS o ON o.id = r.order_id WHERE r.id = ?"""
    return str((await database.read(sql, (refund_id,)))[0][0])


async def owed_micros(database: Database, account_id: str) -> int:
    """What an account owes, in micros."""
    sql = """SELECT CAST(COALESCE(SUM(amount - collected), 0) AS BIGINT) FROM account_debts
             WHERE account_id = ? AND closed_at IS NULL"""
    return int((await database.read(sql, (account_id,)))[0][0])


def collect(debt: DebtRow, amount: int, at: int) -> Statement:
    """Count what was taken for a debt, if nobody has counted it meanwhile."""
    sql = """UPDATE account_debts SET collected = ?, closed_at = ?
             WHERE id = ? AND collected = ? AND closed_at IS NULL"""
    total = debt.collected + amount
    return (sql, (total, at if total == debt.amount else None, debt.id, debt.collected))


def forgive(debt_id: str, at: int) -> Statement:
    """Close a debt that was won back."""
    sql = "UPDATE account_debts SET closed_at = ? WHERE id = ? AND closed_at IS NULL"
    return (sql, (at, debt_id))


async def debt_of(database: Database, refund_id: str) -> DebtRow | None:
    """The debt that a refund has left."""
    rows = await database.read(_DEBTS + "WHERE refund_id = ?", (refund_id,))
    return DebtRow(*rows[0]) if rows else None


async def has_entry(database: Database, key: str) -> bool:
    """Whether the ledger has an entry of this key."""
    return bool(await database.read("SELECT 1 FROM entries WHERE idem_key = ?", (key,)))


TABLES: Final = (
    Table("payment_refunds", RefundRow, "id", after=("payment_orders",)),
    Table("account_debts", DebtRow, "id", after=("accounts", "payment_refunds")),
)
