"""Legacy completions over chat and over messages: the whole table of the mapping."""

import pytest

from tests.unit.dialects.dialect_cases import (
    CHARGE,
    CHAT,
    COMPLETIONS,
    GENERATION,
    MESSAGES,
    RESPONSES,
    TARGET,
    USAGE,
    bodies,
    chunk,
    completion,
    message_start,
    parse,
    relay,
    reply_to,
    request_for,
    said,
    text_choice,
)
from yiyuan.dialects.canonical import Choice, Delta, GenerationResponse, Message, Target, Text
from yiyuan.kernel.errors import InvalidRequest

UPSTREAMS = pytest.mark.parametrize("upstream", [CHAT, MESSAGES], ids=["chat", "messages"])


def read(**fields):
    return COMPLETIONS.read_request(completion(**fields))


def prompts(request):
    return ["".join(part.text for part in turn.parts) for (turn,) in request.conversations]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("one", ["one"]),
        (["one"], ["one"]),
        (["one", "two", ""], ["one", "two", ""]),
        (None, ["<|endoftext|>"]),
    ],
)
def test_prompts(prompt, expected):
    assert prompts(read(prompt=prompt)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [([1, 2, 3], {0: [1, 2, 3]}), ([[1], [2, 3]], {0: [1], 1: [2, 3]})],
)
def test_prompts_of_token_ids_wait_for_the_vocabulary(prompt, expected):
    request = read(prompt=prompt)
    assert request.token_prompts == expected
    assert request.conversations == [[] for _ in expected]
    assert COMPLETIONS.write_request(request, TARGET)["prompt"] == prompt
    for upstream in (CHAT, MESSAGES):
        part = read(prompt=[1])
        with pytest.raises(InvalidRequest) as refused:
            upstream.write_request(part, TARGET)
        assert (refused.value.code, refused.value.param) == ("unsupported_value", "prompt")


REFUSED_WHEN_READ = [
    ({"prompt": []}, "prompt", "invalid_value"),
    ({"prompt": [[]]}, "prompt", "invalid_value"),
    ({"prompt": ["a", 1]}, "prompt", "invalid_type"),
    ({"prompt": [1, "a"]}, "prompt", "invalid_type"),
    ({"prompt": [[1, "a"]]}, "prompt", "invalid_type"),
    ({"prompt": [True]}, "prompt", "invalid_type"),
    ({"prompt": [[True]]}, "prompt", "invalid_type"),
    ({"prompt": [-1]}, "prompt", "invalid_value"),
    ({"prompt": ["a"] * 2049}, "prompt", "invalid_value"),
    ({"prompt": 5}, "prompt", "invalid_type"),
    ({"prompt": {"a": 1}}, "prompt", "invalid_type"),
    ({"model": None}, "model", "missing_required_parameter"),
    ({"model": ""}, "model", "invalid_value"),
    ({"model": 4}, "model", "invalid_type"),
    ({"max_tokens": 0}, "max_tokens", "invalid_value"),
    ({"max_tokens": -1}, "max_tokens", "invalid_value"),
    ({"max_tokens": 2**31}, "max_tokens", "invalid_value"),
    ({"max_tokens": 1.5}, "max_tokens", "invalid_type"),
    ({"max_tokens": "5"}, "max_tokens", "invalid_type"),
    ({"max_tokens": True}, "max_tokens", "invalid_type"),
    ({"n": 0}, "n", "invalid_value"),
    ({"n": 129}, "n", "invalid_value"),
    ({"best_of": 21}, "best_of", "invalid_value"),
    ({"best_of": 2, "n": 3}, "best_of", "invalid_value"),
    ({"best_of": 3, "n": 2, "stream": True}, "best_of", "invalid_value"),
    ({"logprobs": 6}, "logprobs", "invalid_value"),
    ({"logprobs": True}, "logprobs", "invalid_type"),
    ({"temperature": 2.1}, "temperature", "invalid_value"),
    ({"temperature": "hot"}, "temperature", "invalid_type"),
    ({"top_p": -0.1}, "top_p", "invalid_value"),
    ({"presence_penalty": 3}, "presence_penalty", "invalid_value"),
    ({"frequency_penalty": -3}, "frequency_penalty", "invalid_value"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "invalid_value"),
    ({"stop": [1]}, "stop", "invalid_type"),
    ({"stop": 1}, "stop", "invalid_type"),
    ({"logit_bias": []}, "logit_bias", "invalid_type"),
    ({"seed": 1.5}, "seed", "invalid_type"),
    ({"user": 1}, "user", "invalid_type"),
    ({"echo": 1}, "echo", "invalid_type"),
    ({"stream": "yes"}, "stream", "invalid_type"),
    ({"stream_options": []}, "stream_options", "invalid_type"),
    (
        {"stream_options": {"include_usage": 1}},
        "stream_options.include_usage",
        "invalid_type",
    ),
    ({"suffix": 1}, "suffix", "invalid_type"),
]


