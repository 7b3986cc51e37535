"""Follows orders and refunds in the background, on every node.

Whoever's question is due is claimed by one conditional update, so that of many nodes one
asks, and a node that dies loses nothing but its lease. A method that fails five times in a
row rests for a minute. What a crash has left half-way is made good with each pass.
"""

import asyncio
import json
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from yiyuan.integrations.payments.values import Fact
from yiyuan.kernel.tasks import end
from yiyuan.services.payments.compare import compare_due
from yiyuan.services.payments.methods.instances import Instance, get_instance
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.ask import GAP_MS, ask, claim, get_again, plan
from yiyuan.services.payments.orders.create import close, get_order
from yiyuan.services.payments.refunds.debts import collect_all
from yiyuan.services.payments.refunds.refund import step
from yiyuan.services.payments.refunds.shares import FOLLOW_MS
from yiyuan.services.payments.settle import Said, book_unbooked, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.payments.days import days
from yiyuan.store.tables.payments.methods import all_methods
from yiyuan.store.tables.payments.orders import (
    ENDED,
    MOVING,
    OPEN,
    OrderRow,
    StateCount,
    count_in_review,
    counts,
    move,
    orders_in,
    orders_to_ask,
)
from yiyuan.store.tables.payments.refunds import RefundRow, claim_refund, refunds_to_follow
from yiyuan.telemetry.metrics import Metrics, Samples

PASS_SECONDS: Final = 0.5
SLOW_PASS_SECONDS: Final = 10.0
AT_ONCE: Final = 20
FAILURES_MAX: Final = 5
REST_MS: Final = 60_000
UNANSWERED_MS: Final = 60_000
COUNTING_SHARE: Final = 500
"""Orders that have ended are counted for at most this part of the time, however many."""
_LIVED_THROUGH = (LedgerUnavailable, ServiceError, *REFUSED)


