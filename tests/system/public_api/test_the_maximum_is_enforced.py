"""The maximum is enforced, not hoped for: what is held for is what the upstream is told."""

import pytest

from tests.support.catalogs import anthropic_channel, model, openai_channel
from tests.support.drivers import CHAT, MESSAGES
from tests.support.gateway_process import running_gateway

PRICE = {"input": "1", "output": "1000000"}
MILLION, RICH = 10**6, 10**12
"""By such prices a hold tells its two bounds: millions for the output, the rest for the input."""
LONGEST = 2000


@pytest.fixture(scope="module")
def thinkers(upstream, cli, tmp_path_factory):
    """Models whose thinking is no part of their maximum, by preset and by the channel's word."""
    ways = {"pass_fields": ["enable_thinking", "thinking_budget"]}
    catalog = [
        openai_channel(upstream, {"asked": "qwen-plus"}, name="q", provider="qwen"),
        openai_channel(upstream, {"usual": "qwen3-8b"}, name="o", provider="qwen"),
        openai_channel(upstream, {"own": "mine"}, name="p", **ways),
        anthropic_channel(upstream, {"claude": "claude-up"}),
        *(
            model(name, PRICE, context_tokens=200_000, max_output_tokens=LONGEST)
            for name in ("asked", "usual", "own", "claude")
        ),
    ]
    home = tmp_path_factory.mktemp("thinkers")
    with running_gateway(home, cli, "\n".join(catalog)) as gateway:
        yield gateway


@pytest.mark.parametrize("name", ["gpt-4", "claude-2"])
def test_where_the_client_names_none_the_held_one_is_sent(gateway, upstream, customer, name):
    script = upstream.script({"output_tokens": 3})
    answer = customer.post(CHAT.path, CHAT.body(name, script.mark, None))
    assert answer.status == 200, answer.body
    assert script.only()["body"]["max_tokens"] == 4096
    price = {"gpt-4": 60, "claude-2": 24}[name]
    assert 0 < gateway.usage(answer.request_id)["hold_amount"] - 4096 * price < 10_000
    assert "x-yiyuan-max-tokens-clamped" not in answer.headers
    assert "x-yiyuan-dropped-params" not in answer.headers


def test_near_the_context_none_is_sent_since_it_might_not_fit(upstream, customer):
    """8,192 tokens of context, 4,096 of them at most the answer: docs/adr/0018."""
    script = upstream.script({"output_tokens": 3})
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", script.mark + "word " * 800, None))
    assert answer.status == 200, answer.body
    assert "max_tokens" not in script.only()["body"]


ASKED = {"enable_thinking": True}
BESIDE = [
    ("asked", {}, 0, None),
    ("asked", ASKED, LONGEST, LONGEST),
    ("asked", ASKED | {"thinking_budget": 700}, 700, 700),
    ("asked", {"reasoning_effort": "high"}, LONGEST, LONGEST),
    ("usual", ASKED | {"stream": True}, LONGEST, LONGEST),
    ("usual", {"stream": True}, LONGEST, None),
    ("usual", {}, 0, None),
    ("own", ASKED, LONGEST, None),
    ("own", {"thinking_budget": 700}, 700, 700),
    ("own", {"thinking_budget": "700"}, LONGEST, "700"),
]


@pytest.mark.parametrize(("name", "fields", "beside", "budget"), BESIDE)
def test_what_is_thought_beside_the_maximum_is_held_for(
    thinkers, upstream, name, fields, beside, budget
):
    customer = thinkers.customer(RICH)
    told = {"output_tokens": 50 + beside, "chunk_tokens": 50 + beside, "input_tokens": 9}
    script = upstream.script(told)
    body = CHAT.body(name, script.mark, 50, **fields)
    if fields.get("stream"):
        with customer.stream(CHAT.path, CHAT.streamed(body)) as stream:
            stream.rest()
        row = thinkers.usage(stream.request_id)
    else:
        answer = customer.post(CHAT.path, body)
        assert answer.status == 200, answer.body
        row = thinkers.usage(answer.request_id)
    sent = script.only()["body"]
    assert (sent["max_tokens"], sent.get("thinking_budget")) == (50, budget)
    assert row["hold_amount"] // MILLION == 50 + beside
    assert (row["output_tokens"], row["shortfall"]) == (50 + beside, 0)


def test_a_lowered_maximum_leaves_room_for_the_thinking(thinkers, upstream):
    poor = thinkers.customer(1500 * MILLION)
    script = upstream.script({"output_tokens": 3})
    body = CHAT.body("asked", script.mark, None, enable_thinking=True, thinking_budget=1000)
    answer = poor.post(CHAT.path, body)
    assert answer.status == 200, answer.body
    clamped = int(answer.headers["x-yiyuan-max-tokens-clamped"])
    assert script.only()["body"]["max_tokens"] == clamped
    row = thinkers.usage(answer.request_id)
    assert row["hold_amount"] // MILLION == clamped + 1000 <= 1500


COMPACT = {"context_management": {"edits": [{"type": "compact_20260112"}]}}
CLEAR = {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}


@pytest.mark.parametrize(
    ("fields", "words", "times"), [(COMPACT, 12_000, 2), (COMPACT, 10, 1), (CLEAR, 12_000, 1)]
)
def test_a_conversation_that_is_summed_up_is_held_for_twice(
    thinkers, upstream, fields, words, times
):
    """It is read once for the sum and once for the answer, and both are written."""
    customer = thinkers.customer(RICH)
    script = upstream.script({"output_tokens": 3})
    said = script.mark + "word " * words
    bounds = []
    for more in ({}, fields):
        answer = customer.post(MESSAGES.path, MESSAGES.body("claude", said, 100, **more))
        assert answer.status == 200, answer.body
        row = thinkers.usage(answer.request_id)
        bounds.append(divmod(row["hold_amount"], MILLION))
    assert script.log()[-1]["body"]["context_management"] == fields["context_management"]
    (plain_output, plain_input), (written, read) = bounds
    assert written == plain_output * times
    assert plain_input * times <= read <= plain_input * times + 400


def test_what_iterations_state_is_covered_by_that_hold(thinkers, upstream):
    customer = thinkers.customer(RICH)
    rounds = [
        {"type": "compaction", "input_tokens": 55_000, "output_tokens": 90},
        {"type": "message", "input_tokens": 20_000, "output_tokens": 10},
    ]
    usage = {"input_tokens": 20_000, "output_tokens": 10, "iterations": rounds}
    script = upstream.script({"output_tokens": 3, "usage": usage})
    body = MESSAGES.body("claude", script.mark + "word " * 12_000, 100, **COMPACT)
    answer = customer.post(MESSAGES.path, body)
    assert answer.status == 200, answer.body
    row = thinkers.usage(answer.request_id)
    assert (row["input_tokens"], row["output_tokens"], row["shortfall"]) == (75_000, 100, 0)
