"""What no lane of the canon has still counts as delivered: every format, whole and streamed."""

import json

import pytest

from tests.unit.dialects.dialect_cases import CHAT, MESSAGES, RESPONSES
from yiyuan.dialects.contract import discover

GEMINI = discover()["gemini"]


def chat(**said):
    return CHAT, {"choices": [{"index": 0, "delta": {"role": "assistant", **said}}]}


def block(**content):
    return MESSAGES, {"type": "content_block_start", "index": 0, "content_block": content}


def item(**content):
    event = {"type": "response.output_item.done", "output_index": 0, "item": content}
    return RESPONSES, event


def parts(*content):
    return GEMINI, {"candidates": [{"index": 0, "content": {"parts": list(content)}}]}


DETAIL = {"type": "reasoning.text", "text": "thought", "format": "anthropic-claude-v1"}
EVENTS = [
    (*chat(content="hi"), ""),
    (*chat(reasoning_content="r", reasoning="r"), ""),
    (*chat(reasoning_details=[DETAIL]), "thought"),
    (*chat(reasoning="thought", reasoning_details=[DETAIL]), ""),
    (*chat(images=["A" * 4000]), ""),
    (*chat(transcript="a word " * 400), "a word " * 400),
    (*chat(audio={"id": "a", "data": "QUJD", "transcript": "spoken"}), "spoken"),
    (*block(type="text", text="hi"), ""),
    (
        *block(type="server_tool_use", id="s", name="web_search", input={"query": "asked"}),
        "web_searchasked",
    ),
    (*item(type="function_call", call_id="c", name="f", arguments="{}"), ""),
    (*item(type="custom_tool_call", call_id="c", name="patch", input="*** x"), "patch*** x"),
    (
        RESPONSES,
        {"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": "piece"},
        "piece",
    ),
    (RESPONSES, {"type": "response.audio.delta", "output_index": 0, "delta": "QUJD"}, ""),
    (*parts({"text": "hi"}), ""),
    (*parts({"executableCode": {"language": "PYTHON", "code": "print()"}}), "PYTHONprint()"),
    (*parts({"inlineData": {"mimeType": "image/png", "data": "QUJD"}}), ""),
]


@pytest.mark.parametrize(("dialect", "event", "expected"), EVENTS)
def test_text_of_a_stream_that_no_lane_has(dialect, event, expected):
    [delta] = dialect.stream_reader().feed(None, json.dumps(event))
    assert delta.unread == expected


def test_the_input_of_a_servers_own_tool():
    reader = MESSAGES.stream_reader()
    start = block(type="server_tool_use", id="s", name="web_search", input={})[1]
    reader.feed(None, json.dumps(start))
    piece = {"type": "input_json_delta", "partial_json": '{"query":'}
    event = {"type": "content_block_delta", "index": 0, "delta": piece}
    [delta] = reader.feed(None, json.dumps(event))
    assert delta.unread == '{"query":'


def test_an_item_that_deltas_have_told_is_not_counted_twice():
    reader = RESPONSES.stream_reader()
    told = {"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": "x"}
    assert reader.feed(None, json.dumps(told))[0].unread == "x"
    done = item(type="custom_tool_call", call_id="c", name="patch", input="x")[1]
    assert reader.feed(None, json.dumps(done))[0].unread == ""


@pytest.mark.parametrize(
    ("dialect", "body", "expected"),
    [
        (
            CHAT,
            {"choices": [{"message": {"content": None, "audio": {"transcript": "spoken"}}}]},
            "spoken",
        ),
        (
            MESSAGES,
            {"content": [{"type": "server_tool_use", "name": "n", "input": {"q": "asked"}}]},
            "nasked",
        ),
        (RESPONSES, {"output": [{"type": "custom_tool_call", "input": "x"}]}, "x"),
        (GEMINI, {"candidates": [{"content": {"parts": [{"codeResult": "4"}]}}]}, "4"),
    ],
)
def test_text_of_a_whole_answer_that_no_lane_has(dialect, body, expected):
    [choice] = dialect.read_response(body).choices
    assert choice.unread == expected
