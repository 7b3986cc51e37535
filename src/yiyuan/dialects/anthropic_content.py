"""The messages and blocks of Anthropic's format, read into the canon and written from it.

Anthropic refuses empty text, wants the results of tools together and first in
the user's turn, a user's turn at the beginning, and system texts apart; OpenAI's
clients care for none of that, so writing puts it in order.
"""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from yiyuan.dialects.canon import (
    Image,
    Json,
    Message,
    Other,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from yiyuan.dialects.conversion import not_text, unsupported_value
from yiyuan.dialects.fields import (
    entries,
    flag,
    mapping,
    missing,
    required_text,
    text,
    unknown_value,
    wrong_type,
    wrong_value,
)

ROLES = "user, assistant, system"
FIRST_TURN = "."
"""Stands in for the user's turn that has to come before an assistant's."""

_UNSAFE_IN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def read_messages(body: Json, unmapped: list[str]) -> list[Message]:
    """Read `system` and `messages`; names of what is not carried go to `unmapped`."""
    if body.get("messages") is None:
        raise missing("messages")
    found = entries(body, "messages")
    if not found:
        raise wrong_value("messages", "value_empty")
    system = read_blocks(body, "system", "", unmapped)
    messages = [Message("system", system)] if system else []
    for at, message in found:
        messages += _read_message(message, at + ".", unmapped)
    return messages


def _read_message(message: Json, at: str, unmapped: list[str]) -> list[Message]:
    role = required_text(message, "role", at)
    if message.get("content") is None:
        raise missing(at + "content")
    parts = read_blocks(message, "content", at, unmapped)
    if role == "assistant":
        return [Message("assistant", parts)]
    if role == "system":
        return [Message("system", parts)]
    if role != "user":
        raise unknown_value(at + "role", role, ROLES)
    results = [part for part in parts if isinstance(part, ToolResult)]
    rest: list[Part] = [part for part in parts if not isinstance(part, ToolResult)]
    messages = [Message("tool", [result]) for result in results]
    return [*messages, Message("user", rest)] if rest or not results else messages


def read_blocks(holder: Json, name: str, at: str, unmapped: list[str]) -> list[Part]:
    """Read a string or a list of blocks; the empty string is no part."""
    value = holder.get(name)
    if type(value) is str:
        return [Text(value)] if value else []
    if value is not None and type(value) is not list:
        raise wrong_type(at + name, "string | array")
    return [_read_block(block, path + ".", unmapped) for path, block in entries(holder, name, at)]


def _read_block(block: Json, at: str, unmapped: list[str]) -> Part:
    if block.get("cache_control") is not None and "cache_control" not in unmapped:
        unmapped.append("cache_control")
    kind = required_text(block, "type", at)
    if kind == "text":
        return Text(required_text(block, "text", at))
    if kind == "image":
        return _read_image(block, at)
    if kind == "tool_use":
        call_id, name = required_text(block, "id", at), required_text(block, "name", at)
        return ToolCall(call_id, name, tool_arguments(mapping(block, "input", at)))
    if kind == "tool_result":
        return _read_result(block, at, unmapped)
    if kind == "thinking":
        return Reasoning(required_text(block, "thinking", at), text(block, "signature", at))
    if kind == "redacted_thinking":
        return Reasoning("", redacted=required_text(block, "data", at))
    return Other(kind[:64], block)


def _read_image(block: Json, at: str) -> Part:
    source = mapping(block, "source", at)
    if source is None:
        raise missing(at + "source")
    kind = required_text(source, "type", at + "source.")
    if kind == "url":
        return Image(url=required_text(source, "url", at + "source."))
    if kind == "base64":
        return Image(
            media_type=required_text(source, "media_type", at + "source."),
            data=required_text(source, "data", at + "source."),
        )
    return Other(f"image.{kind}"[:64], block)


def _read_result(block: Json, at: str, unmapped: list[str]) -> Part:
    call_id = required_text(block, "tool_use_id", at)
    parts = read_blocks(block, "content", at, unmapped)
    content = [part for part in parts if isinstance(part, Text | Image | Other)]
    return ToolResult(call_id, content, flag(block, "is_error", at) or False)


def tool_arguments(value: Any) -> str:
    """A call's input as JSON text."""
    return orjson.dumps(value or {}).decode()


def tool_input(arguments: str) -> Json:
    """A call's JSON text as an object; what a model wrote amiss is kept under one key."""
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {"arguments": arguments}
    return value if type(value) is dict else {"arguments": value}


def write_messages(messages: list[Message], param: str) -> tuple[list[Json], list[Json]]:
    """Write a conversation as (system blocks, turns).

    Raises InvalidRequest that names `param` when nothing is left to be answered.
    """
    system: list[Json] = []
    turns: list[Json] = []
    for message in messages:
        blocks = _write_blocks(message.parts)
        if message.role == "system":
            system += blocks
            continue
        role = "assistant" if message.role == "assistant" else "user"
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    if not turns and system and messages[-1].role == "system":
        turns, system = [{"role": "user", "content": system}], []
    last = [message for message in messages if message.role != "system"][-1:]
    if not turns or (last and last[0].role != "assistant" and turns[-1]["role"] == "assistant"):
        raise unsupported_value(param, "value_blank")
    _put_in_order(turns)
    return system, turns


def _put_in_order(turns: list[Json]) -> None:
    """Begin with the user; end an assistant's beginning without white space."""
    if turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": [_text_block(FIRST_TURN)]})
    final = turns[-1]["content"][-1]
    if turns[-1]["role"] == "assistant" and final["type"] == "text":
        final["text"] = final["text"].rstrip()
    for turn in turns:
        blocks = turn["content"]
        if len(blocks) == 1 and blocks[0]["type"] == "text":
            turn["content"] = blocks[0]["text"]


def _text_block(value: str) -> Json:
    return {"type": "text", "text": value}


def _write_blocks(parts: Sequence[Part]) -> list[Json]:
    """Blocks for the parts, without empty texts and without reasoning that has no proof."""
    blocks: list[Json] = []
    for part in parts:
        match part:
            case Text():
                if part.text.strip():
                    blocks.append(_text_block(part.text))
            case Image():
                blocks.append(_write_image(part))
            case ToolCall():
                blocks.append(_write_call(part))
            case ToolResult():
                blocks.append(_write_result(part))
            case Reasoning():
                blocks += _write_reasoning(part)
            case Other():
                raise not_text(part)
    return blocks


def _write_image(image: Image) -> Json:
    if image.url is not None:
        return {"type": "image", "source": {"type": "url", "url": image.url}}
    source = {"type": "base64", "media_type": image.media_type, "data": image.data}
    return {"type": "image", "source": source}


def _write_call(call: ToolCall) -> Json:
    return {
        "type": "tool_use",
        "id": _safe_id(call.id),
        "name": call.name,
        "input": tool_input(call.arguments),
    }


def _write_result(result: ToolResult) -> Json:
    block: Json = {"type": "tool_result", "tool_use_id": _safe_id(result.call_id)}
    content = _write_blocks(result.content)
    if content:
        is_text = len(content) == 1 and content[0]["type"] == "text"
        block["content"] = content[0]["text"] if is_text else content
    if result.is_error:
        block["is_error"] = True
    return block


def _safe_id(call_id: str) -> str:
    """An id of Anthropic's alphabet; others use colons and dots in theirs."""
    return _UNSAFE_IN_ID.sub("_", call_id) or "call"


def _write_reasoning(part: Reasoning) -> list[Json]:
    if part.redacted is not None:
        return [{"type": "redacted_thinking", "data": part.redacted}]
    if not part.signature:
        return []
    return [{"type": "thinking", "thinking": part.text, "signature": part.signature}]
