"""Streams of Responses: the order of events, and what servers of the format do differently.

What each upstream's stream becomes, byte for byte, is in `golden/`.
"""

import pytest
from openai import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.unit.dialects.dialect_cases import (
    CHARGE,
    CHAT,
    GENERATION,
    MESSAGES,
    RESPONSES,
    STREAMS,
    USAGE,
    block_delta,
    block_start,
    block_stop,
    bodies,
    call_piece,
    chunk,
    message_delta,
    message_start,
    parse,
    read_all,
    relay,
    reply_to,
    request_for,
    said,
)
from tests.unit.dialects.responses_cases import call_events, lifecycle, response_event
from yiyuan.dialects.canonical import Choice, Delta, GenerationResponse, ToolCall, ToolCallDelta
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.kernel.errors import UpstreamError
from yiyuan.kernel.usage import Usage

EVENT = TypeAdapter(ResponseStreamEvent)
EVERY = pytest.mark.parametrize("upstream", GENERATION, ids=lambda dialect: dialect.name)
TEXT_END = [chunk([said({}, "stop")]), "[DONE]"]


def streamed(upstream, events, **fields):
    request = request_for(RESPONSES, stream=True, **fields)
    return bodies(relay(upstream, RESPONSES, events, request))


def written(deltas, **fields):
    writer = RESPONSES.stream_writer(reply_to(request_for(RESPONSES, stream=True, **fields)))
    out = [writer.write(delta) for delta in deltas]
    return bodies(b"".join([*out, writer.close(USAGE, CHARGE)]))


def kinds(events):
    return [event["type"].removeprefix("response.") for event in events]


def of(events, kind):
    return [event for event in events if event["type"] == "response." + kind]


@EVERY
def test_the_sdk_puts_the_response_together(upstream):
    """Its accumulator is strict about order, indices and the response's id."""
    state = ResponseStreamState(input_tools=[], text_format=omit)
    events = streamed(upstream, STREAMS[upstream.name])
    for event in events:
        state.handle_event(EVENT.validate_python(event, strict=False))
    end = events[-1]["response"]
    final = state._completed_response
    if end["status"] == "completed":
        assert final is not None
        assert final.output_text == "Hello 世界"
    told = Response.model_validate(end, strict=False)
    assert told.output_text == "Hello 世界"
    assert [e["sequence_number"] for e in events] == list(range(len(events)))


@EVERY
def test_items_add_up(upstream):
    """The deltas, the finished items and the whole response say the same."""
    events = streamed(upstream, STREAMS[upstream.name])
    end = events[-1]["response"]
    assert [
        e["item"] for e in sorted(of(events, "output_item.done"), key=lambda e: e["output_index"])
    ] == end["output"]
    text = "".join(e["delta"] for e in of(events, "output_text.delta"))
    [message] = [item for item in end["output"] if item["type"] == "message"]
    assert message["content"][0]["text"] == text == "Hello 世界"
    for item in end["output"]:
        if item["type"] == "function_call":
            pieces = of(events, "function_call_arguments.delta")
            mine = [e["delta"] for e in pieces if e["item_id"] == item["id"]]
            assert "".join(mine) == item["arguments"]
    assert end["usage"]["charge"] == CHARGE
    assert end["usage"]["output_tokens_details"] == {"reasoning_tokens": 3}
    assert (end["model"], end["store"], end["id"]) == ("gpt-4", False, "resp_0199c1c0f3a2")


