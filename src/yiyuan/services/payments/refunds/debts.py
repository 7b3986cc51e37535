"""Debts: what a refund or dispute could not take back, because it was spent.

The account is suspended while one is open. Every credit pays the oldest first, and each
pass of the watch tries again, since holds release money too. Nothing goes below zero.
"""

from typing import Final

from yiyuan.ledger.errors import IdempotencyMismatch, InsufficientFunds
from yiyuan.ledger.operations import Credit, Resume, Suspend
from yiyuan.services.payments.refunds.owed_there import collect_owed_there
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.store.queries.ledger import entry_by_key
from yiyuan.store.tables.payments import events, orders
from yiyuan.store.tables.payments import refunds as rows
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import DebtRow

_ACTOR: Final = "payments"


async def collect_debts(context: ServiceContext, account_id: str) -> None:
    """Take what an account owes from what it has."""
    await collect_owed_there(context, account_id)
    debts = await rows.open_debts(context.database, account_id)
    if not debts:
        return
    for debt in debts:
        if not await _collect(context, debt):
            return
    await release(context, account_id)


async def _collect(context: ServiceContext, debt: DebtRow) -> bool:
    """Whether the whole debt is paid now."""
    owed = debt.amount - debt.collected
    number = await rows.number_of_refunded(context.database, debt.refund_id)
    key = f"debt:{debt.id}:{debt.collected}"
    taken = await take(context, debt.account_id, owed, key, number)
    if taken:
        await context.database.write([rows.collect(debt, taken, context.clock.wall_ms())])
    return taken == owed


async def take(
    context: ServiceContext,
    account_id: str,
    amount_micros: int,
    key: str,
    memo: str,
    *,
    is_bonus: bool = False,
) -> int:
    """Take up to `amount_micros` of what is available, once for a key; how much that was."""
    for _ in range(3):
        known = await entry_by_key(context.database, key)
        if known is not None:
            return -known.amount
        account = await context.ledger.account(account_id)
        available = 0 if account is None else account.available_micros
        amount = min(amount_micros, available)
        if amount <= 0:
            return 0
        taken = Credit(
            account_id=account_id,
            kind="reversal",
            amount_micros=-amount,
            contra="promo" if is_bonus else "cash",
            actor=_ACTOR,
            memo=memo,
            at=context.clock.wall_ms(),
            idem_key=key,
        )
        try:
            await context.ledger.post(taken)
        except (InsufficientFunds, IdempotencyMismatch):
            continue  # a hold or another process was faster: look again
        return amount
    return 0


async def suspend(context: ServiceContext, account_id: str, row: OrderRow) -> None:
    """Refuse new requests: something is owed or disputed. Who was suspended stays so."""
    account = await context.ledger.account(account_id)
    if account is None or account.is_suspended:
        return
    at = context.clock.wall_ms()
    await context.database.write([events.suspension(row, at)])
    await context.ledger.post(Suspend(account_id, at))
    await context.reload()


async def release(context: ServiceContext, account_id: str) -> None:
    """Take requests again, once nothing is owed or disputed, if it was us who had suspended."""
    if await rows.open_debts(context.database, account_id) or await _is_held(context, account_id):
        return
    if await events.is_suspended_by_payments(context.database, account_id):
        await context.ledger.post(Resume(account_id))
        await context.reload()


async def _is_held(context: ServiceContext, account_id: str) -> bool:
    """Whether another dispute is open that suspends: its money would be spent before it goes."""
    if not await orders.has_open_dispute(context.database, account_id):
        return False
    return (await read_site(context)).dispute_suspends


async def owed_for_suspension(context: ServiceContext, account_id: str) -> int:
    """What a suspended account has to pay to go on, in micros; 0 if an operator decides that."""
    owed = await rows.owed_micros(context.database, account_id)
    if owed and await _is_held(context, account_id):
        return 0
    if owed and await events.is_suspended_by_payments(context.database, account_id):
        return owed
    return 0


async def collect_all(context: ServiceContext) -> None:
    """Try every open debt again."""
    await collect_owed_there(context)
    for account_id in {debt.account_id for debt in await rows.open_debts(context.database)}:
        account = await context.ledger.account(account_id)
        if account is not None and account.available_micros > 0:
            await collect_debts(context, account_id)