class PaymentWatch:
    """The watch of one process."""

    def __init__(self, context: ServiceContext, report: Callable[[str], None]) -> None:
        """`report` takes a line for the operator's log."""
        self._context = context
        self._report = report
        self._failures: Counter[str] = Counter()
        self._rests_until = context.resting_methods = {}
        self._task: asyncio.Task[None] | None = None
        self._slow_at = 0.0
        self._moving: Samples = []
        self._ended: Samples = []
        self._count_ended_at = 0.0
        self._differences: Samples = []
        self._oldest_paid_at: int | None = None
        self._in_review = 0

    async def open(self) -> None:
        """Book what a crash has left paid and not credited, and begin."""
        await book_unbooked(self._context)
        self._task = asyncio.get_running_loop().create_task(self._keep_on())

    async def close(self) -> None:
        """End; what is under way is left to its lease."""
        if self._task is not None:
            await end(self._task)

    def is_resting(self, method_id: str) -> bool:
        """Whether a method has failed too often a moment ago."""
        return self._context.clock.wall_ms() < self._rests_until.get(method_id, 0)

    async def _keep_on(self) -> None:
        while True:
            try:
                await self.run_once()
            except _LIVED_THROUGH as error:
                self._report(f"payments are not followed at the moment: {error}")
                await asyncio.sleep(SLOW_PASS_SECONDS)
            await asyncio.sleep(PASS_SECONDS)

    async def run_once(self) -> None:
        """One pass: the orders and refunds that are due."""
        context = self._context
        now = context.clock.wall_ms()
        resting = [method_id for method_id in self._rests_until if self.is_resting(method_id)]
        due = await orders_to_ask(context.database, now, AT_ONCE, resting)
        refunds = await refunds_to_follow(context.database, now, AT_ONCE)
        work: list[Awaitable[None]] = [self._follow(row) for row in due]
        work += [self._follow_refund(row) for row in refunds]
        for found in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(found, _LIVED_THROUGH):
                self._report(f"an order is not followed at the moment: {found}")
            elif isinstance(found, BaseException):
                if not isinstance(found, Exception):
                    raise found
                self._report("".join(traceback.format_exception(found)))
        if context.clock.monotonic() >= self._slow_at:
            self._slow_at = context.clock.monotonic() + SLOW_PASS_SECONDS
            await book_unbooked(context)
            await collect_all(context)
            await compare_due(context, self._report)
            await self._look()

    async def _look(self) -> None:
        """Keep what the metrics show."""
        database, monotonic = self._context.database, self._context.clock.monotonic
        self._moving = _samples(await counts(database, MOVING))
        began = monotonic()
        if began >= self._count_ended_at:
            self._ended = _samples(await counts(database, ENDED))
            self._count_ended_at = began + (monotonic() - began) * COUNTING_SHARE
        self._in_review = await count_in_review(database)
        paid = await orders_in(database, ("paid",))
        self._oldest_paid_at = min((row.paid_at or 0 for row in paid), default=None)
        found: dict[str, float] = {}
        names = {row.id: row.kind for row in await all_methods(database)}
        for day in await days(database, len(names)):
            kind = names[day.method_id]
            found[kind] = found.get(kind, 0.0) + len(json.loads(day.differences))
        self._differences = [((kind,), count) for kind, count in found.items()]

    def show_in(self, metrics: Metrics) -> None:
        """Connect the gauges, which are as of some seconds ago."""
        metrics.watch("yiyuan_payment_orders", lambda: [*self._moving, *self._ended])
        metrics.watch("yiyuan_payment_review", lambda: [((), self._in_review)])
        metrics.watch("yiyuan_payment_compare_differences", lambda: self._differences)
        metrics.watch("yiyuan_payment_oldest_paid_uncredited_seconds", self._oldest_uncredited)

    def _oldest_uncredited(self) -> Samples:
        """How long ago the oldest order was paid that is not credited yet; 0 is well."""
        if self._oldest_paid_at is None:
            return [((), 0.0)]
        return [((), max(0.0, (self._context.clock.wall_ms() - self._oldest_paid_at) / 1000))]

    async def _follow(self, row: OrderRow) -> None:
        """Ask about one order, and end it where its time is over."""
        context = self._context
        if self.is_resting(row.method_id) or not await claim(context, row, GAP_MS):
            return
        row = await get_again(context, row)
        instance = await get_instance(context, row.method_id)
        now = context.clock.wall_ms()
        if row.state == "created" and now - row.created_at > UNANSWERED_MS:
            fact = await self._end(instance, row, "failed")
        elif row.state in OPEN and now >= row.expires_at:
            fact = await self._end(instance, row, "expired")
        else:
            row, fact = await ask(context, instance, row, Said("query"))
            if fact.state == "failed" and row.state in OPEN:
                reason = fact.reason or "the payment failed"
                failed = move(row.id, OPEN, state="failed", reason=reason)
                notices = await told.of_failure(context, row, fact.reason or "payment_failed")
                await context.database.write([failed, *notices])
                await note(context, row, "failed", Said("query"), fact)
        self._count(instance, is_failed=fact.state == "unknown")
        await plan(context, await get_again(context, row))

    async def _end(self, instance: Instance, row: OrderRow, state: str) -> Fact:
        """Close an order; what the provider says of it then."""
        before = row.state
        row, fact = await close(self._context, instance, row, state)
        if row.state == state != before:
            await note(self._context, row, state, Said("query"))
        return fact

    async def _follow_refund(self, row: RefundRow) -> None:
        context = self._context
        now = context.clock.wall_ms()
        claimed = claim_refund(row.id, row.next_check_at, now + FOLLOW_MS)
        if await context.database.write([claimed]) != [1]:
            return
        order = await get_order(context, row.order_id)
        await step(context, row, await get_instance(context, order.method_id))

    def _count(self, instance: Instance, *, is_failed: bool) -> None:
        if not is_failed:
            self._failures.pop(instance.id, None)
            return
        self._failures[instance.id] += 1
        if self._failures[instance.id] >= FAILURES_MAX:
            self._failures.pop(instance.id)
            self._rests_until[instance.id] = self._context.clock.wall_ms() + REST_MS


def _samples(counted: list[StateCount]) -> Samples:
    return [((each.kind, each.state), float(each.orders)) for each in counted]
