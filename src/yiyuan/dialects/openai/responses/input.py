"""The input of OpenAI's Responses: a flat list of items, read into turns and written from them.

Messages, reasoning and calls of tools are items of their own there; in the canon
what the model said in one go is one turn, since every other format wants a call
and its text together. Custom tools' calls and results read as those of functions,
a namespace stands before a function's name.
Items of tools that only OpenAI runs are left out, by name; an item that refers to
something stored is refused, because nothing is stored here.
"""

from collections.abc import Sequence
from typing import Any

from yiyuan.dialects.canonical import (
    Image,
    Json,
    Message,
    Other,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from yiyuan.dialects.openai.content import arguments_text, read_image
from yiyuan.dialects.openai.responses.client_tools import joined
from yiyuan.dialects.openai.responses.object import read_signature
from yiyuan.dialects.proofs import Proof, signed, value_for
from yiyuan.dialects.shared.conversion import not_text, unsupported_value
from yiyuan.dialects.shared.custom_tools import arguments_of
from yiyuan.dialects.shared.fields import (
    entries,
    missing,
    required_text,
    text,
    unknown_value,
    wrong_type,
    wrong_value,
)
from yiyuan.dialects.shared.pictures import data_url

ROLES: dict[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}
_TEXTS = frozenset({"input_text", "output_text", "text"})


def read_input(body: Json, unmapped: list[str]) -> list[Message]:
    """Read `instructions` and `input`; names of what is not carried go to `unmapped`."""
    instructions = text(body, "instructions")
    messages = [Message("system", [Text(instructions)])] if instructions else []
    value = body.get("input")
    if value is None:
        raise missing("input")
    if type(value) is str:
        return [*messages, Message("user", [Text(value)] if value else [])]
    if type(value) is not list:
        raise wrong_type("input", "string | array")
    turns: list[Message] = []
    for at, item in entries(body, "input"):
        _read_item(item, at + ".", turns, unmapped)
    said = [turn for turn in turns if not _is_only_reasoning(turn)]
    if not said:
        raise wrong_value("input", "value_empty")
    return messages + said


def _is_only_reasoning(turn: Message) -> bool:
    """Whether the turn broke off before the model said anything: other formats have none such."""
    return bool(turn.parts) and all(isinstance(part, Reasoning) for part in turn.parts)


def _read_item(item: Json, at: str, turns: list[Message], unmapped: list[str]) -> None:
    kind = text(item, "type", at)
    if kind is None:
        if item.get("role") is None:
            raise missing(at + "type")
        kind = "message"
    match kind:
        case "message":
            _read_message(item, at, turns)
        case "function_call" | "custom_tool_call":
            _assistant(turns).parts.append(_read_call(item, at, kind))
        case "function_call_output" | "custom_tool_call_output":
            content = _read_content(item, "output", at)
            call_id = required_text(item, "call_id", at)
            turns.append(Message("tool", [ToolResult(call_id, content)]))
        case "reasoning":
            reasoning = _read_reasoning(item)
            if reasoning is not None:
                _assistant(turns, begins=True).parts.append(reasoning)
        case "item_reference":
            raise unsupported_value(at.removesuffix("."), "value_item_reference")
        case _:
            unmapped.append(f"input.{kind}")


def _read_message(item: Json, at: str, turns: list[Message]) -> None:
    word = required_text(item, "role", at)
    role = ROLES.get(word)
    if role is None:
        raise unknown_value(at + "role", word, ", ".join(ROLES))
    if item.get("content") is None:
        raise missing(at + "content")
    parts = _read_content(item, "content", at)
    if role == "assistant":
        _assistant(turns, begins=True).parts += parts
    else:
        turns.append(Message(role, [*parts]))


def _assistant(turns: list[Message], *, begins: bool = False) -> Message:
    """The assistant's turn that is going on, or a new one.

    What begins with text or reasoning is a turn of its own after a turn of text
    alone; next to a call it belongs to the call's turn, or the results would not
    follow the call.
    """
    if turns and turns[-1].role == "assistant":
        parts = turns[-1].parts
        is_plain = not any(isinstance(part, ToolCall) for part in parts)
        has_text = any(not isinstance(part, ToolCall | Reasoning) for part in parts)
        if not (begins and is_plain and has_text):
            return turns[-1]
    turns.append(Message("assistant", []))
    return turns[-1]


def _read_call(item: Json, at: str, kind: str) -> ToolCall:
    if kind == "custom_tool_call":
        arguments = arguments_of(required_text(item, "input", at))
    else:
        arguments = arguments_text(item.get("arguments"))
    name = joined(text(item, "namespace", at), required_text(item, "name", at))
    return ToolCall(required_text(item, "call_id", at), name, arguments)


def _read_reasoning(item: Json) -> Reasoning | None:
    """What was shown of it, and the proof if it is one of ours; never refused."""
    shown = reasoning_text(item)
    signature = read_signature(item.get("encrypted_content"))
    return Reasoning(shown, signature) if shown or signature else None


def reasoning_text(item: Json) -> str:
    """The summary of a reasoning item, or its content where a server shows that."""
    for name in ("summary", "content"):
        parts = item.get(name)
        if type(parts) is list:
            texts = [part.get("text") for part in parts if type(part) is dict]
            found = "\n\n".join(shown for shown in texts if type(shown) is str)
            if found:
                return found
    return ""


def _read_content(item: Json, name: str, at: str) -> list[Text | Image | Other]:
    value = item.get(name)
    if type(value) is str:
        return [Text(value)] if value else []
    if value is not None and type(value) is not list:
        raise wrong_type(at + name, "string | array")
    return [_read_part(part, path + ".") for path, part in entries(item, name, at)]


def _read_part(part: Json, at: str) -> Text | Image | Other:
    kind = required_text(part, "type", at)
    if kind in _TEXTS:
        return Text(required_text(part, "text", at))
    if kind == "refusal":
        return Text(required_text(part, "refusal", at))
    if kind == "input_image":
        if part.get("image_url") is None and part.get("file_id") is not None:
            return Other("input_image.file_id", part)
        url = required_text(part, "image_url", at)
        image = read_image({"url": url, "detail": part.get("detail")}, at)
        if image.data is not None:
            part["image_url"] = data_url(image.media_type, image.data)
        return image
    return Other(kind[:64], part)


def write_input(messages: list[Message], family: str = "") -> list[Json]:
    """Write a conversation as items; of reasoning what `family` encrypted, which it can read."""
    items: list[Json] = []
    for message in messages:
        rest: list[Part] = []
        calls: list[Json] = []
        for part in message.parts:
            match part:
                case ToolResult():
                    items.append(_write_result(part))
                case ToolCall():
                    before = calls or items  # the first one's stands before the text, too
                    before += _write_reasoning(part.proof, family)
                    calls.append(_write_call(part))
                case Reasoning():
                    items += _write_reasoning(signed(part.signature), family, part.text)
                case _:
                    rest.append(part)
        if rest or not message.parts:
            items.append(_write_message(message.role, rest))
        items += calls
    return items


def _write_reasoning(proof: Proof | None, family: str, shown: str = "") -> list[Json]:
    value = value_for(proof, family)
    if value is None:
        return []
    summary = [{"type": "summary_text", "text": shown}] if shown else []
    return [{"type": "reasoning", "summary": summary, "encrypted_content": value}]


def _write_message(role: str, parts: Sequence[Part]) -> Json:
    role = "user" if role == "tool" else role
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": _write_content(parts, kind)}


def _write_call(call: ToolCall) -> Json:
    return {
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }


def _write_result(result: ToolResult) -> Json:
    output = _write_content(result.content, "input_text")
    return {"type": "function_call_output", "call_id": result.call_id, "output": output}


def _write_content(parts: Sequence[Part], text_kind: str) -> str | list[Json]:
    """A string for one text, else a list of parts."""
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [_write_part(part, text_kind) for part in parts]


def _write_part(part: Part, text_kind: str) -> Json:
    if isinstance(part, Image):
        url: Any = part.url or data_url(part.media_type, part.data)
        picture = {"type": "input_image", "image_url": url}
        return picture | {"detail": part.detail} if part.detail else picture
    if isinstance(part, Text):
        return {"type": text_kind, "text": part.text}
    assert isinstance(part, Other)
    raise not_text(part)
