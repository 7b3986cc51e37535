"""Disputes: a payer's bank takes money back, and sometimes gives it again.

An inquiry takes nothing. An open dispute takes nothing either, but suspends the account
where `dispute_suspends` is on. Money that was withdrawn is a forced refund; money that was
reinstated is booked back, once for a dispute.
"""

from collections.abc import Sequence
from dataclasses import replace

from yiyuan.integrations.payments.values import TAKEN_BACK, DisputeFact, Verdict
from yiyuan.services.payments.methods.instances import Instance, ask_provider, moment
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.booking import KEPT, book_forced
from yiyuan.services.payments.refunds.debts import release, suspend
from yiyuan.services.payments.refunds.undo import undo
from yiyuan.services.payments.settle import Said, booked, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.payments import orders, refunds
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow


async def follow_dispute(
    context: ServiceContext, instance: Instance, row: OrderRow, ref: str, said: Said
) -> Verdict:
    """A notify speaks of a dispute: ask what it is now, and follow that."""
    step = instance.method.query_dispute
    if step is None:
        return "accepted"
    try:
        call = step.ask(instance.config, ref, moment(context))
        fact = step.read(instance.config, await ask_provider(context, instance, call))
    except NoAnswer:
        return "unavailable"
    if fact.state == "unknown":
        return "unavailable"
    noted = orders.note_dispute(row.id, fact.state)
    await context.database.write([noted, await told.of_dispute(context, row, fact.state, ref)])
    said = replace(said, facts={**said.facts, "dispute": ref})
    await note(context, row, f"dispute_{fact.state}", said)
    if fact.state in TAKEN_BACK:
        await _withdraw(context, row, fact, ref)
    elif fact.state == "reinstated":
        await _reinstate(context, row, ref)
    if fact.state in ("open", *TAKEN_BACK) and (await read_site(context)).dispute_suspends:
        await suspend(context, row.account_id, row)
    return "accepted"


async def _withdraw(context: ServiceContext, row: OrderRow, fact: DisputeFact, ref: str) -> None:
    """Book what it took, once; what a refund under way had taken first is booked if that fails."""
    row = await booked(context, row)
    if row.state not in KEPT:
        return
    known = _of_dispute(await refunds.refunds_of(context.database, row.id), ref)
    if any(refund.state == "failed" for refund in known):
        return  # reinstated meanwhile
    left = (fact.amount_minor or row.amount_minor) - sum(r.amount_minor for r in known)
    if left <= 0:
        return
    provider_ref = f"dispute:{ref}" + (f"+{len(known)}" if known else "")
    made = await book_forced(context, row, left, provider_ref, "dispute")
    if made is not None and fact.fee_minor and not known:
        fee_minor = row.fee_minor + fact.fee_minor
        await context.database.write([orders.move(row.id, (row.state,), fee_minor=fee_minor)])


def _of_dispute(known: Sequence[RefundRow], ref: str) -> list[RefundRow]:
    refs = [(refund, (refund.provider_ref or "").partition("+")[0]) for refund in known]
    return [refund for refund, of in refs if of == f"dispute:{ref}"]


async def _reinstate(context: ServiceContext, row: OrderRow, ref: str) -> None:
    """Book back what the dispute has taken, the paid part of its debt included."""
    for refund in _of_dispute(await refunds.refunds_of(context.database, row.id), ref):
        assert refund.provider_ref is not None
        name = refund.provider_ref.removeprefix("dispute:")
        if refund.state == "done":
            keys = (f"topup-reinstated:{name}", f"topup-bonus-reinstated:{name}")
            await undo(context, row, refund, keys=keys, reason="reinstated", states=("done",))
    await release(context, row.account_id)
