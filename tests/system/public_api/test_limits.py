"""What must be seen 3: exactly the limit's requests are admitted, and 429 tells the truth."""

import time

import pytest

from tests.support import wire
from tests.support.catalogs import GPT_4, model, openai_channel, table
from tests.support.gateway_process import running_gateway

PATH = "/v1/completions"
LIMITS = {"gpt-4": 500, "gpt-3.5-turbo": 3500, "claude-2": 500}


def request(name: str) -> dict:
    return {"model": name, "prompt": "Hi", "max_tokens": 1}


def test_exactly_the_limit_is_admitted_over_two_tokens(gateway, customer):
    second = customer.another_token()
    for name, limit in LIMITS.items():
        posts = [
            ((customer.key, second.key)[at % 2], PATH, request(name)) for at in range(limit + 40)
        ]
        began = time.monotonic()
        load = wire.flood(gateway.origin, posts, connections=16)
        ended = time.monotonic()
        assert ended - began < 55, "too slow to prove anything"
        assert (load.count(200), load.count(429)) == (limit, 40), name
        for refused in (answer for answer in load.answers if answer.status == 429):
            check_refusal(refused, name, limit)
        # The oldest admission, which must leave the window first, was made just after `began`.
        again = wire.call(gateway.origin, "POST", PATH, request(name), key=second.key)
        now = time.monotonic()
        wait = int(again.headers["retry-after-ms"]) / 1000
        assert began + 60 - now - 0.5 <= wait <= began + 60 - now + 2
        sql = "SELECT count(*) AS n FROM usage WHERE account_id = ? AND model = ?"
        assert gateway.rows(sql, customer.id, name)[0]["n"] == limit
    stranger = gateway.customer()
    assert stranger.post(PATH, request("gpt-4")).status == 200, "another account has its own limit"


