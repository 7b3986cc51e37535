"""A provider that fails five times in a row is left alone for a minute, and that is shown."""

import pytest

from tests.support.payment_gateways.life import METHOD, age
from tests.support.payment_gateways.partner import Partner
from tests.system.payments.services.lives import again, living, ordered
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.methods import commands, setup
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.watch import AT_ONCE, FAILURES_MAX, PaymentWatch
from yiyuan.services.shared.request import Nothing
from yiyuan.store.tables.payments.orders import orders_to_ask

pytestmark = pytest.mark.timeout(300)


async def rests_until(life, row) -> str | None:
    found = await commands.method_list(life.context, Nothing())
    return next(each for each in found["methods"] if each["id"] == row.method_id)["rests_until"]


async def test_a_method_that_fails_rests_and_its_instance_says_so(life):
    rows = [await ordered(life) for _ in range(FAILURES_MAX)]
    watch = PaymentWatch(life.context, lambda _: None)
    await age(life.context, 70_000)
    await watch.run_once()
    assert await rests_until(life, rows[0]) is None
    life.partner.do("spoil", path="", how="500", times=10_000)
    await age(life.context, 70_000)
    await watch.run_once()
    assert await rests_until(life, rows[0]) is not None
    assert watch.is_resting(rows[0].method_id)
    life.partner.do("heal")


async def test_orders_that_end_while_their_provider_fails_count_too(life):
    rows = [await ordered(life) for _ in range(FAILURES_MAX)]
    watch = PaymentWatch(life.context, lambda _: None)
    life.partner.do("spoil", path="", how="500", times=10_000)
    await age(life.context, 3 * 3600_000)
    await watch.run_once()
    assert {(await again(life, row)).state for row in rows} == {"expired"}
    assert watch.is_resting(rows[0].method_id)
    life.partner.do("heal")


async def ordered_by_operator(life, method: str):
    """An order that no limit of a customer's holds back."""
    account, micros = life.account, 9 * YUAN
    wish = orders.Wish(account_id=account, amount_micros=micros, method=method, is_operator=True)
    return await orders.create(life.context, wish)


async def other_order(life, partner):
    """An order with another provider's method."""
    await setup.put(
        *(life.context, "other", partner.kind, partner.values, partner.secrets),
        is_test=False,
        allow_private=True,
    )
    return await ordered_by_operator(life, "other")


async def test_orders_of_a_method_that_rests_keep_no_other_from_being_asked_about(engine):
    async with living(engine, "alipay") as life:
        rows = [await ordered_by_operator(life, METHOD) for _ in range(AT_ONCE + 1)]
        life.partner.do("spoil", path="", how="500", times=10_000)
        watch = PaymentWatch(engine, lambda _: None)
        await age(engine, 70_000)
        await watch.run_once()
        assert watch.is_resting(rows[0].method_id)
        with Partner("wechat_pay") as partner:
            await age(engine, 70_000)
            paid = await other_order(life, partner)
            partner.pay(paid.number)
            await age(engine, 6_000)
            now = engine.clock.wall_ms()
            first = await orders_to_ask(engine.database, now, AT_ONCE)
            assert {row.method_id for row in first} == {rows[0].method_id}, "they are due before"
            await watch.run_once()
            assert (await again(life, paid)).state == "credited"
        life.partner.do("heal")
