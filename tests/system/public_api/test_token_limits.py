"""Tokens per minute: counted as asked for, corrected to what was used, told as OpenAI does."""

import contextlib

import pytest

from tests.support.catalogs import CLAUDE_2, GPT_4, anthropic_channel, model, openai_channel, table
from tests.support.gateway_process import ON_POSTGRES, running_gateway
from tests.support.valkey_process import running_valkey
from tests.support.waiting import wait_for

CHAT = "/v1/chat/completions"
LIMIT = 1000


@pytest.fixture(scope="module")
def limited(upstream, cli, tmp_path_factory):
    """Models with a limit of tokens, with and without one of requests."""
    names = ["by-tokens", "by-both", "at-once"]
    catalog = "\n".join(
        [
            openai_channel(upstream, dict.fromkeys(names, "gpt-up")),
            anthropic_channel(upstream, {"claude-by-tokens": "claude-up"}),
            model("by-tokens", GPT_4, tpm=LIMIT),
            model("by-both", GPT_4, rpm=10, tpm=LIMIT),
            model("at-once", GPT_4, rpm=5, tpm=LIMIT, concurrency=1),
            model("claude-by-tokens", CLAUDE_2, tpm=LIMIT),
            table("tier", min_balance=0, rate=1),
            table("tier", min_balance=100_000_000, rate="2.5"),
        ]
    )
    home = tmp_path_factory.mktemp("tokens") / "home"
    with contextlib.ExitStack() as stack:
        environment = {}
        if ON_POSTGRES:  # there a command asks the Valkey how full a window is, not the server
            environment["YIYUAN_REDIS_URL"] = stack.enter_context(running_valkey()).url
        yield stack.enter_context(running_gateway(home, cli, catalog, **environment))


@pytest.fixture
def customer(limited):
    return limited.customer(10_000_000)


def chat(text, name="by-tokens", **fields):
    return {"model": name, "messages": [{"role": "user", "content": text}], **fields}


def remaining(answer):
    return int(answer.headers["x-ratelimit-remaining-tokens"])


def used(customer, name="by-tokens"):
    shown = customer.gateway.cli("limits", customer.id, name)
    return shown["tokens_per_minute"]["used"]


def test_the_asked_maximum_counts_until_the_usage_is_known(customer, upstream):
    script = upstream.script({"gate_after": 1, "input_tokens": 20, "output_tokens": 30})
    with customer.stream(CHAT, chat(script.mark, max_tokens=800)) as stream:
        stream.take(1)
        assert stream.headers["x-ratelimit-limit-tokens"] == str(LIMIT)
        assert "x-ratelimit-limit-requests" not in stream.headers
        assert used(customer) > 800
        refused = customer.post(CHAT, chat("Hi", max_tokens=300))
        assert refused.status == 429
        assert (refused.error["code"], refused.error["type"]) == ("rate_limit_exceeded", "tokens")
        assert "tokens per minute" in refused.error["message"]
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert 100 < remaining(refused) < 200
        assert refused.headers["x-ratelimit-reset-tokens"].endswith("s")
        script.open_gate()
        stream.rest()
    assert used(customer) == 50
    served = customer.post(CHAT, chat("Hi", max_tokens=300))
    assert served.status == 200


def test_without_a_maximum_the_output_counts_when_it_is_there(customer, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 700})
    first = customer.post(CHAT, chat(script.mark))
    assert first.status == 200
    assert remaining(first) > LIMIT - 50
    assert used(customer) == 710
    assert customer.post(CHAT, chat(script.mark)).status == 200
    full = customer.post(CHAT, chat("Hi"))
    assert full.status == 429
    assert remaining(full) == 0, "never negative"


def test_a_request_that_never_fits_says_so(customer):
    refused = customer.post(CHAT, chat("Hi", max_tokens=LIMIT))
    assert refused.status == 429
    assert refused.error["type"] == "tokens"
    assert "too large" in refused.error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert remaining(refused) == LIMIT
    chinese = customer.post(CHAT, chat("Hi", max_tokens=LIMIT), accept_language="zh")
    assert "token" in chinese.error["message"]
    assert "过大" in chinese.error["message"]


def test_both_limits_are_told_and_kept_together(customer):
    body = chat("Hi", "by-both", max_tokens=400)
    answer = customer.post(CHAT, body)
    assert answer.headers["x-ratelimit-remaining-requests"] == "9"
    assert 500 < remaining(answer) < LIMIT - 400
    for _ in range(5):
        refused = customer.post(CHAT, chat("Hi", "by-both", max_tokens=990))
        assert refused.status == 429
        assert refused.headers["x-ratelimit-limit-requests"] == "10"
        assert refused.headers["x-ratelimit-remaining-requests"] == "9"


def test_what_is_refused_or_fails_burns_nothing(customer, upstream):
    poor = customer.gateway.customer(100)
    assert poor.post(CHAT, chat("Hi", "by-both", max_tokens=900)).status == 402
    assert used(poor, "by-both") == 0
    shown = customer.gateway.cli("limits", poor.id, "by-both")
    assert shown["requests_per_minute"]["used"] == 0
    script = upstream.script({"status": 500})
    failed = customer.post(CHAT, chat(script.mark, max_tokens=900))
    assert failed.status == 502
    assert used(customer) == 0


def test_a_request_over_the_concurrency_limit_burns_nothing(customer, upstream):
    script = upstream.script({"gate_after": 1})
    with customer.stream(CHAT, chat(script.mark, "at-once", max_tokens=4)) as stream:
        stream.take(1)
        refused = customer.post(CHAT, chat("Hi", "at-once", max_tokens=4))
        assert refused.error["code"] == "concurrency_limit_exceeded"
        shown = customer.gateway.cli("limits", customer.id, "at-once")
        assert shown["requests_per_minute"]["used"] == 1
        script.open_gate()
        stream.rest()


def test_a_client_that_leaves_pays_in_tokens_for_what_it_got(customer, upstream):
    script = upstream.script({"gate_after": 2, "output_tokens": 500})
    with customer.stream(CHAT, chat(script.mark, max_tokens=800)) as stream:
        stream.take(2)
    wait_for(lambda: 0 < used(customer) < 100, every=0.1)


def test_the_tier_raises_it_and_anthropics_clients_see_it(limited):
    rich = limited.customer(200_000_000)
    body = {
        "model": "claude-by-tokens",
        "max_tokens": 1200,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    answer = rich.post("/v1/messages", body)
    assert answer.status == 200
    assert answer.headers["x-ratelimit-limit-tokens"] == "2500"
    over = rich.post("/v1/messages", body | {"max_tokens": 2600})
    assert (over.status, over.error["type"]) == (429, "rate_limit_error")


def test_the_token_tells_its_limits(customer):
    customer.post(CHAT, chat("Hi", "by-both", max_tokens=1))
    limits = {limit["model"]: limit for limit in customer.get("/v1/key").json()["limits"]}
    both = limits["by-both"]
    assert (both["requests_per_minute"], both["remaining"]) == (10, 9)
    assert both["tokens_per_minute"] == LIMIT
    assert LIMIT - 100 < both["remaining_tokens"] < LIMIT
    assert limits["by-tokens"]["requests_per_minute"] is None
