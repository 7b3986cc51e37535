"""Several disputes of one account: what one of them settles lets no other's money go."""

import pytest

from tests.system.payments.services.lives import again, balance, credited, tell_dispute
from yiyuan.services.payments.refunds.debts import owed_for_suspension
from yiyuan.services.site.settings import set_site_setting

pytestmark = pytest.mark.timeout(300)


async def is_suspended(life) -> bool:
    """Whether the account's requests are refused."""
    account = await life.context.ledger.account(life.account)
    return account.is_suspended


@pytest.mark.parametrize("suspends", [True, False])
async def test_who_pays_one_debt_spends_nothing_of_a_payment_that_is_still_disputed(
    stripe, suspends
):
    life, context = stripe, stripe.context
    await set_site_setting(context, "dispute_suspends", suspends)
    taken = await credited(life)
    await life.spend(context)
    disputed = await credited(life)
    await life.spend(context)
    await tell_dispute(life, disputed, "needs_response", [])
    assert await is_suspended(life) == suspends
    await tell_dispute(life, taken, "needs_response", [-900])
    assert await balance(life) == 0
    assert await is_suspended(life)
    assert bool(await owed_for_suspension(context, life.account)) is not suspends
    await credited(life)  # it pays the debt, and something is left
    assert await balance(life) > 0
    assert await is_suspended(life) == suspends
    await tell_dispute(life, disputed, "won", [-900, 900])
    assert (await again(life, disputed)).dispute == "reinstated"
    assert not await is_suspended(life)


async def test_a_dispute_that_is_won_lets_no_other_go(stripe):
    life = stripe
    won, other = await credited(life), await credited(life)
    for row in (won, other):
        await tell_dispute(life, row, "needs_response", [])
    await tell_dispute(life, won, "won", [])
    assert await is_suspended(life)
    await tell_dispute(life, other, "won", [])
    assert not await is_suspended(life)
