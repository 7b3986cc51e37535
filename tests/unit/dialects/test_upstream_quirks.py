"""What real upstreams send beside the specification, and what is nonsense in any case."""

import pytest

from tests.unit.dialects.dialect_cases import (
    CHARGE,
    CHAT,
    COMPLETIONS,
    GENERATION,
    MESSAGES,
    OPENAI_USAGE,
    USAGE,
    block_delta,
    block_start,
    block_stop,
    bodies,
    call_piece,
    chunk,
    data,
    message_delta,
    message_start,
    read_all,
    relay,
    reply_to,
    request_for,
    said,
    text_choice,
)
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.kernel.usage import Usage


def chat_deltas(*events):
    return read_all(CHAT, list(events))


def calls(deltas):
    return [(p.position, p.id, p.name, p.arguments) for d in deltas for p in d.tool_calls]


@pytest.mark.parametrize(
    "events",
    [
        [chunk([said({"content": "x"}, "stop")]), chunk([], usage=OPENAI_USAGE)],
        [chunk([said({"content": "x"})]), chunk([said({}, "stop")], usage=OPENAI_USAGE)],
        [chunk([said({"content": "x"}, "stop")]), data(usage=OPENAI_USAGE)],
        [chunk([said({"content": "x"}, "stop")]), chunk([], usage=OPENAI_USAGE)] * 2,
        [chunk([said({"content": "x"})], usage=OPENAI_USAGE), chunk([said({}, "stop")])],
        [chunk([said({"content": "x"}, "stop") | {"usage": OPENAI_USAGE}])],
    ],
    ids=["own chunk", "with the end", "no choices", "twice", "with the text", "in the choice"],
)
def test_wherever_the_usage_is(events):
    told = [delta.usage for delta in chat_deltas(*events) if delta.usage is not None]
    assert told[-1] == USAGE
    written = relay(CHAT, CHAT, events, request_for(CHAT, stream=True))
    assert b"usage" not in written


def test_the_end_mark_may_be_forgotten():
    reader = CHAT.stream_reader()
    assert not reader.is_complete
    steps = [
        (chunk([said({"content": "x"})]), False),
        (chunk([said({}, "stop")]), True),
        (chunk([said({"content": "y"}, index=1)]), False),
        (chunk([said({"content": ""})]), False),
        (chunk([said({}, "stop", index=1)]), True),
        (chunk([], usage=OPENAI_USAGE), True),
    ]
    for event, is_complete in steps:
        reader.feed(None, event)
        assert reader.is_complete == is_complete
        assert not reader.is_over
    reader.feed(None, "[DONE]")
    assert reader.is_over


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": [{"type": "thinking", "thinking": "hm"}]},
    ],
)
def test_reasoning_by_every_name(delta):
    [found] = chat_deltas(chunk([said(delta)]))
    assert (found.reasoning, found.text) == ("hm", "")
    body = {"choices": [{"message": delta, "finish_reason": "stop"}]}
    choice = CHAT.read_response(body).choices[0]
    assert (choice.reasoning, choice.text) == ("hm", "")


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "ok", "refusal": None, "reasoning": None, "tool_calls": None},
        {"content": "ok", "tool_calls": [], "function_call": None, "role": "assistant"},
        {"content": [{"type": "text", "text": "ok"}, {"type": "reference", "ids": [1]}]},
        {"refusal": "ok"},
    ],
)
def test_text_among_nulls(delta):
    [found] = chat_deltas(chunk([said(delta)]))
    assert (found.text, found.reasoning, found.tool_calls) == ("ok", "", [])


@pytest.mark.parametrize(
    "event",
    [
        data(choices=[]),
        data(id="x", prompt_filter_results=[], choices=[]),
        data(object="ping"),
        data(choices=None),
        data(choices=[], error=None),
    ],
)
def test_chunks_that_say_nothing(event):
    assert chat_deltas(event) == []


