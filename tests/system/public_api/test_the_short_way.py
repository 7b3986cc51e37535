"""Plain requests take a short way to their hold, and come to the same as by the long one.

Each is sent twice, by two API tokens of one account. One has a budget, so that its requests
take the long way; what the upstream is sent, what is held and charged and what the client
gets must be the same.
"""

import json
import re

import pytest

from tests.support.catalogs import CLAUDE_2, GPT_4, model, table
from tests.support.drivers import CHAT, MESSAGES
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.raw_server import EVENTS, JSON

MODELS = {
    "chat": {"upstream": "gpt-4"},
    "chat-reasoning": {"upstream": "gpt-5"},
    "chat-narrow": {"upstream": "gpt-4", "context_tokens": 1_500, "max_output_tokens": 400},
    "chat-small": {"upstream": "gpt-4", "context_tokens": 4_000, "max_output_tokens": 400},
    "chat-dense": {"upstream": "gpt-4", "input_factor": "1.37", "context_tokens": 8_192},
    "messages": {"upstream": "claude-2"},
    "messages-small": {"upstream": "claude-2", "context_tokens": 4_000, "max_output_tokens": 300},
}
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
TEXTS = (
    "Say hello.",
    'A "quoted" \\ line\nand\ttabs, é, 词元, 🙂, \x7f, </script>',
    "and " * 3_000,
)
CHAT_BODIES = {
    "nothing more": {},
    "a maximum": {"max_tokens": 64},
    "the new one": {"max_completion_tokens": 1234},
    "both": {"max_tokens": 5, "max_completion_tokens": 1_000_000},
    "numbers": {"temperature": 0.25, "top_p": 1, "presence_penalty": -2, "user": "u-1"},
    "nulls": {"max_tokens": None, "temperature": None, "stream_options": None},
    "with usage": {"stream_options": {"include_usage": True}},
    "a developer": {"messages": [{"role": "developer", "content": "Be short."}]},
    "turns": {
        "messages": [
            {"role": role, "content": "x" * length}
            for length, role in enumerate(("system", "user", "assistant", "user"), 1)
        ]
    },
}
MESSAGES_BODIES = {
    "a maximum": {"max_tokens": 64},
    "a system": {"max_tokens": 7, "system": "Be short.", "temperature": 0.5, "top_p": 0.9},
    "none at all": {"max_tokens": 0},
    "turns": {
        "max_tokens": 300,
        "messages": [
            {"role": role, "content": "x" * length}
            for length, role in enumerate(("user", "assistant", "user"), 1)
        ],
    },
}
CREATED = re.compile(rb'"created":[0-9]+,?')
OWN = frozenset(
    {
        *("request_id", "api_token_id", "admitted_at", "ended_at", "first_byte_ms", "total_ms"),
        *("counted", "counted_at"),
    }
)
"""Columns that are each request's own, or its budget's."""


@pytest.fixture(scope="module")
def place(server, cli, tmp_path_factory):
    parts = []
    for name, said in MODELS.items():
        provider = "openai" if name.startswith("chat") else "anthropic"
        base = server.origin + ("/v1" if provider == "openai" else "")
        channel = {"name": name, "provider": provider, "base_url": base, "api_key": "upkey-7"}
        more = {key: value for key, value in said.items() if key != "upstream"}
        price = GPT_4 if provider == "openai" else CLAUDE_2
        parts += [table("channel", **channel, models={name: said["upstream"]})]
        parts += [model(name, price, **more)]
    home = tmp_path_factory.mktemp("shortway") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running


@pytest.fixture(scope="module")
def ways(place):
    customer = place.customer()
    return {"short": customer, "long": customer.another_token(budget=900_000_000)}


def chat_answer(*, is_stream):
    if not is_stream:
        message = {"role": "assistant", "content": "Hello."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSON, [json.dumps({"id": "u", "choices": [choice], "usage": USAGE}).encode()]
    delta = {"role": "assistant", "content": "Hello."}
    chunks = [
        {"id": "u", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {"id": "u", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"id": "u", "choices": [], "usage": USAGE},
    ]
    lines = [b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks]
    return EVENTS, [*lines, b"data: [DONE]\n\n"]


def messages_answer(*, is_stream):
    usage = {"input_tokens": 9, "output_tokens": 2}
    said = {"id": "m", "type": "message", "role": "assistant", "model": "claude-2"}
    block = {"type": "text", "text": "Hello."}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    if not is_stream:
        return JSON, [json.dumps({**said, "content": [block], **end, "usage": usage}).encode()]
    events = [
        {"type": "message_start", "message": {**said, "content": [], "usage": usage}},
        {"type": "content_block_start", "index": 0, "content_block": block | {"text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "Hello."},
        },
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    lines = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events]
    return EVENTS, lines


def outcome(place, server, customer, path, body):
    """All that one request comes to, but for what is its own."""
    server.asked.clear()
    answer = customer.post(path, body)
    own_id = answer.request_id.removeprefix("ex_")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if not name.startswith("x-yiyuan-budget") and not name.endswith("request-id")
    }
    del headers["date"]
    row = place.usage(answer.request_id) if answer.status == 200 else None
    return {
        "sent": list(server.asked),
        "status": answer.status,
        "headers": headers,
        "body": CREATED.sub(b"", answer.body.replace(own_id.encode(), b"ID")),
        "row": row and {name: value for name, value in row.items() if name not in OWN},
    }


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("path", "more"),
    [
        *(pytest.param(CHAT.path, more, id=f"chat, {name}") for name, more in CHAT_BODIES.items()),
        *(
            pytest.param(MESSAGES.path, more, id=f"messages, {name}")
            for name, more in MESSAGES_BODIES.items()
        ),
    ],
)
def test_both_ways_come_to_the_same(place, server, ways, name, path, more, is_stream):
    answer = chat_answer if name.startswith("chat") else messages_answer
    content_type, pieces = answer(is_stream=is_stream)
    # In one piece: how much of a stream is known when it begins would be a matter of chance.
    server.say(b"".join(pieces), content_type=content_type)
    text = TEXTS[(len(name) + len(more) + is_stream) % len(TEXTS)]
    said = [{"role": "user", "content": text}]
    body = {"model": name, "messages": said, "stream": is_stream} | more
    short, long = (outcome(place, server, customer, path, body) for customer in ways.values())
    assert short["status"] in (200, 400)
    assert short == long


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"error": {"message": "no", "type": "invalid_request_error"}}),
        (500, {"error": {"message": "broken"}}),
        (200, {"choices": []}),
    ],
)
def test_failures_are_told_alike(place, server, ways, status, said):
    server.say(json.dumps(said).encode(), content_type=JSON, status=status)
    body = {"model": "chat", "messages": [{"role": "user", "content": "x"}]}
    found = [outcome(place, server, customer, CHAT.path, body) for customer in ways.values()]
    assert found[0]["status"] == found[1]["status"] != 200
    assert found[0]["sent"] == found[1]["sent"]
