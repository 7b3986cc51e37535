"""An upstream that tells nothing, or a placeholder: what it delivered is counted and charged.

Each event below says 200 words that no other has said, in a place of its own.
"""

import json

import pytest

from tests.support.catalogs import model, table
from tests.support.drivers import CHAT, COMPLETIONS, EVERY_FORMAT, MESSAGES, RESPONSES
from tests.support.gateway_process import running_gateway

PRICE = {"input": "10", "output": "100"}
WORDS = 200
SAID = " one" * WORDS
ARGUMENTS = json.dumps({"a": SAID})
GEMINI = EVERY_FORMAT["gemini"]
CHANNELS = {
    "messages": ("anthropic", "", {}),
    "chat": ("openai", "/v1", {"speaks": ["openai_chat"]}),
    "responses": ("openai", "/v1", {"speaks": ["openai_responses"]}),
    "legacy": ("openai", "/v1", {"native_completions": ["legacy"]}),
    "google": ("gemini", "", {}),
}


def started(**more):
    usage = {"input_tokens": 20, "output_tokens": 1}
    return {"type": "message_start", "message": {"content": [], "usage": usage, **more}}


def message(start, block, *deltas):
    """A message whose end tells no usage."""
    opened = {"type": "content_block_start", "index": 0, "content_block": block}
    said = [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
    closed = {"type": "content_block_stop", "index": 0}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    return [start, opened, *said, closed, end, {"type": "message_stop"}]


TEXT = {"type": "text", "text": ""}
TEXT_DELTA = {"type": "text_delta", "text": SAID}


def response(item, *events, output=()):
    added = {"type": "response.output_item.added", "output_index": 0, "item": item}
    places = [{"output_index": 0, "item_id": "i", **event} for event in events]
    whole = {"id": "r", "status": "completed", "output": list(output)}
    end = {"type": "response.completed", "response": whole}
    return [{"type": "response.created", "response": {}}, *([added] if item else ()), *places, end]


NOTHING_YET = {"type": "message", "id": "i", "content": []}
WHOLE = {"type": "message", "id": "i", "content": [{"type": "output_text", "text": SAID}]}
TOOL = {"type": "odd_call", "id": "i"}


def delta(kind, value=SAID, name="delta"):
    return {"type": f"response.{kind}", name: value}


def parts(*content, finish="STOP"):
    return {"candidates": [{"content": {"parts": list(content)}, "finishReason": finish}]}


CALL = {"functionCall": {"name": "f", "args": {"a": SAID}}}


def chunk(finish=None, **said):
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def called(arguments, **more):
    piece = {"index": 0, "function": {"arguments": arguments, **more}}
    return chunk(tool_calls=[piece | ({"id": "c", "type": "function"} if more else {})])


def legacy(**choice):
    return [{"choices": [{"index": 0, "text": " one", "finish_reason": "stop", **choice}]}]


CASES = {
    "a beginning's placeholder": (MESSAGES, "messages", message(started(), TEXT, TEXT_DELTA)),
    "the same, read by chat": (CHAT, "messages", message(started(), TEXT, TEXT_DELTA)),
    "said in the beginning": (
        MESSAGES,
        "messages",
        message(started(content=[{"type": "text", "text": SAID}]), TEXT),
    ),
    "a delta of no known kind": (
        MESSAGES,
        "messages",
        message(started(), {"type": "compaction"}, {"type": "compaction_delta", "content": SAID}),
    ),
    "an end that tells all": (
        RESPONSES,
        "responses",
        response(NOTHING_YET, delta("output_text.done", name="text")),
    ),
    "a response that tells all": (RESPONSES, "responses", response(None, output=[WHOLE])),
    "the same, read by chat's": (CHAT, "responses", response(None, output=[WHOLE])),
    "an item that begins with all": (RESPONSES, "responses", response(WHOLE)),
    "an item's own delta": (
        RESPONSES,
        "responses",
        response(TOOL, delta("function_call_arguments.delta")),
    ),
    "a delta that is an object": (
        RESPONSES,
        "responses",
        response(TOOL, delta("odd_call.delta", {"text": SAID})),
    ),
    "beside a text": (COMPLETIONS, "legacy", legacy(reasoning_content=SAID)),
    "in a text's part": (
        GEMINI,
        "google",
        [parts({"text": "a", "executableCode": {"code": SAID}})],
    ),
    "a call": (GEMINI, "google", [parts(CALL)]),
    "a call, and the end later": (GEMINI, "google", [parts(CALL, finish=None), parts()]),
    "a call in pieces": (
        GEMINI,
        "chat",
        [called("", name="f"), called(ARGUMENTS), chunk("tool_calls")],
    ),
    "a call in small pieces": (
        GEMINI,
        "chat",
        [
            called("", name="f"),
            called('{"a":"'),
            *[called(" one")] * WORDS,
            called('"}'),
            chunk("tool_calls"),
        ],
    ),
}


@pytest.fixture(scope="module")
def place(server, cli, tmp_path_factory):
    written = []
    for name, (provider, base, more) in CHANNELS.items():
        address = {"base_url": server.origin + base, "api_key": "upkey-silent-2"}
        served = {"models": {name: "gpt-4o"}}
        channel = table("channel", name=name, provider=provider, **address, **served, **more)
        written += [channel, model(name, PRICE)]
    home = tmp_path_factory.mktemp("silent") / "home"
    with running_gateway(home, cli, "".join(written)) as running:
        yield running


@pytest.mark.parametrize("case", CASES)
def test_what_was_delivered_is_charged(server, place, case):
    driver, name, events = CASES[case]
    server.say(*[b"data: %b\n\n" % json.dumps(event).encode() for event in events])
    customer = place.customer()
    body = driver.streamed(driver.body(name, "hello", 1000))
    answer = customer.post(driver.address(name, is_stream=True), body)
    assert answer.status == 200, answer.body
    assert answer.body.count(b"one") >= WORDS
    row = place.usage(answer.request_id)
    assert row["source"] == "counted"
    assert WORDS <= row["output_tokens"] <= WORDS + 16
    assert row["charge"] == row["input_tokens"] * 10 + row["output_tokens"] * 100
