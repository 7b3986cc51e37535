"""Whether a notify of a test order arrives from outside: waited for, at most two minutes.

The test order is in no table of orders, for nobody is credited by it. A note of it among the
events says that it was made; a notify that names its number is noted beside it, on whichever
node it arrives. Stripe notifies when the order is closed, the others when it is paid.
"""

import json
from typing import Any, Final

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.values import UNKNOWN, Notify, UnknownSigner
from yiyuan.kernel.clock import iso
from yiyuan.services.payments.methods.instances import Instance, ask_provider, get_instance, moment
from yiyuan.services.payments.methods.smallest_order import smallest_order
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.payments import events
from yiyuan.store.tables.payments.events import EventRow

Json = dict[str, Any]

WAIT_MS: Final = 120_000


async def await_notify(context: ServiceContext, instance: Instance, number: str, ref: str) -> str:
    """Let a notify of this test order be known by its number; until when it is waited for."""
    now = context.clock.wall_ms()
    facts = json.dumps({"session_ref": ref})
    await _note(context, instance, events.TEST, number, facts, "create")
    return iso(now + WAIT_MS)


async def take_test_notify(context: ServiceContext, instance: Instance, found: Notify) -> bool:
    """Note a notify if it is of a test order; whether it is."""
    if not found.number:
        return False
    known = await events.test_events(context.database, instance.id, found.number)
    if not known:
        return False
    if events.TEST_NOTIFIED not in [event.verdict for event in known]:
        facts = json.dumps(dict(found.facts), ensure_ascii=False)
        await _note(context, instance, events.TEST_NOTIFIED, found.number, facts, "notify")
    return True


async def arrival(context: ServiceContext, name: str, number: str) -> Json:
    """`waiting`, `arrived`, or `missing` with a reason. Raises ServiceError `not_found`.

    Reasons: `not_paid`, `not_told` (it was paid or closed there), `forged` (one came whose
    signature was not the provider's), `unknown` (the provider does not say).
    """
    instance = await get_instance(context, name)
    known = await events.test_events(context.database, instance.id, number)
    made = next((event for event in known if event.verdict == events.TEST), None)
    if made is None:
        raise ServiceError("not_found", Message('there is no test order "{name}"', name=number))
    told = next((event for event in known if event.verdict == events.TEST_NOTIFIED), None)
    if told is not None:
        return {"state": "arrived", "reason": "", "at": iso(told.at)}
    if context.clock.wall_ms() < made.at + WAIT_MS:
        return {"state": "waiting", "reason": "", "at": None}
    reason = "forged" if forged_at(context, instance.id) >= made.at else ""
    reason = reason or await _why_not(context, instance, made)
    return {"state": "missing", "reason": reason, "at": None}


def note_forged(context: ServiceContext, method_id: str) -> None:
    """A notify has come whose signature is wrong: kept in memory, for forged ones leave no row."""
    context.tried_at[f"forged:{method_id}"] = context.clock.wall_ms()


def forged_at(context: ServiceContext, method_id: str) -> int:
    """When this process last had one; 0 is never."""
    return context.tried_at.get(f"forged:{method_id}", 0)


async def _why_not(context: ServiceContext, instance: Instance, made: EventRow) -> str:
    method = instance.method
    if not method.can_query(instance.config):
        return "unknown"
    session_ref = json.loads(made.facts)["session_ref"]
    order = smallest_order(context, instance, made.event_ref, session_ref)
    fact = UNKNOWN
    try:
        call = method.query.ask(instance.config, order, moment(context))
        answer = await ask_provider(context, instance, call)
        fact = method.query.read(instance.config, order, answer, moment(context))
    except (NoAnswer, UnknownSigner):
        pass
    return {"pending": "not_paid", "unknown": "unknown"}.get(fact.state, "not_told")


async def _note(
    context: ServiceContext, instance: Instance, verdict: str, number: str, facts: str, source: str
) -> None:
    event = EventRow(
        seq=0,
        at=context.clock.wall_ms(),
        order_id=None,
        method_id=instance.id,
        source=source,
        event_ref=number,
        verdict=verdict,
        facts=facts,
        address="",
    )
    await context.database.write([events.add_event(event)])
