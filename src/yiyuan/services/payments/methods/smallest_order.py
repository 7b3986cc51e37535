"""The order of the test button: the smallest that the provider takes, and nobody's."""

from typing import Final

from yiyuan.integrations.payments.minor_units import exponent_of
from yiyuan.integrations.payments.values import Order
from yiyuan.services.payments.methods.instances import Instance
from yiyuan.services.payments.methods.setup import notify_url, return_url
from yiyuan.services.shared.context import ServiceContext

_LIFE_SECONDS: Final = 35 * 60


def smallest_order(
    context: ServiceContext, instance: Instance, number: str, session_ref: str = ""
) -> Order:
    """The order of this number."""
    currency = (instance.config["currency"] or "cny").lower()
    amount_minor = 1 if currency == "cny" else 10 ** exponent_of(currency)
    if instance.method.name == "stripe_checkout":
        amount_minor = 500 if exponent_of(currency) else 100
    return Order(
        number=number,
        currency=currency,
        amount_minor=amount_minor,
        title="yiyuan test",
        notify_url=notify_url(context, instance.id),
        return_url=return_url(context, instance.id),
        expires=context.clock.wall_ms() // 1000 + _LIFE_SECONDS,
        session_ref=session_ref,
    )
