"""How many orders an account may make, and how often it may ask.

Each order is a call to the provider, and each cancelled one three: who makes and cancels
them in a loop would have the shop's merchant blocked there. What waits for its payment
counts against the daily limit, or many open orders would pass it together.
"""

from math import ceil
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError, TryLater
from yiyuan.store.tables.payments import order_limits as rows
from yiyuan.store.tables.payments.order_limits import OrderLimits
from yiyuan.store.tables.payments.orders import OrderRow

OPEN_ORDERS_MAX: Final = 50
ORDERS_MAX: Final = 20
ORDERS_MS: Final = 10 * 60 * 1000
"""So many orders may a customer make in this time."""
DAY_MS: Final = 24 * 3600 * 1000
QUESTIONS_MAX: Final = 20
QUESTIONS_MS: Final = 10_000
SOON_MS: Final = 3_000
"""So many of its orders may an account have asked about in this time, or soon."""


async def add_order(
    context: ServiceContext, row: OrderRow, *, daily_micros: int, is_operator: bool
) -> None:
    """Keep a new order. Raises ServiceError `too_many`, `too_much`; 0 is no daily limit.

    Only a customer's orders are counted by the time: operators know what they do.
    """
    now = context.clock.wall_ms()
    limits = OrderLimits(
        made=None if is_operator else ORDERS_MAX,
        made_since=now - ORDERS_MS,
        open=OPEN_ORDERS_MAX,
        daily_micros=daily_micros or None,
        paid_since=now - DAY_MS,
    )
    await _check(context, row, limits, now)
    changed = await context.database.write(rows.add_within(row, limits))
    if changed[-1]:  # others of the account were faster
        await _check(context, row, limits, now)
        raise TryLater("too_many", "too many orders at once: try again", 1)


async def _check(context: ServiceContext, row: OrderRow, limits: OrderLimits, now: int) -> None:
    """Say which limit it is."""
    database, account_id = context.database, row.account_id
    if limits.made is not None:
        made = await rows.made_at(database, account_id, limits.made_since)
        if len(made) >= limits.made:
            message = "too many orders in a short time: wait, or pay one that is open"
            raise TryLater("too_many", message, _seconds(made[-limits.made] + ORDERS_MS - now))
    ends = await rows.open_until(database, account_id)
    if len(ends) >= limits.open:
        message = "too many orders wait for their payment: pay or cancel one first"
        raise TryLater("too_many", message, _seconds(ends[0] - now))
    if limits.daily_micros is None:
        return
    ordered = await rows.ordered_micros(database, account_id, limits.paid_since)
    if ordered + row.credit > limits.daily_micros:
        too_much = Message(
            "an account may top up {most} 词元 in 24 hours, what waits for its payment included",
            most=limits.daily_micros,
        )
        raise ServiceError("too_much", too_much)


async def may_ask(context: ServiceContext, account_id: str) -> bool:
    """Whether one more of an account's orders may be asked about now."""
    now = context.clock.wall_ms()
    span = (now - QUESTIONS_MS, now + SOON_MS)
    return await rows.asked_count(context.database, account_id, *span) < QUESTIONS_MAX


async def check_questions(context: ServiceContext, account_id: str) -> None:
    """Let a customer ask about orders, within bounds. Raises ServiceError `too_many`."""
    if not await may_ask(context, account_id):
        raise too_many_questions(QUESTIONS_MS)


def too_many_questions(wait_ms: int) -> TryLater:
    """The provider is asked already, and as often as it may be."""
    message = "too many questions about orders: wait a moment"
    return TryLater("too_many", message, _seconds(wait_ms))


def _seconds(milliseconds: int) -> int:
    return max(1, ceil(milliseconds / 1000))
