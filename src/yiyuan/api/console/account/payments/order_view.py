"""An order as JSON and as a line of CSV, for its customer and for operators."""

from typing import Any, Final

import msgspec

from yiyuan.api.console.schemas import ResponseBody
from yiyuan.kernel.money import format_millionths
from yiyuan.services.payments.orders.picture import qr_picture

CSV_ROWS_MAX: Final = 10_000


class Picture(ResponseBody):
    """A QR code: dark squares in a square of `size` units."""

    size: int
    path: str


class Show(ResponseBody, omit_defaults=True):
    """What the page shows: `qr` with `text`, `redirect` with `url`, `form` with its fields."""

    kind: str
    url: str | None = None
    text: str | None = None
    fields: dict[str, str] | None = None


class Order(ResponseBody):
    """One order; `amount` is decimal text in `currency`, `credit` and `bonus` are 词元."""

    id: str
    number: str
    account: str
    method: str
    type: str
    state: str
    reason: str
    amount: str
    currency: str
    credit: int
    bonus: int
    refunded: int
    refunded_amount: str
    dispute: str
    is_test: bool
    payment_ref: str | None
    show: Show | None
    created: str
    expires: str
    paid: str | None
    credited: str | None
    picture: Picture | None = None
    """The code of `show`, drawn."""


CSV_COLUMNS: Final = (
    *("id", "number", "account", "method", "state", "reason", "amount", "currency"),
    *("credit", "bonus", "credit_yuan", "refunded", "payment_ref", "created", "paid", "credited"),
)


def csv_row(document: dict[str, Any]) -> tuple[object, ...]:
    """One order's line."""
    yuan = {"credit_yuan": format_millionths(document["credit"])}
    return tuple({**document, **yuan}[name] for name in CSV_COLUMNS)


def shown(document: dict[str, Any]) -> Order:
    """An order as this API shows it, a QR code drawn."""
    order = msgspec.convert(document, Order)
    order.picture = drawn(document["show"])
    return order


def drawn(show: dict[str, Any] | None) -> Picture | None:
    """The QR code of what a page shows, if it is one."""
    picture = qr_picture(show["text"]) if show is not None and show.get("text") else None
    return None if picture is None else Picture(size=picture.size, path=picture.path)
