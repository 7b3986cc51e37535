"""An account's orders: what it may choose, what it pays, what it gets, and its papers."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from yiyuan.api.console.account.payments.order_view import (
    CSV_COLUMNS,
    CSV_ROWS_MAX,
    Order,
    csv_row,
    shown,
)
from yiyuan.api.console.csv import csv_pieces
from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import MEMBER_READS_BOOKS, MEMBER_WRITES, Download, Empty, Route
from yiyuan.api.console.schemas import Line, Page, PageSize, Positive, RequestBody, ResponseBody
from yiyuan.kernel.money import MICROS_MAX, parse_millionths
from yiyuan.services.payments import papers, top_up
from yiyuan.services.payments.documents import customer_document
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.orders.ask import bring_forward
from yiyuan.services.payments.orders.limits import check_questions
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "orders"
"""What its routes are called in the audit log and in the OpenAPI document."""

_PHONES: Final = ("iphone", "android", "mobile")


class OrderAsk(RequestBody):
    """`amount` is whole 词元, or 元 with a sign (`¥12.5`); `type` is one of the method's."""

    method: Line
    amount: int | str
    type: str | None = None


class PresetPrice(ResponseBody):
    """What a preset costs in minor units, and gives in 词元."""

    wanted: int
    amount_minor: int
    credit: int
    bonus: int


class MethodChoice(ResponseBody):
    """A way to pay."""

    id: str
    name: str
    kind: str
    title_en: str
    title_zh: str
    types: list[str]
    currency: str
    is_test: bool
    prices: list[PresetPrice]


class BonusView(ResponseBody):
    """From `min` on: hundredths of a percent, or a fixed sum in 词元."""

    min: int
    percent_hundredths: int
    fixed: int


class Choices(ResponseBody):
    """What the top-up page offers; `debt` is paid first by what comes in."""

    presets: list[int]
    min: int
    max: int
    bonus: list[BonusView]
    methods: list[MethodChoice]
    debt: int


class ChoicesQuery(RequestBody):
    """`amount` in 词元: what it costs by each method is among the prices then."""

    amount: Positive | None = None


class OrdersFilter(RequestBody):
    """Of one state, or all."""

    state: str | None = None


class OrdersQuery(OrdersFilter):
    """The same; `after` is the last order of the page before."""

    after: str | None = None
    limit: PageSize = 50


class Receipt(ResponseBody):
    """What is printed: who sold what to whom."""

    order: Order
    seller: str
    seller_tax_number: str
    payer: str
    net_amount: str
    """What stays paid once refunds are taken off, in the order's currency."""
    net_credit: int
    """What stays of credit and bonus, in 词元."""
    entry_id: str | None
    invoice: str | None
    """`asked` or `done` where an invoice was asked for."""


class InvoiceAsk(RequestBody):
    """What a 发票 is to say."""

    title: Line
    email: Line
    tax_number: str = ""


async def list_choices(visit: ConsoleRequest, asked: ChoicesQuery) -> Choices:
    """What may be paid, and how."""
    found = await top_up.choices(visit.context, visit.account_id, asked.amount)
    return msgspec.convert(found, Choices)


async def create(visit: ConsoleRequest, asked: OrderAsk) -> Order:
    """Make an order."""
    agent = visit.agent.lower()
    wish = orders.Wish(
        account_id=visit.account_id,
        amount_micros=_micros(asked.amount),
        method=asked.method,
        type=asked.type or "",
        address=visit.address,
        is_phone=any(word in agent for word in _PHONES),
        language=visit.language,
    )
    row = await orders.create(visit.context, wish)
    return await _shown(visit, row.id)


async def list_orders(visit: ConsoleRequest, asked: OrdersQuery) -> Page[Order]:
    """The account's orders, the latest first."""
    found = await papers.page(
        visit.context,
        account_id=visit.account_id,
        state=asked.state or "",
        before=asked.after or "",
        limit=asked.limit,
    )
    items = [shown(customer_document(document)) for document in found]
    following = items[-1].id if len(items) == asked.limit else None
    return Page(items=items, next=following)