@pytest.mark.parametrize(("fields", "param", "code"), REFUSED_WHEN_READ)
def test_what_is_wrong_is_refused_by_name(fields, param, code):
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert (refused.value.code, refused.value.param) == (code, param)
    for language in ("en", "zh"):
        assert refused.value.message(language)


def test_a_request_without_a_prompt():
    with pytest.raises(InvalidRequest) as refused:
        COMPLETIONS.read_request({"model": "gpt-4"})
    assert refused.value.param == "prompt"


REFUSED_WHEN_CONVERTED = [
    ([CHAT, MESSAGES], {"suffix": "end"}, "suffix"),
    ([CHAT, MESSAGES], {"best_of": 3}, "best_of"),
    ([CHAT, MESSAGES], {"echo": True, "logprobs": 1}, "logprobs"),
    ([CHAT, MESSAGES], {"echo": True, "max_tokens": 0}, "max_tokens"),
    ([MESSAGES], {"logprobs": 0}, "logprobs"),
    ([MESSAGES], {"prompt": ""}, "prompt"),
    ([MESSAGES], {"prompt": " \n\t"}, "prompt"),
    ([MESSAGES], {"n": 2}, "n"),
    ([MESSAGES], {"stop": ["\n"]}, "stop"),
    ([MESSAGES], {"temperature": 1.2}, "temperature"),
    ([MESSAGES], {"presence_penalty": 0.5}, "presence_penalty"),
    ([MESSAGES], {"frequency_penalty": -0.5}, "frequency_penalty"),
    ([MESSAGES], {"logit_bias": {"50256": -100}}, "logit_bias"),
    ([MESSAGES], {"seed": 0}, "seed"),
]


@pytest.mark.parametrize(("upstreams", "fields", "param"), REFUSED_WHEN_CONVERTED)
def test_what_an_upstream_cannot_honour_is_refused_by_name(upstreams, fields, param):
    for upstream in upstreams:
        with pytest.raises(InvalidRequest) as refused:
            upstream.write_request(read(**fields), TARGET)
        assert refused.value.param == param
        assert refused.value.code in ("unsupported_parameter", "unsupported_value")
        assert refused.value.message("en")
        assert refused.value.message("zh")


def test_native_upstreams_honour_all_of_it():
    fields = {"suffix": "end", "best_of": 3, "echo": True, "logprobs": 1, "some_new": 1}
    request = read(**fields)
    written = COMPLETIONS.write_request(request, TARGET)
    assert request.dropped == ["some_new"]
    del fields["some_new"]
    assert written == completion(**fields) | {"model": "upstream-model", "max_tokens": 16}


