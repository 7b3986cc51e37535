"""Payments by command: what the command line, the console and scripts can do with orders."""

from datetime import date
from typing import Annotated, Any, Final

from msgspec import Meta

from yiyuan.integrations.payments.minor_units import to_minor
from yiyuan.services.accounts.accounts import account_id_of, get_account
from yiyuan.services.payments import documents, papers
from yiyuan.services.payments.compare import NoComparison
from yiyuan.services.payments.compare import compare as compare_day
from yiyuan.services.payments.methods.instances import get_instance
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.orders import review
from yiyuan.services.payments.orders import unmatched as unmatched_orders
from yiyuan.services.payments.refunds import refund as refunds
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Minutes, Nothing, Positive, Request, invalid
from yiyuan.store.tables.payments import days, events
from yiyuan.store.tables.payments import orders as order_rows
from yiyuan.store.tables.payments import refunds as refund_rows
from yiyuan.store.tables.payments.methods import all_methods
from yiyuan.store.tables.payments.orders import OrderFilter, OrderRow
from yiyuan.store.tables.site_settings import find_profile, put_profile

Json = dict[str, Any]

_BY_HAND: Final = "credited by hand"


class NewOrder(Request):
    """An amount in micros for an account (name or id), by which method, in which way."""

    account: str
    amount: Positive
    method: str
    type: str = ""


class Search(Request):
    """Orders of one account or method, in one state, test or real, so old; at most `limit`."""

    account: str | None = None
    state: str | None = None
    method: str | None = None
    test: bool | None = None
    older_minutes: Minutes = 0
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class OneOrder(Request):
    """An order by its id or number."""

    id: str


class CreditByHand(OneOrder):
    """The provider's reference, why, and how much (in micros) where it is not what was paid."""

    reference: str = ""
    reason: str = _BY_HAND
    amount: Positive | None = None


class CreditUnmatched(Request):
    """Whose payment it is, what came (`¥12.5`, in the method's currency), its number, and why."""

    account: str
    method: str
    amount: str
    reference: str
    reason: str


class Dismiss(OneOrder):
    """Why an order in review is not credited."""

    reason: str


class RefundOrder(OneOrder):
    """Why, and how much: `¥12.5` or whole 词元, all of it if absent; the same `key` once."""

    reason: str
    key: str
    amount: str | None = None


class Resolve(Request):
    """A refund by its id, and whether the provider carried it out."""

    id: str
    is_done: bool = False


class CompareDay(Request):
    """A day (UTC+8) of a method, by its name."""

    method: str
    day: str


class TestAccount(Request):
    """An account by name or id; `off` ends it."""

    account: str
    off: bool = False


@command("payments.order")
async def order(context: ServiceContext, request: NewOrder) -> Json:
    """An order for an account: what its customer's page shows."""
    account = await get_account(context, request.account)
    wish = orders.Wish(
        account_id=account.id,
        amount_micros=request.amount,
        method=request.method,
        type=request.type,
        is_operator=True,
    )
    return await shown(context, await orders.create(context, wish))


@command("payments.list", reads=True)
async def list_all(context: ServiceContext, request: Search) -> Json:
    """Orders, the latest first."""
    method = request.method
    wanted = OrderFilter(
        account_id=await account_id_of(context, request.account) or "",
        state=request.state or "",
        method_id="" if method is None else (await get_instance(context, method)).id,
        test="" if request.test is None else str(int(request.test)),
        made_until=papers.until_ms(context.clock.wall_ms(), request.older_minutes),
    )
    rows = await order_rows.orders(context.database, wanted, limit=request.limit)
    names = {row.id: row.name for row in await all_methods(context.database)}
    return {"orders": [documents.order_document(row, names[row.method_id]) for row in rows]}


@command("payments.show", reads=True)
async def show(context: ServiceContext, request: OneOrder) -> Json:
    """One order, what was said of it, and its refunds."""
    row = await orders.get_order(context, request.id)
    return await detailed(context, row)


@command("payments.check")
async def check(context: ServiceContext, request: OneOrder) -> Json:
    """Ask the provider now."""
    row = await orders.get_order(context, request.id)
    return await shown(context, await orders.check(context, row.id))


@command("payments.cancel")
async def cancel(context: ServiceContext, request: OneOrder) -> Json:
    """Close an order that was not paid."""
    row = await orders.get_order(context, request.id)
    return await shown(context, await orders.cancel(context, row))


