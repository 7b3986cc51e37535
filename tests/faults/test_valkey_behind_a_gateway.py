"""A gateway whose Valkey is frozen, killed, brought back and emptied while it serves."""

import time

import pytest

from tests.support import wire
from tests.support.catalogs import GPT_4, model, openai_channel, table
from tests.support.gateway_process import running_gateway
from tests.support.valkey_process import running_valkey
from tests.support.waiting import wait_for

PATH = "/v1/completions"
LIMIT = 60


@pytest.fixture(scope="module")
def valkey():
    with running_valkey() as running:
        yield running


@pytest.fixture(scope="module")
def shared(upstream, cli, valkey, tmp_path_factory):
    """A gateway whose limits are in Valkey."""
    names = ["limited", "free", "by-tokens"]
    catalog = "\n".join(
        [
            openai_channel(upstream, dict.fromkeys(names, "gpt-up")),
            model("limited", GPT_4, rpm=LIMIT),
            model("by-tokens", GPT_4, rpm=20, tpm=1000),
            model("free", GPT_4),
            table("tier", min_balance=0, rate=1),
        ]
    )
    home = tmp_path_factory.mktemp("shared") / "home"
    with running_gateway(home, cli, catalog, YIYUAN_REDIS_URL=valkey.url) as running:
        yield running


def gauge(gateway, name):
    line = next(line for line in gateway.metrics().splitlines() if line.startswith(name + " "))
    return float(line.split()[1])


def test_it_serves_on_whatever_becomes_of_valkey(shared, valkey):
    customer = shared.customer()
    post = (customer.key, PATH, {"model": "limited", "prompt": "Hi", "max_tokens": 1})
    assert gauge(shared, "yiyuan_limiter_backend_up") == 1
    assert gauge(shared, "yiyuan_limiter_replicas") == 1
    admitted, took = 0, []

    def load(tries):
        nonlocal admitted
        began = time.perf_counter()
        answers = wire.flood(shared.origin, [post] * tries, connections=8)
        took.append(time.perf_counter() - began)
        served = answers.count(200)
        assert served + answers.count(429) == tries, "nothing but yes and no"
        admitted += served

    load(20)
    valkey.freeze()
    load(20)
    wait_for(lambda: gauge(shared, "yiyuan_limiter_backend_up") == 0)
    valkey.thaw()
    wait_for(lambda: gauge(shared, "yiyuan_limiter_backend_up") == 1)
    valkey.kill()
    load(10)
    valkey.start()
    wait_for(lambda: gauge(shared, "yiyuan_limiter_backend_up") == 1)
    with valkey.client as client:
        client.flushall()
    load(40)
    assert admitted == LIMIT, "one node knows all there is to know"
    assert max(took) < 3
    assert gauge(shared, "yiyuan_limiter_degraded_seconds_total") > 0
    assert shared.said().count("Valkey is away") >= 2
    refused = wire.call(shared.origin, "POST", PATH, post[2], key=customer.key)
    assert refused.status == 429
    assert refused.headers["x-ratelimit-limit-requests"] == str(LIMIT)


def test_limits_are_told_from_valkey(shared):
    customer = shared.customer()
    for _ in range(3):
        assert customer.post(PATH, {"model": "limited", "prompt": "Hi"}).status == 200
    told = shared.cli("limits", customer.id, "limited")["requests_per_minute"]
    assert (told["limit"], told["used"], told["remaining"]) == (LIMIT, 3, LIMIT - 3)


def test_tokens_are_corrected_in_valkey(shared, upstream):
    customer = shared.customer()
    script = upstream.script({"input_tokens": 5, "output_tokens": 10})
    body = {"model": "by-tokens", "prompt": script.mark, "max_tokens": 900}
    for _ in range(3):
        answer = customer.post(PATH, body)
        assert answer.status == 200
    assert answer.headers["x-ratelimit-limit-tokens"] == "1000"
    told = shared.cli("limits", customer.id, "by-tokens")["tokens_per_minute"]
    assert told["used"] == 45
