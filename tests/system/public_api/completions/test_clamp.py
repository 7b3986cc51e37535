"""A maximum that the client did not set is lowered to what is affordable; a set one never is."""

import pytest

from tests.support.drivers import CHAT, COMPLETIONS, MESSAGES
from tests.support.upstreams.behaviour import WORD


def asked_for(entry) -> int:
    body = entry["body"]
    return body.get("max_completion_tokens") or body["max_tokens"]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_an_unset_maximum_is_clamped_and_said(gateway, upstream, model, is_stream):
    poor = gateway.customer(12_000)
    script = upstream.script({"input_tokens": 5})
    body = CHAT.body(model, script.mark, None)
    if is_stream:
        with poor.stream(CHAT.path, body) as stream:
            headers, events = stream.headers, stream.rest()
        assert CHAT.is_complete(events)
        finish = CHAT.stream_finish(events)
    else:
        answer = poor.post(CHAT.path, body)
        assert answer.status == 200, answer.body
        headers, finish = answer.headers, CHAT.finish(answer.json())
    clamped = int(headers["x-yiyuan-max-tokens-clamped"])
    price_out = 60 if model == "gpt-4" else 24
    assert 16 <= clamped <= 12_000 // price_out
    assert asked_for(script.only()) == clamped
    assert finish == "length"
    assert 0 <= poor.balance < 12_000


def test_an_affordable_maximum_is_not_clamped(customer, upstream):
    script = upstream.script({})
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", script.mark, None))
    assert answer.status == 200
    assert "x-yiyuan-max-tokens-clamped" not in answer.headers


def test_less_than_sixteen_is_402(gateway, upstream):
    poor = gateway.customer(1_500)
    script = upstream.script({})
    answer = poor.post(CHAT.path, CHAT.body("gpt-4", script.mark, None))
    assert answer.status == 402
    assert script.log() == []


@pytest.mark.parametrize("driver", [CHAT, COMPLETIONS, MESSAGES], ids=lambda d: d.name)
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_an_explicit_maximum_is_sent_as_it_is(customer, upstream, driver, model):
    script = upstream.script({"output_tokens": 2})
    answer = customer.post(driver.path, driver.body(model, script.mark, 777))
    assert answer.status == 200, answer.body
    assert asked_for(script.only()) == 777


def test_an_explicit_unaffordable_maximum_is_402(gateway, upstream):
    poor = gateway.customer(200_000)
    script = upstream.script({})
    answer = poor.post(CHAT.path, CHAT.body("gpt-4", script.mark, 32_000))
    assert answer.status == 402
    assert script.log() == []


def test_a_token_may_allow_the_clamping_of_explicit_maxima(gateway, upstream):
    poor = gateway.customer(200_000, clamp_explicit=True)
    script = upstream.script({"output_tokens": 2})
    answer = poor.post(MESSAGES.path, MESSAGES.body("gpt-4", script.mark, 32_000))
    assert answer.status == 200, answer.body
    clamped = int(answer.headers["x-yiyuan-max-tokens-clamped"])
    assert 1_024 <= clamped < 32_000
    assert asked_for(script.only()) == clamped


def test_never_below_1024_or_the_thinking_budget(gateway, upstream):
    poor = gateway.customer(50_000, clamp_explicit=True)  # 50,000 / 60 is less than 1,024
    script = upstream.script({})
    answer = poor.post(MESSAGES.path, MESSAGES.body("gpt-4", script.mark, 32_000))
    assert answer.status == 402
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 8_000}}
    fair = gateway.customer(120_000, clamp_explicit=True)  # covers 5,000 tokens of claude-2
    answer = fair.post(MESSAGES.path, MESSAGES.body("claude-2", script.mark, 32_000, **thinking))
    assert answer.status == 402
    assert script.log() == []


def test_a_legacy_completion_without_a_maximum_means_sixteen(customer, upstream):
    for model in ("gpt-4", "claude-2", "instruct"):
        script = upstream.script({})
        answer = customer.post("/v1/completions", {"model": model, "prompt": script.mark})
        assert answer.status == 200, answer.body
        assert answer.json()["choices"][0]["text"] == WORD * 16
        assert answer.json()["usage"]["completion_tokens"] == 16
