"""Whatever a client or an upstream sends: refused by name or read, never an accident.

A valid request, stream or answer is taken and one value in it is replaced by any
JSON at all, thousands of times over the runs.
"""

import copy

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dialects.dialect_cases import (
    BODIES,
    CHARGE,
    GENERATION,
    STREAMS,
    TARGET,
    USAGE,
    parse,
    reply_to,
    request_for,
)
from tests.unit.dialects.test_client_requests import REQUESTS
from tests.unit.dialects.test_responses_and_errors import ANSWERS
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.kernel.errors import InvalidRequest

MANY = settings(max_examples=100)
WORDS = ["text", "image_url", "tool_use", "tool_result", "function", "user", "tool", "auto", "stop"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**63) | st.floats(allow_nan=False)
    | st.sampled_from(WORDS) | st.text("ab ", max_size=3),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["type", "text", "content", "index"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
RECORDED = [param.values for param in REQUESTS]
EXTRA = {
    "n": 1,
    "stop": ["x"],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
    "stream_options": {"include_usage": True},
    "logprobs": True,
    "metadata": {"user_id": "u"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
}


def mutated(draw, body):
    """A copy with one value, anywhere in it, replaced."""
    body = copy.deepcopy(body)
    holder = body
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = draw(st.sampled_from(keys))
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            holder = inner
            continue
        holder[key] = draw(VALUES)
        return body


@MANY
@given(st.data())
def test_requests(data):
    dialect, body = data.draw(st.sampled_from(RECORDED))
    if data.draw(st.booleans()):
        dialect = data.draw(st.sampled_from(GENERATION))
        body = BODIES[dialect.name](**EXTRA)
    try:
        request = dialect.read_request(mutated(data.draw, body))
    except InvalidRequest as refused:
        assert refused.param
        assert refused.message("en")
        assert refused.message("zh")
        return
    for upstream in [d for d in GENERATION if d.operation == dialect.operation] or [dialect]:
        try:
            orjson.dumps(upstream.write_request(request, TARGET))
        except InvalidRequest as refused:
            assert refused.param
            assert refused.message("zh")


@pytest.mark.parametrize("upstream", GENERATION, ids=lambda d: d.name)
@MANY
@given(st.data())
def test_streams(upstream, data):
    events = [e if e == "[DONE]" else orjson.loads(e) for e in STREAMS[upstream.name]]
    at = data.draw(st.integers(0, len(events) - 1))
    if events[at] != "[DONE]":
        events[at] = mutated(data.draw, events[at])
    for client in GENERATION:
        reader = upstream.stream_reader()
        writer = client.stream_writer(reply_to(request_for(client, stream=True)))
        written = []
        try:
            for event in events:
                line = event if event == "[DONE]" else orjson.dumps(event).decode()
                written += [writer.write(delta) for delta in reader.feed(None, line)]
        except (MalformedUpstream, UpstreamStreamError):
            pass
        written.append(writer.close(USAGE, CHARGE))
        assert parse(b"".join(written))


@pytest.mark.parametrize("upstream", GENERATION, ids=lambda d: d.name)
@MANY
@given(st.data())
def test_answers(upstream, data):
    body = mutated(data.draw, ANSWERS[upstream.name])
    try:
        response = upstream.read_response(body)
    except (MalformedUpstream, UpstreamStreamError):
        return
    for client in GENERATION:
        written = client.write_response(response, reply_to(request_for(client)), USAGE, CHARGE)
        assert orjson.dumps(written)
