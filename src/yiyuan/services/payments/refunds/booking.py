"""Books what went back without us: takes what the account still has, the rest is a debt.

Each is booked once, by the provider's number for it.
"""

from typing import Final

from yiyuan.kernel.ids import new_id
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.refunds.debts import suspend, take
from yiyuan.services.payments.refunds.shares import Cause, asked_refund, left_minor
from yiyuan.services.payments.settle import booked
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import orders, refunds
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import DebtRow, RefundRow

TRIES_MAX: Final = 20
KEPT: Final = ("credited", "review")
"""Orders whose money is here. Of those in review nothing is taken, but a person who decides
must know that it went back."""


async def book_forced(
    context: ServiceContext, row: OrderRow, amount_minor: int, provider_ref: str, cause: str
) -> RefundRow | None:
    """Book what went back, once; None when all of the order had gone back before."""
    for _ in range(TRIES_MAX):
        # Whoever credits it meanwhile is let finish: else nothing would be taken back.
        row = await booked(context, await current_order(context, row))
        known = await refunds.refunds_of(context.database, row.id)
        same = next((r for r in known if r.provider_ref == provider_ref), None)
        if same is not None:
            return same
        amount_minor = min(amount_minor, left_minor(row, known))
        if amount_minor <= 0:
            return None
        why = Cause(cause, f"{cause}:{provider_ref}", cause, "payments", provider_ref)
        refund = asked_refund(row, known, amount_minor, why, context.clock.wall_ms())
        try:
            changed = await context.database.write(refunds.add_refund_of(refund, row))
        except CONFLICT:
            continue
        if changed[-1]:
            continue
        await take_back(context, row, refund)
        return refund
    return None


async def take_back(context: ServiceContext, row: OrderRow, refund: RefundRow) -> None:
    """Take what there is; what is missing becomes a debt. May be repeated."""
    account_id = row.account_id
    taken = await take(context, account_id, refund.credit, f"topup-refund:{refund.id}", row.number)
    if refund.bonus:
        key = f"topup-bonus-refund:{refund.id}"
        taken += await take(context, account_id, refund.bonus, key, row.number, is_bonus=True)
    missing = refund.credit + refund.bonus - taken
    now = context.clock.wall_ms()
    done = refunds.move_refund(refund.id, ("asked",), state="done", done_at=now, next_check_at=None)
    notices = await told.of_refund(context, row, refund)
    if missing == 0:
        await context.database.write([done, *notices])
        return
    debt = DebtRow(new_id("debt"), account_id, refund.id, missing, 0, now, None)
    await context.database.write([refunds.add_debt(debt), done, *notices])
    await suspend(context, account_id, row)


async def current_order(context: ServiceContext, row: OrderRow) -> OrderRow:
    """The order as it is now."""
    current = await orders.find_order(context.database, row.id)
    assert current is not None, "orders are never deleted"
    return current
