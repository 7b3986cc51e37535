"""Usage, read strictly: money follows from it."""

import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MESSAGES,
    reply_to,
    request_for,
)
from yiyuan.dialects.canonical import Choice, GenerationResponse
from yiyuan.kernel.usage import Usage


def openai(prompt=20, completion=9, **more):
    return {"prompt_tokens": prompt, "completion_tokens": completion} | more


def in_openai(usage):
    body = {"choices": [{"message": {"content": "x"}, "text": "x"}], "usage": usage}
    found = CHAT.read_response(body).usage
    assert COMPLETIONS.read_response(body).usage == found
    return found


def in_anthropic(usage):
    return MESSAGES.read_response({"content": [], "usage": usage}).usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (openai(), Usage(20, 9)),
        (openai(0, 0), Usage()),
        (openai(prompt_tokens_details=None, completion_tokens_details=None), Usage(20, 9)),
        (openai(prompt_tokens_details={"cached_tokens": None}), Usage(20, 9)),
        (openai(prompt_tokens_details={"cached_tokens": 5, "audio_tokens": 0}), Usage(20, 9, 5)),
        (openai(prompt_tokens_details={"cache_write_tokens": 4}), Usage(20, 9, 0, 4)),
        (openai(prompt_cache_hit_tokens=6, prompt_cache_miss_tokens=14), Usage(20, 9, 6)),
        (openai(cached_tokens=6), Usage(20, 9, 6)),
        (
            openai(completion_tokens_details={"reasoning_tokens": 3}),
            Usage(20, 9, reasoning_tokens=3),
        ),
        (
            openai(total_tokens=69, completion_tokens_details={"reasoning_tokens": 40}),
            Usage(20, 49, reasoning_tokens=40),
        ),
    ],
)
def test_what_openai_and_its_like_count(usage, expected):
    assert in_openai(usage) == expected


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        (5, None),
        ([], None),
        ("20", None),
        ({}, None),
        (openai(None, None), None),
        (openai(20.5, 9.5), None),
        ({"prompt_tokens": 5}, Usage(5)),
        ({"completion_tokens": 5}, Usage(0, 5)),
        (openai(-1), Usage(0, 9)),
        (openai(20, -1), Usage(20)),
        (openai(20.0), Usage(0, 9)),
        (openai(20, 9.5), Usage(20)),
        (openai("20"), Usage(0, 9)),
        (openai(True, 9), Usage(0, 9)),
        (openai(10**30, 9), Usage(0, 9)),
        (openai(-1, 9, prompt_tokens_details={"cached_tokens": 5}), Usage(0, 9)),
        (openai(prompt_tokens_details=[1]), Usage(20, 9)),
        (openai(prompt_tokens_details={"cached_tokens": 21}), Usage(20, 9, 20)),
        (openai(prompt_tokens_details={"cached_tokens": -1}), Usage(20, 9)),
        (openai(prompt_tokens_details={"cached_tokens": 1.0}), Usage(20, 9)),
        (openai(prompt_tokens_details={"cached_tokens": "1"}), Usage(20, 9)),
        (
            openai(prompt_tokens_details={"cached_tokens": 15, "cache_write_tokens": 6}),
            Usage(20, 9, 15, 5),
        ),
        (openai(prompt_cache_hit_tokens=-1), Usage(20, 9)),
        (
            openai(completion_tokens_details={"reasoning_tokens": 10}),
            Usage(20, 9, reasoning_tokens=9),
        ),
        (openai(completion_tokens_details={"reasoning_tokens": True}), Usage(20, 9)),
    ],
)
def test_what_openai_cannot_have_counted(usage, expected):
    """Unknown part by part, which is zero here; a detail is cut to its whole."""
    assert in_openai(usage) == expected