def test_a_choice_without_index_delta_or_reason():
    [found] = chat_deltas(data(choices=[{"delta": None}]))
    assert not found.has_output()
    [found] = chat_deltas(data(choices=[{"delta": {"content": "x"}, "finish_reason": ""}]))
    assert (found.index, found.text, found.finish) == (0, "x", None)


@pytest.mark.parametrize(
    ("word", "finish"),
    [("eos", "stop"), ("sensitive", "content_filter"), ("max_tokens", "length"), (7, "stop")],
)
def test_words_for_the_end_that_nobody_specified(word, finish):
    assert chat_deltas(chunk([said({}, word)]))[0].finish == finish


@pytest.mark.parametrize("word", ["error", "abort", "insufficient_system_resource"])
def test_words_that_say_it_broke_off(word):
    with pytest.raises(UpstreamStreamError):
        chat_deltas(chunk([said({}, word)]))
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": word}]}
    with pytest.raises(UpstreamStreamError):
        CHAT.read_response(body)


@pytest.mark.parametrize(
    "pieces",
    [
        [call_piece(0, "{}", "a", "f"), call_piece(0, "{}", "b", "g")],
        [
            {"id": "a", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "function": {"name": "g", "arguments": "{}"}},
        ],
        [call_piece(0, "{}", "a", "f"), call_piece(1, "{}", "b", "g")],
        [call_piece(3, "{}", "a", "f"), call_piece(7, "{}", "b", "g")],
        [
            {"index": 0, "id": "a", "function": {"name": "f", "arguments": {}}},
            {"index": 1, "id": "b", "function": {"name": "g", "arguments": {}}},
        ],
    ],
    ids=["index always 0", "no index", "as specified", "with gaps", "arguments as an object"],
)
def test_two_calls_are_two_calls(pieces):
    found = calls(chat_deltas(*[chunk([said({"tool_calls": [piece]})]) for piece in pieces]))
    assert found == [(0, "a", "f", "{}"), (1, "b", "g", "{}")]
    together = calls(chat_deltas(chunk([said({"tool_calls": pieces})])))
    assert together == found


def test_a_call_that_repeats_its_id_is_one_call():
    first = call_piece(0, '{"a"', "a", "f")
    again = call_piece(0, ":1}", "a", "f")
    other_id = {"index": 0, "id": "zzz", "function": {"arguments": " "}}
    found = calls(
        chat_deltas(*[chunk([said({"tool_calls": [p]})]) for p in (first, again, other_id)])
    )
    assert [piece[0] for piece in found] == [0, 0, 0]


def test_the_old_form_of_a_call_is_output_too():
    found = chat_deltas(chunk([said({"function_call": {"name": "f", "arguments": "{}"}})]))
    assert calls(found) == [(0, None, "f", "{}")]
    assert found[0].has_output()
    message = {"content": None, "function_call": {"name": "f", "arguments": "{}"}}
    choice = CHAT.read_response({"choices": [{"message": message}]}).choices[0]
    assert [(call.name, call.arguments) for call in choice.tool_calls] == [("f", "{}")]


def test_several_choices_in_one_chunk_are_a_delta_each():
    event = chunk([said({"content": "a"}), said({"content": "b"}, index=1)], usage=OPENAI_USAGE)
    first, second = chat_deltas(event)
    assert (first.index, first.text, first.usage) == (0, "a", None)
    assert (second.index, second.text, second.usage) == (1, "b", USAGE)
    assert [len(delta.raw["choices"]) for delta in (first, second)] == [1, 1]
    written = bodies(relay(CHAT, CHAT, [event], request_for(CHAT, stream=True, n=2)))
    assert [body["choices"][0]["index"] for body in written] == [0, 1, 0, 1]


