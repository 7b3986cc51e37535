"""V10: each credited order has its one entry, of its account and amount, and the reverse."""

from collections.abc import Callable, Iterator
from typing import Final

from yiyuan.ledger.verify.verify_account import ROWS_AT_ONCE, View
from yiyuan.store.queries.verify.orders import booked_orders, topups

# An order is claimed a moment before its entry is booked; a crash in between is made good
# at the next start.
PAID_GRACE_MS: Final = 60_000


def check_orders(view: View, problem: Callable[[str], None], now_ms: int) -> Iterator[None]:
    """From both sides, some orders and some entries at a time."""
    last = ""
    while orders := booked_orders(view.connection, last, ROWS_AT_ONCE):
        for order in orders:
            name = f"V10 account {order.account_id}: order {order.id}"
            if order.entry_account_id is None:
                if order.state == "credited" or order.paid_at < now_ms - PAID_GRACE_MS:
                    problem(f"{name} is {order.state}, and has no entry")
            elif (order.entry_account_id, order.entry_amount) != (order.account_id, order.credit):
                found = (order.entry_account_id, order.entry_amount)
                problem(f"{name} credits {order.credit}, but its entry is {found}")
        last = orders[-1].id
        yield
    last = ""
    while entries := topups(view.connection, last, ROWS_AT_ONCE):
        for entry in entries:
            if not entry.is_paid:
                name = f"V10 account {entry.account_id}: entry {entry.entry_id}"
                problem(f"{name} is of no paid order of its own")
        last = entries[-1].key
        yield
