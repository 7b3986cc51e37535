"""Payments as operators handle them: orders, review, unmatched, days."""

from collections.abc import AsyncIterator
from typing import Any, Final, Literal

import msgspec

from yiyuan.api.console.account.payments.order_view import (
    CSV_COLUMNS,
    CSV_ROWS_MAX,
    Order,
    csv_row,
    shown,
)
from yiyuan.api.console.csv import csv_pieces
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import FINANCE_ROLES, OPERATOR_READS, Access, Download, Empty, Route
from yiyuan.api.console.schemas import Line, Page, PageSize, Positive, RequestBody, ResponseBody
from yiyuan.services.payments import commands, papers
from yiyuan.services.shared.request import AnyRequest, Minutes, Nothing, read_request

GROUP: Final = "payments"
"""What its routes are called in the audit log and in the OpenAPI document."""


class PaymentsFilter(RequestBody):
    """`method` and `account` are ids; `test` is `0` or `1`.

    `older_minutes` leaves out what was made later.
    """

    account: str | None = None
    state: str | None = None
    method: str | None = None
    test: Literal["0", "1"] | None = None
    older_minutes: Minutes = 0


class PaymentsQuery(PaymentsFilter):
    """The same; `after` is the last order of the page before."""

    after: str | None = None
    limit: PageSize = 50


class PaymentEvent(ResponseBody):
    """What was said of an order, and what was made of it."""

    at: str
    source: str
    verdict: str
    event: str
    facts: dict[str, Any]
    address: str
    method: str | None = None


class Refund(ResponseBody):
    """Money that went back, or is on its way."""

    id: str
    order: str
    state: str
    cause: str
    amount: str
    credit: int
    bonus: int
    reason: str
    provider_ref: str | None
    actor: str
    at: str
    done: str | None


class CameIn(ResponseBody):
    """What really came for an order: decimal text in its currency, and its credit in 词元."""

    amount: str
    credit: int


class OrderDetails(Order):
    """An order with everything about it."""

    came: CameIn | None = None
    events: list[PaymentEvent] = msgspec.field(default_factory=list)
    refunds: list[Refund] = msgspec.field(default_factory=list)


class CreditAsk(RequestBody):
    """`reference` is the provider's number of the payment; `amount` 词元, if not as ordered."""

    reference: Line
    reason: Line
    amount: Positive | None = None


class OrderRefundAsk(RequestBody):
    """`amount` such as `¥12.5` in the order's currency, all that is left without; `key` once."""

    reason: Line
    key: Line
    amount: str | None = None


class UnmatchedAsk(RequestBody):
    """Whose payment it is (name or id), what came (`¥12.5`), its number there, and why."""

    account: Line
    method: Line
    amount: Line
    reference: Line
    reason: Line


class ReasonAsk(RequestBody):
    """Why."""

    reason: Line


class ResolveAsk(RequestBody):
    """What the provider's own page says of a refund."""

    is_done: bool


class Difference(ResponseBody):
    """One thing in which a day's lists differ."""

    kind: str
    number: str
    ours_minor: int | None
    theirs_minor: int | None
    now: str | None = None


class PaymentDay(ResponseBody):
    """A day of a method, compared."""

    method: str
    day: str
    currency: str
    ours: str
    theirs: str
    ours_minor: int
    theirs_minor: int
    differences: list[Difference]
    at: str


class CompareAsk(RequestBody):
    """Which day (UTC+8) of which method."""

    method: Line
    day: Line


class PaymentsSummary(ResponseBody):
    """What the home page shows; `differences` of the last day that was compared."""

    methods: int
    pending: int
    review: int
    compared: str | None
    differences: int


async def show_summary(visit: ConsoleRequest, _: Empty) -> PaymentsSummary:
    """Payments at a glance."""
    return msgspec.convert(await papers.summary(visit.context), PaymentsSummary)


async def list_orders(visit: ConsoleRequest, asked: PaymentsQuery) -> Page[Order]:
    """Orders of all methods, the latest first."""
    found = await _page(visit, asked, asked.after or "", asked.limit)
    items = [shown(document) for document in found]
    return Page(items=items, next=items[-1].id if len(items) == asked.limit else None)