def test_a_chunk_keeps_what_only_its_format_knows():
    more = {"annotations": [{"type": "url_citation"}]}
    events = [
        chunk([said({"role": "assistant"} | more)], system_fingerprint="fp"),
        chunk([said({"role": "assistant", "content": None, "reasoning": ""})]),
        chunk([said({"content": "x"}, "stop")], service_tier="default"),
    ]
    first, last = bodies(relay(CHAT, CHAT, events, request_for(CHAT, stream=True)))
    assert first["choices"][0]["delta"] == {"role": "assistant"} | more
    assert first["system_fingerprint"] == "fp"
    assert last["service_tier"] == "default"
    assert last["choices"][0]["delta"] == {"content": "x"}


def test_a_choice_that_never_ended_is_given_an_end():
    events = [chunk([said({"content": "a"})]), chunk([said({"content": "b"}, index=1)]), "[DONE]"]
    for client in (CHAT, COMPLETIONS):
        written = bodies(relay(CHAT, client, events, request_for(client, stream=True, n=2)))
        ends = [choice["finish_reason"] for body in written for choice in body["choices"]]
        assert ends == [None, None, "stop", "stop"]


NONSENSE = [
    "",
    "null",
    "[]",
    "7",
    '"text"',
    "{",
    '{"a":NaN}',
    '{"a":"\ud83d'.encode("utf-16", "surrogatepass").decode("latin-1"),
]
SHAPES = {
    "openai_chat": [
        data(choices=5),
        data(choices=[5]),
        data(choices=[{"index": "0", "delta": {}}]),
        data(choices=[{"index": -1, "delta": {}}]),
        data(choices=[{"index": True, "delta": {}}]),
        chunk([said([])]),
        chunk([said({"content": 5})]),
        chunk([said({"tool_calls": {"a": 1}})]),
        chunk([said({"tool_calls": [5]})]),
        chunk([said({"tool_calls": [{"function": 5}]})]),
    ],
    "openai_completions": [data(choices=[5]), data(choices=[{"text": 5}])],
    "anthropic_messages": [
        data(type="content_block_delta", index=0),
        data(type="content_block_delta", index=0, delta=5),
        data(type="message_start"),
        data(type="message_delta"),
        data(type="content_block_start", index=0),
        block_start("x", type="tool_use", id="a", name="b", input={}),
        block_start(0, type="tool_use", id=5, name="b", input={}),
        block_delta(0, type="text_delta", text=5),
    ],
    "openai_responses": [
        data(type="response.created"),
        data(type="response.completed", response=5),
        data(type="response.output_text.delta", delta="x"),
        data(type="response.output_text.delta", output_index=0, delta=5),
        data(type="response.output_item.added", output_index=0, item=5),
        data(type="response.output_item.added", output_index=0, item={"type": "function_call"}),
        data(type="response.function_call_arguments.delta", output_index=0, delta={}),
    ],
    "gemini": [
        data(candidates=5),
        data(candidates=[5]),
        data(candidates=[{"index": "0"}]),
        data(candidates=[{"index": -1}]),
        data(candidates=[{"content": {"parts": 5}}]),
        data(candidates=[{"content": {"parts": [5]}}]),
        data(candidates=[{"content": {"parts": [{"functionCall": 5}]}}]),
        data(candidates=[{"content": {"parts": [{"functionCall": {"name": "a", "args": 5}}]}}]),
    ],
}


@pytest.mark.parametrize(
    ("dialect", "event"),
    [(d, e) for d in GENERATION for e in [*NONSENSE, *SHAPES[d.name]]],
)
def test_nonsense_in_a_stream(dialect, event):
    with pytest.raises(MalformedUpstream) as refused:
        dialect.stream_reader().feed(None, event)
    assert len(str(refused.value)) < 200


