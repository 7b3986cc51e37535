"""A token's own budgets: which one refuses, when it begins anew, and what they have left."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.drivers import CHAT
from tests.support.waiting import wait_for
from yiyuan.kernel.clock import iso

PRICE_OF_100 = 10 * 30 + 100 * 60
"""What a scripted request for gpt-4 is charged: ten tokens in, a hundred out."""


@pytest.fixture
def body(upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 100})
    return CHAT.body("gpt-4", script.mark, 100)


def next_period(period):
    """When it begins; a test that runs across midnight sees either."""
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if period == "day" else 32
    later = now.replace(day=1) + timedelta(days=days) if days == 32 else now + timedelta(days=1)
    later = later.replace(day=1) if days == 32 else later
    return iso(round(later.timestamp() * 1000))


@pytest.mark.parametrize(
    ("options", "period", "model", "english", "chinese"),
    [
        ({"budget": 12000}, "total", None, "token's own budget has ¥", "密钥自身的预算还剩"),
        ({"budget_day": 12000}, "day", None, "budget for today (UTC) has", "今日（UTC）的预算还剩"),
        (
            {"budget_month": 12000},
            "month",
            None,
            "own budget for this month (UTC) has",
            "本月（UTC）的预算还剩",
        ),
        (
            {"model_budget": "gpt-4=12000/day", "budget": 1_000_000},
            "day",
            "gpt-4",
            "own budget for the model 'gpt-4' today (UTC) has",
            "用于模型“gpt-4”的预算还剩",
        ),
    ],
)
def test_the_402_says_which_budget_and_until_when(
    gateway, body, options, period, model, english, chinese
):
    resets_at = None if period == "total" else next_period(period)
    token = gateway.customer().another_token(**options)
    first = token.post(CHAT.path, body)
    assert first.status == 200, first.body
    assert first.headers["x-yiyuan-budget-remaining"] == str(12000 - PRICE_OF_100)
    assert first.headers.get("x-yiyuan-budget-resets-at") == resets_at
    refused = token.post(CHAT.path, body)
    assert (refused.status, refused.error["code"]) == (402, "token_budget_exceeded")
    error = refused.error
    assert error["available"] == 12000 - PRICE_OF_100
    assert error["required"] > PRICE_OF_100
    assert error["budget"] == {"period": period, "model": model}
    assert error["resets_at"] == resets_at
    assert error["message"].startswith("Insufficient balance:")
    assert english in error["message"]
    assert (resets_at or "Raise the token's budget") in error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert refused.headers["x-yiyuan-budget-remaining"] == str(12000 - PRICE_OF_100)
    assert refused.headers.get("x-yiyuan-budget-resets-at") == resets_at
    said = token.post(CHAT.path, body, accept_language="zh").error["message"]
    assert said.startswith("余额不足：")
    assert chinese in said
    assert (resets_at or "请提高密钥预算") in said


def test_a_refused_request_burns_nothing(gateway, body):
    token = gateway.customer().another_token(
        budget=1_000_000, budget_day=100, model_budget="gpt-4=900000/month", rpm=5
    )
    for _ in range(8):  # more than its limit a minute
        assert token.post(CHAT.path, body).error["code"] == "token_budget_exceeded"
    seen = token.get("/v1/key").json()
    assert [(each["spent"], each["held"]) for each in seen["budgets"]] == [(0, 0)] * 3
    gateway.cli("token", "set", token.token_id, "--budget-day", "none")
    wait_for(lambda: len(token.get("/v1/key").json()["budgets"]) == 2, what="the change")
    assert token.post(CHAT.path, body).status == 200


def test_the_key_lists_its_budgets(gateway, upstream, body):
    token = gateway.customer().another_token(
        budget=50_000, budget_month=40_000, model_budget="claude-2=30000"
    )
    assert token.post(CHAT.path, body).status == 200
    key = token.get("/v1/key").json()
    total, month, model = key["budgets"]
    assert key["budget"] == total
    assert total == {
        "id": token.token_id,
        "period": "total",
        "model": None,
        "limit": 50_000,
        "spent": PRICE_OF_100,
        "held": 0,
        "remaining": 50_000 - PRICE_OF_100,
        "resets_at": None,
    }
    assert (month["period"], month["spent"], month["resets_at"]) == (
        "month",
        PRICE_OF_100,
        next_period("month"),
    )
    assert (model["period"], model["model"], model["spent"]) == ("total", "claude-2", 0)
    held = upstream.script({"input_tokens": 10, "output_tokens": 5, "gate_after": 1})
    with token.stream(CHAT.path, CHAT.body("gpt-4", held.mark, 50)) as stream:
        stream.take(1)
        headers = {name.lower(): value for name, value in stream.headers.items()}
        assert int(headers["x-yiyuan-budget-remaining"]) < 40_000 - PRICE_OF_100
        total, month, model = token.get("/v1/key").json()["budgets"]
        assert total["held"] == month["held"] > 0
        assert model["held"] == 0
        held.open_gate()
        stream.rest()


def test_without_budgets_nothing_is_said_of_them(gateway, body):
    customer = gateway.customer()
    answer = customer.post(CHAT.path, body)
    assert not [name for name in answer.headers if "budget" in name]
    key = customer.get("/v1/key").json()
    assert (key["budget"], key["budgets"]) == (None, [])


def test_the_command_tells_what_applies_with_a_token(gateway, body):
    token = gateway.customer().another_token(budget_day=100_000, rpm=7)
    assert token.post(CHAT.path, body).status == 200
    told = gateway.cli("limits", token.id, "gpt-4", "--token", token.token_id)["api_token"]
    assert (told["name"], told["may_use"]) == ("another", True)
    assert told["requests_per_minute"]["limit"] == 7
    (budget,) = told["budgets"]
    assert (budget["period"], budget["spent"]) == ("day", PRICE_OF_100)
    said = gateway.run("limits", token.id, "gpt-4", "--token", token.token_id).stdout
    assert "a day: ¥0.0063" in said
    assert "own budget for today (UTC) has" in said


def test_the_maximum_is_lowered_to_what_the_tightest_leaves(gateway, upstream):
    token = gateway.customer().another_token(budget=1_000_000, budget_day=20_000)
    script = upstream.script({})
    body = CHAT.body("gpt-4", script.mark, 100)
    del body["max_tokens"]
    answer = token.post(CHAT.path, body)
    assert answer.status == 200, answer.body
    assert 16 <= int(answer.headers["x-yiyuan-max-tokens-clamped"]) < 20_000 // 60


def test_a_refund_gives_the_budgets_back_what_they_count(gateway, body):
    token = gateway.customer().another_token(budget=100_000, budget_day=100_000)
    answer = token.post(CHAT.path, body)
    assert [each["spent"] for each in token.get("/v1/key").json()["budgets"]] == [PRICE_OF_100] * 2
    request_id = answer.headers["x-request-id"]
    gateway.cli("ledger", "refund", request_id, "--reason", "sorry")
    wait_for(
        lambda: [each["spent"] for each in token.get("/v1/key").json()["budgets"]] == [0, 0],
        what="the refund to be seen",
    )


def test_a_disabled_token_says_so_until_it_is_enabled(gateway, body):
    token = gateway.customer()
    gateway.cli("token", "disable", token.token_id)
    wait_for(lambda: token.post(CHAT.path, body).status == 401, what="it to be refused")
    error = token.post(CHAT.path, body).error
    assert error["code"] == "invalid_api_key"
    assert re.search(r"sk-\*{4}.{4} is disabled and can be enabled again", error["message"])
    assert "已停用" in token.post(CHAT.path, body, accept_language="zh").error["message"]
    assert token.get("/v1/key").status == 401
    gateway.cli("token", "enable", token.token_id)
    wait_for(lambda: token.post(CHAT.path, body).status == 200, what="it to be back")


def test_for_the_overlap_both_keys_are_the_same_token(gateway, body):
    old = gateway.customer().another_token(budget_day=12000)
    turned = gateway.cli("token", "rotate", old.token_id, "--overlap", "1h")
    new = old.another_token()
    new.key, new.token_id = turned["key"], turned["id"]
    wait_for(lambda: new.get("/v1/key").status == 200, what="the new key")
    assert old.post(CHAT.path, body).status == 200
    assert new.post(CHAT.path, body).error["code"] == "token_budget_exceeded"
    seen = [each.get("/v1/key").json() for each in (old, new)]
    assert seen[0]["id"] == seen[1]["id"] == old.token_id
    assert seen[0]["budgets"] == seen[1]["budgets"]
    assert (seen[0]["expires_at"], seen[1]["expires_at"]) == (turned["old_key_until"], None)
    gateway.cli("token", "rotate", new.token_id)
    wait_for(lambda: new.get("/v1/key").status == 401, what="the second key to end")
    assert "revoked" in old.get("/v1/key").error["message"], "and the first, with it"
