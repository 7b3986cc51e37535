"""A provider that fails five times in a row is left alone for a minute, and that is shown."""

import pytest

from tests.support.payment_gateways.life import age
from tests.system.payments.services.lives import ordered
from yiyuan.services.payments.methods import commands
from yiyuan.services.payments.watch import FAILURES_MAX, PaymentWatch
from yiyuan.services.shared.request import Nothing

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
