"""Takes a provider's notify: verifies, compares, asks, and only then says that it is well.

A notify is a hint: what credits is the answer to our own question. Where an instance
cannot be asked, a signed notify credits by itself within limits. Forged ones leave no row
behind; good ones that belong to no order are kept as unmatched.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from yiyuan.integrations.payments.values import (
    Notify,
    NotifyError,
    Received,
    Reply,
    UnknownSigner,
    Verdict,
)
from yiyuan.kernel.money import MICROS_PER_YUAN
from yiyuan.ledger.errors import LedgerError
from yiyuan.services.payments.methods.arrival import note_forged, take_test_notify
from yiyuan.services.payments.methods.instances import Instance, learn_keys, moment, open_instance
from yiyuan.services.payments.orders.ask import ask, ask_once, bring_forward
from yiyuan.services.payments.orders.mismatch import mismatch
from yiyuan.services.payments.refunds.disputes import follow_dispute
from yiyuan.services.payments.refunds.forced import follow_refunds
from yiyuan.services.payments.refunds.told_before import ABOUT
from yiyuan.services.payments.settle import Said, Unproven, apply_fact, note, to_review
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.payments import events
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.events import EventRow
from yiyuan.store.tables.payments.methods import find_method, note_notify
from yiyuan.store.tables.payments.orders import UNPAID, OrderRow

DAY_MS: Final = 24 * 3600 * 1000
UNPROVEN_DAY_MICROS_MAX: Final = 1_000 * MICROS_PER_YUAN
NOTED_AGAIN_MS: Final = 10_000


@dataclass(slots=True, frozen=True)
class Taken:
    """What to answer, and whether the notify was good: bad ones count against their sender."""

    reply: Reply
    verdict: Verdict
    is_probe: bool = False


async def take_notify(
    context: ServiceContext, instance: Instance, received: Received, address: str
) -> Taken:
    """Follow a notify. What database or ledger refuse is not acknowledged: it comes again."""
    verdict: Verdict
    try:
        found = await _read(context, instance, received, address)
        verdict = await _follow(context, instance, found, address)
    except NotifyError as error:
        verdict = "refused" if error.is_probe else "forged"
        if verdict == "forged":
            note_forged(context, instance.id)
        return Taken(instance.method.notify.reply(verdict), verdict, error.is_probe)
    except (LedgerUnavailable, LedgerError, ServiceError, *REFUSED):
        verdict = "unavailable"
    return Taken(instance.method.notify.reply(verdict), verdict)


async def order_looked_at(context: ServiceContext, number: str) -> str | None:
    """The order that a customer comes back to; its next question is brought forward."""
    is_one = number.isascii() and number.isalnum()  # PostgreSQL takes no zero bytes
    row = await rows.find_order(context.database, number) if is_one else None
    if row is None:
        return None
    await bring_forward(context, row)
    return row.id


async def notified_instance(context: ServiceContext, method_id: str) -> Instance | None:
    """The instance of a notify address; None where there is none with its secrets."""
    row = await find_method(context.database, method_id)
    if row is None or row.id != method_id:
        return None
    try:
        instance = open_instance(context, row)
    except (ServiceError, KeyError):
        return None
    needed = (f.name for f in instance.method.fields if f.is_secret and f.is_required)
    return instance if all(instance.config[name] for name in needed) else None


async def _read(
    context: ServiceContext, instance: Instance, received: Received, address: str
) -> Notify:
    networks = [n.strip() for n in instance.config["notify_networks"].split(",") if n.strip()]
    if networks and not any(ip_address(address) in ip_network(n, strict=False) for n in networks):
        message = "not from an address that may notify"
        raise NotifyError(message)
    read = instance.method.notify.read
    try:
        return read(instance.config, received, moment(context))
    except UnknownSigner:
        if not await learn_keys(context, instance, context.tried_at):
            raise NotifyError("the signer is not known") from None
    try:
        return read(instance.config, received, moment(context))
    except UnknownSigner:
        raise NotifyError("the signer is not known") from None


async def _follow(
    context: ServiceContext, instance: Instance, found: Notify, address: str
) -> Verdict:
    now = context.clock.wall_ms()
    if now - (instance.row.notified_at or 0) > NOTED_AGAIN_MS:
        await context.database.write([note_notify(instance.id, now)])
    if found.about == "nothing":
        return "accepted"
    said = Said("notify", found.event_ref, address, found.facts)
    row = await _order_of(context, instance, found)
    if row is None and await take_test_notify(context, instance, found):
        return "accepted"
    if row is None:
        await _note_unmatched(context, instance, found, said)
        return "accepted"
    if found.about in ABOUT and row.state in UNPAID and instance.method.can_query(instance.config):
        row, fact = await ask_once(context, instance, row, said)
        if row.state in UNPAID and (fact is None or fact.state == "unknown"):
            return "unavailable"
    if found.about == "dispute":
        return await follow_dispute(context, instance, row, found.dispute_ref, said)
    if found.about == "refund":
        return await follow_refunds(context, instance, row, found.refund_ref, said)
    return await _follow_payment(context, instance, row, found, said)


async def _order_of(context: ServiceContext, instance: Instance, found: Notify) -> OrderRow | None:
    """The order of this instance that a notify is about; another instance's is none."""
    if found.number:
        row = await rows.find_order(context.database, found.number)
        return row if row is not None and row.method_id == instance.id else None
    if found.payment_ref:
        return await rows.order_of_payment(context.database, instance.id, found.payment_ref)
    return None


