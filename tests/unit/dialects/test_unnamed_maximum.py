"""The maximum that upstreams are told: the client's own, a lowered one, or what is held for."""

import pytest

from tests.unit.dialects.dialect_cases import BODIES, DIALECTS
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.quirks import Quirks

NAMED = {
    "openai_chat": {"max_tokens": 7},
    "openai_responses": {"max_output_tokens": 7},
    "gemini": {"generationConfig": {"maxOutputTokens": 7}},
}
"""Messages and completions always name one, or mean one."""
FAMILIES = {
    "gpt-4": "max_tokens",
    "gpt-5": "max_completion_tokens",
    "gpt-6-sol": "max_completion_tokens",
    "o3": "max_completion_tokens",
}


def told(upstream, body):
    config = body.get("generationConfig") or {}
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    found = [body[name] for name in names if name in body]
    [maximum] = found or [config["maxOutputTokens"]]
    return maximum


@pytest.mark.parametrize("upstream", [*NAMED, "anthropic_messages"])
@pytest.mark.parametrize("client", NAMED)
def test_every_format_says_it_to_every_other(client, upstream):
    def written(target, **fields):
        request = DIALECTS[client].read_request(BODIES[client](**fields))
        return told(upstream, DIALECTS[upstream].write_request(request, target))

    unnamed = Target(model="m", unnamed_max_output_tokens=900)
    lowered = Target(model="m", unnamed_max_output_tokens=900, max_output_tokens=30)
    assert written(unnamed) == 900
    assert written(unnamed, **NAMED[client]) == 7
    assert written(lowered) == 30


@pytest.mark.parametrize("client", NAMED)
def test_none_is_said_where_it_might_not_fit_the_context(client):
    request = DIALECTS[client].read_request(BODIES[client]())
    body = DIALECTS[client].write_request(request, Target(model="m"))
    assert "max" not in str(sorted(body))
    assert "maxOutputTokens" not in str(body)


@pytest.mark.parametrize(("model", "name"), FAMILIES.items())
@pytest.mark.parametrize("client", ["openai_chat", "anthropic_messages"])
def test_the_name_is_the_familys(client, model, name):
    request = DIALECTS[client].read_request(BODIES[client]())
    body = DIALECTS["openai_chat"].write_request(
        request, Target(model=model, unnamed_max_output_tokens=900)
    )
    assert [key for key in body if key.startswith("max")] == [name]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_name_is_the_vendors(name):
    request = DIALECTS["openai_chat"].read_request(BODIES["openai_chat"]())
    target = Target(model="m", unnamed_max_output_tokens=900, quirks=Quirks(max_tokens=name))
    body = DIALECTS["openai_chat"].write_request(request, target)
    assert {key: body[key] for key in body if key.startswith("max")} == {name: 900}


def test_thinking_beside_an_answer_gets_a_maximum_of_its_own():
    quirks = Quirks(thinking="enable_thinking", thinks_beside="asked")
    passing = frozenset({"enable_thinking", "thinking_budget"})
    target = Target(model="m", quirks=quirks, pass_fields=passing, default_max_output_tokens=900)
    for fields, budget in (
        ({"enable_thinking": True}, 900),
        ({"enable_thinking": True, "thinking_budget": 70}, 70),
        ({"enable_thinking": True, "thinking_budget": "70"}, 900),
        ({"reasoning_effort": "high"}, 900),
        ({"enable_thinking": False}, None),
        ({}, None),
    ):
        request = DIALECTS["openai_chat"].read_request(BODIES["openai_chat"](**fields))
        body = DIALECTS["openai_chat"].write_request(request, target)
        assert body.get("thinking_budget") == budget, fields
