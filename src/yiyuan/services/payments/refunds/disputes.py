"""Disputes: a payer's bank takes money back, and sometimes gives it again.

An inquiry takes nothing. An open dispute takes nothing either, but suspends the account
where `dispute_suspends` is on. Money that was withdrawn is a forced refund; money that was
reinstated is booked back, once for a dispute.
"""

from yiyuan.integrations.payments.values import TAKEN_BACK, DisputeFact, Verdict
from yiyuan.ledger.operations import Credit
from yiyuan.services.payments.methods.instances import Instance, ask_provider, moment
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.debts import release, suspend
from yiyuan.services.payments.refunds.forced import KEPT, book_forced
from yiyuan.services.payments.settle import ACTOR, Said, booked, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.store.queries.ledger import entry_by_key
from yiyuan.store.tables.payments import orders, refunds
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow


async def follow_dispute(
    context: ServiceContext, instance: Instance, row: OrderRow, ref: str, said: Said
) -> Verdict:
    """A notify speaks of a dispute: ask what it is now, and follow that."""
    method = instance.method
    if method.query_dispute is None or method.read_dispute is None:
        return "accepted"
    try:
        call = method.query_dispute(instance.config, ref, moment(context))
        fact = method.read_dispute(instance.config, await ask_provider(context, instance, call))
    except NoAnswer:
        return "unavailable"
    if fact.state == "unknown":
        return "unavailable"
    noted = orders.note_dispute(row.id, fact.state)
    await context.database.write([noted, await told.of_dispute(context, row, fact.state, ref)])
    await note(context, row, f"dispute_{fact.state}", said)
    if fact.state in TAKEN_BACK:
        await _withdraw(context, row, fact, ref)
    elif fact.state == "reinstated":
        await _reinstate(context, row, ref)
    if fact.state in ("open", *TAKEN_BACK) and (await read_site(context)).dispute_suspends:
        await suspend(context, row.account_id, row)
    return "accepted"


async def _withdraw(context: ServiceContext, row: OrderRow, fact: DisputeFact, ref: str) -> None:
    row = await booked(context, row)
    if row.state not in KEPT:
        return
    amount_minor = fact.amount_minor or row.amount_minor
    known = {r.provider_ref for r in await refunds.refunds_of(context.database, row.id)}
    await book_forced(context, row, amount_minor, f"dispute:{ref}", "dispute")
    if fact.fee_minor and f"dispute:{ref}" not in known:
        fee_minor = row.fee_minor + fact.fee_minor
        await context.database.write([orders.move(row.id, (row.state,), fee_minor=fee_minor)])


async def _reinstate(context: ServiceContext, row: OrderRow, ref: str) -> None:
    """Book back what the dispute has taken, the paid part of its debt included."""
    known = await refunds.refunds_of(context.database, row.id)
    refund = next((r for r in known if r.provider_ref == f"dispute:{ref}"), None)
    if refund is not None and refund.state == "done":
        debt = await refunds.debt_of(context.database, refund.id)
        if debt is not None and debt.closed_at is None:
            await context.database.write([refunds.forgive(debt.id, context.clock.wall_ms())])
            debt = await refunds.debt_of(context.database, refund.id)
        collected = 0 if debt is None else debt.collected
        await _give_back(context, row, refund, ref, collected)
        undone = refunds.move_refund(refund.id, ("done",), state="failed", reason="reinstated")
        if await context.database.write([undone]) == [1]:
            await context.database.write([orders.add_refunded(row.id, -refund.amount_minor)])
    await release(context, row.account_id)


async def _give_back(
    context: ServiceContext, row: OrderRow, refund: RefundRow, ref: str, collected_micros: int
) -> None:
    cash = await entry_by_key(context.database, f"topup-refund:{refund.id}")
    bonus = await entry_by_key(context.database, f"topup-bonus-refund:{refund.id}")
    parts = (
        (collected_micros - (cash.amount if cash else 0), "cash", f"topup-reinstated:{ref}"),
        (-bonus.amount if bonus else 0, "promo", f"topup-bonus-reinstated:{ref}"),
    )
    for amount_micros, contra, key in parts:
        if amount_micros > 0 and await entry_by_key(context.database, key) is None:
            await context.ledger.post(
                Credit(
                    account_id=row.account_id,
                    kind="reversal",
                    amount_micros=amount_micros,
                    contra="promo" if contra == "promo" else "cash",
                    actor=ACTOR,
                    memo=row.number,
                    at=context.clock.wall_ms(),
                    idem_key=key,
                )
            )
