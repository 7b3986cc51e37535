"""A large answer of an upstream is read and written where it holds nobody up.

What the loop's own thread spends of the processor is bounded, or compared with what the others
spend on the same request: a slow or a busy machine changes both alike. The best of three counts,
since what the loop does every second, and the collection of garbage, belong to no request.
"""

import json
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import CHAT, COMPLETIONS, GEMINI, MESSAGES, RESPONSES
from tests.support.gateway_process import Customer, Gateway, running_gateway
from tests.support.upstreams.raw_server import JSON

OWN_MS = 25.0
"""What a request takes of the loop at any size: its head, its hold, its settlement."""
COPY_MS_PER_MB = 4.0
"""What moving bytes between two sockets takes of it, on the slowest machine that was seen."""
SHARE_MAX = 0.4
"""What it takes of it at most beside what the others spend, where all are slower than that."""
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
CLAUDE_USAGE = {"input_tokens": 9, "output_tokens": 2}
CALLS, VECTORS, RESULTS = 12_000, 600, 40_000
ARGUMENTS = json.dumps({"place": "é" * 20, "list": [1, 2, 3]})
MODELS = {"chat": "openai", "messages": "anthropic"}
ODD = {
    "an error in a 200": json.dumps({"error": {"message": ["é"] * 2_000_000}}).encode(),
    "an error with details": json.dumps(
        {"error": {"code": "content_filter", "message": "no", "details": {"a": ["é"] * 10**6}}}
    ).encode(),
    "no JSON": b'{"choices": [' + b'{"a": "\\ud83d"},' * 400_000,
    "no answer": json.dumps([{"é": 1}] * 400_000).encode(),
}
ODD_MODELS = {
    f"{name}-{case.replace(' ', '-')}": provider
    for name, provider in MODELS.items()
    for case in ODD
}
"""A channel for each, so that no channel has failed often enough to be closed."""


@pytest.fixture(scope="module")
def place(server, cli, tmp_path_factory):
    parts = []
    for name, provider in (MODELS | ODD_MODELS).items():
        base = server.origin + ("/v1" if provider == "openai" else "")
        channel = {"name": name, "provider": provider, "base_url": base, "api_key": "upkey-odd-3"}
        parts += [table("channel", **channel, models={name: "up"}), model(name, GPT_4)]
    home = tmp_path_factory.mktemp("large") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        customer = running.customer()
        server.say(WHOLE["chat"](1), content_type=JSON)
        for driver in (CHAT, MESSAGES):  # what is loaded once is loaded
            assert customer.post(driver.path, driver.body("chat", "hi", 20)).status == 200
        yield running


def whole_chat(calls: int) -> bytes:
    function = {"name": "look", "arguments": ARGUMENTS}
    made = [{"id": f"a{at}", "type": "function", "function": function} for at in range(calls)]
    message = {"role": "assistant", "content": "é\n" * calls, "tool_calls": made}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return json.dumps({"id": "x", "choices": [choice], "usage": USAGE}).encode()


def whole_claude(calls: int) -> bytes:
    used = {"type": "tool_use", "name": "look", "input": json.loads(ARGUMENTS)}
    content: list[Any] = [{"type": "text", "text": "é\n" * calls}]
    content += [used | {"id": f"a{at}"} for at in range(calls)]
    told = {"id": "m", "type": "message", "role": "assistant", "content": content}
    return json.dumps(told | {"stop_reason": "tool_use", "usage": CLAUDE_USAGE}).encode()


WHOLE = {"chat": whole_chat, "messages": whole_claude}


def spent_ms(gateway: Gateway) -> tuple[float, float]:
    """Processor time so far: of the thread of the loop, and of all others."""
    spent = {
        task.name: int((task / "schedstat").read_text().split()[0]) / 1e6
        for task in pathlib.Path(f"/proc/{gateway.process.pid}/task").iterdir()
    }
    loop = spent.pop(str(gateway.process.pid))
    return loop, sum(spent.values())


