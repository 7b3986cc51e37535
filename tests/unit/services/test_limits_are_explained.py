"""`limits.show`: the limit that applies to an account and a model, and why."""

import pytest

from yiyuan.pricing.model import Model, Tier
from yiyuan.ratelimit.memory import InMemoryLimiter
from yiyuan.ratelimit.rules import account_windows, api_token_window

CATALOG = """\
[[channel]]
name = "openai"
provider = "openai"
base_url = "https://api.openai.com/v1"
api_key = { env = "OPENAI_API_KEY" }
models = { "gpt-4" = "gpt-4.1", "open" = "gpt-4.1", "odd" = "gpt-4.1" }

[[model]]
name = "gpt-4"
rpm = 500
tpm = 30000
concurrency = 8
price = { input = "30", output = "60" }

[[model]]
name = "open"
price = { input = "30", output = "60" }

[[model]]
name = "odd"
rpm = 3
price = { input = "30", output = "60" }

[[tier]]
min_balance = 1000
rate = "0.5"

[[tier]]
min_balance = 100_000_000
rate = "2.5"
price_factor = "0.9"
"""


@pytest.fixture
async def shop(operator):
    await operator.apply(CATALOG)
    await operator("account.create", name="poor", balance=10)
    await operator("account.create", name="alice", balance=150_000_000)
    return operator


async def test_the_tier_and_its_factor_are_told(shop):
    told = await shop("limits.show", account="alice", model="gpt-4")
    assert told["account"]["name"] == "alice"
    assert told["account"]["balance"] == 150_000_000
    assert told["tier"] == {"min_balance": 100_000_000, "rate": "2.5", "price_factor": "0.9"}
    requests, tokens = told["requests_per_minute"], told["tokens_per_minute"]
    assert (requests["base"], requests["limit"]) == (500, 1250)
    assert (tokens["base"], tokens["limit"]) == (30_000, 75_000)
    assert requests["used"] is requests["remaining"] is None, "no server runs"
    assert told["concurrency"] == 8
    assert "1250 requests per minute: the model's 500 × 2.5" in told["reason"]
    assert "¥150.00" in told["reason"]
    assert "At most 8 requests" in told["reason"]


async def test_without_a_tier_everything_is_as_the_model_says(shop):
    told = await shop("limits.show", account="poor", model="gpt-4")
    assert told["tier"] is None
    assert told["requests_per_minute"]["limit"] == 500
    assert "is below every tier" in told["reason"]
    assert "From ¥0.001 (1,000 词元) on, limits × 0.5" in told["reason"]


async def test_what_is_not_limited_is_said(shop):
    told = await shop("limits.show", account="alice", model="open")
    assert told["requests_per_minute"] is told["tokens_per_minute"] is told["concurrency"] is None
    assert "does not limit requests" in told["reason"]
    assert "does not limit tokens" in told["reason"]


async def test_a_limit_is_rounded_down_and_at_least_one(shop):
    await shop("account.credit", name="poor", amount=990, reason="x")
    told = await shop("limits.show", account="poor", model="odd")
    assert told["requests_per_minute"]["limit"] == 1


async def test_tokens_of_their_own_and_a_suspension_are_told(shop):
    await shop("token.create", account="alice", name="plain")
    strict = await shop("token.create", account="alice", name="strict", rpm=7)
    gone = await shop("token.create", account="alice", name="gone", rpm=5)
    await shop("token.revoke", id=gone["id"])
    await shop("account.suspend", name="alice")
    told = await shop("limits.show", account="alice", model="gpt-4")
    assert told["api_tokens"] == [{"id": strict["id"], "name": "strict", "requests_per_minute": 7}]
    assert told["reason"].startswith("The account is suspended")
    assert "strict" in told["reason"]


async def test_the_reason_is_in_the_readers_language(shop):
    told = await shop("limits.show", account="alice", model="gpt-4", language="zh")
    assert "每分钟 1250 次请求：模型的 500 × 2.5。" in told["reason"]


async def test_the_figures_of_the_moment_come_from_the_servers_limiter(shop):
    context = shop.context
    limiter = context.limiter = InMemoryLimiter(context.clock.monotonic)
    account = await shop("account.show", name="alice")
    model = Model("gpt-4", None, rpm=500, tpm=30_000)
    windows = account_windows(account["id"], model, Tier(0, 2_500_000), tokens=1000)
    await limiter.admit(windows)
    told = await shop("limits.show", account="alice", model="gpt-4")
    requests, tokens = told["requests_per_minute"], told["tokens_per_minute"]
    assert (requests["used"], requests["remaining"]) == (1, 1249)
    assert (tokens["used"], tokens["remaining"]) == (1000, 74_000)
    assert 59 < requests["reset_seconds"] <= 60
    again = await shop("limits.show", account="alice", model="gpt-4")
    assert again["requests_per_minute"]["used"] == 1, "asking counts nothing"


async def test_unknown_names_are_refused(shop):
    assert (await shop.refused("limits.show", account="bob", model="gpt-4")).code == "not_found"
    assert (await shop.refused("limits.show", account="alice", model="x")).code == "not_found"
    refused = await shop.refused("limits.show", account="alice", model="gpt-4", language="fr")
    assert refused.code == "invalid_argument"


async def test_a_tokens_own_limit_and_budgets_are_told(shop):
    made = await shop(
        "token.create",
        account="alice",
        name="bot",
        rpm=7,
        models=["gpt-4"],
        budget=5_000_000,
        budgets=[
            {"period": "day", "model": "gpt-4", "limit": 2_000_000},
            {"period": "day", "model": "open", "limit": 9},
        ],
    )
    context = shop.context
    limiter = context.limiter = InMemoryLimiter(context.clock.monotonic)
    await limiter.admit([api_token_window(made["id"], 7)])
    asked = {"account": "alice", "token": made["id"]}
    told = await shop("limits.show", model="gpt-4", **asked)
    token = told["api_token"]
    assert (token["id"], token["name"], token["may_use"]) == (made["id"], "bot", True)
    assert (token["requests_per_minute"]["limit"], token["requests_per_minute"]["used"]) == (7, 1)
    assert [(each["period"], each["model"], each["remaining"]) for each in token["budgets"]] == [
        ("total", None, 5_000_000),
        ("day", "gpt-4", 2_000_000),
    ]
    assert "With the token bot: 7 requests per minute" in told["reason"]
    assert "own budget for the model 'gpt-4' today (UTC) has ¥2.00" in told["reason"]
    told = await shop("limits.show", model="open", language="zh", **asked)
    assert told["api_token"]["may_use"] is False
    assert "词元密钥 bot 不能使用该模型" in told["reason"]
    await shop("token.disable", id=made["id"])
    told = await shop("limits.show", model="gpt-4", **asked)
    assert told["api_token"]["may_use"] is False
    assert (await shop("limits.show", account="alice", model="gpt-4"))["api_token"] is None
    for account, api_token_id in (("poor", made["id"]), ("alice", "tok_x")):
        error = await shop.refused(
            "limits.show", account=account, model="gpt-4", token=api_token_id
        )
        assert error.code == "not_found"
