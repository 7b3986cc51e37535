"""Asks providers about orders, and has the answers settled.

All questions of one order go through one conditional update, so many nodes ask once; it
is a lease, so that when the one who asks is killed, another asks a moment later.
"""

import asyncio
from typing import Final

from yiyuan.integrations.call import Answer
from yiyuan.integrations.payments.values import UNKNOWN, Fact, UnknownSigner
from yiyuan.services.payments.methods.instances import Instance, ask_provider, learn_keys, moment
from yiyuan.services.payments.orders.limits import may_ask
from yiyuan.services.payments.orders.provider_order import provider_order
from yiyuan.services.payments.orders.schedule import next_question
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.forced import follow_refunded
from yiyuan.services.payments.refunds.told_before import follow_told_before
from yiyuan.services.payments.settle import Said, apply_fact
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.orders import OPEN, OrderRow

LEASE_MS: Final = 15_000
GAP_MS: Final = 1_000
"""At most one question for an order in this time, whoever wants to know."""
TOLD_AGAIN_MS: Final = 60_000
QUESTION_SECONDS: Final = 5.0


async def ask(
    context: ServiceContext, instance: Instance, row: OrderRow, said: Said
) -> tuple[OrderRow, Fact]:
    """Ask now, and settle the answer; the order then, and what was answered."""
    fact = await question(context, instance, row)
    row = await apply_fact(context, row, fact, said)
    if fact.state == "paid" and fact.refunded_minor:
        await follow_refunded(context, row, fact.refunded_minor)
    return row, fact


async def question(context: ServiceContext, instance: Instance, row: OrderRow) -> Fact:
    """What the provider says; `unknown` when it says nothing that is proven."""
    order = provider_order(context, row)
    method, config = instance.method, instance.config
    try:
        call = method.query.ask(config, order, moment(context))
        answer = await ask_provider(context, instance, call, timeout_seconds=QUESTION_SECONDS)
    except NoAnswer:
        return UNKNOWN
    return await _read(context, instance, row, answer)


async def _read(context: ServiceContext, instance: Instance, row: OrderRow, answer: Answer) -> Fact:
    order, method = provider_order(context, row), instance.method
    try:
        return method.query.read(instance.config, order, answer, moment(context))
    except UnknownSigner:
        if not await learn_keys(context, instance, context.tried_at):
            return UNKNOWN
    try:
        return method.query.read(instance.config, order, answer, moment(context))
    except UnknownSigner:
        return UNKNOWN


async def claim(context: ServiceContext, row: OrderRow, gap_ms: int = GAP_MS) -> bool:
    """Be the one who asks; False when somebody has asked within `gap_ms`."""
    now = context.clock.wall_ms()
    statement = rows.claim_question(row.id, now, now - gap_ms, now + LEASE_MS)
    return await context.database.write([statement]) == [1]


async def ask_once(
    context: ServiceContext, instance: Instance, row: OrderRow, said: Said
) -> tuple[OrderRow, Fact | None]:
    """Ask, unless somebody is asking: then wait for what comes of that.

    The fact is None when somebody else has asked.
    """
    if not await claim(context, row):
        await asyncio.sleep(GAP_MS / 1000)
        row = await get_again(context, row)
        if row.state in ("credited", "review") or not await claim(context, row):
            return row, None
    row, fact = await ask(context, instance, row, said)
    await plan(context, row)
    return row, fact


async def plan(context: ServiceContext, row: OrderRow) -> None:
    """Say when to ask again; what was told of the payment before is followed first."""
    now = context.clock.wall_ms()
    at = next_question(row, now)
    if not await follow_told_before(context, row):
        at = now + TOLD_AGAIN_MS
    await context.database.write([rows.ask_next(row.id, at)])


async def bring_forward(context: ServiceContext, row: OrderRow) -> None:
    """Somebody looks at the order: ask soon, at most once in three seconds.

    Nobody has the provider asked without end by looking at many orders that are over.
    """
    is_over = row.state in ("expired", "cancelled")
    if row.state in OPEN or (is_over and await may_ask(context, row.account_id)):
        at = max(context.clock.wall_ms(), row.asked_at + 3_000)
        await context.database.write([rows.ask_sooner(row.id, at)])


async def get_again(context: ServiceContext, row: OrderRow) -> OrderRow:
    """The order as it is now."""
    found = await rows.find_order(context.database, row.id)
    assert found is not None, "orders are never deleted"
    return found