@UPSTREAMS
def test_the_defaults(upstream):
    nulls = dict.fromkeys(["best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "n"])
    nulls |= dict.fromkeys(["presence_penalty", "seed", "stop", "stream", "suffix", "user"])
    nulls |= dict.fromkeys(["max_tokens", "temperature", "top_p", "stream_options", "unknown"])
    for fields in ({}, nulls, {"n": 1, "best_of": 1, "stop": [], "suffix": ""}):
        request = read(**fields)
        assert upstream.write_request(request, TARGET) == {
            "model": "upstream-model",
            "messages": [{"role": "user", "content": "Once upon"}],
            "max_tokens": 16,
        }
        assert request.dropped == []


@UPSTREAMS
def test_defaults_said_aloud_are_no_reason_to_refuse(upstream):
    request = read(temperature=1, top_p=1, presence_penalty=0, frequency_penalty=0, logit_bias={})
    assert upstream.write_request(request, TARGET)["max_tokens"] == 16
    assert request.dropped == []


@UPSTREAMS
def test_what_both_know(upstream):
    request = read(max_tokens=7, temperature=0.5, top_p=0.9, stop="END", user="u1", stream=True)
    written = upstream.write_request(request, TARGET)
    assert (written["max_tokens"], written["temperature"]) == (7, 0.5)
    assert (written["top_p"], written["stream"]) == (0.9, True)
    if upstream is CHAT:
        assert (written["stop"], written["user"]) == (["END"], "u1")
        assert written["stream_options"] == {"include_usage": True}
    else:
        assert (written["stop_sequences"], written["metadata"]) == (["END"], {"user_id": "u1"})
        assert "stream_options" not in written


def test_what_only_chat_knows():
    fields = {"presence_penalty": 0.5, "frequency_penalty": 0.25, "logit_bias": {"1": 2}}
    request = read(n=3, best_of=3, seed=7, logprobs=2, **fields)
    written = CHAT.write_request(request, TARGET)
    assert {name: written[name] for name in fields} == fields
    assert (written["n"], written["seed"]) == (3, 7)
    assert (written["logprobs"], written["top_logprobs"]) == (True, 2)
    assert "best_of" not in written


@pytest.mark.parametrize(("asked", "expected"), [(None, 16), (5, 5)])
def test_the_maximum_is_always_said_to_native_upstreams(asked, expected):
    assert COMPLETIONS.write_request(read(max_tokens=asked), TARGET)["max_tokens"] == expected
    clamped = Target(model="up", max_output_tokens=3)
    for upstream in GENERATION:
        written = upstream.write_request(read(max_tokens=asked), clamped)
        name = "max_output_tokens" if upstream is RESPONSES else "max_tokens"
        assert written[name] == 3


CHUNKS = [
    chunk([said({"role": "assistant", "content": ""})]),
    chunk([said({"reasoning_content": "thinking"})]),
    chunk([said({"content": " there"})]),
    chunk([said({"content": " was"}, index=1)]),
    chunk([said({}, "stop")]),
    chunk([said({}, "length", index=1)]),
    "[DONE]",
]


def test_a_stream_has_one_shape_and_no_reasoning():
    request = read(n=2, stream=True, stream_options={"include_usage": True})
    *chunks, last = bodies(relay(CHAT, COMPLETIONS, CHUNKS, request))
    assert [body["choices"] for body in chunks] == [
        [text_choice(" there")],
        [text_choice(" was", index=1)],
        [text_choice("", "stop")],
        [text_choice("", "length", index=1)],
    ]
    for body in chunks:
        assert body["object"] == "text_completion"
        assert body["id"] == "cmpl-0199c1c0f3a2"
        assert body["usage"] is None
    assert last["choices"] == []
    assert last["usage"]["charge"] == CHARGE


def test_without_usage_when_not_asked():
    written = relay(CHAT, COMPLETIONS, CHUNKS, read(n=2, stream=True))
    assert b"usage" not in written
    assert parse(written)[-1][1] == "[DONE]"


@pytest.mark.parametrize("is_native", [False, True])
def test_echo_in_a_stream(is_native):
    """Index i·n+j belongs to prompt i; the text comes once, before the choice's first words."""
    request = read(prompt=["A", "B"], n=2, echo=True, stream=True)
    writer = COMPLETIONS.stream_writer(reply_to(request))
    for index, prompt in ((2, "B"), (0, "A"), (3, "B"), (1, "A")):
        raw = {"choices": [text_choice(" x", index=index)]} if is_native else None
        delta = Delta(index, " x", raw=raw, raw_dialect="openai_completions")
        assert bodies(writer.write(delta))[0]["choices"][0]["text"] == prompt + " x"
        assert bodies(writer.write(Delta(index, " y")))[0]["choices"][0]["text"] == " y"
    assert "echo" not in COMPLETIONS.write_request(request, TARGET)


def test_echo_of_an_empty_answer():
    writer = COMPLETIONS.stream_writer(reply_to(read(prompt="A", echo=True, stream=True)))
    assert writer.write(Delta()) == b""
    [body] = bodies(writer.write(Delta(finish="stop")))
    assert body["choices"] == [text_choice("A", "stop")]


def test_the_prompts_own_logprobs_are_the_upstreams_to_echo():
    request = read(prompt="A", echo=True, logprobs=1)
    assert COMPLETIONS.write_request(request, TARGET)["echo"] is True
    body = {"choices": [text_choice("A b", "stop")], "usage": None}
    response = COMPLETIONS.read_response(body)
    written = COMPLETIONS.write_response(response, reply_to(request), USAGE, CHARGE)
    assert written["choices"][0]["text"] == "A b"


@pytest.mark.parametrize("is_native", [False, True])
def test_a_response_of_k_prompts_and_n_choices(is_native):
    request = read(prompt=["A", "B"], n=2, echo=True)
    choices = [Choice(index, f" {index}") for index in (3, 0, 2, 1)]
    response = GenerationResponse(choices, usage=USAGE)
    if is_native:
        body = {"choices": [text_choice(f" {i}", "stop", i) for i in range(4)], "usage": None}
        response = COMPLETIONS.read_response(body)
    written = COMPLETIONS.write_response(response, reply_to(request), USAGE, CHARGE)
    texts = [(choice["index"], choice["text"]) for choice in written["choices"]]
    assert texts == [(0, "A 0"), (1, "A 1"), (2, "B 2"), (3, "B 3")]
    assert written["id"] == "cmpl-0199c1c0f3a2"
    assert written["object"] == "text_completion"
    assert written["model"] == "gpt-4"
    assert written["usage"]["charge"] == CHARGE
    assert written["usage"]["total_tokens"] == 29


FINISHES = [
    (CHAT, "stop", "stop"),
    (CHAT, "length", "length"),
    (CHAT, "content_filter", "content_filter"),
    (CHAT, "tool_calls", "stop"),
    (CHAT, "function_call", "stop"),
    (MESSAGES, "end_turn", "stop"),
    (MESSAGES, "stop_sequence", "stop"),
    (MESSAGES, "max_tokens", "length"),
    (MESSAGES, "model_context_window_exceeded", "length"),
    (MESSAGES, "refusal", "content_filter"),
    (MESSAGES, "tool_use", "stop"),
    (MESSAGES, "pause_turn", "stop"),
]


@pytest.mark.parametrize(("upstream", "word", "expected"), FINISHES)
def test_why_it_ended(upstream, word, expected):
    if upstream is CHAT:
        body = {"choices": [{"message": {"content": "x"}, "finish_reason": word}]}
        events = [chunk([said({"content": "x"}, word)])]
    else:
        body = {"content": [{"type": "text", "text": "x"}], "stop_reason": word}
        delta = f'{{"type":"message_delta","delta":{{"stop_reason":"{word}"}},"usage":{{}}}}'
        events = [message_start(), delta]
    reply = reply_to(request_for(COMPLETIONS))
    written = COMPLETIONS.write_response(upstream.read_response(body), reply, USAGE, 0)
    assert written["choices"][0]["finish_reason"] == expected
    streamed = bodies(relay(upstream, COMPLETIONS, events, read(stream=True)))
    assert streamed[-1]["choices"][0]["finish_reason"] == expected


def token(text, logprob, *top):
    tops = [{"token": t, "logprob": p, "bytes": None} for t, p in top]
    return {"token": text, "logprob": logprob, "bytes": None, "top_logprobs": tops}


def test_logprobs():
    items = [token(" a", -0.5, (" a", -0.5), (" b", -1.0)), token("世界", -0.1)]
    body = {
        "choices": [
            {
                "message": {"content": " a世界"},
                "finish_reason": "stop",
                "logprobs": {"content": items},
            }
        ]
    }
    request = read(logprobs=2)
    written = COMPLETIONS.write_response(CHAT.read_response(body), reply_to(request), USAGE, 0)
    assert written["choices"][0]["logprobs"] == {
        "tokens": [" a", "世界"],
        "token_logprobs": [-0.5, -0.1],
        "top_logprobs": [{" a": -0.5, " b": -1.0}, {"世界": -0.1}],
        "text_offset": [0, 2],
    }


def test_logprobs_in_a_stream_go_on_counting_characters():
    events = [
        chunk([said({"content": text}) | {"logprobs": {"content": [token(text, -0.5)]}}])
        for text in (" a", "世界", "!")
    ]
    written = bodies(relay(CHAT, COMPLETIONS, events, read(logprobs=0, stream=True)))
    offsets = [body["choices"][0]["logprobs"] for body in written]
    assert [found["text_offset"] for found in offsets if found] == [[0], [2], [4]]


def test_a_chat_request_of_one_text_is_a_prompt_for_a_native_upstream():
    request = request_for(CHAT, max_completion_tokens=9)
    written = COMPLETIONS.write_request(request, TARGET)
    assert written == {"prompt": "hi", "model": "upstream-model", "max_tokens": 9}


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}]},
    ],
)
def test_what_is_no_prompt_is_refused_by_a_native_upstream(fields):
    with pytest.raises(InvalidRequest):
        COMPLETIONS.write_request(request_for(CHAT, **fields), TARGET)


