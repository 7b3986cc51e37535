"""What customers have asked invoices (发票) for."""

from typing import Final

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import FINANCE_ROLES, OPERATOR_READS, Access, Empty, Route
from yiyuan.api.console.schemas import Page, ResponseBody
from yiyuan.services.payments import papers

GROUP: Final = "payments"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Invoice(ResponseBody):
    """A customer's request for a 发票."""

    id: str
    account: str
    order: str
    amount: str
    """What is to be invoiced, refunds taken off, as decimal text of `currency`."""
    refunded_amount: str
    currency: str
    title: str
    tax_number: str
    email: str
    at: str
    done: str | None


async def list_invoices(visit: ConsoleRequest, _: Empty) -> Page[Invoice]:
    """Requests for invoices."""
    return Page(items=msgspec.convert(await papers.invoices(visit.context), list[Invoice]))


async def close_invoice(visit: ConsoleRequest, _: Empty) -> Empty:
    """The invoice was made."""
    await papers.close_invoice(visit.context, visit.places["invoice"])
    return Empty()


_INVOICES: Final = "/api/operator/payments/invoices"
_FINANCE: Final = Access("operator", FINANCE_ROLES)

ROUTES = (
    Route("GET", _INVOICES, OPERATOR_READS, list_invoices, Page[Invoice]),
    Route("POST", f"{_INVOICES}/{{invoice}}/done", _FINANCE, close_invoice, Empty),
)
