"""Another key, another channel: only before the first byte, and always under one hold."""

import pytest

from tests.support import wire
from tests.support.catalogs import anthropic_channel, model, openai_channel
from tests.support.drivers import CHAT, MESSAGES
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for

PRICE = {"input": "2", "output": "10"}
DEAD_KEYS = ["key-dead-first", "key-good-second", "key-good-third"]
FAILURES = {
    "429": {"status": 429, "headers": {"retry-after": "30"}},
    "500": {"status": 500},
    "503": {"status": 503},
    "529": {"status": 529},
    "401": {"status": 401},
    "404": {"status": 404},
    "reset": {"reset_before_head": True},
    "reset-after-head": {"reset_after": 0},
    "error-in-200": {"body": {"error": {"message": "no"}}},
    "truncated-at-once": {"truncate_after": 0},
}


def two_channels(upstream, index: int) -> str:
    """Model m<i> over channel a<i> (first) and b<i> (second), each with its own path."""
    name = f"m{index}"
    return "\n".join(
        [
            openai_channel(
                upstream,
                {name: "one"},
                name=f"a{index}",
                prefix=f"/a{index}",
                api_key=f"key-a{index}-000000",
                priority=0,
                timeout=1,
            ),
            anthropic_channel(
                upstream,
                {name: "two"},
                name=f"b{index}",
                prefix=f"/b{index}",
                api_key=f"key-b{index}-000000",
                priority=1,
                timeout=1,
            ),
            model(name, PRICE),
        ]
    )


@pytest.fixture(scope="module")
def pair(upstream, cli, tmp_path_factory):
    """Every test takes a pair of channels of its own, so that breakers do not meet."""
    keys = ["key-k-first-0", "key-k-second-0", "key-k-third-0"]
    catalog = "\n".join(
        [
            *(two_channels(upstream, index) for index in range(48)),
            openai_channel(upstream, {"many-keys": "one"}, name="k", api_key=keys),
            model("many-keys", PRICE),
            openai_channel(upstream, {"dead-key": "one"}, name="dk", api_key=DEAD_KEYS),
            model("dead-key", PRICE),
            openai_channel(upstream, {"single": "one"}, name="single", prefix="/single"),
            openai_channel(upstream, {"single2": "one"}, name="single2", prefix="/single2"),
            openai_channel(upstream, {"single3": "one"}, name="single3", prefix="/single3"),
            model("single", PRICE),
            model("single2", PRICE),
            model("single3", PRICE),
            openai_channel(
                upstream,
                {"costly": "one"},
                name="costly",
                cost={"costly": {"input": "1", "output": "5"}},
            ),
            model("costly", PRICE),
            openai_channel(upstream, {"no-usage": "one"}, name="no-usage", stream_usage=False),
            model("no-usage", PRICE),
            openai_channel(
                upstream, {"extra": "one"}, name="extra", headers={"x-org": "acme", "x-two": "2"}
            ),
            model("extra", PRICE),
            openai_channel(upstream, {"weighted": "one"}, name="w1", prefix="/w1", weight=3),
            openai_channel(upstream, {"weighted": "one"}, name="w2", prefix="/w2", weight=1),
            model("weighted", PRICE),
        ]
    )
    home = tmp_path_factory.mktemp("fallback") / "home"
    with running_gateway(home, cli, catalog) as running:
        running.free = iter(range(48))
        yield running


@pytest.fixture
def client(pair):
    return pair.customer()


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_the_second_channel_answers(pair, client, upstream, failure, is_stream):
    index = next(pair.free)
    first = upstream.script(failure, path=f"/a{index}/")
    second = upstream.script({"input_tokens": 10, "output_tokens": 3}, path=f"/b{index}/")
    body = CHAT.body(f"m{index}", "Hi")
    if is_stream:
        with client.stream(CHAT.path, body) as stream:
            assert stream.status == 200
            events, request_id = stream.rest(), stream.request_id
        assert CHAT.stream_text(events) == WORD * 3
        assert CHAT.is_complete(events)
    else:
        answer = client.post(CHAT.path, body)
        assert answer.status == 200, answer.body
        request_id = answer.request_id
    for entry in first.log():  # a connection that was reset idle may be tried anew
        assert entry["path"] == f"/a{index}/v1/chat/completions"
        assert entry["key"] == f"key-a{index}-000000"
    assert second.only()["path"] == f"/b{index}/v1/messages"
    assert second.only()["key"] == f"key-b{index}-000000"
    row = pair.usage(request_id)
    assert row["charge"] == 10 * 2 + 3 * 10 == client.spent
    assert row["attempts"] == 2
    attempts = pair.attempts(request_id)
    assert [a["n"] for a in attempts] == [1, 2]
    assert attempts[0]["outcome"] not in ("ok", "")
    assert attempts[1]["outcome"] == "ok"
    assert attempts[0]["channel_id"] != attempts[1]["channel_id"]
    if "status" in failure:
        assert attempts[0]["status"] == failure["status"]


