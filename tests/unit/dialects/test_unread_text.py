"""What no lane of the canon has still counts as delivered: every format, whole and streamed."""

import json

import pytest

from tests.unit.dialects.dialect_cases import CHAT, COMPLETIONS, MESSAGES, RESPONSES
from yiyuan.dialects.contract import discover

GEMINI = discover()["gemini"]


def chat(**said):
    return CHAT, {"choices": [{"index": 0, "delta": {"role": "assistant", **said}}]}


def block(**content):
    return MESSAGES, {"type": "content_block_start", "index": 0, "content_block": content}


def item(**content):
    event = {"type": "response.output_item.done", "output_index": 0, "item": content}
    return RESPONSES, event


def piece(**said):
    return MESSAGES, {"type": "content_block_delta", "index": 0, "delta": said}


def opening(*content):
    message = {"role": "assistant", "content": list(content)}
    return MESSAGES, {"type": "message_start", "message": message}


def event(kind, **fields):
    return RESPONSES, {"type": f"response.{kind}", "output_index": 0, **fields}


def legacy(**choice):
    return COMPLETIONS, {"choices": [{"index": 0, "text": " one", **choice}]}


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
    (*piece(type="text_delta", text="hi"), ""),
    (*piece(type="compaction_delta", content="shorter"), "shorter"),
    (*piece(text="without a type"), "without a type"),
    (*piece(type="citations_delta", citation={"cited_text": "quoted"}), ""),
    (*opening(), ""),
    (*opening({"type": "text", "text": "said at once"}), "said at once"),
    (*item(type="function_call", call_id="c", name="f", arguments="{}"), ""),
    (*item(type="reasoning", summary=[{"type": "summary_text", "text": "thought"}]), "thought"),
    (*event("output_item.added", item={"type": "message", "content": []}), ""),
    (
        *event("output_item.added", item={"type": "message", "content": [{"text": "whole"}]}),
        "whole",
    ),
    (*event("content_part.added", part={"type": "output_text", "text": ""}), ""),
    (*event("output_text.done", text="in the lane of text"), ""),
    (*event("reasoning_summary_text.done", text="thought"), "thought"),
    (*event("custom_tool_call_input.done", input="*** x"), "*** x"),
    (*event("function_call_arguments.delta", delta="of no call"), "of no call"),
    (*event("odd.delta", delta={"text": "deep"}), "deep"),
    (*event("odd.happened", text="said"), "said"),
    (*event("output_text.annotation.added", annotation={"title": "a page"}), ""),
    (*item(type="custom_tool_call", call_id="c", name="patch", input="*** x"), "patch*** x"),
    (
        RESPONSES,
        {"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": "piece"},
        "piece",
    ),
    (RESPONSES, {"type": "response.audio.delta", "output_index": 0, "delta": "QUJD"}, ""),
    (*legacy(), ""),
    (*legacy(finish_reason="stop", logprobs=None), ""),
    (*legacy(reasoning_content="thought"), "thought"),
    (*parts({"text": "hi"}), ""),
    (*parts({"text": "hi", "thought": True, "thoughtSignature": "QUJD"}), ""),
    (*parts({"text": "hi", "executableCode": {"code": "print()"}}), "print()"),
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


def test_a_second_kind_of_reasoning_counts_beside_the_first():
    reader = RESPONSES.stream_reader()
    for kind, lane, unread in (("summary_text", "thought", ""), ("text", "", "thought")):
        told = event(f"reasoning_{kind}.delta", delta="thought")[1]
        [delta] = reader.feed(None, json.dumps(told))
        assert (delta.reasoning, delta.unread) == (lane, unread)


@pytest.mark.parametrize(
    "end",
    [
        event("output_text.done", text="said"),
        event("content_part.done", part={"type": "output_text", "text": "said"}),
        item(type="message", content=[{"type": "output_text", "text": "said"}]),
    ],
)
def test_an_end_tells_the_text_that_no_delta_has_told(end):
    told = event("output_text.delta", delta="said")[1]
    reader = RESPONSES.stream_reader()
    assert [reader.feed(None, json.dumps(told))[0].text for told in (end[1], end[1])] == [
        "said",
        "",
    ]
    reader = RESPONSES.stream_reader()
    said = [reader.feed(None, json.dumps(each))[0] for each in (told, end[1])]
    assert [(delta.text, delta.unread) for delta in said] == [("said", ""), ("", "")]


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
        (RESPONSES, {"output": [], "output_text": "said"}, "said"),
        (COMPLETIONS, {"choices": [{"text": "hi", "reasoning": "thought"}]}, "thought"),
        (GEMINI, {"candidates": [{"content": {"parts": [{"text": "hi", "code": "4"}]}}]}, "4"),
        (GEMINI, {"candidates": [{"content": {"parts": [{"codeResult": "4"}]}}]}, "4"),
    ],
)
def test_text_of_a_whole_answer_that_no_lane_has(dialect, body, expected):
    [choice] = dialect.read_response(body).choices
    assert choice.unread == expected
