"""Open WebUI without a browser: its API, and a turn as its page makes one.

It has one connection, which each test points at its own customer. `gpt-4` is
served by an upstream that speaks Anthropic's protocol.
"""

import json
import time

import pytest

from tests.clients.programs.fixtures import private_environment
from tests.clients.programs.open_webui import running_open_webui, settings
from tests.clients.programs.seen import Seen, charged, used
from tests.support.waiting import wait_for

MODELS = {"gpt-4", "gpt-3.5-turbo", "gpt-4o-mini", "claude-2", "text-embedding-3-small"}
EMBEDDINGS = "text-embedding-3-small"


@pytest.fixture(scope="module")
def owner(gateway):
    """Whose key the environment holds: it pays for what is read into the knowledge."""
    return gateway.customer()


@pytest.fixture(scope="module")
def webui(installed, gateway, owner, tmp_path_factory):
    folder = installed("open-webui")
    data = tmp_path_factory.mktemp("open-webui")
    environment = private_environment(data) | settings(data, gateway.origin, owner.key)
    with running_open_webui(folder.command("open-webui"), environment, data) as running:
        yield running


@pytest.fixture
def connected(webui, gateway, customer):
    """It, connected with the key of the test's own customer."""
    webui.connect(gateway.origin, customer.key)
    return webui


@pytest.mark.checks("open-webui", "OWUI 1", "OWUI 2")
def test_it_lists_our_models_with_no_balance_too(webui, gateway):
    penniless = gateway.customer(0)
    connection = {"url": f"{gateway.origin}/v1", "key": penniless.key}
    verified = webui.call("POST", "/openai/verify", connection)
    assert verified.status == 200, verified.body
    assert {item["id"] for item in verified.json()["data"]} == MODELS
    wrong = webui.call("POST", "/openai/verify", {**connection, "key": "sk-wrong"})
    assert wrong.status == 401
    assert wrong.error["code"] == "invalid_api_key"
    webui.connect(gateway.origin, penniless.key)
    assert webui.models() >= MODELS
    assert charged(penniless) == []


@pytest.mark.checks("open-webui", "OWUI 3")
def test_its_calls_are_charged_without_include_usage(connected, customer, upstream):
    script = upstream.script({"text": "Hello there.", "input_tokens": 900})
    whole = connected.chat(f"Hi {script.mark}")
    assert whole.status == 200, whole.body
    assert whole.json()["choices"][0]["message"]["content"] == "Hello there."
    events = connected.stream(f"Hi {script.mark}")
    chunks = [event.json() for event in events if event.data != "[DONE]"]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert text == "Hello there."
    assert not any(chunk.get("usage") for chunk in chunks)
    total = used(customer)
    assert (total["requests"], total["charge"]) == (2, 2 * (900 * 30 + 2 * 60))


@pytest.mark.checks("open-webui", "OWUI 3")
def test_a_connection_may_use_responses(webui, gateway, customer, upstream):
    """Its connection's other type of API."""
    webui.connect(gateway.origin, customer.key, api_type="responses")
    script = upstream.script({"text": "Hello there.", "input_tokens": 900})
    seen = Seen(gateway)
    chat = webui.turn(f"Hi {script.mark}")
    assert "Hello there." in str(webui.answer_in(chat))
    wait_for(lambda: len(seen.now()) == 4, timeout=60, every=0.2, what="four calls")
    assert {(r["endpoint"], r["status"]) for r in seen.requests()} == {("/responses", 200)}
    assert used(customer)["requests"] == 4


@pytest.mark.checks("open-webui", "OWUI 4")
def test_a_turn_is_four_calls_in_the_books(connected, gateway, customer, upstream):
    """The answer bears the mark, so that the calls about it play the same script."""
    said = "Hello there. [[open-webui-turn]]"
    about_it = json.dumps({"title": "Greetings", "tags": ["General"], "follow_ups": ["And then?"]})
    script = upstream.script(
        {"text": said, "input_tokens": 900},
        {"text": about_it, "input_tokens": 300},
        name="open-webui-turn",
    )
    seen = Seen(gateway)
    chat = connected.turn(f"Hi {script.mark}")
    assert connected.answer_in(chat)["content"] == said
    wait_for(lambda: len(seen.now()) == 4, timeout=60, every=0.2, what="four calls")
    assert seen.statuses() == [200] * 4
    assert len(script.log()) == 4
    kept = connected.call("GET", f"/api/v1/chats/{chat}").json()
    assert kept["title"] == "Greetings"
    assert kept["chat"]["history"]["messages"]["a1"]["followUps"] == ["And then?"]
    total = used(customer)
    words = [len(said.split()), *([len(about_it.split())] * 3)]
    charges = [(900 if at == 0 else 300) * 30 + n * 60 for at, n in enumerate(words)]
    assert sorted(-entry["amount"] for entry in charged(customer)) == sorted(charges)
    assert (total["requests"], total["charge"]) == (4, sum(charges))


