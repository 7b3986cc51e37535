"""Credits a payment that belongs to no order, on a person's word: for what really came.

It becomes an order of its own, in review first, so that the payment is nobody else's and a
crash leaves something to decide.
"""

import json
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.minor_units import MINOR_MAX
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.payments.methods.instances import Instance
from yiyuan.services.payments.orders.numbers import new_number
from yiyuan.services.payments.orders.review import as_written, check_free, credit_by_hand, names_in
from yiyuan.services.payments.topup_rules import topup_rules
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_text
from yiyuan.services.site.settings import read_site
from yiyuan.services.site.topup_rules import credit_of
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.orders import OrderRow

REASON: Final = "unmatched"


async def credit_unmatched(
    context: ServiceContext,
    instance: Instance,
    account_id: str,
    amount_minor: int,
    *,
    reference: str,
    reason: str,
) -> OrderRow:
    """The order that was made of it; `amount_minor` is of the method's currency, without bonus.

    Raises ServiceError `invalid_argument`, `payment_ref_used`.
    """
    check_text("the reason", reason)
    reference = check_text("the provider's number", as_written(reference))
    await check_free(context, instance.id, names_in(reference))
    row = await _row(context, instance, account_id, amount_minor, reference)
    try:
        await context.database.write([rows.add_order(row)])
    except CONFLICT:
        message = Message(
            "the payment {reference} belongs to another order already", reference=reference
        )
        raise ServiceError("payment_ref_used", message) from None
    return await credit_by_hand(context, row, reference=reference, reason=reason)


async def _credit(context: ServiceContext, currency: str, amount_minor: int) -> tuple[int, int]:
    """What an amount credits in micros, and the rate of that in parts per million."""
    rate_ppm = topup_rules(await read_site(context)).rates_ppm.get(currency)
    if rate_ppm is None:
        message = Message("there is no rate for {currency} (topup_currencies)", currency=currency)
        raise ServiceError("invalid_argument", message)
    credit = credit_of(amount_minor, currency, rate_ppm)
    if not 0 < amount_minor <= MINOR_MAX or not 0 < credit <= MICROS_MAX:
        raise ServiceError("invalid_argument", "the amount is nothing, or too large")
    return credit, rate_ppm


async def _row(
    context: ServiceContext, instance: Instance, account_id: str, amount_minor: int, reference: str
) -> OrderRow:
    currency = (instance.config["currency"] or "cny").lower()
    credit, rate_ppm = await _credit(context, currency, amount_minor)
    now = context.clock.wall_ms()
    return OrderRow(
        id=new_id("ord"),
        number=new_number(),
        account_id=account_id,
        actor=context.actor,
        method_id=instance.id,
        type="",
        merchant=instance.method.merchant(instance.config),
        is_test=instance.row.is_test,
        currency=currency,
        amount_minor=amount_minor,
        fee_minor=0,
        credit=credit,
        bonus=0,
        rule=json.dumps({"rate_ppm": rate_ppm, "bonus": None}),
        state="review",
        reason=REASON,
        session_ref="",
        payment_ref=reference,
        shown="{}",
        address="",
        is_phone=0,
        created_at=now,
        expires_at=now,
        paid_at=now,
        credited_at=None,
        asked_at=0,
        next_check_at=None,
        checks=0,
        refunded_minor=0,
        dispute="",
    )
