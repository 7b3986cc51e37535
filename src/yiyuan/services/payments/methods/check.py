"""The test button: the smallest order, made, asked about and closed at the provider.

Proves our signature, theirs, and that orders can be asked about. Who waits for a notify from
outside gets the order to pay, which is then left open (`arrival` goes on from here). Of EPay's
two ways to append the key it finds out which one it is.
"""

import json
from dataclasses import replace
from typing import Any, Final

from yiyuan.integrations.call import Call
from yiyuan.integrations.payments.minor_units import to_text
from yiyuan.integrations.payments.values import Config, Created, NotCreated, Order, UnknownSigner
from yiyuan.services.payments.methods.arrival import await_notify
from yiyuan.services.payments.methods.instances import (
    Instance,
    ask_provider,
    get_instance,
    learn_keys,
    moment,
)
from yiyuan.services.payments.methods.setup import method_document, notify_url
from yiyuan.services.payments.methods.smallest_order import smallest_order
from yiyuan.services.payments.orders.numbers import new_number
from yiyuan.services.payments.orders.shown import show_json
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import methods as rows

Json = dict[str, Any]

TELLS_OF_CLOSING: Final = "stripe_checkout"
_TAILS: Final = ("plain", "key")


async def check_method(context: ServiceContext, name: str, *, waits: bool) -> Json:
    """What came of it: `ok`, and each step in words. Raises ServiceError `not_found`."""
    instance = await get_instance(context, name)
    order = smallest_order(context, instance, new_number())
    made = await _create(context, instance, order)
    tail = ""
    if isinstance(made, NotCreated) and instance.method.name == "epay_md5":
        tail = next(t for t in _TAILS if t != (instance.config["md5_tail"] or "plain"))
        other = _with_tail(instance, tail)
        order = replace(order, number=new_number())
        again = await _create(context, other, order)
        if isinstance(again, Created):
            made, instance = again, other
            await _keep_tail(context, instance, tail)
        else:
            tail = ""
    session_ref = made.session_ref if isinstance(made, Created) else ""
    order = replace(order, session_ref=session_ref)
    is_created, until = isinstance(made, Created), None
    if is_created and waits:  # before anybody can pay it, and before it is closed
        until = await await_notify(context, instance, order.number, session_ref)
    asked, word = await _query(context, instance, order, made)
    is_closing = is_created and not (waits and instance.method.name != TELLS_OF_CLOSING)
    return {
        "ok": is_created and asked in ("pending", "paid", "unknown_there", "no_query"),
        "created": is_created,
        "reason": made.reason if isinstance(made, NotCreated) else word,
        "shown": made.show.kind if isinstance(made, Created) else None,
        "asked": asked,
        "closed": await _close(context, instance, order) if is_closing else None,
        "found_md5_tail": tail or None,
        "notify_url": notify_url(context, instance.id),
        "notified": method_document(context, instance.row)["notified"],
        "number": order.number,
        "amount": f"{to_text(order.amount_minor, order.currency)} {order.currency.upper()}",
        "show": json.loads(show_json(made.show)) if isinstance(made, Created) and until else None,
        "waits_until": until,
    }


async def _create(
    context: ServiceContext, instance: Instance, order: Order
) -> Created | NotCreated:
    method = instance.method
    call = method.create.ask(instance.config, order, moment(context))
    if not isinstance(call, Call):
        return call
    for _ in range(2):
        try:
            answer = await ask_provider(context, instance, call)
            return method.create.read(instance.config, order, answer, moment(context))
        except NoAnswer as failure:
            return NotCreated(f"no answer ({failure})")
        except UnknownSigner:
            if not await learn_keys(context, instance, {}):
                break
    return NotCreated("the answer's signer is not known")


async def _query(
    context: ServiceContext, instance: Instance, order: Order, made: Created | NotCreated
) -> tuple[str, str]:
    """What asking says, and the provider's word where it knows no such order.

    An order that only a form would make is not there yet.
    """
    method = instance.method
    if not method.can_query(instance.config):
        return "no_query", ""
    try:
        call = method.query.ask(instance.config, order, moment(context))
        answer = await ask_provider(context, instance, call)
        fact = method.query.read(instance.config, order, answer, moment(context))
    except NoAnswer as failure:
        return f"no answer ({failure})", ""
    except UnknownSigner:
        return "unknown", ""
    if fact.state != "unknown":
        return fact.state, ""
    is_form = isinstance(made, Created) and made.show.kind == "form"
    return "unknown_there" if is_form else "unknown", fact.reason


async def _close(context: ServiceContext, instance: Instance, order: Order) -> bool | None:
    step = instance.method.close
    if step is None:
        return None
    try:
        call = step.ask(instance.config, order, moment(context))
        answer = await ask_provider(context, instance, call)
        return step.read(instance.config, order, answer, moment(context))
    except (NoAnswer, UnknownSigner):
        return False


def _with_tail(instance: Instance, tail: str) -> Instance:
    config = instance.config
    values = {**config.values, "md5_tail": tail}
    changed = Config(values, config.secrets, config.old_secrets, config.learned, config.is_test)
    return Instance(instance.row, instance.method, changed)


async def _keep_tail(context: ServiceContext, instance: Instance, tail: str) -> None:
    statement = rows.set_fields(instance.id, dict(instance.config.values))
    await context.database.write([statement])
    assert instance.config["md5_tail"] == tail