def test_a_400_is_the_requests_own_fault(pair, client, upstream):
    index = next(pair.free)
    script = upstream.script({"status": 400})
    assert client.post(CHAT.path, CHAT.body(f"m{index}", script.mark)).status == 400
    assert len(script.log()) == 1


def test_never_after_the_first_byte(pair, client, upstream):
    index = next(pair.free)
    script = upstream.script({"reset_after": 2, "output_tokens": 9}, {"output_tokens": 9})
    with client.stream(CHAT.path, CHAT.body(f"m{index}", script.mark)) as stream:
        events = stream.rest()
    assert CHAT.stream_text(events) == WORD * 2
    assert CHAT.stream_error(events) is not None
    assert len(script.log()) == 1


def test_the_next_key_of_the_channel(pair, client, upstream):
    script = upstream.script({"status": 401}, {"status": 429}, {"output_tokens": 2})
    answer = client.post(CHAT.path, CHAT.body("many-keys", script.mark))
    assert answer.status == 200
    log = script.log()
    assert [entry["status"] for entry in log] == [401, 429, 200]
    assert len({entry["key"] for entry in log}) == 3
    attempts = pair.attempts(answer.request_id)
    assert len({attempt["key_id"] for attempt in attempts}) == 3
    assert len({attempt["channel_id"] for attempt in attempts}) == 1


def test_a_dead_key_is_left_alone_after_a_while(pair, client, upstream):
    """Its breaker opens; the others carry on without asking it each time."""
    dead = upstream.script({"status": 401}, key=DEAD_KEYS[0], name="dead-key")
    for turn in range(24):  # each a conversation of its own: one stays on its key
        assert client.post(CHAT.path, CHAT.body("dead-key", f"Hi {turn}", 1)).status == 200
    assert 0 < len(dead.log()) <= 8


def test_all_fail_with_the_shortest_retry_after(pair, client, upstream):
    index = next(pair.free)
    script = upstream.script(
        {"status": 429, "headers": {"retry-after": "30"}},
        {"status": 529, "headers": {"retry-after": "9"}},
    )
    answer = client.post(CHAT.path, CHAT.body(f"m{index}", script.mark))
    assert (answer.status, answer.error["code"]) == (503, "no_channel_available")
    assert answer.headers["retry-after"] == "9"
    row = pair.usage(answer.request_id)
    assert (row["charge"], row["attempts"]) == (0, 2)
    assert client.balance == 1_000_000_000


def test_all_fail_otherwise_is_502(pair, client, upstream):
    index = next(pair.free)
    script = upstream.script({"status": 500})
    answer = client.post(MESSAGES.path, MESSAGES.body(f"m{index}", script.mark))
    assert answer.status == 502
    assert answer.error["type"] == "api_error"
    assert len(script.log()) == 2


def sent(script) -> list:
    """Which requests of customers came; a probe of ours is none."""
    return [entry for entry in script.log() if entry["method"] == "POST"]


def test_the_breaker_opens_and_closes_again(pair, client, upstream):
    """One account alone: five in a row close the key to it, a probe of ours to all."""
    broken = upstream.script({"status": 500}, path="/single/", name="broken-single")
    body = CHAT.body("single", "Hi", 1)
    for _ in range(5):
        assert client.post(CHAT.path, body).status == 502
    assert len(sent(broken)) == 5
    refused = client.post(CHAT.path, body)
    assert (refused.status, refused.error["code"]) == (503, "no_channel_available")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert len(sent(broken)) == 5, "an open breaker asks nobody"
    (probe,) = broken.wait(lambda log: [each for each in log if each["method"] == "GET"])[5:]
    assert probe["path"] == "/single/v1/models"
    assert "breaker" in pair.metrics()
    upstream.script({}, path="/single/", name="broken-single")
    wait_for(lambda: client.post(CHAT.path, body).status == 200, timeout=10, every=0.05)
    assert client.post(CHAT.path, body).status == 200


def test_one_probe_at_a_time_when_half_open(pair, client, upstream):
    upstream.script({"status": 500}, path="/single2/", name="broken-single2")
    body = CHAT.body("single2", "Hi", 1)
    for _ in range(5):
        assert client.post(CHAT.path, body).status == 502
    slow = upstream.script({"delay_head": 0.5}, path="/single2/", name="broken-single2")

    def probe() -> bool:
        """Ten at once: while half open, exactly one of them may reach the upstream."""
        before = len(sent(slow))
        load = wire.flood(pair.origin, [(client.key, CHAT.path, body)] * 10, connections=10)
        reached = len(sent(slow)) - before
        assert reached == load.count(200) <= 1
        return reached == 1

    wait_for(probe, timeout=10, every=0.1)


def test_a_clients_errors_do_not_open_the_breaker(client, upstream):
    script = upstream.script({"status": 400})
    for _ in range(8):
        assert client.post(CHAT.path, CHAT.body("single3", script.mark)).status == 400
    assert client.post(CHAT.path, CHAT.body("single3", "Hi")).status == 200


