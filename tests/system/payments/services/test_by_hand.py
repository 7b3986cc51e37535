"""A person credits by hand: one payment stays one, however its number is typed."""

import pytest

from tests.support.payment_gateways.life import METHOD
from tests.system.payments.services.lives import (
    again,
    balance,
    credited,
    in_review,
    living,
    ordered,
)
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.commands import CreditUnmatched, credit_unmatched
from yiyuan.services.payments.orders.review import credit_by_hand
from yiyuan.services.shared.errors import ServiceError

pytestmark = pytest.mark.timeout(300)


def by_hand(life, row, reference: str):
    """An operator credits an order."""
    return credit_by_hand(life.context, row, reference=reference, reason="a screenshot")


@pytest.mark.parametrize(
    "typed", [" {}", "{} ", "\t{}\n", "\u3000{}", "'{}", "`{}", "{}。", "单号：{}", "No. {}, seen"]
)
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
    made = await by_hand(life, unpaid, " bank-1\n")
    assert (made.state, made.payment_ref) == ("credited", "bank-1")


@pytest.mark.parametrize(
    "typed", ["{} ", "4200-0000 0000-0001", "\uff14200 000000000001", "'{}", "({})"]
)
async def test_a_number_of_digits_is_kept_as_its_provider_writes_it(stripe, typed):
    row = await ordered(stripe)
    made = await by_hand(stripe, row, typed.format("4200000000000001"))
    assert made.payment_ref == "4200000000000001"


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


def typed_as(how: str, row, ref: str) -> str:
    """What a person pastes for a payment."""
    spaced = " ".join(ref[i : i + 4] for i in range(0, len(ref), 4))
    return {"nothing": "", "our number": row.number, "its number": f" {ref}\n", "apart": spaced}[
        how
    ]


def numbers(life, row) -> str:
    """The provider's number of an order's payment."""
    return str(life.trades()[row.number]["ref"])


@pytest.mark.parametrize("how", ["nothing", "our number", "its number", "apart"])
@pytest.mark.parametrize("kind", ["stripe_checkout", "alipay", "wechat_pay", "epay_md5"])
async def test_what_was_credited_while_nobody_could_be_asked_is_the_payment_that_is_told_later(
    engine, kind, how
):
    async with living(engine, kind) as life:
        row = await ordered(life)
        life.partner.pay(row.number)
        life.partner.do("spoil", path="", how="500", times=1_000)
        await life.send(engine, row)
        assert (await again(life, row)).state == "pending"
        ref = numbers(life, row)
        if how == "apart" and not ref.isdigit():
            how = "its number"
        await by_hand(life, row, typed_as(how, row, ref))
        life.partner.do("heal")
        for _ in range(2):
            await life.send(engine, row)
        found = await life.rows()
        assert [(each.state, each.payment_ref) for each in found] == [("credited", ref)]
        assert await balance(life) == 9 * YUAN
        # Another payment of the same order is for a person, once.
        life.partner.do("change", number=row.number, ref=ref + "9")
        for _ in range(2):
            await life.send(engine, row)
        found = await life.rows()
        assert [each.state for each in found] == ["credited", "review"]
        assert found[1].reason == f"paid_twice:{row.number}"
        assert await balance(life) == 9 * YUAN


@pytest.mark.parametrize("kind", ["stripe_checkout", "alipay", "epay_rsa"])
async def test_money_from_elsewhere_and_a_payment_that_is_told_later_are_two(engine, kind):
    async with living(engine, kind) as life:
        row = await ordered(life)
        await by_hand(life, row, "bank-1")
        life.partner.pay(row.number)
        for _ in range(2):
            await life.send(engine, row)
        found = await life.rows()
        assert [(each.state, each.payment_ref) for each in found] == [
            ("credited", "bank-1"),
            ("review", numbers(life, row)),
        ]
        assert await balance(life) == 9 * YUAN


@pytest.mark.parametrize("kind", ["epay_md5", "epay_rsa"])
async def test_the_wallets_own_number_is_the_same_payment(engine, kind):
    async with living(engine, kind) as life:
        row = await ordered(life)
        life.partner.pay(row.number, api_trade_no="4200003101")
        await by_hand(life, row, "4200 0031 01")
        await life.send(engine, row)
        found = await life.rows()
        assert [(each.state, each.payment_ref) for each in found] == [
            ("credited", numbers(life, row))
        ]


async def test_where_nobody_can_be_asked_a_second_payment_is_for_a_person(engine):
    async with living(engine, "epay_md5", query="no") as life:
        row = await ordered(life)
        life.partner.pay(row.number)
        for ref in (numbers(life, row), "20269", "20269"):
            life.partner.do("change", number=row.number, ref=ref)
            await life.send(engine, row)
        found = await life.rows()
        assert [each.state for each in found] == ["credited", "review"]
        assert await balance(life) == 9 * YUAN
