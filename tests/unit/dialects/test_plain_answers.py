"""An answer whose shape is checked in C is what the reader of all answers makes of it."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.chat.dialect import read_every
from yiyuan.dialects.openai.chat.plain_answer import read_plain

SAID = {"role": "assistant", "content": "hello"}
CHOICE = {"index": 0, "message": SAID, "finish_reason": "stop"}
IS_PLAIN = {
    "least": {"message": {"content": "hello"}, "finish_reason": "stop"},
    "usual": CHOICE,
    "cut": CHOICE | {"finish_reason": "length"},
    "nothing said": CHOICE | {"message": SAID | {"content": ""}},
    "nulls": CHOICE | {"logprobs": None, "message": SAID | {"refusal": None}},
    "an odd role": CHOICE | {"message": SAID | {"role": 7}},
    "a vendor's field beside": CHOICE | {"native_finish_reason": "stop"},
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


def outcome(body):
    try:
        return read_every(deepcopy(body))
    except (MalformedUpstream, UpstreamStreamError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", IS_PLAIN)
def test_plain_ones_are_read_alike(name):
    body = {"choices": [IS_PLAIN[name]]}
    assert [read_plain(body)] == outcome(body)


@pytest.mark.parametrize("name", IS_NOT)
def test_others_are_left_to_the_reader_of_all(name):
    assert read_plain({"choices": [IS_NOT[name]]}) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [CHOICE, CHOICE | {"index": 1}]},
        {"choices": [CHOICE], "error": {"message": "no"}},
        {"choices": [CHOICE], "error": {}},
    ],
)
def test_so_are_several_none_and_errors(body):
    assert read_plain(body) is None


@given(st.lists(CHOICES, max_size=2), st.dictionaries(st.sampled_from(["error", "id"]), VALUES))
def test_any_is_read_alike(choices, more):
    body = {"choices": choices, **more}
    plain = read_plain(deepcopy(body))
    if plain is not None:
        assert [plain] == outcome(body)
