"""Refunds whose answer is lost, and refunds that fail in the end, a dispute in between or not."""

import pytest

from tests.support.payment_gateways.life import age
from tests.system.payments.services.lives import (
    again,
    balance,
    credited,
    follow,
    given_back,
    living,
    tell_dispute,
    tell_refund,
)
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.refunds.refund import refund, resolve
from yiyuan.services.payments.watch import PaymentWatch
from yiyuan.store.tables.payments.refunds import refunds_of

pytestmark = pytest.mark.timeout(300)

DAY_MS = 24 * 3600_000
REFUND_PATHS = {
    "stripe_checkout": ("/v1/refunds", "/v1/refunds?"),
    "alipay": ("alipay.trade.refund", "alipay.trade.fastpay.refund.query"),
    "wechat_pay": ("/v3/refund/domestic/refunds", "/v3/refund/domestic/refunds/"),
    "epay_rsa": ("api/pay/refund", "api/pay/refundquery"),
}


async def states(life, row) -> list[tuple[str, str]]:
    """Causes and states of an order's refunds."""
    return [(r.cause, r.state) for r in await refunds_of(life.context.database, row.id)]


async def owed(life) -> int:
    """Open debts of all accounts."""
    sql = "SELECT sum(amount - collected) FROM account_debts WHERE closed_at IS NULL"
    return int((await life.context.database.read(sql))[0][0] or 0)


def refunds_sent(life) -> int:
    """How often the provider was asked to make a refund."""
    sent, asked = REFUND_PATHS[life.partner.kind]
    calls = [f"{c['path']} {c['body']}" for c in life.partner.do("calls")]
    return sum(sent in call and asked not in call for call in calls)


@pytest.mark.parametrize("kind", ["stripe_checkout", "alipay", "wechat_pay"])
@pytest.mark.parametrize("is_made", [True, False])
async def test_33_a_refund_that_nobody_can_tell_of_is_never_sent_again(engine, kind, is_made):
    async with living(engine, kind) as life:
        row = await credited(life)
        path = REFUND_PATHS[kind][0]
        life.partner.do("spoil", path=path, how="after" if is_made else "reset")
        life.partner.do("spoil", path="refund", how="500", times=10_000)
        made = await refund(life.context, row, None, "asked for", "x")
        assert made.state == "sent"
        sent = refunds_sent(life)
        for _ in range(3):  # what a number is remembered for is long over
            await follow(life, 2 * DAY_MS)
        assert refunds_sent(life) == sent
        assert await states(life, row) == [("operator", "sent")]
        assert await balance(life) == 0
        life.partner.do("heal")
        await follow(life, 2 * DAY_MS)
        await follow(life, 2 * DAY_MS)
        assert await states(life, row) == [("operator", "done")]
        assert given_back(life, row) == 900
        assert len(life.trades()[row.number]["refunds"]) == 1


@pytest.mark.parametrize("how", ["after", "500", "html"])
async def test_33_a_refund_that_cannot_be_asked_about_waits_for_a_person(engine, how):
    async with living(engine, "epay_md5") as life:
        row = await credited(life)
        life.partner.do("spoil", path="act=refund", how=how)
        made = await refund(life.context, row, None, "asked for", "x")
        for _ in range(3):
            await follow(life, 2 * DAY_MS)
        again_asked = await refund(life.context, row, None, "asked for", "x")
        assert (again_asked.id, again_asked.state) == (made.id, "sent")
        calls = [call["path"] for call in life.partner.do("calls")]
        assert len([path for path in calls if "act=refund" in path]) <= 1
        assert await balance(life) == 0
        is_made = how != "html"
        assert given_back(life, row) == (900 if is_made else 0)
        await resolve(life.context, made.id, is_done=is_made)
        assert await states(life, row) == [("operator", "done" if is_made else "failed")]
        assert await balance(life) == (0 if is_made else 9 * YUAN)