async def _follow_payment(
    context: ServiceContext, instance: Instance, row: OrderRow, found: Notify, said: Said
) -> Verdict:
    claimed = found.claim
    if claimed is not None and claimed.state == "paid" and row.state in UNPAID:
        reason = mismatch(row, claimed)
        if reason:
            await to_review(context, row, reason, claimed, said)
            return "accepted"
    if not instance.method.can_query(instance.config):
        return await _follow_unproven(context, instance, row, found, said)
    if row.state in UNPAID and found.session_ref in ("", row.session_ref):
        return await _asked(context, instance, row, said)
    ref = found.payment_ref if claimed is None else claimed.payment_ref
    if row.state in UNPAID or (ref and ref != row.payment_ref):
        # Another session or payment of the same order: it has to be asked about by itself.
        await note(context, row, "other_payment", said, claimed)
        other = row._replace(session_ref=found.session_ref or row.session_ref)
        _, fact = await ask(context, instance, other, said)
        return "unavailable" if fact.state == "unknown" else "accepted"
    return "accepted"


async def _asked(context: ServiceContext, instance: Instance, row: OrderRow, said: Said) -> Verdict:
    row, fact = await ask_once(context, instance, row, said)
    if row.state not in UNPAID:
        return "accepted"
    await note(context, row, "not_paid_there", said)
    await context.database.write([rows.ask_sooner(row.id, context.clock.wall_ms() + 2_000)])
    # Where nobody could say, the provider may well try again.
    return "unavailable" if fact is not None and fact.state == "unknown" else "accepted"


async def _follow_unproven(
    context: ServiceContext, instance: Instance, row: OrderRow, found: Notify, said: Said
) -> Verdict:
    """Without a query the notify is all there is: small sums only, and never twice."""
    claimed = found.claim
    if claimed is None or claimed.state != "paid":
        return "accepted"
    if row.state not in UNPAID:  # nothing is credited; a second payment is for a person
        await apply_fact(context, row, claimed, said)
        return "accepted"
    most = int(instance.config["unproven_max"] or "0") * MICROS_PER_YUAN
    is_ended = row.state in ("expired", "cancelled", "failed")
    if row.credit > most or is_ended:
        await to_review(context, row, "unproven", claimed, said)
    else:
        limit = Unproven(UNPROVEN_DAY_MICROS_MAX, context.clock.wall_ms() - DAY_MS)
        await apply_fact(context, row, claimed, said, limit)
    return "accepted"


async def _note_unmatched(
    context: ServiceContext, instance: Instance, found: Notify, said: Said
) -> None:
    number, ref = found.number[:200], found.payment_ref[:200]
    facts = {**found.facts, "number": number, "payment_ref": ref}
    if found.about in ABOUT:  # it may be an order's whose payment is not known yet
        facts |= {"about": found.about, "dispute": found.dispute_ref, "refund": found.refund_ref}
    event = EventRow(
        seq=0,
        at=context.clock.wall_ms(),
        order_id=None,
        method_id=instance.id,
        source="notify",
        event_ref=found.event_ref[:200],
        verdict="unmatched",
        facts=json.dumps(facts, ensure_ascii=False),
        address=said.address,
    )
    # Whoever has seen a signed one may send it for ever; rows are never deleted.
    if not await events.is_noted(context.database, event):
        await context.database.write([events.add_event(event)])