RESPONSES = {
    "openai_chat": [
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": 5}}]},
        {"choices": [{"message": {"tool_calls": {"a": 1}}}]},
        {"choices": [{"message": {"tool_calls": [{"id": "x"}]}}]},
    ],
    "openai_completions": [{"choices": [{"text": 5}]}],
    "anthropic_messages": [{"content": [5]}, {"content": [{"type": "text", "text": 5}]}],
    "openai_responses": [
        {"output": [5]},
        {"output": [{"type": "message", "content": 5}]},
        {"output": [{"type": "function_call", "call_id": "c"}]},
    ],
    "gemini": [
        {"candidates": [5]},
        {"candidates": 5},
        {"candidates": [{"content": {"parts": 5}}]},
        {"candidates": [{"content": {"parts": [{"functionCall": {}}]}}]},
    ],
}


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (d, b)
        for d in GENERATION
        for b in [[], 5, {}, {"choices": []}, {"content": 5}, {"choices": 5}, {"choices": [5]}]
        + RESPONSES[d.name]
    ],
)
def test_nonsense_in_a_response(dialect, body):
    with pytest.raises(MalformedUpstream):
        dialect.read_response(body)


ERRORS = [
    {"error": {"message": "boom", "code": 502, "type": "x"}},
    {"error": {"message": "boom", "code": "502", "type": "x"}, "choices": []},
    {"error": "boom"},
    {"type": "error", "error": {"type": "x", "message": "boom"}},
]


@pytest.mark.parametrize("dialect", GENERATION, ids=lambda d: d.name)
@pytest.mark.parametrize("body", ERRORS)
def test_errors_with_status_200(dialect, body):
    for read in (dialect.read_response, lambda b: dialect.stream_reader().feed(None, data(**b))):
        with pytest.raises(UpstreamStreamError) as found:
            read(body)
        assert found.value.problem.message == "boom"


def test_an_error_among_choices_and_by_name():
    event = data(error={"message": "boom"}, choices=[said({"content": ""}, "error")])
    with pytest.raises(UpstreamStreamError):
        CHAT.stream_reader().feed(None, event)
    for dialect in GENERATION:
        with pytest.raises(UpstreamStreamError):
            dialect.stream_reader().feed("error", data(message="boom"))


def anthropic_usage(*events):
    return [delta.usage for delta in read_all(MESSAGES, list(events)) if delta.usage]


def test_anthropic_counts_add_up_and_the_first_output_is_a_placeholder():
    start, end = anthropic_usage(message_start(), message_delta("end_turn"))
    assert start == Usage(20, 0, 5, 2, 3)
    assert end == Usage(20, 9, 5, 2, 3)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ({"input_tokens": 0, "output_tokens": 0}, {"input_tokens": 7, "output_tokens": 3}, (7, 3)),
        ({"input_tokens": 7}, {"input_tokens": 0, "output_tokens": 3}, (7, 3)),
        ({"input_tokens": 7}, {"input_tokens": None, "output_tokens": 3}, (7, 3)),
        ({"input_tokens": 7}, {"input_tokens": 9, "output_tokens": 3}, (9, 3)),
        (
            {"input_tokens": 9},
            {"input_tokens": 0, "cache_read_input_tokens": 9, "output_tokens": 3},
            (9, 3),
        ),
        ({"output_tokens": 1}, {"output_tokens": 3}, (0, 3)),
        ({"input_tokens": 7}, {"output_tokens": "3"}, (7, 0)),
    ],
)
def test_usage_over_the_events_of_anthropic(start, end, expected):
    found = read_all(MESSAGES, [message_start(**start), message_delta("end_turn", **end)])
    last = found[-1].usage
    assert (None if last is None else (last.input_tokens, last.output_tokens)) == expected


def test_events_of_anthropic_that_say_nothing():
    reader = MESSAGES.stream_reader()
    for event in (data(type="ping"), data(type="brand_new"), data(a=1)):
        assert reader.feed(None, event) == []
    assert not reader.is_complete