async def show(visit: ConsoleRequest, _: Empty) -> Order:
    """One order; looking at it brings the next question to the provider forward."""
    row = await _own(visit)
    await bring_forward(visit.context, row)
    return await _shown(visit, row.id)


async def check(visit: ConsoleRequest, _: Empty) -> Order:
    """The customer says that it is paid: ask the provider now."""
    row = await _own(visit)
    await check_questions(visit.context, row.account_id)
    await orders.check(visit.context, row.id)
    return await _shown(visit, row.id)


async def cancel(visit: ConsoleRequest, _: Empty) -> Order:
    """Close an order that was not paid."""
    row = await _own(visit)
    await orders.cancel(visit.context, row)
    return await _shown(visit, row.id)


async def show_receipt(visit: ConsoleRequest, _: Empty) -> Receipt:
    """What is printed of a credited order."""
    return await _receipt(visit, await _own(visit))


async def ask_invoice(visit: ConsoleRequest, asked: InvoiceAsk) -> Receipt:
    """Ask for an invoice (发票)."""
    row = await _own(visit)
    await papers.ask_invoice(visit.context, row, asked.title, asked.tax_number, asked.email)
    return await _receipt(visit, row)


async def download(visit: ConsoleRequest, asked: OrdersFilter) -> Download:
    """The account's orders as CSV, amounts also in 元."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        found = await papers.page(
            visit.context,
            account_id=visit.account_id,
            state=asked.state or "",
            before="",
            limit=CSV_ROWS_MAX,
        )
        yield [csv_row(customer_document(document)) for document in found]

    return Download("orders.csv", csv_pieces(CSV_COLUMNS, pages()))


async def _shown(visit: ConsoleRequest, order_id: str) -> Order:
    """An order as it is now, without what only operators may know."""
    return shown(customer_document(await papers.order(visit.context, order_id)))


async def _receipt(visit: ConsoleRequest, row: Any) -> Receipt:
    found = await papers.receipt(visit.context, row)
    return msgspec.convert({**found, "order": customer_document(found["order"])}, Receipt)


async def _own(visit: ConsoleRequest) -> Any:
    """The order of the path, which must be this account's. Raises `not_found`."""
    try:
        row = await orders.get_order(visit.context, visit.places["order"])
    except ServiceError:
        raise not_found("order") from None
    if row.account_id != visit.account_id:
        raise not_found("order")
    return row


def _micros(amount: int | str) -> int:
    if isinstance(amount, int):
        return amount
    text = amount.strip()
    try:
        micros = parse_millionths(text[1:]) if text[:1] in ("¥", "￥") else int(text)
    except ValueError:
        micros = 0
    if not 0 < micros <= MICROS_MAX:
        raise ServiceError("invalid_argument", "amount must be whole 词元, or 元 such as ¥12.5")
    return micros


_ORDERS: Final = "/api/accounts/{account}/orders"
_ORDER: Final = f"{_ORDERS}/{{order}}"

ROUTES = (
    Route(
        "GET",
        "/api/accounts/{account}/top-up",
        MEMBER_READS_BOOKS,
        list_choices,
        Choices,
        ChoicesQuery,
    ),
    Route("GET", _ORDERS, MEMBER_READS_BOOKS, list_orders, Page[Order], OrdersQuery),
    Route("POST", _ORDERS, MEMBER_WRITES, create, Order, OrderAsk),
    Route("GET", f"{_ORDERS}.csv", MEMBER_READS_BOOKS, download, Download, OrdersFilter),
    Route("GET", _ORDER, MEMBER_READS_BOOKS, show, Order, is_polled=True),
    Route("POST", f"{_ORDER}/check", MEMBER_WRITES, check, Order),
    Route("POST", f"{_ORDER}/cancel", MEMBER_WRITES, cancel, Order),
    Route("GET", f"{_ORDER}/receipt", MEMBER_READS_BOOKS, show_receipt, Receipt),
    Route("POST", f"{_ORDER}/invoice", MEMBER_WRITES, ask_invoice, Receipt, InvoiceAsk),
)
