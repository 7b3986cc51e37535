"""An order's row as a payment method needs to know it."""

from yiyuan.integrations.payments.values import Order
from yiyuan.services.payments.methods.setup import notify_url, return_url
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import SiteSettings
from yiyuan.store.tables.payments.orders import OrderRow


def provider_order(
    context: ServiceContext, row: OrderRow, title: str = "", attempt: int = 1
) -> Order:
    """The values that a method's calls are made of."""
    return Order(
        number=row.number,
        currency=row.currency,
        amount_minor=row.amount_minor,
        title=title or row.number,
        notify_url=notify_url(context, row.method_id),
        return_url=return_url(context, row.method_id),
        type=row.type,
        address=row.address or "127.0.0.1",
        is_phone=bool(row.is_phone),
        expires=row.expires_at // 1000,
        attempt=attempt,
        session_ref=row.session_ref,
        payment_ref=row.payment_ref or "",
    )


def order_title(site: SiteSettings, language: str) -> str:
    """What the provider's page says the payment is for."""
    name = site.site_name or "yiyuan"
    return f"{name} 充值" if language == "zh" else f"{name} top-up"
