"""Requests as real applications send them, replayed: the shapes that differ from an SDK's.

Typed from recordings of Cline 3.0, Claude Code 2.1, Open WebUI 0.12, NextChat,
LangChain 1.7, llm 0.36 and aider 0.86; texts are shortened.
"""

import json

import pytest

from tests.support import wire
from tests.support.drivers import CHAT, COMPLETIONS, MESSAGES
from tests.support.upstreams.behaviour import WORD


def test_cline(customer, upstream):
    """Native tools with JSON Schema, `content: null` in the turn that called one."""
    script = upstream.script({})
    files = {"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "null"}]}
    tool = {
        "type": "function",
        "function": {
            "name": "read_files",
            "description": "Reads",
            "parameters": {
                "type": "object",
                "properties": {"start": files},
                "additionalProperties": False,
            },
        },
    }
    call = {"id": "c1", "type": "function", "function": {"name": "read_files", "arguments": "{}"}}
    body = {
        "model": "gpt-4",
        "messages": [
            {"role": "system", "content": "You are Cline"},
            {"role": "user", "content": "Create made.txt " + script.mark},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "[]"},
        ],
        "tool_choice": "auto",
        "stream_options": {"include_usage": True},
        "tools": [tool],
    }
    for model in ("gpt-4", "claude-2"):
        with customer.stream(CHAT.path, {**body, "model": model}) as stream:
            assert stream.status == 200, stream.answer().body
            events = stream.rest()
        assert CHAT.stream_told(events) is not None
        assert CHAT.is_complete(events)


@pytest.mark.parametrize("model", ["claude-2", "gpt-4"])
def test_claude_code(gateway, customer, upstream, model):
    """Betas in the query, a system turn among the messages, fields that came later."""
    script = upstream.script({"input_tokens": 10, "output_tokens": 2})
    cached = {"cache_control": {"type": "ephemeral"}}
    body = {
        "model": model,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "reminder"},
                    {"type": "text", "text": f"Say hello {script.mark}", **cached},
                ],
            },
            {"role": "system", "content": "more instructions"},
        ],
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.197.1c0;"},
            {"type": "text", "text": "You are a Claude agent", **cached},
        ],
        "metadata": {"user_id": '{"device_id":"0","account_uuid":"","session_id":"1"}'},
        "max_tokens": 32_000,
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
        "tools": [
            {"name": "Bash", "description": "Runs", "input_schema": {"type": "object"}, **cached}
        ],
    }
    headers = {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14",
        "user-agent": "claude-cli/2.1.197 (external, sdk-cli)",
        "x-stainless-retry-count": "0",
    }
    assert wire.call(gateway.origin, "HEAD", "/").status == 200
    with customer.stream("/v1/messages?beta=true", body, headers=headers) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    assert MESSAGES.stream_text(events) == WORD * 2
    assert MESSAGES.is_complete(events)
    if model == "claude-2":
        sent = script.only()["body"]
        assert sent["context_management"] == body["context_management"]
        assert sent["thinking"] == {"type": "adaptive"}


def test_open_web_ui(gateway, upstream):
    """One turn is four calls: three start at once when the first has ended."""
    customer = gateway.customer(10_000_000)
    script = upstream.script({"output_tokens": 2})
    with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark, None)) as stream:
        assert CHAT.is_complete(stream.rest())
    follow_up = {**CHAT.body("gpt-4", script.mark, 1000), "stream": False}
    load = wire.flood(gateway.origin, [(customer.key, CHAT.path, follow_up)] * 3, connections=3)
    assert load.count(200) == 3
    assert len(gateway.rows("SELECT 1 FROM usage WHERE account_id = ?", customer.id)) == 4


def test_next_chat(gateway, customer):
    """No maximum, no stream_options; the answer must be an event stream at once."""
    body = {
        "messages": [{"role": "user", "content": "hi"}],
        "model": "gpt-4",
        "temperature": 0.5,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "top_p": 1,
    }
    headers = {
        "cache-control": "no-store",
        "user-agent": "Next.js Middleware",
        "accept-language": "*",
        "sec-fetch-mode": "cors",
    }
    for model in ("gpt-4", "claude-2"):
        with customer.stream(CHAT.path, {**body, "model": model}, headers=headers) as stream:
            assert stream.status == 200, stream.answer().body
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert CHAT.is_complete(stream.rest())


def test_lang_chain(customer, upstream):
    """Legacy completions with a list and explicit nulls; embeddings in base64."""
    script = upstream.script({})
    body = {
        "model": "claude-2",
        "prompt": [script.mark],
        "logprobs": None,
        "seed": None,
        "n": 1,
        "max_tokens": 256,
        "temperature": 0.7,
        "top_p": 1,
        "frequency_penalty": 0,
        "presence_penalty": 0,
        "logit_bias": None,
    }
    for model in ("gpt-4", "claude-2"):
        answer = customer.post(COMPLETIONS.path, {**body, "model": model})
        assert answer.status == 200, answer.body


def test_llm(customer):
    """Usage asked for on streams of legacy completions too."""
    body = COMPLETIONS.streamed(COMPLETIONS.body("gpt-4", "hi", None))
    with customer.stream(COMPLETIONS.path, body) as stream:
        events = stream.rest()
    assert COMPLETIONS.stream_told(events) is not None


def test_aider(customer):
    """`temperature: 0` and no stream_options: charged all the same."""
    body = {**CHAT.body("gpt-4", "hi", None), "temperature": 0}
    with customer.stream(CHAT.path, body) as stream:
        events = stream.rest()
    assert CHAT.stream_told(events) is None
    assert customer.spent > 0


def test_a_browser_on_another_origin(gateway, customer):
    """The seed's fetch: a preflight, then the request itself."""
    origin = {"origin": "https://chat.example"}
    preflight = wire.call(
        gateway.origin,
        "OPTIONS",
        COMPLETIONS.path,
        headers={
            **origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )
    assert preflight.status in (200, 204)
    answer = customer.post(COMPLETIONS.path, COMPLETIONS.body("gpt-4", "hi"), **origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert json.loads(answer.body)["choices"][0]["text"] == WORD * 5
