"""Refunds and disputes that a provider told of before the order's payment was known here.

They speak of a payment by the provider's number, which no order had then: they were kept as
unmatched. Once an order has that payment they are followed, until it is done.
"""

import json
from typing import Final

from yiyuan.services.payments.methods.instances import get_instance
from yiyuan.services.payments.refunds.booking import KEPT
from yiyuan.services.payments.refunds.disputes import follow_dispute
from yiyuan.services.payments.refunds.forced import follow_refunds
from yiyuan.services.payments.settle import Said, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import events
from yiyuan.store.tables.payments.events import EventRow
from yiyuan.store.tables.payments.orders import OrderRow

FOLLOWED: Final = "told_before"
ABOUT: Final = ("dispute", "refund")


async def follow_told_before(context: ServiceContext, row: OrderRow) -> bool:
    """Follow what was told of an order's payment; False if that has to be tried again."""
    if row.state not in KEPT or not row.payment_ref:
        return True
    told = await events.unmatched_of(context.database, row.method_id, row.payment_ref)
    if not told:
        return True
    so_far = await events.events_of(context.database, row.id)
    done = {event.event_ref for event in so_far if event.verdict == FOLLOWED}
    left = [event for event in reversed(told) if event.event_ref not in done]
    return all([await _follow(context, row, event) for event in left])


async def _follow(context: ServiceContext, row: OrderRow, event: EventRow) -> bool:
    facts = json.loads(event.facts)
    if facts.get("payment_ref") != row.payment_ref or facts.get("about") not in ABOUT:
        return True
    instance = await get_instance(context, row.method_id)
    said = Said("notify", event.event_ref, event.address, facts)
    if facts["about"] == "dispute":
        verdict = await follow_dispute(context, instance, row, facts["dispute"], said)
    else:
        verdict = await follow_refunds(context, instance, row, facts["refund"], said)
    if verdict == "accepted":
        await note(context, row, FOLLOWED, said)
    return verdict == "accepted"
