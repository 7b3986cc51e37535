"""The messages and blocks of Anthropic's format, read into the canon and written from it.

Anthropic refuses empty text, wants the results of tools together and first in
the user's turn, a user's turn at the beginning, and system texts apart; OpenAI's
clients care for none of that, so writing puts it in order.
"""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from yiyuan.dialects import canonical
from yiyuan.dialects.anthropic.own_proofs import blocks_of
from yiyuan.dialects.canonical import Json, Message, Part, Text
from yiyuan.dialects.proofs import ANTHROPIC, Proof, signed, value_for
from yiyuan.dialects.shared import fields
from yiyuan.dialects.shared.cache_marks import read_cache, write_cache
from yiyuan.dialects.shared.conversion import not_text, unsupported_value
from yiyuan.dialects.shared.pictures import media_type, plain_base64

ROLES = "user, assistant, system"
FIRST_TURN = "."
"""Stands in for the user's turn that has to come before an assistant's."""

_UNSAFE_IN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def read_messages(body: Json, unmapped: list[str]) -> list[Message]:
    """Read `system` and `messages`; names of what is not carried go to `unmapped`."""
    if body.get("messages") is None:
        raise fields.missing("messages")
    found = fields.entries(body, "messages")
    if not found:
        raise fields.wrong_value("messages", "value_empty")
    system = read_blocks(body, "system", "", unmapped)
    messages = [Message("system", system)] if system else []
    for at, message in found:
        messages += _read_message(message, at + ".", unmapped)
    return messages


def _read_message(message: Json, at: str, unmapped: list[str]) -> list[Message]:
    role = fields.required_text(message, "role", at)
    content = message.get("content")
    if content is None:
        raise fields.missing(at + "content")
    if role == "user" and type(content) is str and content:
        return [Message("user", [Text(content)])]
    parts = read_blocks(message, "content", at, unmapped)
    if role == "assistant":
        return [Message("assistant", parts)]
    if role == "system":
        return [Message("system", parts)]
    if role != "user":
        raise fields.unknown_value(at + "role", role, ROLES)
    results = [part for part in parts if isinstance(part, canonical.ToolResult)]
    rest: list[Part] = [part for part in parts if not isinstance(part, canonical.ToolResult)]
    messages = [Message("tool", [result]) for result in results]
    return [*messages, Message("user", rest)] if rest or not results else messages


def read_blocks(holder: Json, name: str, at: str, unmapped: list[str]) -> list[Part]:
    """Read a string or a list of blocks; the empty string is no part."""
    value = holder.get(name)
    if type(value) is str:
        return [Text(value)] if value else []
    if value is not None and type(value) is not list:
        raise fields.wrong_type(at + name, "string | array")
    return [
        _read_block(block, path + ".", unmapped) for path, block in fields.entries(holder, name, at)
    ]


def _read_block(block: Json, at: str, unmapped: list[str]) -> Part:
    cache = read_cache(block, unmapped)
    kind = fields.required_text(block, "type", at)
    if kind == "text":
        return Text(fields.required_text(block, "text", at), cache)
    if kind == "image":
        return _read_image(block, at, cache)
    if kind == "tool_use":
        call_id, name = (
            fields.required_text(block, "id", at),
            fields.required_text(block, "name", at),
        )
        return canonical.ToolCall(call_id, name, tool_arguments(fields.mapping(block, "input", at)))
    if kind == "tool_result":
        return _read_result(block, at, unmapped, cache)
    if kind == "thinking":
        return canonical.Reasoning(
            fields.required_text(block, "thinking", at), fields.text(block, "signature", at)
        )
    if kind == "redacted_thinking":
        return canonical.Reasoning("", redacted=fields.required_text(block, "data", at))
    return canonical.Other(kind[:64], block)


def _read_image(block: Json, at: str, cache: Json | None) -> Part:
    source = fields.mapping(block, "source", at)
    if source is None:
        raise fields.missing(at + "source")
    kind = fields.required_text(source, "type", at + "source.")
    if kind == "url":
        return canonical.Image(url=fields.required_text(source, "url", at + "source."), cache=cache)
    if kind == "base64":
        told = fields.required_text(source, "media_type", at + "source.")
        data = plain_base64(fields.required_text(source, "data", at + "source."))
        source |= {"media_type": media_type(told, data), "data": data}
        return canonical.Image(media_type=source["media_type"], data=data, cache=cache)
    return canonical.Other(f"image.{kind}"[:64], block)


def _read_result(block: Json, at: str, unmapped: list[str], cache: Json | None) -> Part:
    call_id = fields.required_text(block, "tool_use_id", at)
    parts = read_blocks(block, "content", at, unmapped)
    content = [part for part in parts if isinstance(part, Text | canonical.Image | canonical.Other)]
    return canonical.ToolResult(
        call_id, content, fields.flag(block, "is_error", at) or False, cache
    )