def test_an_open_breaker_is_skipped_for_the_next_channel(pair, client, upstream):
    index = next(pair.free)
    first = upstream.script({"status": 500}, path=f"/a{index}/", name=f"down-{index}")
    for _ in range(12):
        assert client.post(CHAT.path, CHAT.body(f"m{index}", "Hi", 1)).status == 200
    assert 5 <= len(sent(first)) <= 7


FAULTS_OF_ONE = {
    "403": {"status": 403},
    "429 with a Retry-After": {"status": 429, "headers": {"retry-after": "30"}},
    "503 with a Retry-After": {"status": 503, "headers": {"retry-after": "30"}},
    "404, five times": {"status": 404},
    "500, five times": {"status": 500},
}


@pytest.mark.parametrize("behaviour", FAULTS_OF_ONE.values(), ids=FAULTS_OF_ONE)
def test_what_one_account_provokes_closes_the_key_to_no_other(pair, client, upstream, behaviour):
    """Its requests fail, by what stands in them; another's and our own probe do not."""
    index = next(pair.free)
    provoked = upstream.script(behaviour)
    body = CHAT.body(f"m{index}", provoked.mark, 1)

    def is_kept_away() -> bool:
        """Nobody was asked any more."""
        before = len(sent(provoked))
        assert client.post(CHAT.path, body).status in (502, 503)
        return len(sent(provoked)) == before

    wait_for(is_kept_away, timeout=20, every=0)
    other = upstream.script({"input_tokens": 10, "output_tokens": 1}, path=f"/a{index}/")
    answer = pair.customer().post(CHAT.path, CHAT.body(f"m{index}", "Hi", 1))
    assert answer.status == 200
    assert [e["key"] for e in sent(other)] == [f"key-a{index}-000000"], "the first channel serves"


@pytest.mark.parametrize("status", [401, 402])
def test_a_key_that_is_refused_is_closed_to_all_at_once(pair, client, upstream, status):
    index = next(pair.free)
    dead = upstream.script({"status": status}, path=f"/a{index}/")
    for customer in (client, pair.customer()):
        assert customer.post(CHAT.path, CHAT.body(f"m{index}", "Hi", 1)).status == 200
    assert len(sent(dead)) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_what_a_second_account_meets_closes_the_key_to_all(pair, client, upstream, status):
    index = next(pair.free)
    behaviour = {"status": status, "headers": {"retry-after": "30"}}
    first = upstream.script(behaviour, path=f"/a{index}/")
    for customer in (client, pair.customer(), pair.customer()):
        assert customer.post(CHAT.path, CHAT.body(f"m{index}", "Hi", 1)).status == 200
    assert len(sent(first)) == 2


def test_the_operators_cost_is_recorded(pair, client, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    answer = client.post(CHAT.path, CHAT.body("costly", script.mark))
    assert answer.charge == 10 * 2 + 3 * 10
    assert pair.usage(answer.request_id)["upstream_cost"] == 10 * 1 + 3 * 5
    assert pair.attempts(answer.request_id)[0]["upstream_cost"] == 25


def test_stream_usage_may_be_switched_off(pair, client, upstream):
    """Then no stream_options is sent, and what was delivered is counted here."""
    script = upstream.script({"output_tokens": 4})
    body = CHAT.streamed(CHAT.body("no-usage", script.mark))
    with client.stream(CHAT.path, body) as stream:
        events = stream.rest()
    assert "stream_options" not in script.only()["body"]
    assert CHAT.stream_told(events).output == 4
    row = pair.usage(stream.request_id)
    assert (row["source"], row["output_tokens"]) == ("counted", 4)


def test_extra_headers_go_along(client, upstream):
    script = upstream.script({})
    assert client.post(CHAT.path, CHAT.body("extra", script.mark)).status == 200
    headers = script.only()["headers"]
    assert (headers["x-org"], headers["x-two"]) == ("acme", "2")


def test_weights_share_and_priorities_decide(client, upstream):
    for turn in range(60):  # each a conversation of its own: one stays on its channel
        assert client.post(CHAT.path, CHAT.body("weighted", f"[[w]] {turn}", 1)).status == 200
    paths = [e["path"] for e in upstream.log("") if "[[w]]" in str(e["body"])]
    first = sum(path.startswith("/w1/") for path in paths)
    assert len(paths) == 60
    assert 30 <= first <= 58, "three to one, and never all"


def test_a_channel_that_refuses_connections(upstream, cli, tmp_path):
    """Nobody listens on the first channel's port."""
    catalog = "\n".join(
        [
            openai_channel(upstream, {"m": "x"}, name="dead", base_url="http://127.0.0.1:9/v1"),
            openai_channel(upstream, {"m": "x"}, name="alive", priority=1),
            model("m", PRICE),
        ]
    )
    with running_gateway(tmp_path / "home", cli, catalog) as running:
        client = running.customer()
        answer = client.post(CHAT.path, CHAT.body("m", "Hi"))
        assert answer.status == 200
        assert running.attempts(answer.request_id)[0]["outcome"] == "connect"
