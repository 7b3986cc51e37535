"""What is decided at once: none of them has written before all have read, and one wins.

So each run is the race that a lucky click would have to hit.
"""

import pytest

from tests.support.payment_gateways.at_once import at_once
from tests.system.payments.services.lives import again, balance, given_back, in_review, tell_refund
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.orders.review import credit_by_hand, dismiss
from yiyuan.services.payments.refunds.refund import refund

pytestmark = pytest.mark.timeout(300)
LOST = {"already_credited", "already_refunded", "changed_meanwhile", "not_paid", "not_in_review"}
ROUNDS = 5


async def test_of_a_credit_and_a_refund_at_once_exactly_one_wins(life):
    before = 0
    for _ in range(ROUNDS):
        row = await in_review(life)
        outcomes = await at_once(
            life.context,
            [
                lambda context, row=row: credit_by_hand(
                    context, row, reference="", reason="seen", amount_micros=9 * YUAN
                ),
                lambda context, row=row: refund(context, row, None, "asked for", "k"),
            ],
        )
        assert len([each for each in outcomes if each in LOST]) == 1, outcomes
        is_credited = outcomes[0] not in LOST
        assert (await again(life, row)).state == ("credited" if is_credited else "review")
        assert await balance(life) == before + (9 * YUAN if is_credited else 0)
        assert given_back(life, row) == (0 if is_credited else 900)
        before = await balance(life)


async def test_of_two_credits_or_a_credit_and_a_dismissal_at_once_one_wins(life):
    row = await in_review(life)
    outcomes = await at_once(
        life.context,
        [
            lambda context, part=part: credit_by_hand(
                context, row, reference="", reason="seen", amount_micros=part * YUAN
            )
            for part in (7, 8, 9)
        ],
    )
    won = [each for each in outcomes if each not in LOST]
    assert len(won) == 1, outcomes
    before = await balance(life)
    assert before == won[0].credit
    row = await in_review(life)
    outcomes = await at_once(
        life.context,
        [
            lambda context: credit_by_hand(context, row, reference="", reason="seen"),
            lambda context: dismiss(context, row, "not ours"),
        ],
    )
    assert len([each for each in outcomes if each in LOST]) == 1, outcomes
    is_credited = outcomes[0] not in LOST
    assert await balance(life) == before + (row.credit if is_credited else 0)


async def test_a_refund_at_the_provider_and_a_credit_at_once_leave_no_money_twice(life):
    for _ in range(ROUNDS):
        row = await in_review(life)
        life.partner.do("refund", number=row.number, amount_minor=900)

        async def told(context, row=row):
            await tell_refund(life, context, row)

        def hand(context, row=row):
            return credit_by_hand(context, row, reference="", reason="seen")

        # The notify's first write only notes it: its second meets the credit.
        await at_once(life.context, [hand, told])
        await tell_refund(life, life.context, row)
        assert await balance(life) == 0
        assert (await again(life, row)).refunded_minor == 900
