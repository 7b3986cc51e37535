"""Refunds that fail in the end: what they took is put back, unless a dispute wants it.

A dispute that withdrew the money while a refund was under way found nothing left to take:
it is asked about again once the refund has failed, by the watch too if a crash is between.
"""

from yiyuan.integrations.payments.values import TAKEN_BACK
from yiyuan.services.payments.methods.instances import Instance
from yiyuan.services.payments.refunds.booking import current_order
from yiyuan.services.payments.refunds.debts import release
from yiyuan.services.payments.refunds.disputes import follow_dispute
from yiyuan.services.payments.refunds.undo import undo
from yiyuan.services.payments.settle import Said
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import refunds
from yiyuan.store.tables.payments.events import disputes_of
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow

AGAIN_MS = 60_000


async def fail(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow, reason: str
) -> None:
    """Put back what was taken for a refund that will not be made. May be repeated."""
    keys = (f"topup-refund-failed:{made.id}", f"topup-bonus-refund-failed:{made.id}")
    now = context.clock.wall_ms()
    why = f"{made.reason} ({reason})"
    if await undo(context, row, made, keys=keys, reason=why, next_check_at=now):
        await follow_failed(context, instance, row, made)


async def follow_failed(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> None:
    """Let the order's dispute take what a failed refund has put back."""
    is_over = True
    if (await current_order(context, row)).dispute in TAKEN_BACK:
        for ref in await disputes_of(context.database, row.id):
            said = Said("query", facts={"refund": made.id})
            verdict = await follow_dispute(context, instance, row, ref, said)
            is_over &= verdict == "accepted"
    else:
        await release(context, row.account_id)
    at = None if is_over else context.clock.wall_ms() + AGAIN_MS
    await context.database.write([refunds.move_refund(made.id, ("failed",), next_check_at=at)])