@pytest.mark.checks("open-webui", "OWUI 4")
def test_a_balance_for_two_calls_pays_two_of_the_four(webui, gateway, upstream):
    """The chat leaves so little that one more call takes all of it; two are refused."""
    customer = gateway.customer(400_000)
    webui.connect(gateway.origin, customer.key)
    chat_costs = {"text": "Hello there.", "input_tokens": 4_000, "hidden_reasoning_tokens": 3_998}
    script = upstream.script(chat_costs, {"input_tokens": 330})
    seen = Seen(gateway)
    chat = webui.turn(f"Hi {script.mark}")
    assert "Hello there." in webui.answer_in(chat)["content"]
    wait_for(lambda: len(seen.now()) == 4, timeout=60, every=0.2, what="four calls")
    assert sorted(seen.statuses()) == [200, 200, 402, 402]
    total = used(customer)
    assert total["requests"] == len(charged(customer)) == 2
    assert 0 <= customer.balance < 40_000
    customer.gateway.verify()


@pytest.mark.checks("open-webui", "OWUI 5")
def test_refusals_reach_the_caller(webui, gateway):
    penniless = gateway.customer(0)
    webui.connect(gateway.origin, penniless.key)
    refused = webui.chat("Hi")
    assert (refused.status, refused.error["code"]) == (402, "insufficient_balance")
    seen = Seen(gateway)
    chat = webui.turn("Hi")
    kept = webui.answer_in(chat)["error"]["content"]
    assert kept.startswith("Insufficient balance: "), kept
    assert seen.statuses() == [402], "no further calls after the failure"
    assert charged(penniless) == []
    limited = gateway.customer(rpm=1)
    webui.connect(gateway.origin, limited.key)
    assert webui.chat("Hi").status == 200
    again = webui.chat("Hi")
    assert (again.status, again.error["code"]) == (429, "rate_limit_exceeded")
    assert 1 <= int(again.headers["retry-after"]) <= 60
    assert -(-int(again.headers["retry-after-ms"]) // 1000) == int(again.headers["retry-after"])
    assert len(charged(limited)) == 1
    gateway.cli("token", "revoke", limited.token_id)
    wait_for(lambda: webui.chat("Hi").status == 401, timeout=10, every=0.3, what="401")


@pytest.mark.checks("open-webui", "OWUI 6")
def test_embeddings_are_floats_and_files_are_read(connected, customer, owner):
    asked = {"model": EMBEDDINGS, "input": ["a", "b"]}
    answer = connected.call("POST", "/api/embeddings", asked)
    assert answer.status == 200, answer.body
    assert [item["embedding"] for item in answer.json()["data"]] == [[0.5, -0.25, 1.0, 0.0]] * 2
    assert used(customer)["requests"] == 1
    owner.count_from_here()
    before = used(owner)["requests"]
    uploaded = connected.upload("notes.txt", "一元 means one yuan. " * 40)
    assert uploaded.status == 200, uploaded.body
    wait_for(lambda: used(owner)["requests"] > before, timeout=60, every=0.5, what="embeddings")
    assert owner.spent > 0


@pytest.mark.checks("open-webui", "OWUI 7")
def test_tokens_are_counted_at_once_and_for_free(connected, gateway, customer):
    asked = {"model": "gpt-4", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
    answer = connected.call("POST", "/api/v1/messages/count_tokens", asked)
    assert answer.status == 200, answer.body
    assert answer.json()["input_tokens"] > 0
    assert min(seconds_to_count(customer, asked) for _ in range(20)) < 0.05
    assert charged(customer) == []


def seconds_to_count(customer, asked) -> float:
    began = time.monotonic()
    answer = customer.post("/v1/messages/count_tokens", asked)
    assert answer.status == 200, answer.body
    return time.monotonic() - began