def test_blocks_that_begin_with_content():
    events = [
        block_start(0, type="text", text="Hel"),
        block_delta(0, type="text_delta", text="lo"),
        block_start(1, type="tool_use", id="a", name="f", input={"x": 1}),
        block_stop(1),
        block_start(2, type="server_tool_use", id="s", name="web_search", input={}),
        block_delta(2, type="input_json_delta", partial_json='{"q":1}'),
        block_delta(2, type="citations_delta", citation={}),
        block_stop(2),
        block_start(3, type="tool_use", id="b", name="g", input={}),
        block_stop(3),
    ]
    found = read_all(MESSAGES, events)
    assert "".join(delta.text for delta in found) == "Hello"
    assert calls(found) == [(0, "a", "f", '{"x":1}'), (1, "b", "g", ""), (1, None, None, "{}")]


def test_a_stream_without_block_starts_is_mended():
    events = [
        message_start(),
        block_delta(0, type="text_delta", text="Hi"),
        block_stop(0),
        message_delta("end_turn"),
    ]
    written = bodies(relay(MESSAGES, MESSAGES, events, request_for(MESSAGES, stream=True)))
    assert [body["type"] for body in written] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_calls_without_ids_are_given_ids():
    piece = {"index": 0, "function": {"name": "f", "arguments": "{}"}}
    events = [chunk([said({"tool_calls": [piece]})]), chunk([said({}, "stop")])]
    written = bodies(relay(CHAT, MESSAGES, events, request_for(MESSAGES, stream=True)))
    assert written[1]["content_block"]["id"] == "toolu_0199c1c0f3a2_0"
    assert written[-2]["delta"]["stop_reason"] == "tool_use", "there was a call, whatever it said"
    body = {"choices": [{"message": {"content": None, "tool_calls": [piece]}}]}
    response = CHAT.read_response(body)
    written = MESSAGES.write_response(response, reply_to(request_for(MESSAGES)), USAGE, CHARGE)
    assert written["content"][0]["id"] == "toolu_0199c1c0f3a2_0"
    response.raw = None
    written = CHAT.write_response(response, reply_to(request_for(CHAT)), USAGE, CHARGE)
    assert written["choices"][0]["message"]["tool_calls"][0]["id"] == "call_0199c1c0f3a2_0_0"


def test_late_arguments_of_an_earlier_call_find_their_block():
    pieces = [call_piece(0, '{"a"', "a", "f"), call_piece(1, "{}", "b", "g"), call_piece(0, ":1}")]
    events = [chunk([said({"tool_calls": [piece]})]) for piece in pieces]
    written = bodies(relay(CHAT, MESSAGES, events, request_for(MESSAGES, stream=True)))
    deltas = [body for body in written if body["type"] == "content_block_delta"]
    assert [body["index"] for body in deltas] == [0, 1, 0]


def test_fields_of_anthropic_that_are_null_or_missing():
    event = data(type="message_start", message={"usage": 5})
    assert anthropic_usage(event, block_delta(0, type="text_delta", text=None)) == []
    response = MESSAGES.read_response({"content": [{"type": "text", "text": None}]})
    assert response.choices[0].text == ""


def test_an_end_without_a_delta_and_logprobs_without_text():
    ended = chunk([{"index": 0, "delta": None, "finish_reason": "stop"}])
    scored = chunk(
        [said({"content": ""}) | {"logprobs": {"content": [{"token": "", "logprob": 0}]}}]
    )
    first, last = bodies(relay(CHAT, CHAT, [scored, ended], request_for(CHAT, stream=True)))
    assert first["choices"][0]["logprobs"]["content"]
    assert last["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}


def test_native_completions_chunks_that_say_nothing_are_left_out():
    events = [chunk([text_choice("")]), chunk([text_choice("a")]), chunk([text_choice("", "stop")])]
    request = request_for(COMPLETIONS, stream=True)
    assert len(bodies(relay(COMPLETIONS, COMPLETIONS, events, request))) == 2