def test_decoded_prompts_echo_and_convert():
    """The gateway puts the decoded text where the empty conversation was."""
    request = read(prompt=[1, 2], echo=True)
    request.conversations = [[Message("user", [Text("decoded")])]]
    assert CHAT.write_request(request, TARGET)["messages"][0]["content"] == "decoded"
    response = GenerationResponse([Choice(text=" more")], usage=USAGE)
    written = COMPLETIONS.write_response(response, reply_to(request), USAGE, 0)
    assert written["choices"][0]["text"] == "decoded more"


def test_several_prompts_are_the_gateways_to_split():
    for upstream in (CHAT, MESSAGES):
        with pytest.raises(InvalidRequest) as refused:
            upstream.write_request(read(prompt=["a", "b"]), TARGET)
        assert refused.value.param == "prompt"


def test_a_split_request_for_a_native_upstream():
    request = read(prompt="A", top_k=3, echo=True, suffix="end")
    request.source = ""
    written = COMPLETIONS.write_request(request, TARGET)
    assert written == {
        "prompt": "A",
        "suffix": "end",
        "model": "upstream-model",
        "max_tokens": 16,
    }
    assert request.dropped == ["top_k"]
    request.conversations = [[]]
    with pytest.raises(InvalidRequest):
        COMPLETIONS.write_request(request, TARGET)


