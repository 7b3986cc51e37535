"""The arithmetic of moving in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.integrations.importers.amounts import (
    factor_ppm,
    old_charge,
    price_millionths,
    target_micros,
)
from yiyuan.integrations.importers.contract import ModelPrice, Shop

RATES = ("7", "7.3", "7.25", "0.1", "7.5")
QUOTAS_PER_UNIT = (500_000, 1_000_000, 333_333)
factors = st.builds(
    lambda rate, units: Fraction(rate) * 1_000_000 / units,
    st.sampled_from(RATES),
    st.sampled_from(QUOTAS_PER_UNIT),
)
quotas = st.integers(min_value=-(2**53), max_value=2**63 - 1)


@given(quotas, factors)
def test_a_balance_is_never_less_and_by_less_than_a_micro_more(quota, k):
    target = target_micros(Fraction(quota), k)
    if quota <= 0:
        assert target == 0
    else:
        assert 0 <= target - quota * k < 1


@given(st.lists(quotas, min_size=1, max_size=200), factors)
def test_all_balances_together_are_off_by_less_than_a_micro_each(several, k):
    exact = sum(quota for quota in several if quota > 0) * k
    booked = sum(target_micros(Fraction(quota), k) for quota in several)
    assert exact <= booked < exact + len(several)


@given(quotas, quotas, factors)
def test_taking_again_books_exactly_the_difference_of_the_targets(before, after, k):
    first = target_micros(Fraction(before), k)
    difference = target_micros(Fraction(after), k) - first
    assert first + difference == target_micros(Fraction(after), k)


@pytest.mark.slow
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("units", QUOTAS_PER_UNIT)
def test_the_sums_of_a_hundred_thousand_users_hold(rate, units):
    """Spread over all sizes by a fixed multiplier: nothing random, nothing left out."""
    k = Fraction(rate) * 1_000_000 / units
    several = [(i * 6_364_136_223_846_793_005) % (2**40) - 2**20 for i in range(100_000)]
    exact = sum(quota for quota in several if quota > 0) * k
    booked = sum(target_micros(Fraction(quota), k) for quota in several)
    assert exact <= booked < exact + len(several)


@pytest.mark.parametrize(
    ("quota", "k", "target"),
    [
        (1_234_567, Fraction(15), 18_518_505),
        (1, Fraction("14.6"), 15),
        (0, Fraction(15), 0),
        (-11, Fraction(15), 0),
        (2**31 - 1, Fraction(15), 32_212_254_705),
        (9_007_199_254_740_993, Fraction(15), 135_107_988_821_114_895),
        (5 * 10**14, Fraction(14), 7 * 10**15),
    ],
)
def test_targets(quota, k, target):
    assert target_micros(Fraction(quota), k) == target


@pytest.mark.parametrize(
    ("ratio", "k", "millionths"),
    [
        ("1.25", 15, 18_750_000),
        ("0.0333333", 15, 500_000),  # 0.4999995: half to even
        ("1e-07", 15, 2),  # 0.0000015
        ("2.5000000000000004", 15, 37_500_000),
        ("0", 15, 0),
        ("37.5", 15, 562_500_000),
    ],
)
def test_prices(ratio, k, millionths):
    assert price_millionths(Fraction(ratio), Fraction(k)) == millionths


@pytest.mark.parametrize(("factor", "ppm"), [("1", 1_000_000), ("0.333", 333_000), ("0", 0)])
def test_factors(factor, ppm):
    assert factor_ppm(Fraction(factor)) == ppm


@pytest.mark.parametrize(
    ("rounding", "units"), [("up", 1314), ("half_up", 1313), ("none", Fraction("1312.5"))]
)
def test_old_charges_are_rounded_as_there(rounding, units):
    price = ModelPrice(input=Fraction("1.25"), output=Fraction(5))
    expected = Fraction(units) if rounding != "up" else 1313
    assert old_charge(price, Fraction(1, 2), 100, 500, rounding) == expected


def test_a_step_reprices_the_whole_request():
    price = ModelPrice(
        input=Fraction(1), output=Fraction(4), steps=((501, Fraction(2), Fraction(6)),)
    )
    assert old_charge(price, Fraction(1), 50, 100, "half_up") == 450
    assert old_charge(price, Fraction(1), 900, 100, "half_up") == 2400


def test_the_worth_of_a_unit_follows_the_rate():
    shop = Shop(program="x", units_per_dollar=Fraction(500_000), rounding="up")
    assert shop.micros_per_unit(Fraction("7.5")) == 15
    assert shop.micros_per_unit(Fraction("7.3")) == Fraction("14.6")
