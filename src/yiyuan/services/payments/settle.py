"""The one place that credits: what a provider says of an order, made into its state.

Claim, then book: one conditional update makes the order `paid`, the ledger's entry follows
under a key that is made of the order, and then it is `credited`. Each step may be repeated
without harm; whatever ends in between is made good at the next start or pass.

A fact that does not fit the order goes to `review` and credits nothing. A second payment
of the same order becomes an order of its own, in review. Late money is still money: `paid`
is reached from every unpaid state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from yiyuan.integrations.payments.values import Fact
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.errors import InvalidAmount
from yiyuan.ledger.operations import Credit
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.limits import DAY_MS
from yiyuan.services.payments.orders.mismatch import OF_OTHERS, mismatch
from yiyuan.services.payments.orders.numbers import new_number
from yiyuan.services.payments.refunds.debts import collect_debts
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.services.site.topup_rules import credit_of
from yiyuan.store.database import Statement
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import events
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.events import EventRow
from yiyuan.store.tables.payments.order_limits import move_ordered_within, move_within
from yiyuan.store.tables.payments.orders import UNPAID, OrderRow

ACTOR: Final = "payments"
BONUS_KEY: Final = "topup-bonus:"
ENTRY_KEY: Final = "topup:"


@dataclass(slots=True, frozen=True)
class Said:
    """Where a fact comes from."""

    source: str
    event_ref: str = ""
    address: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class Unproven(NamedTuple):
    """What may be credited in all since a time, on notifies that nothing else proves."""

    daily_micros: int
    since: int


async def apply_fact(
    context: ServiceContext,
    row: OrderRow,
    fact: Fact,
    said: Said,
    unproven: Unproven | None = None,
) -> OrderRow:
    """Follow what a provider says; the order then."""
    if fact.state != "paid":
        return row
    row = await booked(context, row)
    if row.state in ("credited", "review"):
        return await _follow_known(context, row, fact, said)
    reason = mismatch(row, fact)
    if reason:
        return await to_review(context, row, reason, fact, said)
    return await _claim(context, row, fact, said, unproven)


async def _follow_known(context: ServiceContext, row: OrderRow, fact: Fact, said: Said) -> OrderRow:
    """A payment of an order that has one already: the same, the one it was for, or a second."""
    ref = fact.payment_ref
    if ref is None or ref == row.payment_ref:
        return row
    if row.payment_ref and row.payment_ref not in fact.other_refs:
        await _add_second_payment(context, row, fact, said)
        return row
    reason = mismatch(row, fact)
    if reason not in OF_OTHERS:  # a person has credited it before anybody could say this
        try:
            await context.database.write([rows.learn_payment(row, ref)])
        except CONFLICT:
            reason = "payment_ref_used"
    row = await _current(context, row)
    await note(context, row, reason or "payment_known", said, fact)
    return row


async def _claim(
    context: ServiceContext, row: OrderRow, fact: Fact, said: Said, unproven: Unproven | None
) -> OrderRow:
    """Make it paid, be it the first to do so, and book it."""
    claim = rows.move(
        row.id,
        UNPAID,
        state="paid",
        reason="",
        paid_at=context.clock.wall_ms(),
        payment_ref=fact.payment_ref,
        fee_minor=fact.fee_minor or 0,
        next_check_at=None,
    )
    statements, above = await _within_limits(context, row, claim, unproven)
    try:
        changed = await context.database.write(statements)
    except CONFLICT:
        return await to_review(context, row, "payment_ref_used", fact, said)
    current = await _current(context, row)
    if changed[-1] == 1:
        await note(context, current, "paid", said, fact)
    elif current.state in UNPAID:  # others of the account were credited meanwhile
        return await to_review(context, row, above, fact, said)
    elif current.payment_ref != fact.payment_ref:
        return await apply_fact(context, current, fact, said)  # another payment was faster
    return await booked(context, current)


async def _within_limits(
    context: ServiceContext, row: OrderRow, claim: Statement, unproven: Unproven | None
) -> tuple[list[Statement], str]:
    """The claim within what an account may pay in a day, and what is wrong if that is passed.

    An order that ends makes room for others: paid late beside them, it would pass the limit.
    """
    if unproven is not None:
        return move_within(row, claim, *unproven), "unproven"
    daily_micros = (await read_site(context)).topup_daily_max
    if not daily_micros:
        return [claim], ""
    since = context.clock.wall_ms() - DAY_MS
    return move_ordered_within(row, claim, daily_micros, since), "above_daily_max"


async def to_review(
    context: ServiceContext, row: OrderRow, reason: str, fact: Fact, said: Said
) -> OrderRow:
    """Let a person decide; nothing is credited."""
    changes: dict[str, Any] = {
        "state": "review",
        "reason": reason,
        "next_check_at": None,
        "paid_at": context.clock.wall_ms(),
    }
    notices = await told.of_review(context, row, reason)
    try:
        moved = rows.move(row.id, UNPAID, payment_ref=fact.payment_ref, **changes)
        changed = await context.database.write([moved, *notices])
    except CONFLICT:  # the payment is another order's: that is in the event
        changed = await context.database.write([rows.move(row.id, UNPAID, **changes), *notices])
    current = await _current(context, row)
    verdict = reason if changed[0] == 1 else "too_late"
    await note(context, current, verdict, said, fact)
    return current


async def book(context: ServiceContext, row: OrderRow) -> OrderRow:
    """The entries of a paid order; the same ones if they are there already."""
    assert row.paid_at is not None, row
    credit = Credit(
        account_id=row.account_id,
        kind="topup",
        amount_micros=row.credit,
        contra="cash",
        actor=ACTOR,
        memo=row.number,
        at=row.paid_at,
        idem_key=ENTRY_KEY + row.id,
    )
    try:
        await context.ledger.post(credit)
    except InvalidAmount:
        moved = rows.move(row.id, ("paid",), state="review", reason="does_not_fit")
        await context.database.write([moved, *await told.of_review(context, row, "does_not_fit")])
        return await _current(context, row)
    changes: dict[str, Any] = {"credited_at": context.clock.wall_ms(), "next_check_at": None}
    if row.bonus:
        try:
            await context.ledger.post(_bonus(row, row.paid_at))
        except InvalidAmount:  # no balance holds it; what was paid is credited all the same
            changes["bonus"] = 0
    done = rows.move(row.id, ("paid",), state="credited", **changes)
    await context.database.write([done])
    await collect_debts(context, row.account_id)
    return await _current(context, row)


def _bonus(row: OrderRow, at: int) -> Credit:
    return Credit(
        account_id=row.account_id,
        kind="grant",
        amount_micros=row.bonus,
        contra="promo",
        actor=ACTOR,
        memo=row.number,
        at=at,
        idem_key=BONUS_KEY + row.id,
    )


async def booked(context: ServiceContext, row: OrderRow) -> OrderRow:
    """The order, its entries made if somebody has only claimed it."""
    return await book(context, row) if row.state == "paid" else row


async def book_unbooked(context: ServiceContext) -> int:
    """Book the orders that were claimed and not booked; how many there were."""
    left = await rows.orders_in(context.database, ("paid",))
    for row in left:
        await book(context, row)
    return len(left)


async def _add_second_payment(
    context: ServiceContext, row: OrderRow, fact: Fact, said: Said
) -> None:
    """Money that came twice for one order: an order of its own, for a person to decide."""
    assert fact.payment_ref is not None
    known = await rows.order_of_payment(context.database, row.method_id, fact.payment_ref)
    if known is not None:
        return
    amount_minor = fact.amount_minor if fact.amount_minor and fact.amount_minor > 0 else 1
    rate_ppm = int(json.loads(row.rule).get("rate_ppm", 0))
    is_same = fact.currency == row.currency
    credit = credit_of(amount_minor, row.currency, rate_ppm) if is_same else 0
    now = context.clock.wall_ms()
    second = row._replace(
        id=new_id("ord"),
        number=new_number(),
        amount_minor=amount_minor,
        credit=max(credit, 1),
        bonus=0,
        fee_minor=0,
        state="review",
        reason=f"paid_twice:{row.number}",
        payment_ref=fact.payment_ref,
        shown="{}",
        created_at=now,
        paid_at=now,
        credited_at=None,
        next_check_at=None,
        refunded_minor=0,
        dispute="",
    )
    try:
        notices = await told.of_review(context, second, "paid_twice")
        await context.database.write([rows.add_order(second), *notices])
    except CONFLICT:
        return  # another process was faster
    await note(context, second, "paid_twice", said, fact)


async def note(
    context: ServiceContext, row: OrderRow, verdict: str, said: Said, fact: Fact | None = None
) -> None:
    """Write down what was said of an order, and what was made of it."""
    facts: dict[str, Any] = dict(said.facts)
    if fact is not None:
        facts |= {
            name: value
            for name in ("state", "currency", "amount_minor", "payment_ref", "merchant", "reason")
            if (value := getattr(fact, name)) not in (None, "")
        }
    event = EventRow(
        seq=0,
        at=context.clock.wall_ms(),
        order_id=row.id,
        method_id=row.method_id,
        source=said.source,
        event_ref=said.event_ref[:200],
        verdict=verdict,
        facts=json.dumps(facts, ensure_ascii=False),
        address=said.address,
    )
    await context.database.write([events.add_event(event)])


async def _current(context: ServiceContext, row: OrderRow) -> OrderRow:
    found = await rows.find_order(context.database, row.id)
    assert found is not None, "orders are never deleted"
    return found