def check_refusal(answer: wire.Answer, name: str, limit: int) -> None:
    assert answer.reason == "Too Many Requests"
    assert answer.error["code"] == "rate_limit_exceeded"
    assert answer.error["type"] == "requests"
    assert name in answer.error["message"]
    seconds, milliseconds = answer.headers["retry-after"], answer.headers["retry-after-ms"]
    assert 1 <= int(seconds) <= 60
    assert int(seconds) == -(-int(milliseconds) // 1000)
    assert answer.headers["x-ratelimit-limit-requests"] == str(limit)
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    assert seconds_of(answer.headers["x-ratelimit-reset-requests"]) <= 60


def seconds_of(duration: str) -> float:
    """Read `120ms`, `1.5s`, `1m0s`."""
    if duration.endswith("ms"):
        return float(duration[:-2]) / 1000
    minutes, _, rest = duration.rpartition("m")
    return float(minutes or 0) * 60 + float(rest.removesuffix("s"))


@pytest.fixture(scope="module")
def limited(upstream, cli, tmp_path_factory):
    """Small limits, tiers, and a concurrency limit."""
    names = ["two-a-minute", "three-a-minute", "one-at-once", "unlimited", "two-a-minute-too"]
    catalog = "\n".join(
        [
            openai_channel(upstream, dict.fromkeys(names, "gpt-up")),
            model("two-a-minute", GPT_4, rpm=2),
            model("two-a-minute-too", GPT_4, rpm=2),
            model("three-a-minute", GPT_4, rpm=3),
            model("one-at-once", GPT_4, concurrency=1),
            model("unlimited", GPT_4),
            table("tier", min_balance=0, rate=1),
            table("tier", min_balance=100_000_000, rate="2.5"),
        ]
    )
    home = tmp_path_factory.mktemp("limited") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running


@pytest.mark.slow
def test_retry_after_is_true_to_the_second(limited):
    """Wait as told, on the real clock: a moment before it is refused, then it is admitted."""
    customer = limited.customer(10_000_000)
    began = time.monotonic()
    assert customer.post(PATH, request("two-a-minute")).status == 200
    assert customer.post(PATH, request("two-a-minute")).status == 200
    refused = customer.post(PATH, request("two-a-minute"))
    assert refused.status == 429
    told = time.monotonic() + int(refused.headers["retry-after-ms"]) / 1000
    assert 59.0 <= told - began <= 60.5
    time.sleep(max(0, told - 1.5 - time.monotonic()))
    early = customer.post(PATH, request("two-a-minute"))
    assert early.status == 429
    assert int(early.headers["retry-after"]) <= 2
    time.sleep(int(early.headers["retry-after-ms"]) / 1000)
    late = customer.post(PATH, request("two-a-minute"))
    assert late.status == 200, "refused requests do not count"


def test_headers_count_down(limited):
    customer = limited.customer(10_000_000)
    told = []
    for _ in range(3):
        answer = customer.post(PATH, request("three-a-minute"))
        assert answer.status == 200
        assert answer.headers["x-ratelimit-limit-requests"] == "3"
        assert 0 < seconds_of(answer.headers["x-ratelimit-reset-requests"]) <= 60
        told.append(answer.headers["x-ratelimit-remaining-requests"])
    assert told == ["2", "1", "0"]


def test_names_have_windows_of_their_own(limited):
    customer = limited.customer(10_000_000)
    for _ in range(2):
        assert customer.post(PATH, request("two-a-minute")).status == 200
    assert customer.post(PATH, request("two-a-minute")).status == 429
    assert customer.post(PATH, request("two-a-minute-too")).status == 200


def test_no_limit_no_headers_no_refusal(limited):
    customer = limited.customer(10_000_000)
    posts = [(customer.key, PATH, request("unlimited"))] * 50
    load = wire.flood(limited.origin, posts, connections=4)
    assert load.count(200) == 50


def test_the_balance_decides_the_tier(limited):
    rich = limited.customer(100_500_000)
    statuses = [rich.post(PATH, request("two-a-minute")).status for _ in range(6)]
    assert statuses == [200] * 5 + [429], "floor(2 × 2.5) = 5"
    poor = limited.customer(99_999_999)
    statuses = [poor.post(PATH, request("two-a-minute")).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    limited.cli("account", "credit", poor.id, "1000000", "--reason", "a tier higher")
    statuses = [poor.post(PATH, request("two-a-minute")).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429], "the two of before still count"


def test_a_tokens_own_limit_is_stricter(limited):
    customer = limited.customer(10_000_000, rpm=1)
    assert customer.post(PATH, request("unlimited")).status == 200
    refused = customer.post(PATH, request("unlimited"))
    assert refused.status == 429
    assert refused.headers["x-ratelimit-limit-requests"] == "1"
    assert customer.another_token().post(PATH, request("unlimited")).status == 200


def test_a_request_that_one_window_refuses_counts_in_none(limited):
    customer = limited.customer(10_000_000, rpm=1)
    assert customer.post(PATH, request("two-a-minute")).status == 200
    for _ in range(3):
        assert customer.post(PATH, request("two-a-minute")).status == 429
    other = customer.another_token()
    assert other.post(PATH, request("two-a-minute")).status == 200
    assert other.post(PATH, request("two-a-minute")).status == 429


def test_concurrency_counts_open_requests(limited, upstream):
    customer = limited.customer(10_000_000)
    script = upstream.script({"gate_after": 1})
    body = {"model": "one-at-once", "prompt": script.mark, "max_tokens": 4}
    with customer.stream(PATH, body) as stream:
        stream.take(1)
        refused = customer.post(PATH, request("one-at-once"))
        assert (refused.status, refused.error["code"]) == (429, "concurrency_limit_exceeded")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        script.open_gate()
        stream.rest()
    assert customer.post(PATH, request("one-at-once")).status == 200


def test_listing_and_counting_are_outside_the_limits(limited):
    customer = limited.customer(10_000_000, rpm=1)
    assert customer.post(PATH, request("unlimited")).status == 200
    for _ in range(3):
        assert customer.get("/v1/models").status == 200
        body = {"model": "unlimited", "messages": [{"role": "user", "content": "Hi"}]}
        assert customer.post("/v1/messages/count_tokens", body).status == 200
