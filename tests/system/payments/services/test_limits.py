"""How much an account may order, and what nothing proves may credit: also at once."""

import asyncio

import pytest

from tests.support.payment_gateways.at_once import at_once
from tests.support.payment_gateways.life import METHOD, age
from tests.system.payments.services.lives import again, balance, living, ordered
from tests.system.payments.shop import YUAN
from yiyuan.api.console.errors import headers_of, status_of
from yiyuan.services.commands import translate_errors
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.orders.ask import bring_forward
from yiyuan.services.payments.orders.review import dismiss
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import set_site_setting

pytestmark = pytest.mark.timeout(300)


def wish(life, context, yuan: int = 10):
    """An order that a customer wants."""
    asked = orders.Wish(account_id=life.account, amount_micros=yuan * YUAN, method=METHOD)
    return orders.create(context, asked)


async def test_orders_at_once_stay_within_what_an_account_may_make(engine):
    async with living(engine, "epay_md5") as life:
        await _make_many(life)


async def _make_many(life) -> None:
    many = [lambda context: wish(life, context)] * 30
    outcomes = await at_once(life.context, many)
    assert outcomes.count("too_many") == 10, outcomes
    assert len(await life.rows()) == 20
    for row in await life.rows():
        await orders.cancel(life.context, row)
    # Cancelled ones count, or making and cancelling would go on for ever.
    with pytest.raises(ServiceError, match="in a short time") as refused:
        await wish(life, life.context)
    assert 0 < refused.value.wait_seconds <= 600
    await age(life.context, 601_000)
    assert (await wish(life, life.context)).state == "pending"


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_who_orders_while_no_connection_is_free_is_told_to_try_again(engine):
    async with living(engine, "epay_md5") as life:
        await wish(life, life.context)  # there is a row to lock then
        await _order_while_locked(life)


async def _order_while_locked(life) -> None:
    """Others hold the account's row until somebody is refused: whoever is, has no order."""

    async def one() -> str:
        try:
            with translate_errors():
                return (await wish(life, life.context)).state
        except ServiceError as error:
            assert error.code == "unavailable"
            assert "try again" in error.message
            assert dict(headers_of(error))["retry-after"]
            assert status_of(error) == 503
            return error.code

    outside = await life.context.database.connect()
    lock = outside.transaction()
    await lock.start()
    sql = "SELECT 1 FROM account_profiles WHERE account_id = $1 FOR UPDATE"
    assert await outside.fetchval(sql, life.account) == 1
    asked = [asyncio.ensure_future(one()) for _ in range(12)]  # more than there are connections
    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    await lock.rollback()
    await outside.close()
    outcomes = await asyncio.gather(*asked)
    assert "unavailable" in outcomes
    assert set(outcomes) <= {"unavailable", "pending"}
    made = [row.number for row in await life.rows()]
    assert len(made) == 1 + outcomes.count("pending")
    assert set(life.trades()) == set(made)
    assert (await wish(life, life.context)).state == "pending"


async def test_who_looks_at_many_orders_that_are_over_has_few_of_them_asked_about(engine):
    async with living(engine, "epay_md5") as life:
        for _ in range(2):
            for _ in range(15):
                await wish(life, life.context)
            for row in await life.rows():
                if row.state == "pending":
                    await orders.cancel(life.context, row)
            await age(life.context, 700_000)
        rows = await life.rows()
        assert len(rows) == 30
        over = "UPDATE payment_orders SET next_check_at = NULL"
        await life.context.database.write([(over, ())])
        for row in rows:
            await bring_forward(life.context, await again(life, row))
        soon = [row for row in await life.rows() if row.next_check_at is not None]
        assert len(soon) == 20
        # Who has an order to pay is not kept waiting by those.
        made = await wish(life, life.context)
        await bring_forward(life.context, made)
        assert (await again(life, made)).next_check_at <= made.created_at + 5_000


async def test_what_waits_for_its_payment_counts_against_the_daily_limit(engine):
    async with living(engine, "epay_md5") as life:
        await set_site_setting(life.context, "topup_daily_max", 50 * YUAN)
        await _reach_the_daily_limit(life)


