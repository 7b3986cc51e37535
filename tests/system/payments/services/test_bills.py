"""Refunds in a provider's list of a day: of payments of that day and of earlier ones, once."""

import json

import pytest

from tests.system.payments.services.lives import again, balance, credited, living, tell_refund
from tests.system.payments.shop import YUAN
from yiyuan.integrations.payments.beijing_time import day_of
from yiyuan.services.payments.compare import compare
from yiyuan.services.payments.methods.instances import get_instance
from yiyuan.services.payments.refunds.refund import refund

pytestmark = pytest.mark.timeout(300)

DAY_MS = 24 * 3600_000


async def differences(life, row):
    """What today's comparison finds."""
    context = life.context
    instance = await get_instance(context, row.method_id)
    found = await compare(context, instance, day_of(context.clock.wall_ms() // 1000))
    return [(d["kind"], d["ours_minor"], d["theirs_minor"]) for d in json.loads(found.differences)]


async def tell(life, row) -> None:
    """The provider notifies of its last refund."""
    made = life.trades()[row.number]["refunds"][-1]
    if life.partner.kind == "alipay":
        await tell_refund(life, life.context, row)
    else:
        fields = {"out_refund_no": made["our"], "refund_id": made["ref"]}
        await life.send(life.context, row, type="REFUND.SUCCESS", fields=fields)


@pytest.mark.parametrize("kind", ["alipay", "wechat_pay"])
@pytest.mark.parametrize("days_ago", [0, 3])
@pytest.mark.parametrize("is_told_first", [False, True])
async def test_36_a_refund_of_a_later_day_than_its_payment_counts(
    engine, kind, days_ago, is_told_first
):
    async with living(engine, kind) as life:
        row = await credited(life)
        life.partner.do("change", number=row.number, is_of_earlier_day=bool(days_ago))
        older = "UPDATE payment_orders SET paid_at = paid_at - ? WHERE id = ?"
        await engine.database.write([(older, (days_ago * DAY_MS, row.id))])
        assert (await refund(engine, row, 100, "asked for", "x")).state == "done"
        assert await differences(life, row) == []
        life.partner.do("refund", number=row.number, amount_minor=300)
        if is_told_first:
            await tell(life, row)
        found = await differences(life, row)
        assert found == ([] if is_told_first else [("refunds", 100, 400)])
        row = await again(life, row)
        assert (row.refunded_minor, await balance(life)) == (400, 5 * YUAN)
        for _ in range(2):
            await tell(life, row)
            assert await differences(life, row) == []
        row = await again(life, row)
        assert (row.refunded_minor, await balance(life)) == (400, 5 * YUAN)