def tool_arguments(value: Any) -> str:
    """A call's input as JSON text, which some servers send themselves."""
    return value or "{}" if type(value) is str else orjson.dumps(value or {}).decode()


def tool_input(arguments: str) -> Json:
    """A call's JSON text as an object; what a model wrote amiss is kept under one key."""
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {"arguments": arguments}
    return value if type(value) is dict else {"arguments": value}


def write_messages(
    messages: list[Message], param: str, family: str = ANTHROPIC
) -> tuple[list[Json], list[Json]]:
    """Write a conversation as (system blocks, turns). `family` is whose proofs may go.

    Raises InvalidRequest that names `param` when nothing is left to be answered.
    """
    system: list[Json] = []
    turns: list[Json] = []
    for message in messages:
        blocks = _write_blocks(message.parts, family)
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
        turn["content"] = only_text(turn["content"]) or turn["content"]


def _text_block(value: str) -> Json:
    return {"type": "text", "text": value}


def only_text(blocks: list[Json]) -> str | None:
    """The text of blocks that are one plain text, which can stand for them."""
    is_plain = len(blocks) == 1 and blocks[0].keys() == {"type", "text"}
    return blocks[0]["text"] if is_plain else None


def _write_blocks(parts: Sequence[Part], family: str) -> list[Json]:
    """Blocks for the parts, without empty texts and without reasoning that has no proof."""
    blocks: list[Json] = []
    for part in parts:
        match part:
            case Text():
                if part.text.strip():
                    blocks.append(_text_block(part.text) | write_cache(part.cache))
            case canonical.Image():
                blocks.append(_write_image(part))
            case canonical.ToolCall():
                _write_thinking(part.proof, family, blocks)
                blocks.append(_write_call(part))
            case canonical.ToolResult():
                blocks.append(_write_result(part, family))
            case canonical.Reasoning():
                blocks += _write_reasoning(part, family)
            case canonical.Other():
                raise not_text(part)
    return blocks


def _write_image(image: canonical.Image) -> Json:
    if image.url is not None:
        source: Json = {"type": "url", "url": image.url}
    else:
        source = {"type": "base64", "media_type": image.media_type, "data": image.data}
    return {"type": "image", "source": source} | write_cache(image.cache)


def _write_call(call: canonical.ToolCall) -> Json:
    return {
        "type": "tool_use",
        "id": safe_id(call.id),
        "name": call.name,
        "input": tool_input(call.arguments),
    }


def _write_thinking(proof: Proof | None, family: str, blocks: list[Json]) -> None:
    """Put the thinking that led to a call where it stood: first of all, or before the call."""
    if proof is not None and proof.family == family:
        called = any(block["type"] == "tool_use" for block in blocks)
        at = len(blocks) if called else 0
        blocks[at:at] = blocks_of(proof, proof.text)


def _write_result(result: canonical.ToolResult, family: str) -> Json:
    block: Json = {"type": "tool_result", "tool_use_id": safe_id(result.call_id)}
    content = _write_blocks(result.content, family)
    if content:
        block["content"] = only_text(content) or content
    if result.is_error:
        block["is_error"] = True
    return block | write_cache(result.cache)


def safe_messages(messages: list[Json]) -> list[Json]:
    """A request's own messages with ids of Anthropic's alphabet; the same list if they are."""
    changed = [_safe_message(message) for message in messages]
    is_same = all(new is old for new, old in zip(changed, messages, strict=True))
    return messages if is_same else changed


def _safe_message(message: Json) -> Json:
    blocks = message.get("content")
    if type(blocks) is not list:
        return message
    safe = [_safe_block(block) for block in blocks]
    is_same = all(new is old for new, old in zip(safe, blocks, strict=True))
    return message if is_same else message | {"content": safe}


def _safe_block(block: Json) -> Json:
    for kind, name in (("tool_use", "id"), ("tool_result", "tool_use_id")):
        if block.get("type") == kind and _UNSAFE_IN_ID.search(block[name]):
            return block | {name: safe_id(block[name])}
    return block


def safe_id(call_id: str) -> str:
    """An id of Anthropic's alphabet; others use colons and dots in theirs."""
    return _UNSAFE_IN_ID.sub("_", call_id) or "call"


def _write_reasoning(part: canonical.Reasoning, family: str) -> list[Json]:
    if part.redacted is not None:
        data = value_for(signed(part.redacted), family)
        return [] if data is None else [{"type": "redacted_thinking", "data": data}]
    proof = signed(part.signature)
    if proof is None or proof.family != family:
        return []
    return blocks_of(proof, part.text)
