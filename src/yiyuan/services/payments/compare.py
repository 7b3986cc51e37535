"""The daily comparison: a provider's list of yesterday against our orders.

What was paid there and not credited here is asked about, and credited or put in review.
What was credited here and is not in their list is shown in red, and never reversed by
itself. Days are those of UTC+8, as providers reckon them.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from yiyuan.i18n.message import Message, SaidError
from yiyuan.integrations.call import Call
from yiyuan.integrations.payments.beijing_time import DAY_SECONDS, day_bounds, day_of
from yiyuan.integrations.payments.contract import ReadBill
from yiyuan.integrations.payments.values import (
    BillError,
    BillPart,
    GivenBack,
    Trade,
    UnknownSigner,
)
from yiyuan.services.payments.methods.instances import (
    BILL_BYTES_MAX,
    Instance,
    ask_provider,
    learn_keys,
    moment,
    open_instance,
)
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.ask import ask, get_again, plan
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.forced import follow_refunded, follow_refunds
from yiyuan.services.payments.settle import Said
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import days
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.days import DayRow
from yiyuan.store.tables.payments.events import test_events
from yiyuan.store.tables.payments.methods import all_methods
from yiyuan.store.tables.payments.orders import UNPAID
from yiyuan.store.tables.payments.refunds import refunds_of

Json = dict[str, Any]

BEGIN_SECONDS: Final = 10 * 3600 + 1800
"""Bills of a day are there from 10:30 of the next on."""
EDGE_MS: Final = 600_000
"""A payment so near to midnight may be in the other day's list."""
DIFFERENCES_MAX: Final = 500
_BILL_SECONDS: Final = 60.0
_AGAIN_MS: Final = 600_000


class NoComparison(SaidError):
    """The provider's list cannot be had; the text is for the operator."""


async def compare_due(context: ServiceContext, report: Callable[[str], None]) -> None:
    """Compare yesterday where that is due and was not done."""
    now = context.clock.wall_ms() // 1000
    today, _ = day_bounds(day_of(now))
    if now - today < BEGIN_SECONDS:
        return
    day = day_of(now - DAY_SECONDS)
    for row in await all_methods(context.database):
        tried = context.tried_at.get(f"bill:{row.id}", 0)
        if now * 1000 - tried < _AGAIN_MS or row.created_at >= today * 1000:
            continue
        if await days.has_day(context.database, row.id, day):
            continue
        context.tried_at[f"bill:{row.id}"] = now * 1000
        try:
            await compare(context, open_instance(context, row), day)
        except NoComparison as error:
            report(f"payment method {row.name}: {day} cannot be compared: {error}")


async def compare(context: ServiceContext, instance: Instance, day: str) -> DayRow:
    """Compare one day, and keep what came of it. Raises NoComparison."""
    trades, refunds = await _listed(context, instance, day)
    first, end = (seconds * 1000 for seconds in day_bounds(day))
    ours = await rows.paid_between(context.database, instance.id, first, end)
    differences: list[Json] = []
    of_day = [trade for trade in trades if trade.is_of_day]
    for trade in of_day:
        found = await _compare_trade(context, instance, trade)
        if found is not None:
            differences.append(found)
    for number in dict.fromkeys(refund.number for refund in refunds):
        of_order = [refund for refund in refunds if refund.number == number]
        found = await _compare_refunds(context, instance, of_order)
        if found is not None:
            differences.append(found)
    theirs = {trade.number for trade in trades}
    for row in ours:
        assert row.paid_at is not None
        is_inside = first + EDGE_MS <= row.paid_at < end - EDGE_MS
        if row.number not in theirs and is_inside and row.state == "credited":
            differences.append(_difference("missing_there", row.number, row.amount_minor, None))
    result = DayRow(
        method_id=instance.id,
        day=day,
        ours_minor=sum(row.amount_minor for row in ours if row.state == "credited"),
        theirs_minor=sum(trade.amount_minor for trade in of_day),
        differences=json.dumps(differences[:DIFFERENCES_MAX]),
        at=context.clock.wall_ms(),
    )
    statements = [days.put_day(result)]
    if differences:
        name = instance.row.name
        statements.append(told.of_differences(context, name, day, len(differences)))
    await context.database.write(statements)
    return result


