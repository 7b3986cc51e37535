"""What a top-up costs and credits: in integers, and never a fraction more than was paid."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.integrations.payments.minor_units import EXPONENTS
from yiyuan.services.payments.refunds.shares import Cause, asked_refund, left_minor, share_of
from yiyuan.services.site.topup_rules import (
    TopUpRules,
    read_bonus,
    read_currencies,
    read_presets,
)
from yiyuan.store.tables.payments.orders import OrderRow

YUAN = 1_000_000


def rules(currencies: str = '{"cny":"1"}', bonus: str = "[]") -> TopUpRules:
    """Rules as an operator's settings make them."""
    return TopUpRules(read_currencies(currencies), (), 1, 10**15, read_bonus(bonus))


def test_a_fen_is_ten_thousand():
    price = rules().price(1, "cny")
    assert (price.amount_minor, price.credit) == (1, 10_000)


@given(
    wanted=st.integers(min_value=1, max_value=10**13),
    currency=st.sampled_from(sorted(EXPONENTS)),
    rate=st.integers(min_value=1, max_value=1000 * YUAN),
)
def test_31_a_price_credits_at_least_what_was_wanted_and_never_more_than_was_paid(
    wanted, currency, rate
):
    text = f"{rate // YUAN}.{rate % YUAN:06d}"
    found = rules(json.dumps({currency: text}))
    try:
        price = found.price(wanted, currency)
    except ValueError:
        return  # more than any order may be
    scale = 10 ** EXPONENTS[currency]
    assert price.credit >= wanted or rate < scale
    assert price.credit * scale <= price.amount_minor * rate
    assert (price.amount_minor - 1) * rate < wanted * scale


@pytest.mark.parametrize(
    ("wanted", "bonus"),
    [(99_990_000, 0), (100 * YUAN, 5 * YUAN), (499 * YUAN, 24_950_000), (500 * YUAN, 60 * YUAN)],
)
def test_31_the_highest_step_that_is_reached_counts_alone(wanted, bonus):
    steps = f'[{{"min":{500 * YUAN},"fixed":{60 * YUAN}}},{{"min":{100 * YUAN},"percent":"5"}}]'
    assert rules(bonus=steps).price(wanted, "cny").bonus == bonus


def test_31_what_is_more_than_any_order_may_be_has_no_price():
    """At a millionth of a yuan for a yuan: 100,000 yuan of credit and a bit."""
    steps = '[{"min":1,"percent":"0.01"}]'
    found = rules('{"cny":"0.000001"}', steps)
    assert found.price(100_000_000_000, "cny").amount_minor == 10**13
    with pytest.raises(ValueError, match="too large"):
        found.price(100_000_000_001, "cny")


@given(
    wanted=st.integers(min_value=1, max_value=10**12),
    rate=st.integers(min_value=1, max_value=1000 * YUAN),
    hundredths=st.integers(min_value=1, max_value=10_000),
)
def test_31_a_bonus_is_no_fraction_and_no_more_than_its_part_of_what_was_paid(
    wanted, rate, hundredths
):
    percent = f"{hundredths // 100}.{hundredths % 100:02d}"
    text = f"{rate // YUAN}.{rate % YUAN:06d}"
    steps = f'[{{"min":1,"percent":"{percent}"}}]'
    try:
        price = rules(json.dumps({"cny": text}), steps).price(wanted, "cny")
    except ValueError:
        return  # more than any order may be
    assert type(price.credit) is type(price.bonus) is int
    exact = price.credit * hundredths
    assert price.bonus * 10_000 <= exact < (price.bonus + 1) * 10_000
    assert (price.credit + price.bonus) * 10**6 <= price.amount_minor * rate * (10_000 + hundredths)


@pytest.mark.parametrize(
    "text",
    [
        *('{"kwd":"1"}', '{"CNY":"1"}', '{"cny":1}', '{"cny":"0"}', '{"cny":"-1"}'),
        *('{"cny":"1.0000001"}', "[]", "x", '{"cny":"1e3"}'),
    ],
)
def test_rates_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_currencies(text)


@pytest.mark.parametrize(
    "text",
    [
        *("{}", "[1]", '[{"min":0,"percent":"5"}]', '[{"min":1,"percent":5}]'),
        *('[{"min":1,"percent":"5.001"}]', '[{"min":1}]', '[{"min":1,"fixed":1,"percent":"1"}]'),
        '[{"min":1,"fixed":1},{"min":1,"fixed":2}]',
    ],
)
def test_steps_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_bonus(text)


@pytest.mark.parametrize("text", ["[0]", '["1"]', "[1.5]", "[true]", "{}", f"[{'1,' * 20}1]"])
def test_presets_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_presets(text)


@given(
    amount=st.integers(min_value=1, max_value=10**7),
    credit=st.integers(min_value=0, max_value=10**13),
    bonus=st.integers(min_value=0, max_value=10**10),
    cuts=st.lists(st.integers(min_value=1, max_value=10**7), max_size=6),
)
def test_32_credit_and_bonus_go_back_in_proportion_and_parts_add_up(amount, credit, bonus, cuts):
    nothing = dict.fromkeys(OrderRow._fields, 0)
    order = OrderRow(**nothing)._replace(
        amount_minor=amount, credit=credit, bonus=bonus, credited_at=1
    )
    made = []
    for cut in [*cuts, amount]:
        part = min(cut, left_minor(order, made))
        if not part:
            continue
        made.append(asked_refund(order, made, part, Cause("operator", "k", "r", "a"), 0))
        given = sum(each.amount_minor for each in made)
        assert sum(each.credit for each in made) == credit * given // amount
        assert sum(each.bonus for each in made) == bonus * given // amount
    assert sum(each.bonus for each in made) == bonus
    assert sum(each.credit for each in made) == credit


def test_32_what_was_never_credited_takes_no_bonus_back():
    nothing = dict.fromkeys(OrderRow._fields, 0)
    order = OrderRow(**nothing)._replace(amount_minor=100, credit=10**6, bonus=5, credited_at=None)
    assert share_of(order, [], 100) == (0, 0)
