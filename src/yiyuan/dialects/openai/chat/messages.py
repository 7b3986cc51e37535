"""The messages of OpenAI chat, read into the canon and written from it.

`developer` is `system`, which may stand anywhere. Written for an upstream, text
alone is one string, since many servers that speak like OpenAI take nothing else;
pictures in tool results follow in a user message, since tool messages cannot
hold them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from yiyuan.dialects import canonical
from yiyuan.dialects.canonical import Json, Message, Part, Role, Text
from yiyuan.dialects.openai.chat.plain_request import SPEAKERS
from yiyuan.dialects.openai.content import arguments_text, read_content, write_image
from yiyuan.dialects.proofs import GOOGLE, Proof, opened, sealed
from yiyuan.dialects.shared.cache_marks import read_cache, write_cache
from yiyuan.dialects.shared.conversion import not_text
from yiyuan.dialects.shared.custom_tools import arguments_of
from yiyuan.dialects.shared.fields import (
    entries,
    listing,
    mapping,
    missing,
    required_text,
    text,
    unknown_value,
    wrong_type,
    wrong_value,
)

ROLES = "system, developer, user, assistant, tool"
_PLAIN = frozenset(("role", "content"))


def read_messages(body: Json, unmapped: list[str]) -> list[Message]:
    """Read `messages`; names of what is not carried go to `unmapped`."""
    if body.get("messages") is None:
        raise missing("messages")
    found = listing(body, "messages")
    if not found:
        raise wrong_value("messages", "value_empty")
    return [
        _read_plain(message) or _read_message(message, f"messages[{position}]", unmapped)
        for position, message in enumerate(found)
    ]


def _read_plain(message: Any) -> Message | None:
    """A message that is nothing but somebody's text, as most are; None for any other."""
    if type(message) is dict and message.keys() == _PLAIN:
        said, speaker = message["content"], message["role"]
        if type(said) is str and said and type(speaker) is str and speaker in SPEAKERS:
            return Message(SPEAKERS[speaker], [Text(said)])
    return None


def _read_message(message: Any, path: str, unmapped: list[str]) -> Message:
    if type(message) is not dict:
        raise wrong_type(path, "object")
    at = path + "."
    role = required_text(message, "role", at)
    name = text(message, "name", at)
    read = _READERS.get(role)
    if read is None:
        raise unknown_value(at + "role", role, ROLES)
    canon_role, parts = read(message, at, unmapped)
    if "cache_control" in message and parts:
        _mark(parts[-1], read_cache(message, unmapped))
    return Message(canon_role, parts, name)


def _mark(part: Part, cache: Json | None) -> None:
    """A mark of the whole message stands on its last part."""
    if isinstance(part, Text | canonical.Image | canonical.ToolResult):
        part.cache = part.cache or cache


def _read_system(message: Json, at: str, unmapped: list[str]) -> tuple[Role, list[Part]]:
    return "system", read_content(message.get("content"), at + "content", unmapped)


def _read_user(message: Json, at: str, unmapped: list[str]) -> tuple[Role, list[Part]]:
    return "user", read_content(message.get("content"), at + "content", unmapped)


def _read_assistant(message: Json, at: str, unmapped: list[str]) -> tuple[Role, list[Part]]:
    parts: list[Part] = []
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    if type(reasoning) is str:
        parts.append(canonical.Reasoning(reasoning))
    parts += read_content(message.get("content"), at + "content", unmapped)
    refusal = text(message, "refusal", at)
    if refusal:
        parts.append(Text(refusal))
    for path, call in entries(message, "tool_calls", at):
        parts.append(_read_tool_call(call, path + "."))
    if message.get("function_call") is not None:
        parts.append(canonical.Other("function_call", {"function_call": message["function_call"]}))
    return "assistant", parts


def _read_tool_call(call: Json, at: str) -> Part:
    custom = call.get("custom")
    if call.get("type") == "custom" and type(custom) is dict:
        name = required_text(custom, "name", at + "custom.")
        said = arguments_of(text(custom, "input", at + "custom.") or "")
        return canonical.ToolCall(text(call, "id", at) or "", name, said)
    if call.get("type") not in (None, "function"):
        return canonical.Other(str(call["type"])[:64], call)
    function = mapping(call, "function", at)
    if function is None:
        raise missing(at + "function")
    name = required_text(function, "name", at + "function.")
    call_id, arguments = text(call, "id", at) or "", arguments_text(function.get("arguments"))
    return canonical.ToolCall(call_id, name, arguments, read_proof(call))


def read_proof(call: Json) -> Proof | None:
    """What the call's maker signed, where Google's own convention for this format puts it."""
    value = _signature(call)
    return (opened(value) or Proof(GOOGLE, value)) if value else None


def is_sealed(call: Json) -> bool:
    """Whether a call's proof is of another family than Google, whose convention this is."""
    return opened(_signature(call)) is not None


