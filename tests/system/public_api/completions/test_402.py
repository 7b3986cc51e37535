"""402: a request that may cost more than is left never reaches an upstream."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.drivers import CHAT, DRIVERS, MESSAGES

LANGUAGES = {"en": "Insufficient balance:", "zh": "余额不足："}
FIELDS = {"required", "available", "held", "affordable_max_tokens", "topup_url"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_402_before_any_upstream_call(gateway, upstream, driver, model, is_stream, language):
    poor = gateway.customer(500)
    script = upstream.script({})
    body = driver.body(model, script.mark, 100)
    body = driver.streamed(body) if is_stream else body
    answer = poor.post(driver.path, body, accept_language=language)
    assert (answer.status, answer.reason) == (402, "Payment Required")
    error = answer.error
    assert set(error) >= FIELDS
    assert error["available"] == 500
    assert error["held"] == 0
    assert isinstance(error["required"], int)
    assert error["required"] > 500
    assert error["affordable_max_tokens"] < 100
    assert error["message"].startswith(LANGUAGES[language])
    assert error["topup_url"].startswith("http")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["content-type"].startswith("application/json")
    if driver is MESSAGES:
        assert error["type"] == "billing_error"
        assert answer.json()["request_id"] == answer.headers["request-id"]
    else:
        assert (error["code"], error["param"]) == ("insufficient_balance", None)
    assert script.log() == []
    assert poor.balance == 500
    assert poor.show()["held"] == 0


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_required_is_exactly_what_it_takes(gateway, upstream, driver):
    poor = gateway.customer(1000)
    script = upstream.script({})
    body = driver.body("gpt-4", script.mark, 100)
    required = poor.post(driver.path, body).error["required"]
    gateway.cli("account", "credit", poor.id, str(required - 1001), "--reason", "one short")
    refused = poor.post(driver.path, body)
    assert refused.status == 402
    assert refused.error["required"] == required
    assert refused.error["available"] == required - 1
    gateway.cli("account", "credit", poor.id, "1", "--reason", "the last one")
    assert poor.post(driver.path, body).status == 200


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_affordable_max_tokens_is_true(gateway, upstream, driver, model):
    poor = gateway.customer(9_000)
    script = upstream.script({"input_tokens": 0, "output_tokens": 0, "empty": True})
    refused = poor.post(driver.path, driver.body(model, script.mark, 100_000))
    affordable = refused.error["affordable_max_tokens"]
    assert affordable > 16
    assert poor.post(driver.path, driver.body(model, script.mark, affordable + 1)).status == 402
    assert script.log() == []
    poor.post(driver.path, driver.body(model, script.mark, affordable))
    assert len(script.log()) == 1


def test_no_balance_at_all(gateway, upstream):
    poor = gateway.customer(0)
    script = upstream.script({})
    answer = poor.post("/v1/completions", {"model": "gpt-4", "prompt": script.mark})
    assert answer.status == 402
    assert answer.error["affordable_max_tokens"] == 0
    assert script.log() == []


def test_a_refusal_costs_no_slot_of_the_limit(gateway, upstream):
    poor = gateway.customer(5_000)
    body = {"model": "gpt-4", "prompt": "hi", "max_tokens": 1000}
    remaining = {
        poor.post("/v1/completions", body).headers["x-ratelimit-remaining-requests"]
        for _ in range(5)
    }
    script = upstream.script({"input_tokens": 1, "output_tokens": 1})
    answer = poor.post(
        "/v1/completions", {"model": "gpt-4", "prompt": script.mark, "max_tokens": 1}
    )
    assert answer.status == 200, answer.body
    assert answer.headers["x-ratelimit-remaining-requests"] == "499"
    assert len(remaining) == 1


def test_the_tokens_own_budget(gateway, upstream):
    rich = gateway.customer(1_000_000_000)
    other = rich.another_token(budget=9_000)
    script = upstream.script({"input_tokens": 10, "output_tokens": 100})
    body = CHAT.body("gpt-4", script.mark, 100)
    first = other.post(CHAT.path, body)
    assert first.status == 200, first.body
    assert first.charge == 300 + 6000
    second = other.post(CHAT.path, body)
    assert (second.status, second.error["code"]) == (402, "token_budget_exceeded")
    assert second.error["available"] == 9_000 - 6_300
    assert second.error["message"].startswith("Insufficient balance:")
    assert rich.post(CHAT.path, body).status == 200, "the account itself has plenty"
    assert len(script.log()) == 2


def test_a_request_waits_for_the_accounts_own_holds(gateway, upstream):
    """Refused only because of an open hold, it waits up to two seconds for its end."""
    first = upstream.script({"input_tokens": 1, "output_tokens": 1, "gate_after": 1})
    second = upstream.script({"input_tokens": 1, "output_tokens": 1})
    poor = gateway.customer(10_000)
    body = CHAT.body("gpt-4", second.mark, 100)
    with poor.stream(CHAT.path, CHAT.body("gpt-4", first.mark, 100)) as stream:
        stream.take(1)
        assert poor.show()["held"] > 5_000
        refused = poor.post(CHAT.path, body)
        assert (refused.status, second.log()) == (402, []), "it ran although money was held"
        assert refused.error["held"] > 5_000
        assert refused.error["available"] + refused.error["held"] == 10_000
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(poor.post, CHAT.path, body)
            with contextlib.suppress(TimeoutError):
                waiting.result(0.3)
            assert not waiting.done()
            first.open_gate()
            stream.rest()
            assert waiting.result(10).status == 200
