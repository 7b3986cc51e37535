"""Orders in lists, receipts to print, and requests for invoices (发票)."""

import json
from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.minor_units import to_text
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.payments.documents import order_document
from yiyuan.services.payments.orders.create import get_order
from yiyuan.services.payments.settle import ENTRY_KEY
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request
from yiyuan.services.shared.validation import check_text
from yiyuan.services.site.settings import read_site
from yiyuan.store.queries.accounts import find_account
from yiyuan.store.queries.ledger import entry_by_key
from yiyuan.store.tables.payments import days
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.days import InvoiceRow
from yiyuan.store.tables.payments.methods import all_methods, find_method
from yiyuan.store.tables.payments.orders import OrderFilter, OrderRow

Json = dict[str, Any]


def until_ms(now_ms: int, older_minutes: int) -> int:
    """Up to when what is so old was made; 0 minutes is any age, whatever nodes' clocks say."""
    return now_ms - older_minutes * 60_000 if older_minutes else MICROS_MAX


async def page(
    context: ServiceContext,
    *,
    account_id: str = "",
    state: str = "",
    method_id: str = "",
    test: str = "",
    older_minutes: int = 0,
    before: str = "",
    limit: int = 50,
) -> list[Json]:
    """Orders as JSON, the latest first; `test` is `0`, `1` or any."""
    made_until = until_ms(context.clock.wall_ms(), older_minutes)
    wanted = OrderFilter(account_id, state, method_id, test, made_until)
    found = await rows.orders(context.database, wanted, before=before, limit=limit)
    names = {row.id: row.name for row in await all_methods(context.database)}
    return [order_document(row, names[row.method_id]) for row in found]


async def order(context: ServiceContext, order_id: str) -> Json:
    """One order as JSON. Raises ServiceError `not_found`."""
    row = await get_order(context, order_id)
    method = await find_method(context.database, row.method_id)
    return order_document(row, "" if method is None else method.name)


def net_of_refunds(row: OrderRow) -> Json:
    """What stays paid of an order, and what of its credit and bonus (in micros)."""
    net_minor = row.amount_minor - row.refunded_minor
    given = row.credit + row.bonus
    back = [part * row.refunded_minor // row.amount_minor for part in (row.credit, row.bonus)]
    return {"net_amount": to_text(net_minor, row.currency), "net_credit": given - sum(back)}


async def receipt(context: ServiceContext, row: OrderRow) -> Json:
    """What is printed. Raises ServiceError `not_paid`."""
    if row.state != "credited":
        raise ServiceError("not_paid", "there is a receipt once the order is credited")
    site = await read_site(context)
    account = await find_account(context.database, row.account_id)
    entry = await entry_by_key(context.database, ENTRY_KEY + row.id)
    asked = await days.invoice_of(context.database, row.id)
    invoice = None if asked is None else "asked" if asked.done_at is None else "done"
    return {
        "order": await order(context, row.id),
        "seller": site.seller_name or site.site_name,
        "seller_tax_number": site.seller_tax_number,
        "payer": "" if account is None else account.name,
        **net_of_refunds(row),
        "entry_id": None if entry is None else entry.id,
        "invoice": invoice,
    }


async def ask_invoice(
    context: ServiceContext, row: OrderRow, title: str, tax_number: str, email: str
) -> None:
    """Keep a request; while it is not done, a later one replaces it. Raises ServiceError."""
    for what, text in (("the title", title), ("the e-mail", email)):
        check_text(what, text)
    if len(tax_number) > 40 or not tax_number.isprintable():
        raise ServiceError("invalid_argument", "the tax number is too long")
    if row.state != "credited":
        raise ServiceError("not_paid", "an invoice can be asked for once the order is credited")
    if row.refunded_minor >= row.amount_minor:
        message = "all of the order was given back: there is nothing to invoice"
        raise ServiceError("already_refunded", message)
    before = await days.invoice_of(context.database, row.id)
    if before is not None and before.done_at is not None:
        raise ServiceError("already_done", "the invoice was made already")
    invoice = InvoiceRow(
        id=new_id("inv"),
        account_id=row.account_id,
        order_id=row.id,
        title=title,
        tax_number=tax_number,
        email=email,
        at=context.clock.wall_ms(),
        done_at=None,
        done_by=None,
    )
    await context.database.write([days.put_invoice(invoice)])


async def invoices(context: ServiceContext) -> list[Json]:
    """All requests, the latest first; an invoice is about what was not given back."""
    return [await _invoice_document(context, row) for row in await days.invoices(context.database)]


async def _invoice_document(context: ServiceContext, row: InvoiceRow) -> Json:
    paid = await get_order(context, row.order_id)
    return {
        "id": row.id,
        "account": row.account_id,
        "order": row.order_id,
        "amount": to_text(paid.amount_minor - paid.refunded_minor, paid.currency),
        "refunded_amount": to_text(paid.refunded_minor, paid.currency),
        "currency": paid.currency,
        "title": row.title,
        "tax_number": row.tax_number,
        "email": row.email,
        "at": iso(row.at),
        "done": None if row.done_at is None else iso(row.done_at),
    }


async def close_invoice(context: ServiceContext, invoice_id: str) -> None:
    """The invoice was made. Raises ServiceError `not_found`."""
    now = context.clock.wall_ms()
    changed = await context.database.write([days.close_invoice(invoice_id, now, context.actor)])
    if not changed[-1]:
        raise ServiceError(
            "not_found", Message('there is no request for an invoice "{name}"', name=invoice_id)
        )


class OneInvoice(Request):
    """A request for an invoice, by its id."""

    id: str


@command("payments.invoices", reads=True)
async def list_invoices(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Requests for invoices, the latest first: `{"invoices":[…]}`."""
    return {"invoices": await invoices(context)}


@command("payments.invoice_done")
async def mark_invoice(context: ServiceContext, request: OneInvoice) -> Json:
    """Note that an invoice was made: `{"done"}`."""
    await close_invoice(context, request.id)
    return {"done": request.id}


async def summary(context: ServiceContext) -> Json:
    """How many methods are offered, orders wait, and differences the last day had."""
    found = await days.days(context.database)
    last = found[0].day if found else None
    counted = await rows.counts(context.database, rows.OPEN)
    return {
        "methods": sum(row.enabled for row in await all_methods(context.database)),
        "pending": sum(c.orders for c in counted),
        "review": await rows.count_in_review(context.database),
        "compared": last,
        "differences": sum(len(json.loads(d.differences)) for d in found if d.day == last),
    }
