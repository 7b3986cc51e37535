"""A payment that belongs to no order is credited by hand for what came, and to one account."""

import pytest

from tests.support.payment_gateways.at_once import at_once
from tests.support.payment_gateways.life import METHOD, age
from tests.support.payment_gateways.partner import KINDS, Partner
from tests.system.payments.services.lives import again, balance, credited, living, ordered
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.commands import CreditUnmatched, credit_unmatched
from yiyuan.services.payments.methods import setup
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import set_site_setting

pytestmark = pytest.mark.timeout(300)


def hand(life, reference: str, amount: str = "¥12.34"):
    """An operator's decision."""
    asked = CreditUnmatched(life.account, METHOD, amount, reference, "seen in the bank")
    return lambda context: credit_unmatched(context, asked)


async def test_what_came_is_credited_once_however_often_it_is_asked_for(life):
    outcomes = await at_once(life.context, [hand(life, "bank-1")] * 6)
    made = [each for each in outcomes if each != "payment_ref_used"]
    assert len(made) == 1, outcomes
    assert (made[0]["state"], made[0]["amount"], made[0]["bonus"]) == ("credited", "12.34", 0)
    assert await balance(life) == 12_340_000
    paid = await credited(life)
    before = await balance(life)
    with pytest.raises(ServiceError) as refused:
        await hand(life, paid.payment_ref)(life.context)
    assert refused.value.code == "payment_ref_used"
    assert await balance(life) == before


@pytest.mark.parametrize("amount", ["", "12.345", "-1", "0", "¥0", "x", "99999999999999999"])
async def test_an_amount_that_cannot_have_come_is_refused(stripe, amount):
    with pytest.raises(ServiceError) as refused:
        await hand(stripe, "bank-2", amount)(stripe.context)
    assert refused.value.code == "invalid_argument"
    assert await balance(stripe) == 0
    assert await stripe.rows() == []


async def test_another_currency_is_credited_at_its_rate_or_not_at_all(stripe):
    await set_site_setting(stripe.context, "topup_currencies", '{"usd":"7.2"}')
    with pytest.raises(ServiceError, match="no rate for cny"):
        await hand(stripe, "bank-3")(stripe.context)
    await set_site_setting(stripe.context, "topup_currencies", '{"cny":"0.5"}')
    await hand(stripe, "bank-3", "10")(stripe.context)
    assert await balance(stripe) == 5 * YUAN


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "epay_md5"])
async def test_03_a_notify_of_one_method_completes_no_order_of_another(engine, kind):
    async with living(engine, "epay_md5") as life:
        ours = await ordered(life)
        with Partner(kind) as other:
            await setup.put(
                *(engine, "other", kind, other.values, other.secrets),
                is_test=False,
                allow_private=True,
            )
            wish = orders.Wish(account_id=life.account, amount_micros=9 * YUAN, method="other")
            theirs = await orders.create(engine, wish)
            life.partner.pay(ours.number)
            await life.send(engine, ours, fields={"out_trade_no": theirs.number})
            sql = "SELECT order_id, method_id, verdict FROM payment_events WHERE source = 'notify'"
            noted = [tuple(row) for row in await engine.database.read(sql)]
            assert noted == [(None, ours.method_id, "unmatched")]
            assert (await again(life, theirs)).state == "pending"
            assert await balance(life) == 0
            await life.send(engine, ours)
            other.pay(theirs.number)
            await age(engine, 2_000)
            await orders.check(engine, theirs.id)
            states = [(await again(life, row)).state for row in (ours, theirs)]
            assert states == ["credited", "credited"]
            assert await balance(life) == 18 * YUAN