def _signature(call: Json) -> str:
    value: Any = call.get("extra_content")
    for name in ("google", "thought_signature"):
        value = value.get(name) if type(value) is dict else None
    return value if type(value) is str else ""


def write_proof(proof: Proof | None) -> Json:
    """The field that a client sends back with the call."""
    if proof is None:
        return {}
    value = proof.value if proof.family == GOOGLE else sealed(proof)
    return {"extra_content": {"google": {"thought_signature": value}}}


def _read_tool(message: Json, at: str, unmapped: list[str]) -> tuple[Role, list[Part]]:
    call_id = required_text(message, "tool_call_id", at)
    parts = read_content(message.get("content"), at + "content", unmapped)
    content = [part for part in parts if isinstance(part, Text | canonical.Image | canonical.Other)]
    result = canonical.ToolResult(call_id, content)
    for part in content:  # the mark of a part is one of the result
        if isinstance(part, Text | canonical.Image) and part.cache is not None:
            result.cache, part.cache = part.cache, None
    return "tool", [result]


def _read_function(message: Json, _at: str, _unmapped: list[str]) -> tuple[Role, list[Part]]:
    return "tool", [canonical.Other("function", message)]


_READERS: dict[str, Callable[[Json, str, list[str]], tuple[Role, list[Part]]]] = {
    "system": _read_system,
    "developer": _read_system,
    "user": _read_user,
    "assistant": _read_assistant,
    "tool": _read_tool,
    "function": _read_function,
}


def write_messages(
    messages: list[Message], *, with_reasoning: bool, with_marks: bool = False
) -> list[Json]:
    """Write a conversation; `with_reasoning` gives earlier reasoning back.

    `with_marks`: the server takes marks of what is to be cached.
    """
    if not with_marks:
        messages = [replace(m, parts=[_unmarked(part) for part in m.parts]) for m in messages]
    written: list[Json] = []
    pictures: list[Part] = []
    for message in messages:
        if message.role == "tool":
            pictures += _write_results(message, written)
            continue
        if pictures and message.role != "user":
            written.append(_write_plain("user", pictures, None))
            pictures = []
        if message.role == "assistant":
            written.append(_write_assistant(message, with_reasoning=with_reasoning))
        else:
            parts = pictures + message.parts
            written.append(_write_plain(message.role, parts, message.name))
            pictures = []
    if pictures:
        written.append(_write_plain("user", pictures, None))
    return written


def _write_results(message: Message, written: list[Json]) -> list[Part]:
    """Add a tool message for each result; the pictures that were in them are returned."""
    pictures: list[Part] = []
    for part in message.parts:
        if isinstance(part, canonical.Other):
            raise not_text(part)
        if isinstance(part, canonical.ToolResult):
            texts = [item for item in part.content if not isinstance(item, canonical.Image)]
            pictures += [item for item in part.content if isinstance(item, canonical.Image)]
            content = _write_parts(texts, "\n\n")
            written.append({"role": "tool", "tool_call_id": part.call_id, "content": content})
    return pictures


def _write_plain(role: str, parts: list[Part], name: str | None) -> Json:
    message: Json = {"role": role, "content": _write_parts(parts, "\n\n")}
    if name:
        message["name"] = name
    return message


def _write_assistant(message: Message, *, with_reasoning: bool) -> Json:
    rest = [
        part
        for part in message.parts
        if not isinstance(part, canonical.ToolCall | canonical.Reasoning)
    ]
    calls = [part for part in message.parts if isinstance(part, canonical.ToolCall)]
    content = _write_parts(rest, "")
    written: Json = {"role": "assistant", "content": content or (None if calls else "")}
    if message.name:
        written["name"] = message.name
    reasoning = "".join(
        part.text for part in message.parts if isinstance(part, canonical.Reasoning)
    )
    if with_reasoning and reasoning:
        written["reasoning_content"] = reasoning
    if calls:
        written["tool_calls"] = [
            {
                "id": call.id or f"call_{position}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for position, call in enumerate(calls)
        ]
    return written


def _unmarked(part: Any) -> Any:
    """The part without marks; itself when it has none."""
    if isinstance(part, canonical.ToolResult):
        return replace(part, content=[_unmarked(inner) for inner in part.content])
    if isinstance(part, Text | canonical.Image) and part.cache is not None:
        return replace(part, cache=None)
    return part


def _write_parts(parts: Sequence[Part], joint: str) -> str | list[Json]:
    """One string of all texts, or a list of parts when there is more than text."""
    if all(isinstance(part, Text) and part.cache is None for part in parts):
        return joint.join(part.text for part in parts if isinstance(part, Text))
    written: list[Json] = []
    for part in parts:
        if isinstance(part, Text):
            written.append({"type": "text", "text": part.text} | write_cache(part.cache))
        elif isinstance(part, canonical.Image):
            written.append(write_image(part) | write_cache(part.cache))
        elif isinstance(part, canonical.Other):
            raise not_text(part)
    return written