async def _compare_trade(context: ServiceContext, instance: Instance, trade: Trade) -> Json | None:
    row = await rows.find_order(context.database, trade.number)
    if row is None and await test_events(context.database, instance.id, trade.number):
        return None  # the test button's, which somebody has paid
    if row is None or row.method_id != instance.id:
        return _difference("unknown_here", trade.number, None, trade.amount_minor)
    if row.state in UNPAID:
        await ask(context, instance, row, Said("bill"))
        row = await get_again(context, row)
        await plan(context, row)
        found = _difference("missing_here", row.number, None, trade.amount_minor)
        return {**found, "now": row.state}
    if trade.payment_ref and trade.payment_ref != row.payment_ref:
        # Credited by hand, or paid a second time: their answer says which.
        await ask(context, instance, row, Said("bill"))
    if trade.amount_minor != row.amount_minor:
        return _difference("amount", row.number, row.amount_minor, trade.amount_minor)
    if trade.refunded_minor > row.refunded_minor:
        before = row.refunded_minor
        await follow_refunded(context, row, trade.refunded_minor)
        return _difference("refunds", row.number, before, trade.refunded_minor)
    return None


async def _compare_refunds(
    context: ServiceContext, instance: Instance, theirs: list[GivenBack]
) -> Json | None:
    """Refunds of one order that a day's list has: those that are not known are asked about."""
    row = await rows.find_order(context.database, theirs[0].number)
    if row is None or row.method_id != instance.id or row.state in UNPAID:
        return None  # payments without an order are differences already
    before = row.refunded_minor
    known = {
        name
        for refund in await refunds_of(context.database, row.id)
        for name in (refund.id, refund.provider_ref)
    }
    missing = [r for r in theirs if not known & {r.our_ref, r.ref}]
    for refund in missing:
        await follow_refunds(context, instance, row, refund.our_ref or refund.ref, Said("bill"))
    if not missing:
        return None
    more = sum(refund.amount_minor for refund in missing)
    return _difference("refunds", row.number, before, before + more)


def _difference(kind: str, number: str, ours: int | None, theirs: int | None) -> Json:
    return {"kind": kind, "number": number, "ours_minor": ours, "theirs_minor": theirs}


async def _listed(
    context: ServiceContext, instance: Instance, day: str
) -> tuple[list[Trade], list[GivenBack]]:
    bill = instance.method.bill
    if bill is None:
        message = "this method has no list of a day"
        raise NoComparison(message)
    trades: list[Trade] = []
    refunds: list[GivenBack] = []
    call: Call | None = bill.ask(instance.config, day, moment(context))
    try:
        while call is not None:
            part = await _part(context, instance, bill.read, day, call)
            trades += part.trades
            refunds += part.refunds
            call = part.next
    except NoAnswer as failure:
        raise NoComparison(Message("no answer ({error})", error=failure)) from None
    except BillError as error:
        raise NoComparison(str(error)) from None
    except UnknownSigner:
        raise NoComparison("the answer's signer is not known") from None
    return trades, refunds


async def _part(
    context: ServiceContext, instance: Instance, read: ReadBill, day: str, call: Call
) -> BillPart:
    answer = await ask_provider(
        context, instance, call, timeout_seconds=_BILL_SECONDS, answer_bytes_max=BILL_BYTES_MAX
    )
    try:
        return read(instance.config, day, call, answer, moment(context))
    except UnknownSigner:
        if not await learn_keys(context, instance, context.tried_at):
            raise
    return read(instance.config, day, call, answer, moment(context))
