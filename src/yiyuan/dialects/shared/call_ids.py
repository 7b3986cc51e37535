"""Ids of calls within the length that a format takes; a call and its result stay a pair."""

import hashlib

from yiyuan.dialects.canonical import Message, ToolCall, ToolResult


def short_id(call_id: str, length_max: int) -> str:
    """The id, or one made of it, always the same, where it is too long."""
    if len(call_id) <= length_max:
        return call_id
    return "call_" + hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:32]


def shorten_ids(messages: list[Message], length_max: int) -> None:
    """Shorten the ids of a conversation's calls and results, in place."""
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolCall) and len(part.id) > length_max:
                part.id = short_id(part.id, length_max)
            elif isinstance(part, ToolResult) and len(part.call_id) > length_max:
                part.call_id = short_id(part.call_id, length_max)
