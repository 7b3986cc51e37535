"""What a proof reads of payment orders and their entries, in order and in pages."""

from typing import NamedTuple

from yiyuan.store.database import Connection


class BookedOrder(NamedTuple):
    """An order that is paid or credited, and its entry if there is one; amounts in micros."""

    id: str
    account_id: str
    state: str
    paid_at: int
    """Wall-clock ms."""
    credit: int
    entry_account_id: str | None
    entry_amount: int | None


class Topup(NamedTuple):
    """An entry of an order; `is_paid` says whether its account has such an order."""

    key: str
    entry_id: str
    account_id: str
    is_paid: int


def booked_orders(connection: Connection, after: str, most: int) -> list[BookedOrder]:
    """Orders whose money is or should be in the ledger, by id."""
    sql = """SELECT o.id, o.account_id, o.state, o.paid_at, o.credit, e.account_id, e.amount
             FROM payment_orders AS o
             LEFT JOIN entries AS e ON e.idem_key = 'topup:' || o.id
             WHERE o.id > ? AND o.state IN ('paid', 'credited') ORDER BY o.id LIMIT ?"""
    return [BookedOrder(*row) for row in connection.execute(sql, (after, most)).fetchall()]


def topups(connection: Connection, after: str, most: int) -> list[Topup]:
    """Entries of orders, by key."""
    sql = """SELECT e.idem_key, e.id, e.account_id,
                    CASE WHEN EXISTS (SELECT 1 FROM payment_orders AS o
                                      WHERE o.id = substr(e.idem_key, 7)
                                        AND o.account_id = e.account_id
                                        AND o.state IN ('paid', 'credited')) THEN 1 ELSE 0 END
             FROM entries AS e
             WHERE e.idem_key > ? AND e.idem_key >= 'topup:' AND e.idem_key < 'topup;'
             ORDER BY e.idem_key LIMIT ?"""
    return [Topup(*row) for row in connection.execute(sql, (after, most)).fetchall()]
