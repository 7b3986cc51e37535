"""Refunds that were made without us: in the provider's console, or by a dispute.

The money is gone already. What the account still has is taken back, the rest is a debt,
and the account is suspended until it is paid. Each is booked once, by the provider's
number for it.
"""

from typing import Final

from yiyuan.integrations.payments.values import RefundFact, UnknownSigner, Verdict
from yiyuan.kernel.ids import new_id
from yiyuan.services.payments.methods.instances import Instance, ask_provider, moment
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.provider_order import provider_order
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.debts import suspend, take
from yiyuan.services.payments.refunds.shares import Cause, asked_refund, left_minor
from yiyuan.services.payments.settle import Said, booked, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import orders, refunds
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import DebtRow, RefundRow

TRIES_MAX: Final = 20
KEPT: Final = ("credited", "review")
"""Orders whose money is here. Of those in review nothing is taken, but a person who decides
must know that it went back."""


async def follow_refunds(
    context: ServiceContext, instance: Instance, row: OrderRow, ref: str, said: Said
) -> Verdict:
    """A notify speaks of a refund: ask which there are, and book those that are new."""
    await note(context, row, "refund_notified", said)
    row = await booked(context, row)
    if row.state not in KEPT:
        return "accepted"
    method, order = instance.method, provider_order(context, row)
    try:
        if method.refunds is None or method.read_refunds is None:
            answer = await ask_provider(
                context, instance, method.query(instance.config, order, moment(context))
            )
            fact = method.read_query(instance.config, order, answer, moment(context))
            await follow_refunded(context, row, fact.refunded_minor or 0)
            return "unavailable" if fact.state == "unknown" else "accepted"
        call = method.refunds(instance.config, order, ref, moment(context))
        answer = await ask_provider(context, instance, call)
        found = method.read_refunds(instance.config, order, answer, moment(context))
    except (NoAnswer, UnknownSigner):
        return "unavailable"
    for fact_of_one in found:
        await _follow_one(context, row, fact_of_one)
    return "accepted" if found else "unavailable"


async def _follow_one(context: ServiceContext, row: OrderRow, fact: RefundFact) -> None:
    if fact.state != "done" or not fact.amount_minor:
        return
    mine = [r for r in await refunds.refunds_of(context.database, row.id) if r.id == fact.our_ref]
    if mine:
        done = refunds.move_refund(
            mine[0].id,
            ("sent",),
            state="done",
            provider_ref=fact.ref or None,
            done_at=context.clock.wall_ms(),
            next_check_at=None,
        )
        await context.database.write([done, *await told.of_refund(context, row, mine[0])])
        return
    await book_forced(context, row, fact.amount_minor, fact.ref or fact.our_ref, "provider")


async def follow_refunded(context: ServiceContext, row: OrderRow, refunded_minor: int) -> None:
    """A provider that tells only the sum of its refunds: book what is more than ours.

    Ours are counted before they are sent, so what is read after the answer has them all;
    `row` may be older than a refund that the sum has.
    """
    row = await booked(context, row)
    if row.state not in KEPT or not refunded_minor:
        return
    current = await _current(context, row)
    if refunded_minor > current.refunded_minor:
        more = refunded_minor - current.refunded_minor
        await book_forced(context, row, more, f"total:{refunded_minor}", "provider")


async def _current(context: ServiceContext, row: OrderRow) -> OrderRow:
    current = await orders.find_order(context.database, row.id)
    assert current is not None, "orders are never deleted"
    return current


async def book_forced(
    context: ServiceContext, row: OrderRow, amount_minor: int, provider_ref: str, cause: str
) -> RefundRow | None:
    """Book what went back, once; None when all of the order had gone back before."""
    for _ in range(TRIES_MAX):
        # Whoever credits it meanwhile is let finish: else nothing would be taken back.
        row = await booked(context, await _current(context, row))
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