@command("payments.credit")
async def credit(context: ServiceContext, request: CreditByHand) -> Json:
    """Credit an order by hand."""
    row = await review.credit_by_hand(
        context,
        await orders.get_order(context, request.id),
        reference=request.reference,
        reason=request.reason or _BY_HAND,
        amount_micros=request.amount,
    )
    return await shown(context, row)


@command("payments.dismiss")
async def dismiss(context: ServiceContext, request: Dismiss) -> Json:
    """Take an order out of the list of those in review, uncredited."""
    row = await orders.get_order(context, request.id)
    return await shown(context, await review.dismiss(context, row, request.reason))


@command("payments.refund")
async def refund(context: ServiceContext, request: RefundOrder) -> Json:
    """Give an order's money back, whole or in part."""
    row = await orders.get_order(context, request.id)
    amount_minor = None if request.amount is None else _minor(request.amount, row)
    made = await refunds.refund(context, row, amount_minor, request.reason, request.key)
    return documents.refund_document(made, row.currency)


@command("payments.resolve")
async def resolve(context: ServiceContext, request: Resolve) -> Json:
    """Say what became of a refund whose answer never came."""
    made = await refunds.resolve(context, request.id, is_done=request.is_done)
    row = await orders.get_order(context, made.order_id)
    return documents.refund_document(made, row.currency)


@command("payments.unmatched.list", reads=True)
async def unmatched(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Notifies with a good signature that belong to no order."""
    found = await events.unmatched_events(context.database)
    return {"events": [{**documents.event_document(e), "method": e.method_id} for e in found]}


@command("payments.unmatched.credit")
async def credit_unmatched(context: ServiceContext, request: CreditUnmatched) -> Json:
    """Credit a payment that belongs to no order; the order that was made of it."""
    account = await get_account(context, request.account)
    instance = await get_instance(context, request.method)
    currency = (instance.config["currency"] or "cny").lower()
    row = await unmatched_orders.credit_unmatched(
        context,
        instance,
        account.id,
        _part(request.amount, currency),
        reference=request.reference,
        reason=request.reason,
    )
    return await shown(context, row)


@command("payments.days.list", reads=True)
async def days_list(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """The daily comparisons, the latest first."""
    methods = {row.id: row for row in await all_methods(context.database)}
    found = await days.days(context.database)
    return {"days": [documents.day_document(row, methods[row.method_id]) for row in found]}


@command("payments.compare")
async def compare(context: ServiceContext, request: CompareDay) -> Json:
    """Compare one day of a method now."""
    try:
        date.fromisoformat(request.day)
    except ValueError:
        raise invalid("day", "must be a date such as 2026-11-22") from None
    instance = await get_instance(context, request.method)
    try:
        return documents.day_document(
            await compare_day(context, instance, request.day), instance.row
        )
    except NoComparison as error:
        raise ServiceError("provider_unavailable", error.said) from None


@command("payments.test_account")
async def test_account(context: ServiceContext, request: TestAccount) -> Json:
    """Let orders of test instances credit an account, or not."""
    account, is_test = await get_account(context, request.account), not request.off
    profile = await find_profile(context.database, account.id)
    await context.database.write([put_profile(profile._replace(is_test=int(is_test)))])
    return {"account": account.id, "is_test": is_test}


async def shown(context: ServiceContext, row: OrderRow) -> Json:
    """An order as JSON."""
    instance = await get_instance(context, row.method_id)
    return documents.order_document(row, instance.row.name)


async def detailed(context: ServiceContext, row: OrderRow) -> Json:
    """An order with its events and refunds."""
    said = await events.events_of(context.database, row.id)
    given_back = await refund_rows.refunds_of(context.database, row.id)
    return {
        **await shown(context, row),
        "came": documents.came_document(row, said),
        "events": [documents.event_document(event) for event in said],
        "refunds": [documents.refund_document(made, row.currency) for made in given_back],
    }


def _minor(amount: str, row: OrderRow) -> int:
    """A part of an order: `¥12.5` in its currency, or whole 词元 of its credit."""
    text = amount.strip()
    try:
        if text.isdecimal():
            exact, rest = divmod(int(text) * row.amount_minor, row.credit)
            if rest:
                raise invalid("amount", "must be a whole part of what was paid")
            return exact
    except ValueError:
        text = ""
    return _part(text, row.currency)


def _part(amount: str, currency: str) -> int:
    """An amount such as `¥12.5` in minor units of its currency."""
    try:
        return to_minor(amount.strip().lstrip("¥￥$"), currency)
    except ValueError:
        message = "must be like ¥12.5, in the order's currency, or whole 词元"
        raise invalid("amount", message) from None