LEGACY = {
    "tokens": ["a", "b"],
    "token_logprobs": [None, -0.5],
    "top_logprobs": [None, {"b": -0.5, "c": -1}],
    "text_offset": [0, 1],
}


def test_logprobs_of_a_native_upstream():
    body = {"choices": [text_choice("ab", "stop") | {"logprobs": LEGACY}]}
    response = COMPLETIONS.read_response(body)
    assert response.choices[0].logprobs == [
        token("a", -9999.0),
        token("b", -0.5, ("b", -0.5), ("c", -1)),
    ]
    request = read(logprobs=1)
    written = COMPLETIONS.write_response(response, reply_to(request), USAGE, 0)
    assert written["choices"][0]["logprobs"] == LEGACY, "as the upstream said it"
    streamed = relay(COMPLETIONS, COMPLETIONS, [chunk(body["choices"])], read(stream=True))
    assert bodies(streamed)[0]["choices"][0]["logprobs"] == LEGACY


@pytest.mark.parametrize("logprobs", [5, {}, {"tokens": "x"}, {"content": [5, {"token": 5}]}])
def test_nonsense_for_logprobs_does_no_harm(logprobs):
    choice = {"text": "x", "message": {"content": "x"}, "logprobs": logprobs}
    for upstream in (CHAT, COMPLETIONS):
        response = upstream.read_response({"choices": [choice]})
        response.raw = None
        written = COMPLETIONS.write_response(response, reply_to(read(logprobs=1)), USAGE, 0)
        assert written["choices"][0]["text"] == "x"
