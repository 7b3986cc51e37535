"""Honest answers in Anthropic's format: messages, and the counting of their tokens."""

import json
from typing import Any

from tests.support.upstreams.behaviour import (
    DEFAULT_OUTPUT_TOKENS,
    Behaviour,
    Plan,
    Step,
    count_words,
    pieces,
)


def refuse(status: int, kind: str, message: str) -> tuple[int, Any]:
    """An error as Anthropic words it."""
    return status, {
        "type": "error",
        "error": {"type": kind, "message": message},
        "request_id": "req_up1",
    }


def check(body: Any, headers: dict[str, str]) -> tuple[int, Any] | None:
    """What the real server would refuse at once, or None."""
    if not headers.get("x-api-key") and not headers.get("authorization"):
        return refuse(401, "authentication_error", "x-api-key header is required")
    if not headers.get("anthropic-version"):
        return refuse(400, "invalid_request_error", "anthropic-version: header is required")
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return refuse(400, "invalid_request_error", "model: Field required")
    if not body.get("messages"):
        return refuse(400, "invalid_request_error", "messages: at least one message is required")
    for at, message in enumerate(body["messages"]):
        problem = _check_message(message)
        if problem:
            return refuse(400, "invalid_request_error", f"messages.{at}: {problem}")
    return None


def check_generation(body: dict[str, Any]) -> tuple[int, Any] | None:
    """The same for what only /v1/messages asks for."""
    maximum = body.get("max_tokens")
    if not isinstance(maximum, int) or maximum < 1:
        return refuse(400, "invalid_request_error", "max_tokens: Field required")
    temperature = body.get("temperature", 1)
    if not 0 <= temperature <= 1:
        return refuse(400, "invalid_request_error", "temperature: must be between 0 and 1")
    foreign = sorted(
        {
            "n",
            "stop",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "seed",
            "max_completion_tokens",
            "stream_options",
            "prompt",
            "logprobs",
        }
        & set(body)
    )
    if foreign:
        return refuse(400, "invalid_request_error", f"{foreign[0]}: Extra inputs are not permitted")
    if any(not text.strip() for text in body.get("stop_sequences") or []):
        return refuse(
            400,
            "invalid_request_error",
            "stop_sequences: each stop sequence must contain non-whitespace",
        )
    return None


def _check_message(message: Any) -> str | None:
    content = message.get("content")
    if message.get("role") not in ("user", "assistant", "system"):
        return f"role: {message.get('role')!r} is not permitted"
    if content in ("", [], None):
        return "content: must be non-empty"
    if isinstance(content, list):
        for part in content:
            if part.get("type") == "text" and not part.get("text"):
                return "text content blocks must be non-empty"
            if part.get("type") in ("image_url", "input_text"):
                return f"content: {part['type']!r} is not permitted"
    return None


def count_input(body: dict[str, Any]) -> int:
    """The whole input, caches included."""
    return sum(count_words(body.get(name)) for name in ("messages", "system", "tools"))


def usage_object(behaviour: Behaviour, input_tokens: int, output_tokens: int) -> dict[str, Any]:
    """Anthropic's usage: cache reads and writes lie beside `input_tokens`."""
    writes = behaviour.cache_write_tokens + behaviour.cache_write_1h_tokens
    return {
        "input_tokens": input_tokens - behaviour.cached_tokens - writes,
        "cache_creation_input_tokens": writes,
        "cache_read_input_tokens": behaviour.cached_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": behaviour.cache_write_tokens,
            "ephemeral_1h_input_tokens": behaviour.cache_write_1h_tokens,
        },
        "output_tokens": output_tokens,
        "service_tier": "standard",
    }


def _finish(behaviour: Behaviour, count: int, maximum: int) -> str:
    if behaviour.finish is not None:
        return behaviour.finish
    if behaviour.tool_calls:
        return "tool_use"
    return "max_tokens" if count >= maximum else "end_turn"


