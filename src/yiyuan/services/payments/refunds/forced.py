"""Refunds that were made without us: in the provider's console, or by a dispute.

The money is gone already. What the account still has is taken back, the rest is a debt,
and the account is suspended until it is paid.
"""

from yiyuan.integrations.payments.values import RefundFact, UnknownSigner, Verdict
from yiyuan.services.payments.methods.instances import Instance, ask_provider, moment
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.provider_order import provider_order
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.booking import KEPT, book_forced, current_order
from yiyuan.services.payments.refunds.failed import fail
from yiyuan.services.payments.settle import Said, booked, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import refunds
from yiyuan.store.tables.payments.orders import OrderRow


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
        if method.refunds is None:
            answer = await ask_provider(
                context, instance, method.query.ask(instance.config, order, moment(context))
            )
            fact = method.query.read(instance.config, order, answer, moment(context))
            await follow_refunded(context, row, fact.refunded_minor or 0)
            return "unavailable" if fact.state == "unknown" else "accepted"
        call = method.refunds.ask(instance.config, order, ref, moment(context))
        answer = await ask_provider(context, instance, call)
        found = method.refunds.read(instance.config, order, answer, moment(context))
    except (NoAnswer, UnknownSigner):
        return "unavailable"
    for fact_of_one in found or ():
        await _follow_one(context, instance, row, fact_of_one)
    return "accepted" if found else "unavailable"


async def _follow_one(
    context: ServiceContext, instance: Instance, row: OrderRow, fact: RefundFact
) -> None:
    known = await refunds.refunds_of(context.database, row.id)
    mine = [r for r in known if r.id == fact.our_ref]
    if fact.state == "failed":  # some are done first and come back days later
        there = mine or [r for r in known if fact.ref and r.provider_ref == fact.ref]
        for refund in there:
            await fail(context, instance, row, refund, fact.reason or "refused by the provider")
    if fact.state != "done" or not fact.amount_minor:
        return
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
    current = await current_order(context, row)
    if refunded_minor > current.refunded_minor:
        more = refunded_minor - current.refunded_minor
        await book_forced(context, row, more, f"total:{refunded_minor}", "provider")