def anthropic(fresh=10, output=9, **more):
    return {"input_tokens": fresh, "output_tokens": output} | more


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (anthropic(), Usage(10, 9)),
        (anthropic(cache_read_input_tokens=5), Usage(15, 9, 5)),
        (anthropic(cache_read_input_tokens=None, cache_creation=None), Usage(10, 9)),
        (anthropic(cache_creation_input_tokens=5), Usage(15, 9, 0, 5)),
        (
            anthropic(
                cache_creation_input_tokens=5,
                cache_creation={"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
            ),
            Usage(15, 9, 0, 2, 3),
        ),
        (anthropic(cache_creation={"ephemeral_1h_input_tokens": 3}), Usage(13, 9, 0, 0, 3)),
        (
            anthropic(output_tokens_details={"thinking_tokens": 4}),
            Usage(10, 9, reasoning_tokens=4),
        ),
    ],
)
def test_what_anthropic_counts(usage, expected):
    assert in_anthropic(usage) == expected


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ({"input_tokens": 1}, Usage(1)),
        ({"output_tokens": 1}, Usage(0, 1)),
        (anthropic(-1), Usage(0, 9)),
        (anthropic(-1, cache_read_input_tokens=5), Usage(0, 9)),
        (anthropic(10, -1), Usage(10)),
        (anthropic(1.5), Usage(0, 9)),
        (anthropic("10"), Usage(0, 9)),
        (anthropic(True), Usage(0, 9)),
        (anthropic(cache_read_input_tokens=-5), Usage(0, 9)),  # beside the rest: all unknown
        (anthropic(cache_read_input_tokens="5"), Usage(0, 9)),
        (anthropic(cache_creation_input_tokens=2.0), Usage(0, 9)),
        (anthropic(cache_creation=[1]), Usage(10, 9)),
        (
            anthropic(
                cache_creation_input_tokens=1, cache_creation={"ephemeral_1h_input_tokens": 3}
            ),
            Usage(11, 9, 0, 0, 1),
        ),
        (anthropic(cache_creation={"ephemeral_1h_input_tokens": -3}), Usage(10, 9)),
        (anthropic(output_tokens_details={"thinking_tokens": 10}), Usage(10, 9, 0, 0, 0, 9)),
        (anthropic(output_tokens_details={"thinking_tokens": "1"}), Usage(10, 9)),
    ],
)
def test_what_anthropic_cannot_have_counted(usage, expected):
    assert in_anthropic(usage) == expected


WHOLE = Usage(100, 20, 30, 10, 5, 7)


def test_usage_as_a_client_reads_it():
    response = GenerationResponse([Choice(text="x")])
    for dialect in (CHAT, COMPLETIONS):
        reply = reply_to(request_for(dialect))
        assert dialect.write_response(response, reply, WHOLE, 42)["usage"] == {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 15},
            "completion_tokens_details": {"reasoning_tokens": 7},
            "charge": 42,
        }
    written = MESSAGES.write_response(response, reply_to(request_for(MESSAGES)), WHOLE, 42)
    assert written["usage"] == {
        "input_tokens": 55,
        "cache_creation_input_tokens": 15,
        "cache_read_input_tokens": 30,
        "output_tokens": 20,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 5},
        "output_tokens_details": {"thinking_tokens": 7},
        "charge": 42,
    }
    assert in_anthropic(written["usage"]) == WHOLE


def test_what_the_upstream_said_of_its_own_costs_does_not_pass():
    body = {
        "choices": [{"message": {"content": "x"}}],
        "usage": openai(cost=0.01, cost_details={"a": 1}),
    }
    reply = reply_to(request_for(CHAT))
    written = CHAT.write_response(CHAT.read_response(body), reply, WHOLE, 42)
    assert "cost" not in str(written)
    own = anthropic(service_tier="standard", server_tool_use={"web_search_requests": 1}, cost=1)
    response = MESSAGES.read_response({"content": [], "usage": own})
    written = MESSAGES.write_response(response, reply_to(request_for(MESSAGES)), WHOLE, 42)
    assert written["usage"]["service_tier"] == "standard"
    assert "cost" not in written["usage"]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 5, "total_tokens": 5}, Usage(5)),
        ({"prompt_tokens": 0}, Usage(0)),
        ({"prompt_tokens": -1}, None),
        ({"prompt_tokens": "5"}, None),
        ({"prompt_tokens": True}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_usage_of_embeddings(usage, expected):
    body = {"data": [{"embedding": [0.5]}], "usage": usage}
    assert EMBEDDINGS.read_response(body).usage == expected
