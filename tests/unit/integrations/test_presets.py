"""Every preset's row against a server that enforces it, whatever a client asks for."""

import json
import urllib.request
from typing import Any

import orjson
import pytest

from tests.support.upstreams.serving import Server, serving
from tests.support.upstreams.vendor_server import base_url, quirks_of, row_of, vendor
from yiyuan.dialects.canonical import GenerationRequest, Target
from yiyuan.dialects.contract import discover
from yiyuan.integrations.providers.presets import WrongPreset, presets, read_preset
from yiyuan.kernel.errors import InvalidRequest

DIALECTS = discover()
CHAT = [p.name for p in presets().values() if p.provider in ("openai", "azure")]
EVERYTHING: dict[str, Any] = {
    "temperature": 1.7,
    "top_p": 0.9,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "max_tokens": 50,
    "stream_options": {"include_usage": True},
}
TOOL = {
    "type": "function",
    "function": {"name": "look", "strict": True, "parameters": {"type": "object"}},
}


def models_of(vendor_name: str) -> list[str]:
    """A model of each pattern, and one of none."""
    row = row_of(vendor_name)
    named = [
        table["match"].replace("*", "x").replace("[134]", "3") for table in row.get("models", [])
    ]
    return [*(name.replace("[5-9]", "6") for name in named), "some-model"]


CASES = [(name, model) for name in CHAT for model in models_of(name)]


def send(server: Server, vendor_name: str, body: dict[str, Any]) -> tuple[int, Any]:
    url = base_url(vendor_name, server.origin) + "/chat/completions"
    request = urllib.request.Request(
        url, orjson.dumps(body), {"authorization": "Bearer k", "content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def written(vendor_name: str, model: str, dialect: str, body: dict[str, Any]) -> tuple[Any, Any]:
    """The upstream's body for a client's, and the request that it was made from."""
    quirks = presets()[vendor_name].quirks_for(model, {})
    request = DIALECTS[dialect].read_request(body)
    assert isinstance(request, GenerationRequest)
    target = Target(model=model, public_model="public", quirks=quirks)
    return DIALECTS["openai_chat"].write_request(request, target), request


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "public", "messages": [{"role": "user", "content": "hi"}]} | fields


def messages(**fields: Any) -> dict[str, Any]:
    return chat(max_tokens=5000) | fields


def gemini(**config: Any) -> dict[str, Any]:
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    return {"model": "public", "contents": contents, "generationConfig": config}


ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("openai_chat", chat()),
    "everything": ("openai_chat", chat(stream=True, **EVERYTHING)),
    "everything-whole": ("openai_chat", chat(**EVERYTHING)),
    "new-maximum": ("openai_chat", chat(max_completion_tokens=50)),
    "effort-high": ("openai_chat", chat(stream=True, reasoning_effort="high")),
    "effort-max": ("openai_chat", chat(stream=True, reasoning_effort="max")),
    "forced-tool": (
        "openai_chat",
        chat(
            tools=[TOOL],
            tool_choice={"type": "function", "function": {"name": "look"}},
        ),
    ),
    "required-tool": ("openai_chat", chat(tools=[TOOL], tool_choice="required")),
    "no-tool": ("openai_chat", chat(tools=[TOOL], tool_choice="none")),
    "named": ("openai_chat", chat(messages=[{"role": "user", "name": "ann", "content": "hi"}])),
    "claude-budget": (
        "anthropic_messages",
        messages(thinking={"type": "enabled", "budget_tokens": 2000}),
    ),
    "claude-plain": ("anthropic_messages", messages(temperature=0.3)),
    "responses": (
        "openai_responses",
        {"model": "public", "input": "hi", "reasoning": {"effort": "low"}},
    ),
    "gemini": (
        "gemini",
        gemini(temperature=1.5, topK=40, thinkingConfig={"thinkingLevel": "high"}),
    ),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("vendor_name", "model"), CASES)
def test_what_a_vendor_refuses_never_reaches_it(vendor_name: str, model: str, asked: str) -> None:
    dialect, body = ASKED[asked]
    upstream, _request = written(vendor_name, model, dialect, json.loads(json.dumps(body)))
    with serving(vendor(vendor_name)) as server:
        status, answer = send(server, vendor_name, upstream)
    assert status == 200, (upstream, answer)


@pytest.mark.parametrize(("vendor_name", "model"), CASES)
def test_thinking_that_is_unwanted_is_said_to_be_or_refused(vendor_name: str, model: str) -> None:
    body = messages(thinking={"type": "disabled"}, stream=True)
    quirks = quirks_of(row_of(vendor_name), model)
    if not quirks.get("thinking_off", True):
        with pytest.raises(InvalidRequest) as refused:
            written(vendor_name, model, "anthropic_messages", body)
        assert refused.value.param == "reasoning_effort"
        return
    upstream, _request = written(vendor_name, model, "anthropic_messages", body)
    with serving(vendor(vendor_name)) as server:
        status, answer = send(server, vendor_name, upstream)
    assert status == 200
    can_stop = quirks.get("efforts", {}).get("none", "none") == "none"
    assert (b"reasoning_content" not in answer) == can_stop


