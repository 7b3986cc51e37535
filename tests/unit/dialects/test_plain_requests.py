"""A request that is read by its types is what the reader of all requests makes of it."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from yiyuan.dialects.anthropic import plain_request as plain_messages
from yiyuan.dialects.anthropic import request as anthropic
from yiyuan.dialects.openai.chat import plain_request as plain_chat
from yiyuan.dialects.openai.chat import request as chat
from yiyuan.dialects.shared.plain_body import MESSAGES_MAX
from yiyuan.kernel.errors import InvalidRequest

HELLO = {"role": "user", "content": "hello"}
PLAIN = {"model": "gpt-4", "messages": [HELLO]}
IS_PLAIN = {
    "least": {},
    "every speaker": {
        "messages": [{"content": "x", "role": role} for role in ("system", "developer", "user")]
        + [{"role": "assistant", "content": "y"}]
    },
    "every field": {
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 5,
        "max_completion_tokens": 7,
        "temperature": 1,
        "top_p": 0.5,
        "presence_penalty": -2,
        "frequency_penalty": 2,
        "user": "",
    },
    "null is absent": dict.fromkeys(
        ("stream", "stream_options", "max_tokens", "temperature", "top_p", "user")
    ),
    "no options": {"stream_options": {}},
    "a surrogate alone": {"messages": [{"role": "user", "content": "\ud800"}]},
    "the greatest": {"max_tokens": 2**31 - 1, "temperature": 2, "top_p": 1.0},
}
IS_NOT = {
    "a flag for a number": {"max_tokens": True},
    "a flag for a fraction": {"temperature": True},
    "a fraction for a number": {"max_tokens": 1.0},
    "a text for a number": {"max_tokens": "1"},
    "a number for a flag": {"stream": 1},
    "nothing allowed": {"max_tokens": 0},
    "too much": {"max_tokens": 2**31},
    "far too much": {"max_completion_tokens": 2**70},
    "too hot": {"temperature": 2.000001},
    "no model": {"model": ""},
    "a number for a model": {"model": 4},
    "no messages": {"messages": []},
    "messages null": {"messages": None},
    "an object for messages": {"messages": {"0": HELLO}},
    "a message that is none": {"messages": ["hello"]},
    "nothing said": {"messages": [{"role": "user", "content": ""}]},
    "null said": {"messages": [{"role": "assistant", "content": None}]},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
    "a name": {"messages": [{**HELLO, "name": "a"}]},
    "a field more in a message": {"messages": [{**HELLO, "cache_control": {}}]},
    "an unknown speaker": {"messages": [{"role": "tool", "content": "x"}]},
    "a speaker in capitals": {"messages": [{"role": "User", "content": "x"}]},
    "a list of speakers": {"messages": [{"role": ["user"], "content": "x"}]},
    "an unknown option": {"stream_options": {"include_obfuscation": True}},
    "options of another type": {"stream_options": True},
    "tools": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "several choices": {"n": 2},
    "a field in capitals": {"Max_tokens": 5},
    "a paid field": {"service_tier": "priority"},
    "more messages than are read in one go": {"messages": [HELLO] * (MESSAGES_MAX + 1)},
}
VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=3)
ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool", "", "User"])
CONVERSATIONS = st.lists(
    st.fixed_dictionaries({"role": ROLES | VALUES, "content": st.text(max_size=3) | VALUES}),
    max_size=3,
)
NAMES = ("model", "stream", "stream_options", "max_tokens", "max_completion_tokens")
MORE = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "user", "n", "system")


MESSAGES_IS_PLAIN = {
    "least": {},
    "both speakers": {"messages": [HELLO, {"role": "assistant", "content": "y"}]},
    "every field": {"system": "be brief", "stream": True, "temperature": 1, "top_p": 0},
    "null is absent": dict.fromkeys(("system", "stream", "temperature", "top_p")),
    "no system": {"system": ""},
    "nothing allowed": {"max_tokens": 0},
}
MESSAGES_IS_NOT = {
    "no maximum": {"max_tokens": None},
    "a flag for a number": {"max_tokens": True},
    "below nothing": {"max_tokens": -1},
    "too hot": {"temperature": 1.5},
    "a system of blocks": {"system": [{"type": "text", "text": "x"}]},
    "a system among the messages": {"messages": [{"role": "system", "content": "x"}]},
    "nothing said": {"messages": [{"role": "assistant", "content": ""}]},
    "blocks": {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
    "a mark": {"messages": [{**HELLO, "cache_control": {"type": "ephemeral"}}]},
    "thinking": {"thinking": {"type": "adaptive"}},
    "a thread": {"thread_id": "t"},
    "more messages than are read in one go": {"messages": [HELLO] * (MESSAGES_MAX + 1)},
}
LIMITED = PLAIN | {"max_tokens": 9}
CHAT = plain_chat, chat
MESSAGES_FORMAT = plain_messages, anthropic


def cases(chats, messages):
    """Each with its format's two modules and the body."""
    found = [pytest.param(*CHAT, PLAIN | case, id=f"chat: {name}") for name, case in chats.items()]
    return found + [
        pytest.param(*MESSAGES_FORMAT, LIMITED | case, id=f"messages: {name}")
        for name, case in messages.items()
    ]


def as_any(request):
    """A request as the reader of all reads it, which knows of none that it is plain."""
    return replace(request, is_plain=False)


def outcome(read, body):
    try:
        return as_any(read(deepcopy(body)))
    except InvalidRequest as error:
        return error.code, error.param, str(error)


@pytest.mark.parametrize(("plain", "every", "body"), cases(IS_PLAIN, MESSAGES_IS_PLAIN))
def test_plain_ones_are_read_alike(plain, every, body):
    read = plain.read_plain(deepcopy(body), every.NAME)
    assert read is not None
    assert read.is_plain
    assert read == every.read_request(deepcopy(body))
    assert as_any(read) == every.read_any(deepcopy(body))


@pytest.mark.parametrize(("plain", "every", "body"), cases(IS_NOT, MESSAGES_IS_NOT))
def test_others_are_left_to_the_reader_of_all(plain, every, body):
    assert plain.read_plain(deepcopy(body), every.NAME) is None
    assert outcome(every.read_request, body) == outcome(every.read_any, body)


@pytest.mark.parametrize(("plain", "every"), [CHAT, MESSAGES_FORMAT])
@given(CONVERSATIONS | VALUES, st.dictionaries(st.sampled_from(NAMES + MORE), VALUES, max_size=5))
def test_any_is_read_alike(plain, every, messages, more):
    body = {"model": "m", "messages": messages, **more}
    read = plain.read_plain(deepcopy(body), every.NAME)
    if read is not None:
        assert as_any(read) == every.read_any(deepcopy(body))
    assert outcome(every.read_request, body) == outcome(every.read_any, body)