async def _reach_the_daily_limit(life) -> None:
    outcomes = await at_once(life.context, [lambda context: wish(life, context)] * 9)
    assert outcomes.count("too_much") == 4, outcomes
    rows = await life.rows()
    assert len(rows) == 5
    paid, wrong, *others = rows
    life.partner.pay(paid.number)
    life.partner.pay(wrong.number, 900)
    for row in (paid, wrong):
        await life.send(life.context, row)
    assert [(await again(life, row)).state for row in (paid, wrong)] == ["credited", "review"]
    # Paid ones count, be it in review; what is cancelled or dismissed makes room again.
    with pytest.raises(ServiceError, match="in 24 hours"):
        await wish(life, life.context, 1)
    await orders.cancel(life.context, others[0])
    await dismiss(life.context, await again(life, wrong), "not ours")
    await wish(life, life.context, 20)
    with pytest.raises(ServiceError, match="in 24 hours"):
        await wish(life, life.context, 1)


async def test_notifies_that_nothing_proves_credit_no_more_than_their_day_allows(engine):
    async with living(engine, "epay_md5", query="no") as life:
        await _notify_unproven(life)


async def _notify_unproven(life) -> None:
    rows = [await ordered(life, 190 * YUAN) for _ in range(8)]
    too_large = await ordered(life, 201 * YUAN)
    for row in (*rows, too_large):
        life.partner.pay(row.number)
    told = [lambda context, row=row: life.send(context, row) for row in (*rows, too_large)]
    await at_once(life.context, told)
    for row in (*rows, too_large):
        await life.send(life.context, row)
    states = [(await again(life, row)).state for row in rows]
    assert sorted(states) == ["credited"] * 5 + ["review"] * 3
    large = await again(life, too_large)
    assert (large.state, large.reason) == ("review", "unproven")
    bonus = sum(row.bonus for row in rows[:5])
    assert await balance(life) == 5 * 190 * YUAN + bonus


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
async def test_what_is_paid_after_its_end_does_not_pass_the_daily_limit(engine, ended):
    async with living(engine, "epay_md5") as life:
        await set_site_setting(life.context, "topup_daily_max", 50 * YUAN)
        await _pay_late(life, ended)


async def _pay_late(life, ended: str) -> None:
    over = []
    for _ in range(3):  # each makes room for the next, and can still be paid
        over.append(await wish(life, life.context, 40))
        sql = "UPDATE payment_orders SET state = ? WHERE id = ?"
        await life.context.database.write([(sql, (ended, over[-1].id))])
    open_now = await wish(life, life.context, 10)
    for row in (*over, open_now):
        life.partner.pay(row.number)
    told = [lambda context, row=row: life.send(context, row) for row in (*over, open_now)]
    await at_once(life.context, told)
    for row in (*over, open_now):
        await life.send(life.context, row)
    late = [await again(life, row) for row in over]
    assert sorted(row.state for row in late) == ["credited", "review", "review"]
    assert {row.reason for row in late} == {"", "above_daily_max"}
    assert (await again(life, open_now)).state == "credited"
    assert await balance(life) == sum(r.credit + r.bonus for r in (*late, open_now)) - sum(
        r.credit + r.bonus for r in late if r.state == "review"
    )


async def test_whoever_cancels_an_order_many_times_at_once_has_it_closed_once(engine):
    async with living(engine, "alipay") as life:
        await _cancel_at_once(life)


async def _cancel_at_once(life) -> None:
    row = await wish(life, life.context)
    await age(life.context, 2_000)
    row = await again(life, row)
    life.partner.do("spoil", path="alipay.trade.close", how="hang", times=1)
    made = await asyncio.gather(
        *(orders.cancel(life.context, row) for _ in range(8)), return_exceptions=True
    )
    calls = [call["body"] for call in life.partner.do("calls")]
    assert len([body for body in calls if "alipay.trade.query" in body]) <= 2
    refused = [each for each in made if isinstance(each, ServiceError)]
    assert {each.code for each in refused} <= {"too_many", "not_open"}
    assert len(made) - len(refused) >= 1
    assert (await again(life, row)).state == "cancelled"