def assert_elsewhere(place, ask: Callable[[Customer], None], size_bytes: int) -> None:
    """The loop has only moved the bytes of one request; its work was done by others."""
    seen = []
    for _ in range(3):
        customer = place.customer()
        loop, others = spent_ms(place)
        ask(customer)
        loop_after, others_after = spent_ms(place)
        loop, others = loop_after - loop, others_after - others
        print(f"loop {loop:.1f} ms, others {others:.1f} ms, {size_bytes:,} bytes")
        assert others > 0, "somebody else did it"
        if loop <= max(OWN_MS + COPY_MS_PER_MB * size_bytes / 1e6, others * SHARE_MAX):
            return
        seen.append((loop, others))
    raise AssertionError(seen)


DRIVERS = (CHAT, COMPLETIONS, MESSAGES, RESPONSES, GEMINI)


@pytest.mark.timing
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_large_answer(place, server, driver, name):
    body = WHOLE[name](CALLS)
    server.say(body, content_type=JSON)

    def ask(customer: Customer) -> None:
        path = driver.path.replace("{model}", name)
        answer = customer.post(path, driver.body(name, "hi", 20))
        assert answer.status == 200, answer.body[:300]
        assert driver.text(answer.json()) == "é\n" * CALLS
        assert customer.spent == 9 * 30 + 2 * 60

    assert_elsewhere(place, ask, len(body))


@pytest.mark.timing
def test_many_vectors(place, server):
    vectors = [
        {"index": at, "embedding": [at / 7 + n / 3 for n in range(768)]} for at in range(VECTORS)
    ]
    usage = {"prompt_tokens": VECTORS, "total_tokens": VECTORS}
    body = json.dumps({"object": "list", "data": vectors, "usage": usage}).encode()
    server.say(body, content_type=JSON)

    def ask(customer: Customer) -> None:
        asked = {"model": "chat", "input": ["x"] * VECTORS, "encoding_format": "float"}
        answer = customer.post("/v1/embeddings", asked)
        assert answer.status == 200, answer.body[:300]
        assert len(answer.json()["data"]) == VECTORS

    assert_elsewhere(place, ask, len(body))


@pytest.mark.timing
@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("name", MODELS)
def test_a_large_answer_that_is_none(place, server, name, case):
    server.say(ODD[case], content_type=JSON)

    def ask(customer: Customer) -> None:
        own = f"{name}-{case.replace(' ', '-')}"
        answer = customer.post(CHAT.path, CHAT.body(own, "hi", 20))
        assert answer.status in (400, 502), answer.body[:300]
        assert customer.spent == 0

    assert_elsewhere(place, ask, len(ODD[case]))


@pytest.mark.timing
@pytest.mark.parametrize("message", ["error" * 12_000, ["a"] * 15_000], ids=["words", "a list"])
def test_the_body_of_a_refusal(place, server, message):
    """As much of it as is read at all."""
    body = json.dumps({"error": {"message": message}}).encode()
    server.say(body, content_type=JSON, status=400)
    customer = place.customer()
    spent = []
    for _ in range(3):
        loop, _others = spent_ms(place)
        answer = customer.post(CHAT.path, CHAT.body("chat", "hi", 20))
        spent.append(spent_ms(place)[0] - loop)
        assert answer.status == 400
        assert len(answer.body) < 1000
    assert min(spent) <= OWN_MS, spent


@pytest.mark.timing
def test_a_large_picture_in_a_stream(place, server):
    url = "data:image/png;base64," + "A" * 9_000_000
    delta = {"content": "a", "images": [{"type": "image_url", "image_url": {"url": url}}]}
    events: list[Any] = [{"choices": [{"index": 0, "delta": delta}]}]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
    framed = [b"data: %b\n\n" % json.dumps(event).encode() for event in [*events, end]]
    server.say(*framed, b"data: [DONE]\n\n")

    def ask(customer: Customer) -> None:
        with customer.stream(CHAT.path, CHAT.streamed(CHAT.body("chat", "hi", 20))) as stream:
            assert any(url in event.data for event in stream.rest())
        assert customer.spent == 9 * 30 + 2 * 60

    assert_elsewhere(place, ask, len(url))
