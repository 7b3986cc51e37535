"""The balance that NextChat and others read: in 元, with what was used in 分."""

import datetime as dt

import pytest

from tests.support.drivers import CHAT

PREFIXES = ["", "/v1"]
SUBSCRIPTION, USAGE = "/dashboard/billing/subscription", "/dashboard/billing/usage"


def spend(customer, upstream, tokens: int) -> None:
    """Two tokens of input cost as much as one of output."""
    script = upstream.script({"input_tokens": 2, "output_tokens": tokens - 1})
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", script.mark, tokens))
    assert answer.charge == tokens * 60


@pytest.mark.parametrize("prefix", PREFIXES)
def test_left_and_used(gateway, upstream, prefix):
    customer = gateway.customer(10_000_000)
    spend(customer, upstream, 2_500)  # 150,000 词元: 0.15 元, 15 分
    subscription = customer.get(prefix + SUBSCRIPTION)
    assert subscription.status == 200
    assert subscription.json()["hard_limit_usd"] == pytest.approx(10.0)
    today = dt.datetime.now(dt.UTC).date()
    first, tomorrow = today.replace(day=1), today + dt.timedelta(days=1)
    asked = f"?start_date={first}&end_date={tomorrow}"
    assert customer.get(prefix + USAGE + asked).json()["total_usage"] == pytest.approx(15.0)
    assert customer.get(prefix + USAGE).json()["total_usage"] == pytest.approx(15.0)
    past = customer.get(prefix + USAGE + "?start_date=2020-01-01&end_date=2020-02-01")
    assert past.json()["total_usage"] == 0


def test_they_cost_nothing_and_work_at_zero(gateway):
    poor = gateway.customer(0)
    assert poor.get(SUBSCRIPTION).json()["hard_limit_usd"] == 0
    assert poor.get(USAGE).json()["total_usage"] == 0


def test_another_account_is_not_seen(gateway, upstream):
    one, other = gateway.customer(10_000_000), gateway.customer(20_000_000)
    spend(one, upstream, 100)
    assert other.get(USAGE).json()["total_usage"] == 0
    assert other.get(SUBSCRIPTION).json()["hard_limit_usd"] == pytest.approx(20.0)


@pytest.mark.parametrize(
    "query",
    [
        "?start_date=yesterday",
        "?start_date=2026-13-01",
        "?end_date=",
        "?start_date=2026-01-01&end_date=2025-01-01",
        "?start_date=%00",
        "?start_date=9999999999-01-01",
    ],
)
def test_bad_dates(customer, query):
    assert customer.get(USAGE + query).status in (200, 400)