def test_the_order_of_events():
    events = streamed(CHAT, [chunk([said({"content": "a"})]), *TEXT_END])
    assert kinds(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_usage_and_the_end_come_only_in_close():
    reader, writer = CHAT.stream_reader(), RESPONSES.stream_writer(reply_to(request_for(RESPONSES)))
    before = b"".join(writer.write(d) for e in STREAMS["openai_chat"] for d in reader.feed(None, e))
    assert b"response.completed" not in before
    assert b'"usage":{' not in before
    assert kinds(bodies(writer.close(USAGE, CHARGE))) == ["completed"]


@pytest.mark.parametrize(
    ("word", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_an_answer_that_was_cut_off(word, reason):
    events = streamed(CHAT, [chunk([said({"content": "a"})]), chunk([said({}, word)]), "[DONE]"])
    assert events[-1]["type"] == "response.incomplete"
    end = events[-1]["response"]
    assert (end["status"], end["incomplete_details"]) == ("incomplete", {"reason": reason})
    assert end["output"][0]["status"] == "incomplete"
    assert EVENT.validate_python(events[-1], strict=False)


def test_an_empty_answer():
    events = streamed(CHAT, TEXT_END)
    assert kinds(events) == ["created", "in_progress", "completed"]
    assert events[-1]["response"]["output"] == []


def test_pieces_of_calls_may_come_mixed():
    calls = [
        call_piece(0, "", "a", "f"),
        call_piece(1, '{"b"', "b", "g"),
        call_piece(0, '{"a":1}'),
        call_piece(1, ":2}"),
    ]
    events = [chunk([said({"tool_calls": [call]})]) for call in calls]
    found = streamed(CHAT, [*events, chunk([said({}, "tool_calls")]), "[DONE]"])
    output = found[-1]["response"]["output"]
    assert [(i["call_id"], i["arguments"]) for i in output] == [("a", '{"a":1}'), ("b", '{"b":2}')]
    assert len(of(found, "output_item.done")) == 2


def test_text_after_a_call_is_a_message_of_its_own():
    call = ToolCallDelta(0, None, "f", "{}")
    events = written(
        [Delta(text="a"), Delta(tool_calls=[call]), Delta(text="b"), Delta(finish="stop")]
    )
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call", "message"]
    assert output[1]["call_id"] == "call_0199c1c0f3a2_0"


def test_a_proof_is_given_to_those_who_ask():
    events = [
        message_start(),
        block_start(0, type="thinking", thinking="", signature=""),
        block_delta(0, type="thinking_delta", thinking="h"),
        block_delta(0, type="signature_delta", signature="c2ln"),
        block_stop(0),
        block_start(1, type="text", text="a"),
        block_stop(1),
        message_delta("end_turn"),
        '{"type":"message_stop"}',
    ]
    asked = streamed(MESSAGES, events, include=["reasoning.encrypted_content"])
    item = asked[-1]["response"]["output"][0]
    assert item["encrypted_content"] == "signature:c2ln"
    assert "encrypted_content" not in streamed(MESSAGES, events)[-1]["response"]["output"][0]
    choice = Choice(text="a", reasoning="h", reasoning_signature="c2ln")
    request = request_for(RESPONSES, include=["reasoning.encrypted_content"])
    body = RESPONSES.write_response(GenerationResponse([choice]), reply_to(request), USAGE, 1)
    assert body["output"][0]["encrypted_content"] == "signature:c2ln"
    assert RESPONSES.read_response(body).choices == [choice]


def test_the_response_repeats_what_was_asked():
    tool = {"type": "custom", "name": "patch"}
    asked = {
        "instructions": "Be brief.",
        "metadata": {"a": "b"},
        "tools": [tool],
        "max_output_tokens": 9,
        "store": True,
        "text": {"format": {"type": "json_object"}},
    }
    for body in (
        written([Delta(text="a")], **asked)[-1]["response"],
        RESPONSES.write_response(
            GenerationResponse([Choice(text="a")]),
            reply_to(request_for(RESPONSES, **asked)),
            USAGE,
            1,
        ),
    ):
        assert {name: body[name] for name in asked} == asked | {"store": False}
        assert body["temperature"] == 1.0
        assert body["truncation"] == "disabled"
        assert Response.model_validate(body, strict=False)


def test_an_error_is_one_event_that_sdks_raise_and_others_read():
    writer = RESPONSES.stream_writer(reply_to(request_for(RESPONSES, stream=True)))
    writer.write(Delta(text="a"))
    failed = writer.fail(UpstreamError("stream_interrupted"), "en")
    [(name, body)] = parse(failed)
    assert name == body["type"] == "error"
    assert body["code"] == body["error"]["code"] == "stream_interrupted"
    assert body["message"] == body["error"]["message"]
    assert body["sequence_number"] == 5
    assert EVENT.validate_python(body, strict=False).type == "error"


# What an upstream of this format sends


def test_an_upstreams_own_items_pass_as_they_are():
    events = bodies(
        relay(RESPONSES, RESPONSES, STREAMS["openai_responses"], request_for(RESPONSES))
    )
    output = events[-1]["response"]["output"]
    assert output[0]["encrypted_content"] == "gAAAA"
    assert [item["id"] for item in output] == ["rs_1", "item_m", "fc_1", "fc_2"]
    assert of(events, "output_text.delta")[0]["obfuscation"] == "x"
    assert len(events) == len(STREAMS["openai_responses"])


def test_items_that_only_it_knows_pass_too():
    search = {"id": "ws_1", "type": "web_search_call", "status": "completed"}
    stream = [
        lifecycle("created"),
        response_event("output_item.added", 0, item=search),
        response_event("web_search_call.searching", 0, item_id="ws_1"),
        response_event("output_item.done", 0, item=search),
        response_event("output_text.delta", 1, item_id="m", content_index=0, delta="a"),
        lifecycle("completed", status="completed"),
    ]
    events = streamed(RESPONSES, stream)
    assert of(events, "web_search_call.searching")[0]["output_index"] == 0
    assert events[-1]["response"]["output"][0] == search
    assert events[-1]["response"]["output"][1]["content"][0]["text"] == "a"
    chat = relay(RESPONSES, CHAT, stream, request_for(CHAT, stream=True))
    assert b"web_search" not in chat


def gathered(events):
    deltas = read_all(RESPONSES, events)
    calls = [(c.position, c.id, c.name, c.arguments) for d in deltas for c in d.tool_calls]
    return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas), calls


def test_a_server_that_sends_no_indices():
    text, _, calls = gathered(
        [
            response_event("output_text.delta", item_id="m", delta="a"),
            response_event(
                "output_item.added", item={"id": "fc", "type": "function_call", "name": "f"}
            ),
            response_event("function_call_arguments.delta", item_id="fc", delta="{}"),
            response_event("function_call_arguments.done", item_id="fc", arguments="{}"),
        ]
    )
    assert (text, calls) == ("a", [(0, "fc", "f", ""), (0, None, None, "{}")])


def test_a_server_that_sends_only_finished_items():
    message = {"type": "message", "content": [{"type": "output_text", "text": "a"}]}
    *_, done = call_events(1, "fc", "c1", "f", ['{"a":1}'])
    text, _, calls = gathered([response_event("output_item.done", 0, item=message), done])
    assert (text, calls) == ("a", [(0, "c1", "f", '{"a":1}')])


def test_reasoning_that_is_sent_twice_is_read_once():
    _, reasoning, _ = gathered(
        [
            response_event("reasoning_summary_part.added", 0, item_id="r", summary_index=0),
            response_event("reasoning_summary_text.delta", 0, item_id="r", delta="a"),
            response_event("reasoning_text.delta", 0, item_id="r", delta="a"),
            response_event("reasoning_summary_part.added", 0, item_id="r", summary_index=1),
            response_event("reasoning_summary_text.delta", 0, item_id="r", delta="b"),
        ]
    )
    assert reasoning == "a\n\nb"


@pytest.mark.parametrize(
    "event",
    [
        '{"type":"error","code":"server_error","message":"boom","param":null}',
        '{"type":"error","error":{"code":"server_error","message":"boom"}}',
        '{"error":{"code":"server_error","message":"boom"}}',
        lifecycle("failed", status="failed", error={"code": "server_error", "message": "boom"}),
    ],
)
def test_an_error_that_the_upstream_reports(event):
    with pytest.raises(UpstreamStreamError) as failed:
        RESPONSES.stream_reader().feed(None, event)
    assert (failed.value.problem.message, failed.value.problem.code) == ("boom", "server_error")


def test_a_failed_response():
    failed = {"id": "up-1", "status": "failed", "error": {"message": "boom"}, "output": []}
    with pytest.raises(UpstreamStreamError) as raised:
        RESPONSES.read_response(failed)
    assert raised.value.problem.message == "boom"


def test_the_end():
    reader = RESPONSES.stream_reader()
    reader.feed(None, lifecycle("created"))
    assert not reader.is_complete
    reader.feed(None, "[DONE]")
    assert (reader.is_complete, reader.is_over) == (True, True), "another format's end is an end"
    reader = RESPONSES.stream_reader()
    details = {"reason": "max_output_tokens"}
    [delta] = reader.feed(
        None, lifecycle("incomplete", status="incomplete", incomplete_details=details)
    )
    assert (delta.finish, reader.is_complete, reader.is_over) == ("length", True, True)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 1}, Usage(1)),
        ({"input_tokens": 1.0, "output_tokens": 1}, Usage(0, 1)),
        ({"input_tokens": True, "output_tokens": 1}, Usage(0, 1)),
        ({"input_tokens": -1, "output_tokens": 1}, Usage(0, 1)),
        (
            {"input_tokens": 1, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 2}},
            Usage(1, 1, 1),
        ),
        (
            {"input_tokens": 1, "output_tokens": 1, "output_tokens_details": 5},
            Usage(1, 1),
        ),
        (5, None),
    ],
)
def test_what_cannot_be_true_of_a_usage_is_unknown(usage, expected):
    [delta] = RESPONSES.stream_reader().feed(None, lifecycle("completed", usage=usage))
    assert delta.usage == expected


def test_a_call_without_a_name_is_nonsense():
    with pytest.raises(MalformedUpstream):
        RESPONSES.read_response({"output": [{"type": "function_call", "call_id": "c"}]})


def test_a_tool_round_trip_between_all_formats():
    choice = Choice(text="t", tool_calls=[ToolCall("c1", "f", '{"a":1}')], finish="tool_calls")
    for client in (CHAT, MESSAGES, RESPONSES):
        reply = reply_to(request_for(client))
        body = client.write_response(GenerationResponse([choice]), reply, USAGE, CHARGE)
        assert client.read_response(body).choices[0].tool_calls == choice.tool_calls
    body = RESPONSES.write_response(
        GenerationResponse([choice]), reply_to(request_for(RESPONSES)), USAGE, CHARGE
    )
    output = {"type": "function_call_output", "call_id": "c1", "output": "42"}
    again = [{"role": "user", "content": "hi"}, *body["output"], output]
    request = request_for(RESPONSES, input=again)
    [_, assistant, result] = request.conversations[0]
    assert assistant.parts[1] == choice.tool_calls[0]
    assert result.parts[0].content[0].text == "42"
