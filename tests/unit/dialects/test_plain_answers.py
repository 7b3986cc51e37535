"""An answer whose shape is checked in C is what the reader of all answers makes of it."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.dialects.canonical import GenerationRequest, Reply
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.chat.dialect import DIALECT, read_every
from yiyuan.kernel.usage import Usage

SAID = {"role": "assistant", "content": "hello"}
CHOICE = {"index": 0, "message": SAID, "finish_reason": "stop"}
IS_PLAIN = {
    "least": {"message": {"content": "hello"}, "finish_reason": "stop"},
    "usual": CHOICE,
    "cut": CHOICE | {"finish_reason": "length"},
    "nothing said": CHOICE | {"message": SAID | {"content": ""}},
    "nulls": CHOICE | {"logprobs": None, "message": SAID | {"refusal": None}},
    "an odd role": CHOICE | {"message": SAID | {"role": 7}},
    "a vendor's field beside": CHOICE | {"native_finish_reason": "stop", "stop_reason": None},
    "nothing more": CHOICE
    | {"message": SAID | {"annotations": [], "tool_calls": None, "reasoning_content": None}},
}
IS_NOT = {
    "an index of its own": CHOICE | {"index": 1},
    "a flag for an index": CHOICE | {"index": False},
    "no end": {"message": SAID},
    "null for an end": CHOICE | {"finish_reason": None},
    "another end": CHOICE | {"finish_reason": "tool_calls"},
    "a broken one": CHOICE | {"finish_reason": "error"},
    "an unknown end": CHOICE | {"finish_reason": "STOP"},
    "logprobs": CHOICE | {"logprobs": {"content": []}},
    "null said": CHOICE | {"message": SAID | {"content": None}},
    "parts": CHOICE | {"message": SAID | {"content": [{"type": "text", "text": "x"}]}},
    "a refusal": CHOICE | {"message": SAID | {"refusal": "no"}},
    "reasoning": CHOICE | {"message": SAID | {"reasoning_content": "hm"}},
    "text in a field unheard of": CHOICE | {"message": SAID | {"thoughts": "a b c"}},
    "calls": CHOICE
    | {"message": SAID | {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": ""}}]}},
    "no message": {"index": 0, "finish_reason": "stop"},
    "a message that is none": CHOICE | {"message": "hello"},
    "no object": "hello",
    "a field unheard of beside": CHOICE | {"thoughts": "a b c"},
    "a note": CHOICE | {"message": SAID | {"annotations": [{"type": "url_citation"}]}},
}
TOLD = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
BESIDE = {
    "nothing": {},
    "all": {
        "id": "chatcmpl-7",
        "object": "chat.completion",
        "created": 7,
        "model": "gpt-4-0613",
        "usage": TOLD,
        "system_fingerprint": "fp_1",
        "service_tier": "default",
    },
    "nulls": dict.fromkeys(("id", "usage", "system_fingerprint", "service_tier")),
    "odd ones": {"id": 7, "model": ["x"], "created": "now", "object": {}},
    "details": {"usage": TOLD | {"prompt_tokens_details": {"cached_tokens": 2}}},
    "details of the output": {"usage": TOLD | {"completion_tokens_details": {"x": 1}}},
    "no details": {
        "usage": TOLD | {"prompt_tokens_details": None, "completion_tokens_details": {}}
    },
    "more than its parts": {"usage": TOLD | {"total_tokens": 9}},
    "less than its parts": {"usage": TOLD | {"total_tokens": 1}},
    "no output": {"usage": TOLD | {"completion_tokens": 0, "total_tokens": 3}},
    "no input": {"usage": TOLD | {"prompt_tokens": 0}},
    "nothing told": {"usage": dict.fromkeys(TOLD, 0)},
}
BYTES = {
    "no JSON": b"{",
    "two": b"{} {}",
    "a mark before it": b"\xef\xbb\xbf{}",
    "events": b"data: {}\n\n",
    "no object": b"[]",
    "not UTF-8": b'{"choices":[{"message":{"content":"\xff"},"finish_reason":"stop"}]}',
    "not UTF-8 where nobody looks": (
        b'{"choices":[{"message":{"content":"","role":"\xff"},"finish_reason":"stop"}]}'
    ),
    "half a character": b'{"choices":[{"message":{"content":"\\ud83d"},"finish_reason":"stop"}]}',
    "deep": b'{"choices":[{"message":{"content":"","role":%b%b},"finish_reason":"stop"}]}'
    % (b"[" * 100_000, b"]" * 100_000),
}
VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=2)
MESSAGES = st.dictionaries(st.sampled_from(["role", "content", "refusal", "reasoning"]), VALUES)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "index": VALUES,
        "message": MESSAGES | VALUES,
        "finish_reason": VALUES | st.sampled_from(["stop", "length", "error"]),
        "logprobs": VALUES,
    },
)


REPLY = Reply(
    "ex_1", 9, GenerationRequest(model="m", source="openai_chat", raw={}, conversations=[[]]), "m"
)


def dumps(body):
    return json.dumps(body, ensure_ascii=False).encode()


def outcome(body):
    try:
        return read_every(body)
    except (MalformedUpstream, UpstreamStreamError) as error:
        return type(error), str(error)


def written(response):
    return orjson.loads(
        orjson.dumps(DIALECT.write_response(response, REPLY, response.usage or Usage(), 5))
    )


def assert_alike(plain, data):
    """Whatever came of an answer is what the reader of all makes of it."""
    whole = DIALECT.read_response(orjson.loads(data))
    assert plain.choices == whole.choices
    assert (plain.usage, plain.upstream_id) == (whole.usage, whole.upstream_id)
    assert plain.raw_dialect == whole.raw_dialect
    assert written(plain) == written(whole)


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("name", IS_PLAIN)
def test_plain_ones_are_read_and_written_alike(name, beside):
    data = dumps({"choices": [IS_PLAIN[name]], **BESIDE[beside]})
    plain = DIALECT.read_plain_response(data)
    assert plain is not None
    assert_alike(plain, data)


@pytest.mark.parametrize("name", IS_NOT)
def test_others_are_left_to_the_reader_of_all(name):
    assert DIALECT.read_plain_response(dumps({"choices": [IS_NOT[name]]})) is None


@pytest.mark.parametrize("name", BYTES)
def test_so_is_what_is_no_answer(name):
    assert DIALECT.read_plain_response(BYTES[name]) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [CHOICE, CHOICE | {"index": 1}]},
        {"choices": [CHOICE], "error": {"message": "no"}},
        {"choices": [CHOICE], "error": {}},
        {"choices": [CHOICE], "a field unheard of": 1},
        {"choices": [CHOICE], "usage": []},
        {"choices": [CHOICE], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        {"choices": [CHOICE], "usage": TOLD | {"prompt_tokens": 2**70}},
        {"choices": [CHOICE], "usage": TOLD | {"prompt_tokens": -3}},
        {"choices": [CHOICE], "usage": TOLD | {"prompt_tokens": True}},
        {"choices": [CHOICE], "usage": TOLD | {"completion_tokens": 2.0}},
        {"choices": [CHOICE], "usage": TOLD | {"cost": 1}},
        {"choices": [CHOICE], "usage": TOLD | {"prompt_tokens_details": 1}},
        {"choices": [CHOICE], "service_tier": 7},
    ],
)
def test_so_are_several_none_errors_and_fields_unheard_of(body):
    assert DIALECT.read_plain_response(dumps(body)) is None


def test_spaces_and_escapes_are_passed_on_as_they_came():
    data = b"""{ "choices" : [ {"message": {"content": "a\\u00e9\\n\\ud83d\\ude00"},
        "finish_reason": "stop"} ] , "usage": {"prompt_tokens": 1,
        "completion_tokens" :1, "total_tokens": 2} }"""
    assert_alike(DIALECT.read_plain_response(data), data)


@given(st.lists(CHOICES, max_size=2), st.dictionaries(st.sampled_from(["error", "id"]), VALUES))
def test_any_is_read_alike(choices, more):
    data = dumps({"choices": choices, **more})
    plain = DIALECT.read_plain_response(data)
    if plain is not None:
        assert [plain.choices[0]] == outcome({"choices": choices, **more})
        assert_alike(plain, data)
