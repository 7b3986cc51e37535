"""A person credits by hand: one payment stays one, however its number is typed."""

import pytest

from tests.support.payment_gateways.life import METHOD
from tests.system.payments.services.lives import again, balance, credited, in_review, ordered
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.commands import CreditUnmatched, credit_unmatched
from yiyuan.services.payments.orders.review import credit_by_hand
from yiyuan.services.shared.errors import ServiceError

pytestmark = pytest.mark.timeout(300)


def by_hand(life, row, reference: str):
    """An operator credits an order."""
    return credit_by_hand(life.context, row, reference=reference, reason="a screenshot")


@pytest.mark.parametrize("typed", [" {}", "{} ", "\t{}\n", "\u3000{}"])
async def test_a_number_that_is_pasted_with_a_space_is_the_same_payment(stripe, typed):
    life, context = stripe, stripe.context
    paid, unpaid = await credited(life), await ordered(life)
    number = typed.format(paid.payment_ref)
    with pytest.raises(ServiceError) as refused:
        await by_hand(life, unpaid, number)
    assert refused.value.code == "payment_ref_used"
    asked = CreditUnmatched(life.account, METHOD, "¥9", number, "a screenshot")
    with pytest.raises(ServiceError) as refused:
        await credit_unmatched(context, asked)
    assert refused.value.code == "payment_ref_used"
    assert await balance(life) == 9 * YUAN
    made = await by_hand(life, unpaid, typed.format("bank-1"))
    assert (made.state, made.payment_ref) == ("credited", "bank-1")


@pytest.mark.parametrize("number", ["bank\u200b1", "x" * 600])
async def test_a_number_that_cannot_be_read_is_refused(stripe, number):
    row = await ordered(stripe)
    with pytest.raises(ServiceError) as refused:
        await by_hand(stripe, row, number)
    assert refused.value.code == "invalid_argument"
    assert await balance(stripe) == 0


async def test_what_the_provider_has_proven_is_no_second_payment_when_it_is_told_again(life):
    row = await in_review(life)
    made = await by_hand(life, row, "the payer's own number")
    assert (made.state, made.payment_ref) == ("credited", row.payment_ref)
    for _ in range(2):
        await life.send(life.context, row)
    assert [each.state for each in await life.rows()] == ["credited"]
    assert await balance(life) == 9 * YUAN


async def test_a_number_of_another_order_is_refused_also_for_one_in_review(life):
    paid, row = await credited(life), await in_review(life)
    with pytest.raises(ServiceError) as refused:
        await by_hand(life, row, paid.payment_ref)
    assert refused.value.code == "payment_ref_used"
    assert (await again(life, row)).state == "review"
