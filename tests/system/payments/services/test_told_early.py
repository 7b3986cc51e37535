"""What the provider tells before we know of the payment, or have booked it: it is followed."""

import json

import pytest

from tests.support.payment_gateways.life import age
from tests.system.payments.services.lives import (
    again,
    balance,
    credited,
    follow,
    living,
    ordered,
    tell_dispute,
    tell_refund,
    unbook,
)
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.orders import create as orders
from yiyuan.store.tables.payments.refunds import refunds_of

pytestmark = pytest.mark.timeout(300)


async def test_25_a_refund_told_while_an_order_is_paid_and_not_booked_is_taken(life):
    row = await credited(life)
    await unbook(life, row)
    life.partner.do("refund", number=row.number, amount_minor=900)
    await tell_refund(life, life.context, row)
    row = await again(life, row)
    assert (row.state, row.refunded_minor) == ("credited", 900)
    assert await balance(life) == 0


async def test_35_a_refund_told_before_the_payment_was_known_is_taken(life):
    row = await ordered(life)
    life.partner.pay(row.number)
    life.partner.do("refund", number=row.number, amount_minor=400)
    await tell_refund(life, life.context, row)
    await age(life.context, 2_000)
    await orders.check(life.context, row.id)
    row = await again(life, row)
    assert (row.state, row.refunded_minor) in (("credited", 400), ("review", 400))
    assert await balance(life) == (5 * YUAN if row.state == "credited" else 0)
    events = await life.context.database.read(
        "SELECT verdict FROM payment_events WHERE order_id = ?", (row.id,)
    )
    assert "refund_notified" in [event[0] for event in events]


@pytest.mark.parametrize("is_spent", [False, True])
async def test_34_a_dispute_told_while_an_order_is_paid_and_not_booked_is_followed(
    stripe, is_spent
):
    life, context = stripe, stripe.context
    row = await credited(life)
    if is_spent:
        await life.spend(context)
    await unbook(life, row)
    await tell_dispute(life, row, "needs_response", [-900])
    row = await again(life, row)
    assert (row.state, row.dispute, row.refunded_minor) == ("credited", "withdrawn", 900)
    assert await balance(life) == 0
    owed = await context.database.read("SELECT sum(amount) FROM account_debts")
    assert (owed[0][0] or 0) == life.spent
    account = await context.ledger.account(life.account)
    assert account.is_suspended
    await tell_dispute(life, row, "won", [-900, 900])
    assert await balance(life) == 9 * YUAN - life.spent


async def test_34_what_was_told_before_the_payment_was_known_is_followed_until_it_is_done(stripe):
    life = stripe
    row, refunded = await ordered(life), await ordered(life)
    for each in (row, refunded):
        life.partner.pay(each.number)
    await tell_dispute(life, row, "lost", [-900])
    life.partner.do("refund", number=refunded.number, amount_minor=300)
    await tell_refund(life, life.context, refunded)
    unmatched = "SELECT facts FROM payment_events WHERE order_id IS NULL ORDER BY seq"
    found = [json.loads(r[0]) for r in await life.context.database.read(unmatched)]
    assert [facts["about"] for facts in found] == ["dispute", "refund"]
    for path in ("/v1/disputes", "/v1/refunds"):
        life.partner.do("spoil", path=path, how="500", times=1)
    await age(life.context, 2_000)
    for each in (row, refunded):
        await life.send(life.context, each)
        now = await again(life, each)
        # Nobody could say what it is: that is asked again.
        assert (now.state, now.refunded_minor) == ("credited", 0)
        assert now.next_check_at
    await follow(life)
    row, refunded = await again(life, row), await again(life, refunded)
    assert (row.dispute, row.refunded_minor, row.next_check_at) == ("lost", 900, None)
    assert (refunded.refunded_minor, refunded.next_check_at) == (300, None)
    assert await balance(life) == 6 * YUAN
    made = await refunds_of(life.context.database, row.id)
    assert [each.cause for each in made] == ["dispute"]


@pytest.mark.parametrize("kind", ["epay_md5", "epay_rsa"])
async def test_what_went_back_before_it_was_credited_is_not_credited(engine, kind):
    async with living(engine, kind) as life:
        row = await ordered(life)
        life.partner.pay(row.number)
        life.partner.do("change", number=row.number, state="refunded")
        await life.send(life.context, row)
        now = await again(life, row)
        assert now.state == ("pending" if kind == "epay_md5" else "review")
        assert now.reason == ("" if kind == "epay_md5" else "refunded_before_credit")
        assert await balance(life) == 0