async def download(visit: ConsoleRequest, asked: PaymentsFilter) -> Download:
    """The same as CSV, amounts in 词元 and in 元."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        yield [csv_row(found) for found in await _page(visit, asked, "", CSV_ROWS_MAX)]

    return Download("payments.csv", csv_pieces(CSV_COLUMNS, pages()))


async def show(visit: ConsoleRequest, _: Empty) -> OrderDetails:
    """One order and everything about it."""
    return await _details(visit)


async def check(visit: ConsoleRequest, _: Empty) -> OrderDetails:
    """Ask the provider now."""
    await commands.check(visit.context, _asked(visit, commands.OneOrder))
    return await _details(visit)


async def credit(visit: ConsoleRequest, asked: CreditAsk) -> OrderDetails:
    """Credit by hand."""
    await commands.credit(visit.context, _asked(visit, commands.CreditByHand, asked))
    return await _details(visit)


async def dismiss(visit: ConsoleRequest, asked: ReasonAsk) -> OrderDetails:
    """Take an order out of review, uncredited."""
    await commands.dismiss(visit.context, _asked(visit, commands.Dismiss, asked))
    return await _details(visit)


async def refund(visit: ConsoleRequest, asked: OrderRefundAsk) -> OrderDetails:
    """Give money back, whole or in part."""
    await commands.refund(visit.context, _asked(visit, commands.RefundOrder, asked))
    return await _details(visit)


async def resolve(visit: ConsoleRequest, asked: ResolveAsk) -> Refund:
    """Say what became of a refund whose answer never came."""
    request = commands.Resolve(id=visit.places["refund"], is_done=asked.is_done)
    return msgspec.convert(await commands.resolve(visit.context, request), Refund)


async def list_unmatched(visit: ConsoleRequest, _: Empty) -> Page[PaymentEvent]:
    """Notifies with a good signature that belong to no order."""
    found = await commands.unmatched(visit.context, Nothing())
    return Page(items=msgspec.convert(found["events"], list[PaymentEvent]))


async def credit_unmatched(visit: ConsoleRequest, asked: UnmatchedAsk) -> Order:
    """Credit a payment that belongs to no order."""
    request = commands.CreditUnmatched(**msgspec.to_builtins(asked))
    return shown(await commands.credit_unmatched(visit.context, request))


async def list_days(visit: ConsoleRequest, _: Empty) -> Page[PaymentDay]:
    """Days that were compared with the provider's list."""
    found = await commands.days_list(visit.context, Nothing())
    return Page(items=msgspec.convert(found["days"], list[PaymentDay]))


async def compare(visit: ConsoleRequest, asked: CompareAsk) -> PaymentDay:
    """Compare a day now."""
    request = commands.CompareDay(method=asked.method, day=asked.day)
    return msgspec.convert(await commands.compare(visit.context, request), PaymentDay)


def _asked(
    visit: ConsoleRequest, kind: type[AnyRequest], asked: RequestBody | None = None
) -> AnyRequest:
    """What a command is asked about the order of the path."""
    values = {} if asked is None else msgspec.to_builtins(asked)
    return read_request(kind, {**values, "id": visit.places["order"]})


async def _page(
    visit: ConsoleRequest, asked: PaymentsFilter, before: str, limit: int
) -> list[dict[str, Any]]:
    return await papers.page(
        visit.context,
        account_id=asked.account or "",
        state=asked.state or "",
        method_id=asked.method or "",
        test=asked.test or "",
        older_minutes=asked.older_minutes,
        before=before,
        limit=limit,
    )


async def _details(visit: ConsoleRequest) -> OrderDetails:
    document = await commands.show(visit.context, _asked(visit, commands.OneOrder))
    details = msgspec.convert(document, OrderDetails)
    details.picture = shown(await papers.order(visit.context, details.id)).picture
    return details


_PAYMENTS: Final = "/api/operator/payments"
_ORDERS: Final = f"{_PAYMENTS}/orders"
_ORDER: Final = f"{_ORDERS}/{{order}}"
_FINANCE: Final = Access("operator", FINANCE_ROLES)
_CHECKERS: Final = Access("operator", frozenset({"owner", "finance", "support"}))

ROUTES = (
    Route("GET", f"{_PAYMENTS}/summary", OPERATOR_READS, show_summary, PaymentsSummary),
    Route("GET", _ORDERS, OPERATOR_READS, list_orders, Page[Order], PaymentsQuery),
    Route("GET", f"{_ORDERS}.csv", OPERATOR_READS, download, Download, PaymentsFilter),
    Route("GET", _ORDER, OPERATOR_READS, show, OrderDetails),
    Route("POST", f"{_ORDER}/check", _CHECKERS, check, OrderDetails),
    Route("POST", f"{_ORDER}/credit", _FINANCE, credit, OrderDetails, CreditAsk),
    Route("POST", f"{_ORDER}/dismiss", _FINANCE, dismiss, OrderDetails, ReasonAsk),
    Route("POST", f"{_ORDER}/refund", _FINANCE, refund, OrderDetails, OrderRefundAsk),
    Route("POST", f"{_PAYMENTS}/refunds/{{refund}}/resolve", _FINANCE, resolve, Refund, ResolveAsk),
    Route("GET", f"{_PAYMENTS}/unmatched", OPERATOR_READS, list_unmatched, Page[PaymentEvent]),
    Route("POST", f"{_PAYMENTS}/unmatched", _FINANCE, credit_unmatched, Order, UnmatchedAsk),
    Route("GET", f"{_PAYMENTS}/days", OPERATOR_READS, list_days, Page[PaymentDay]),
    Route("POST", f"{_PAYMENTS}/days", _FINANCE, compare, PaymentDay, CompareAsk),
)
