"""How a request is split into upstream calls, and how the choices are numbered."""

from types import SimpleNamespace

import pytest

from yiyuan.dialects.canonical import GenerationRequest, Message, Text
from yiyuan.gateway.operations import generation
from yiyuan.kernel.errors import InvalidRequest

split = generation.OPERATION.split


def request(prompts: int, n: int) -> GenerationRequest:
    conversations = [[Message("user", [Text(f"prompt {i}")])] for i in range(prompts)]
    return GenerationRequest(
        model="m", conversations=conversations, source="openai_completions", raw={}, n=n
    )


def dialect(*, conversations: bool, choices: bool) -> SimpleNamespace:
    return SimpleNamespace(many_conversations=conversations, many_choices=choices)


NATIVE = dialect(conversations=True, choices=True)
CHAT = dialect(conversations=False, choices=True)
MESSAGES = dialect(conversations=False, choices=False)


def shape(calls):
    return [(c.first_index, c.n, len(c.request.conversations), c.request.n) for c in calls]


def test_an_upstream_that_can_do_all_gets_one_call():
    assert shape(split(request(3, 2), [NATIVE])) == [(0, 6, 3, 2)]


def test_chat_gets_one_call_per_prompt_with_n_choices():
    assert shape(split(request(3, 2), [CHAT])) == [(0, 2, 1, 2), (2, 2, 1, 2), (4, 2, 1, 2)]


def test_messages_get_one_call_per_choice_numbered_i_n_plus_j():
    calls = split(request(2, 2), [MESSAGES])
    assert shape(calls) == [(0, 1, 1, 1), (1, 1, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1)]
    assert [c.request.conversations[0][0].parts[0].text for c in calls] == [
        "prompt 0",
        "prompt 0",
        "prompt 1",
        "prompt 1",
    ]


def test_the_least_able_channel_decides_for_all():
    assert len(split(request(2, 2), [NATIVE, CHAT, MESSAGES])) == 4


def test_what_parts_drop_is_told_of_the_whole():
    whole = request(1, 2)
    calls = split(whole, [MESSAGES])
    calls[0].request.dropped.append("seed")
    assert whole.dropped == ["seed"]


def test_the_number_of_calls_is_bounded():
    with pytest.raises(InvalidRequest):
        split(request(65, 2), [MESSAGES])
    assert len(split(request(64, 2), [MESSAGES])) == 128
