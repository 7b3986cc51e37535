"""A payment that belongs to no order is credited by hand for what came, and to one account."""

import pytest

from tests.support.payment_gateways.at_once import at_once
from tests.support.payment_gateways.life import METHOD
from tests.system.payments.services.lives import balance, credited
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.commands import CreditUnmatched, credit_unmatched
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
