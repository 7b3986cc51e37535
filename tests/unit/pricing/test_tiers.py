"""Limits that grow with the balance."""

from hypothesis import given
from hypothesis import strategies as st

from yiyuan.pricing.model import Tier, effective_limit, tier_for

YUAN = 1_000_000
TIERS = (Tier(1000 * YUAN, 5_000_000), Tier(0, 1_000_000), Tier(100 * YUAN, 2_000_000, 900_000))


def test_the_highest_reached_minimum_wins():
    assert tier_for(TIERS, 0).rate_ppm == 1_000_000
    assert tier_for(TIERS, 100 * YUAN - 1).rate_ppm == 1_000_000
    assert tier_for(TIERS, 100 * YUAN) == TIERS[2]
    assert tier_for(TIERS, 10**15).rate_ppm == 5_000_000


def test_none_means_one():
    assert tier_for((), 10**9) == Tier(0, 1_000_000, 1_000_000)
    assert tier_for((Tier(5, 2_000_000),), 4).rate_ppm == 1_000_000


def test_a_limit_is_rounded_down_but_never_to_nothing():
    assert effective_limit(500, Tier(0, 5_000_000)) == 2500
    assert effective_limit(3, Tier(0, 1_500_000)) == 4
    assert effective_limit(3, Tier(0, 0)) == 1


@given(st.integers(1, 10**6), st.integers(0, 10**9))
def test_a_limit_is_the_floor(base, rate_ppm):
    assert effective_limit(base, Tier(0, rate_ppm)) == max(1, base * rate_ppm // 10**6)


def test_a_promised_balance_counts_as_if_it_were_there():
    assert tier_for(TIERS, 0, 100 * YUAN) == TIERS[2]
    assert tier_for(TIERS, 10**15, 100 * YUAN).rate_ppm == 5_000_000