def plan_messages(behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """One message."""
    maximum = body["max_tokens"]
    count = behaviour.output_tokens
    if count is None:
        count = maximum if maximum <= 1024 else DEFAULT_OUTPUT_TOKENS
    parts = pieces(behaviour, count)
    thoughts = [" hmm"] * behaviour.reasoning_tokens
    words = count_words(parts) + count_words([c["arguments"] for c in behaviour.tool_calls])
    output = words + behaviour.reasoning_tokens + behaviour.hidden_reasoning_tokens
    given = behaviour.input_tokens if behaviour.input_tokens is not None else count_input(body)
    usage = usage_object(behaviour, given, output)
    finish = _finish(behaviour, words, maximum)
    blocks: list[dict[str, Any]] = []
    if thoughts:
        blocks.append({"type": "thinking", "thinking": "".join(thoughts), "signature": "c2ln"})
    if parts:
        blocks.append({"type": "text", "text": "".join(parts)})
    for position, call in enumerate(behaviour.tool_calls):
        blocks.append(
            {
                "type": "tool_use",
                "id": f"toolu_{position}",
                "name": call["name"],
                "input": json.loads(call["arguments"]),
            }
        )
    head = {"id": "msg_up1", "type": "message", "role": "assistant", "model": body["model"]}
    answer = {**head, "content": blocks, "stop_reason": finish, "stop_sequence": None}
    steps = _steps(behaviour, head, blocks, parts, thoughts, usage, finish)
    endless = _step(
        "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": " one"}}, 1
    )
    return Plan(answer, steps, usage, output, endless)


def _step(event: str, rest: dict[str, Any], tokens: int = 0, kind: str = "delta") -> Step:
    return Step(json.dumps({"type": event, **rest}, ensure_ascii=False), event, tokens, kind)


def _steps(
    behaviour: Behaviour,
    head: dict[str, Any],
    blocks: list[dict[str, Any]],
    parts: list[str],
    thoughts: list[str],
    usage: dict[str, Any],
    finish: str,
) -> list[Step]:
    told = usage if isinstance(behaviour.usage, str) else behaviour.usage
    first = {**usage, "output_tokens": 1} if isinstance(behaviour.usage, str) else told
    message = {**head, "content": [], "stop_reason": None, "stop_sequence": None}
    if behaviour.usage != "missing":
        message["usage"] = first
    steps = [
        _step("message_start", {"message": message}, 0, "start"),
        _step("ping", {}, 0, "start"),
    ]
    for index, block in enumerate(blocks):
        empty = {
            "thinking": {"type": "thinking", "thinking": "", "signature": ""},
            "text": {"type": "text", "text": ""},
        }.get(block["type"], {**block, "input": {}})
        steps.append(
            _step("content_block_start", {"index": index, "content_block": empty}, 0, "start")
        )
        steps += _block_deltas(behaviour, index, block, parts, thoughts)
        steps.append(_step("content_block_stop", {"index": index}, 0, "finish"))
    delta: dict[str, Any] = {"delta": {"stop_reason": finish, "stop_sequence": None}}
    if behaviour.usage != "missing":
        delta["usage"] = told
    steps += [_step("message_delta", delta, 0, "usage")] * (2 if behaviour.usage == "twice" else 1)
    if not behaviour.without_end_mark:
        steps.append(_step("message_stop", {}, 0, "end"))
    return steps


def _block_deltas(
    behaviour: Behaviour, index: int, block: dict[str, Any], parts: list[str], thoughts: list[str]
) -> list[Step]:
    def delta(value: dict[str, Any], tokens: int) -> Step:
        return _step("content_block_delta", {"index": index, "delta": value}, tokens)

    if block["type"] == "thinking":
        steps = [delta({"type": "thinking_delta", "thinking": text}, 1) for text in thoughts]
        return [*steps, delta({"type": "signature_delta", "signature": block["signature"]}, 0)]
    if block["type"] == "text":
        return [delta({"type": "text_delta", "text": text}, count_words(text)) for text in parts]
    position = int(block["id"].rsplit("_", 1)[1])
    text = behaviour.tool_calls[position]["arguments"]
    middle = len(text) // 2
    return [
        delta({"type": "input_json_delta", "partial_json": part}, count_words(part))
        for part in ("", text[:middle], text[middle:])
    ]


def models() -> dict[str, Any]:
    """Anthropic's list."""
    return {
        "data": [
            {
                "type": "model",
                "id": "claude-up",
                "display_name": "Claude",
                "created_at": "2026-01-01T00:00:00Z",
            }
        ],
        "has_more": False,
        "first_id": "claude-up",
        "last_id": "claude-up",
    }