def set_refund(life, row, state: str) -> None:
    """The provider's word of an order's last refund."""
    refunds = life.trades()[row.number]["refunds"]
    refunds[-1]["state"] = state
    life.partner.do("change", number=row.number, refunds=refunds)


async def refunded_there(life, row):
    """Ask for a refund that the provider has and has not made yet."""
    life.partner.do("set", refund_state="pending")
    made = await refund(life.context, row, None, "asked for", "x")
    assert (made.state, await balance(life)) == ("sent", 0)


@pytest.mark.parametrize("moves", [[-900], [-500]])
@pytest.mark.parametrize("is_won", [False, True])
async def test_34_a_refund_that_fails_after_a_dispute_took_the_money_gives_nothing_back(
    stripe, moves, is_won
):
    life = stripe
    row = await credited(life)
    await refunded_there(life, row)
    life.partner.do("change", number=row.number, disputed=-moves[0])
    await tell_dispute(life, row, "lost", moves)
    assert (await again(life, row)).dispute == "lost"
    assert await balance(life) == 0
    set_refund(life, row, "failed")
    await follow(life)
    row = await again(life, row)
    left = 900 + moves[0]
    assert await states(life, row) == [("operator", "failed"), ("dispute", "done")]
    assert row.refunded_minor == -moves[0]
    assert await balance(life) == left * YUAN // 100
    assert await owed(life) == 0
    for _ in range(2):
        await tell_dispute(life, row, "lost", moves)
    assert await balance(life) == left * YUAN // 100
    if is_won:
        await tell_dispute(life, row, "won", [*moves, -moves[0]])
        assert await balance(life) == 9 * YUAN
        assert (await again(life, row)).refunded_minor == 0


async def test_34_what_was_spent_when_such_a_refund_fails_is_a_debt(stripe):
    life = stripe
    row = await credited(life)
    await life.spend(life.context)
    made = await refund(life.context, row, 450, "asked for", "x")
    assert made.state == "done"
    assert await balance(life) == 0
    await tell_dispute(life, row, "lost", [-900])
    spent = 9 * YUAN // 2
    assert await owed(life) == spent
    set_refund(life, row, "failed")
    await tell_refund(life, life.context, row)
    row = await again(life, row)
    assert (row.refunded_minor, await balance(life)) == (900, 0)
    assert await owed(life) == spent
    assert {state for _, state in await states(life, row)} == {"failed", "done"}


@pytest.mark.parametrize("is_spent", [False, True])
async def test_a_refund_that_was_done_and_comes_back_is_put_back(stripe, is_spent):
    life = stripe
    row = await credited(life)
    if is_spent:
        await life.spend(life.context)
        life.partner.do("refund", number=row.number, amount_minor=900)
        await tell_refund(life, life.context, row)
        assert await owed(life) == life.spent
    else:
        assert (await refund(life.context, row, None, "asked for", "x")).state == "done"
    assert await balance(life) == 0
    set_refund(life, row, "failed")
    for _ in range(2):
        await tell_refund(life, life.context, row)
    assert await balance(life) == 9 * YUAN - life.spent
    assert await owed(life) == 0
    account = await life.context.ledger.account(life.account)
    assert not account.is_suspended
    assert (await again(life, row)).refunded_minor == 0


async def test_34_a_crash_after_such_a_refund_has_failed_is_made_good_by_the_watch(stripe):
    life = stripe
    row = await credited(life)
    await refunded_there(life, row)
    await tell_dispute(life, row, "lost", [-900])
    set_refund(life, row, "failed")
    life.partner.do("spoil", path="/v1/disputes", how="500", times=1)
    await follow(life)
    assert await states(life, row) == [("operator", "failed")]
    await age(life.context, 70_000)
    await PaymentWatch(life.context, lambda _: None).run_once()
    assert await states(life, row) == [("operator", "failed"), ("dispute", "done")]
    assert await balance(life) == 0
    found = await refunds_of(life.context.database, row.id)
    assert [each.next_check_at for each in found] == [None, None]
