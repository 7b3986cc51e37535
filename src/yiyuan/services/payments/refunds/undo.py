"""Puts back what a refund took that will not be made, or that was made and came back."""

from collections.abc import Sequence
from typing import Final

from yiyuan.ledger.operations import Credit
from yiyuan.services.payments.settle import ACTOR
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.ledger import entry_by_key
from yiyuan.store.tables.payments import refunds
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow

LIVE: Final = ("asked", "taken", "sent", "done")


async def undo(
    context: ServiceContext,
    row: OrderRow,
    refund: RefundRow,
    *,
    keys: tuple[str, str],
    reason: str,
    states: Sequence[str] = LIVE,
    next_check_at: int | None = None,
) -> bool:
    """Put back what was taken, the paid part of its debt included, and count it no more.

    `keys` are those of the entries, of what was paid for and of the bonus. May be repeated;
    True is who has ended it.
    """
    now = context.clock.wall_ms()
    debt = await refunds.debt_of(context.database, refund.id)
    if debt is not None and debt.closed_at is None:
        await context.database.write([refunds.forgive(debt.id, now)])
        debt = await refunds.debt_of(context.database, refund.id)
    collected = 0 if debt is None else debt.collected
    cash = await entry_by_key(context.database, f"topup-refund:{refund.id}")
    bonus = await entry_by_key(context.database, f"topup-bonus-refund:{refund.id}")
    await _put_back(context, row, refund, collected - (cash.amount if cash else 0), keys[0])
    await _put_back(context, row, refund, -bonus.amount if bonus else 0, keys[1], is_bonus=True)
    statements = refunds.fail_refund(
        refund, states, reason=reason[:500], done_at=now, next_check_at=next_check_at
    )
    return (await context.database.write(statements))[-1] == 1


async def _put_back(
    context: ServiceContext,
    row: OrderRow,
    refund: RefundRow,
    amount_micros: int,
    key: str,
    *,
    is_bonus: bool = False,
) -> None:
    if amount_micros <= 0 or await entry_by_key(context.database, key) is not None:
        return
    entry = Credit(
        account_id=row.account_id,
        kind="reversal",
        amount_micros=amount_micros,
        contra="promo" if is_bonus else "cash",
        actor=refund.actor if refund.cause == "operator" else ACTOR,
        memo=row.number,
        at=context.clock.wall_ms(),
        idem_key=key,
    )
    await context.ledger.post(entry)
