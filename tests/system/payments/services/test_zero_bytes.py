"""Zero bytes, which PostgreSQL takes in no text: refused before anything is looked up."""

import pytest

from tests.system.payments.services.lives import again, living, ordered
from yiyuan.services.payments.notify import order_looked_at

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("number", ["\0", "a\0b", "", "//x", "\ud800", "\uff19"])
async def test_who_comes_back_with_nonsense_has_no_order(engine, number):
    assert await order_looked_at(engine, number) is None


@pytest.mark.parametrize("field", ["out_trade_no", "trade_no", "name"])
async def test_a_signed_notify_with_a_zero_byte_is_refused(engine, field):
    async with living(engine, "epay_md5") as life:
        row = await ordered(life)
        life.partner.pay(row.number)
        await life.send(engine, row, fields={field: "a\0b"})
        assert (await again(life, row)).state == "pending"
        assert await engine.database.read("SELECT 1 FROM payment_events") == []
        await life.send(engine, row)
        assert (await again(life, row)).state == "credited"