@pytest.mark.parametrize(
    ("vendor_name", "model", "effort", "sent"),
    [
        (
            "deepseek",
            "deepseek-flash",
            "minimal",
            {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
        ),
        (
            "deepseek",
            "deepseek-flash",
            "xhigh",
            {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
        ),
        (
            "zhipu",
            "glm-5.2-air",
            "max",
            {"thinking": {"type": "enabled"}, "reasoning_effort": "max"},
        ),
        ("zhipu", "glm-4.6", "high", {"thinking": {"type": "enabled"}}),
        ("moonshot", "kimi-k3", "medium", {"reasoning_effort": "high"}),
        ("moonshot", "kimi-k2.6", "low", {"thinking": {"type": "enabled"}}),
        ("qwen", "qwen-plus", "high", {"enable_thinking": True}),
        ("openrouter", "z-ai/glm-5.2", "high", {"reasoning": {"effort": "high"}}),
        ("vllm", "Qwen/Qwen3-8B", "none", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("ollama", "qwen3:8b", "none", {"reasoning_effort": "none"}),
        ("openai", "gpt-6-sol", "high", {"reasoning_effort": "high"}),
        ("openai", "gpt-5-mini", "none", {"reasoning_effort": "minimal"}),
        ("openai", "gpt-4.1", "high", {}),
    ],
)
def test_an_effort_is_written_in_the_vendors_way(vendor_name, model, effort, sent) -> None:
    upstream, request = written(
        vendor_name, model, "openai_chat", chat(stream=True, reasoning_effort=effort)
    )
    names = ("thinking", "reasoning_effort", "enable_thinking", "reasoning", "chat_template_kwargs")
    assert {name: upstream[name] for name in names if name in upstream} == sent
    assert ("reasoning_effort" in request.dropped) == (not sent)


@pytest.mark.parametrize(
    ("vendor_name", "model", "fields", "dropped"),
    [
        ("zhipu", "glm-5.2", {"tools": [TOOL], "tool_choice": "required"}, ["tool_choice"]),
        ("zhipu", "glm-5.2", {"presence_penalty": 1}, ["presence_penalty"]),
        ("zhipu", "glm-5.2", {"presence_penalty": 0, "n": 1}, []),
        ("moonshot", "kimi-k3", {"temperature": 0.2}, ["temperature"]),
        ("moonshot", "moonshot-v1-8k", {"temperature": 0.2}, []),
        ("minimax", "MiniMax-M3", {"temperature": 0}, ["temperature"]),
    ],
)
def test_what_is_left_out_is_told(vendor_name, model, fields, dropped) -> None:
    _upstream, request = written(vendor_name, model, "openai_chat", chat(**fields))
    assert request.dropped == dropped


@pytest.mark.parametrize(
    ("vendor_name", "model", "fields", "param"),
    [
        ("minimax", "MiniMax-M3", {"n": 2}, "n"),
        (
            "zhipu",
            "glm-5.2",
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            "response_format",
        ),
        ("moonshot", "kimi-k3", {"reasoning_effort": "none"}, "reasoning_effort"),
        ("zhipu", "glm-5.3", {"reasoning_effort": "none"}, "reasoning_effort"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(vendor_name, model, fields, param) -> None:
    with pytest.raises(InvalidRequest) as refused:
        written(vendor_name, model, "openai_chat", chat(**fields))
    assert refused.value.param == param
    assert "{" not in refused.value.message("en")
    assert "{" not in refused.value.message("zh")


def _claude_turn(*, with_thinking: bool) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    thinking = {"type": "thinking", "thinking": "let me see", "signature": ""}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a cat"}
    return messages(
        tools=[{"name": "look", "input_schema": {"type": "object"}}],
        messages=[
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [thinking, call] if with_thinking else [call]},
            {"role": "user", "content": [result]},
        ],
    )


@pytest.mark.parametrize("vendor_name", ["deepseek", "moonshot"])
def test_reasoning_comes_back_where_it_must(vendor_name: str) -> None:
    model = {"deepseek": "deepseek-flash", "moonshot": "kimi-k3"}[vendor_name]
    upstream, _request = written(
        vendor_name, model, "anthropic_messages", _claude_turn(with_thinking=True)
    )
    assert upstream["messages"][1]["reasoning_content"] == "let me see"
    with serving(vendor(vendor_name)) as server:
        assert send(server, vendor_name, upstream)[0] == 200


def test_reasoning_stays_away_where_it_is_not_asked_for() -> None:
    upstream, request = written(
        "openai", "gpt-4.1", "anthropic_messages", _claude_turn(with_thinking=True)
    )
    assert "reasoning_content" not in upstream["messages"][1]
    assert "reasoning_content" in request.dropped


GOOD = """
title = { en = "A", zh = "甲" }
base_url = "https://a.example/v1"
speaks = ["openai_chat"]
example = ["m"]
[quirks]
thinking = "none"
[[evidence]]
about = ["address", "speaks", "thinking"]
says = "so"
source = "docs"
read = 2026-11-29
mark = "vendor"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('thinking = "none"', 'thinking = "maybe"', "must be one of"),
        ('thinking = "none"', "thoughts = 1", "is no quirk"),
        ('"thinking"]', '"speaks"]', "no evidence for thinking"),
        ('en = "A", zh', 'en = "A", fr', "en and zh"),
        ('["openai_chat"]', '["openai_cat"]', "speaks must be"),
        ('["openai_chat"]', '["openai_chat", "anthropic_messages"]', "do not agree"),
        ('mark = "vendor"', 'mark = "dream"', "a mark"),
        ("example =", "sample =", "is not known"),
        ('thinking = "none"', 'thinking = "none"\nflags = ["fast"]', "is none of"),
        ('thinking = "none"', 'thinking = "none"\nclamp = { n = [2, 1] }', "least first"),
    ],
)
def test_a_wrong_preset_is_refused(old: str, new: str, said: str) -> None:
    assert read_preset("a", GOOD).title["zh"] == "甲"
    assert old in GOOD
    with pytest.raises(WrongPreset, match=said):
        read_preset("a", GOOD.replace(old, new, 1))
