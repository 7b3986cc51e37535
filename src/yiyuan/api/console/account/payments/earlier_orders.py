"""Orders that were paid at the gateway that the account was moved from."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MEMBER_READS_BOOKS, Empty, Route
from yiyuan.api.console.schemas import Page
from yiyuan.services.imports.earlier_orders import EarlierOrder, earlier_orders

GROUP: Final = "earlier_orders"
"""What its routes are called in the audit log and in the OpenAPI document."""


async def list_earlier(visit: ConsoleRequest, _: Empty) -> Page[EarlierOrder]:
    """The account's orders at the gateway before, the latest first."""
    return Page(items=await earlier_orders(visit.context, visit.account_id))


ROUTES = (
    Route(
        "GET",
        "/api/accounts/{account}/earlier-orders",
        MEMBER_READS_BOOKS,
        list_earlier,
        Page[EarlierOrder],
    ),
)
