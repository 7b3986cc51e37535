"""The contents of Google's format, read into the canon and written from it.

A turn of the user may answer several calls at once and in any order; Google wants
all answers of a turn together and in the order of the calls, so writing sorts
them. Calls need no ids here: one without gets a number, and an answer without
belongs to the first open call of its name.
"""

from typing import Any

import orjson

from yiyuan.dialects import canonical
from yiyuan.dialects.canonical import Json, Message, Part, Text
from yiyuan.dialects.gemini.signatures import SKIP_SIGNATURE, read_signature
from yiyuan.dialects.proofs import Proof, opened, value_for
from yiyuan.dialects.shared import fields
from yiyuan.dialects.shared.conversion import not_text, unsupported_value
from yiyuan.dialects.shared.pictures import media_type, plain_base64, split_data_url

ROLES = "user, model"


class Calls:
    """The calls of a conversation, to find whose answer a function's answer is."""

    def __init__(self) -> None:
        """None so far."""
        self._open: list[tuple[str, str]] = []
        self._count = 0

    def made(self, name: str, call_id: str | None) -> str:
        """Note a call; its id, made here where it has none."""
        self._count += 1
        found = call_id or f"call_{self._count}"
        self._open.append((found, name))
        return found

    def answered(self, name: str, call_id: str | None) -> str:
        """The id of the call that is answered."""
        for position, (open_id, open_name) in enumerate(self._open):
            if open_id == call_id or (call_id is None and open_name == name):
                del self._open[position]
                return open_id
        return call_id or f"call_of_{name}"


def read_contents(body: Json) -> list[Message]:
    """Read `systemInstruction` and `contents`."""
    if body.get("contents") is None:
        raise fields.missing("contents")
    contents = _contents(body)
    if not contents:
        raise fields.wrong_value("contents", "value_empty")
    calls = Calls()
    messages = _read_system(body)
    for at, content in contents:
        messages += _read_content(content, at + ".", calls)
    return messages


def _contents(body: Json) -> list[tuple[str, Json]]:
    """Google takes one content, or a string, for a list of one."""
    value = body["contents"]
    if type(value) is str:
        return [("contents", {"parts": [{"text": value}]})]
    return [("contents", value)] if type(value) is dict else fields.entries(body, "contents")


def _read_system(body: Json) -> list[Message]:
    value = body.get("systemInstruction")
    if value is None:
        return []
    system = {"parts": [{"text": value}]} if type(value) is str else value
    if type(system) is not dict:
        system = fields.mapping(body, "systemInstruction") or {}
    parts = _read_parts(system, "systemInstruction.", Calls())
    return [Message("system", parts)] if parts else []


def _read_content(content: Json, at: str, calls: Calls) -> list[Message]:
    role = fields.text(content, "role", at) or "user"
    if role not in ("user", "model", "function"):
        raise fields.unknown_value(at + "role", role, ROLES)
    parts = _read_parts(content, at, calls)
    if role == "model":
        return [Message("assistant", parts)]
    results = [part for part in parts if isinstance(part, canonical.ToolResult)]
    rest: list[Part] = [part for part in parts if not isinstance(part, canonical.ToolResult)]
    messages = [Message("tool", [result]) for result in results]
    return [*messages, Message("user", rest)] if rest or not results else messages


def _read_parts(content: Json, at: str, calls: Calls) -> list[Part]:
    if type(content.get("parts")) is dict:
        content = content | {"parts": [content["parts"]]}
    return [
        _read_part(part, path + ".", calls) for path, part in fields.entries(content, "parts", at)
    ]


def _read_part(part: Json, at: str, calls: Calls) -> Part:
    if "text" in part:
        said = fields.text(part, "text", at) or ""
        return canonical.Reasoning(said) if fields.flag(part, "thought", at) else Text(said)
    call = fields.mapping(part, "functionCall", at)
    if call is not None:
        name = fields.required_text(call, "name", at + "functionCall.")
        arguments = fields.mapping(call, "args", at + "functionCall.") or {}
        call_id = calls.made(name, fields.text(call, "id", at + "functionCall."))
        proof = read_signature(fields.text(part, "thoughtSignature", at))
        return canonical.ToolCall(call_id, name, orjson.dumps(arguments).decode(), proof)
    answer = fields.mapping(part, "functionResponse", at)
    if answer is not None:
        return _read_answer(answer, at + "functionResponse.", calls)
    blob = fields.mapping(part, "inlineData", at)
    if blob is not None:
        told = fields.required_text(blob, "mimeType", at + "inlineData.")
        if told.lower().startswith("image/"):
            data = plain_base64(fields.required_text(blob, "data", at + "inlineData."))
            blob |= {"mimeType": media_type(told, data), "data": data}
            return canonical.Image(media_type=blob["mimeType"], data=data)
        return canonical.Other("inlineData", part)
    kinds = [name for name in part if name not in ("thought", "thoughtSignature", "partMetadata")]
    if not kinds:
        return Text("")
    return canonical.Other(str(kinds[0])[:64], part)


def _read_answer(answer: Json, at: str, calls: Calls) -> canonical.ToolResult:
    name = fields.required_text(answer, "name", at)
    response = fields.mapping(answer, "response", at) or {}
    call_id = calls.answered(name, fields.text(answer, "id", at))
    is_error = set(response) == {"error"}
    value: Any = response
    if set(response) in ({"output"}, {"result"}, {"error"}):
        value = next(iter(response.values()))
    said = value if type(value) is str else orjson.dumps(value).decode()
    return canonical.ToolResult(call_id, [Text(said)], is_error)


def write_contents(messages: list[Message], family: str) -> tuple[list[Json], list[Json]]:
    """Write a conversation as (system parts, contents). `family` is whose proofs may go."""
    system: list[Json] = []
    contents: list[Json] = []
    names: dict[str, str] = {}
    order: list[str] = []
    for message in messages:
        if message.role == "system":
            system += _write_parts(message.parts, family, names)
            continue
        if message.role == "assistant":
            order = [part.id for part in message.parts if isinstance(part, canonical.ToolCall)]
            names.update(
                (part.id, part.name)
                for part in message.parts
                if isinstance(part, canonical.ToolCall)
            )
        role = "model" if message.role == "assistant" else "user"
        parts = _write_parts(message.parts, family, names)
        if not parts:
            continue
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": role, "parts": parts})
        if role == "user":
            _sort_answers(contents[-1]["parts"], order)
    if not contents and system:
        return [], [{"role": "user", "parts": system}]
    if not contents:
        raise unsupported_value("messages", "value_blank")
    return system, contents


def _sort_answers(parts: list[Json], order: list[str]) -> None:
    """Answers first, in the order of the calls that they belong to."""
    places = {call_id: place for place, call_id in enumerate(order)}

    def place(part: Json) -> tuple[int, int]:
        answer = part.get("functionResponse")
        return (1, 0) if answer is None else (0, places.get(answer["id"], len(places)))

    parts.sort(key=place)


def _write_parts(parts: list[Part], family: str, names: dict[str, str]) -> list[Json]:
    written: list[Json] = []
    proof: Proof | None = None
    for part in parts:
        match part:
            case Text():
                if part.text:
                    written.append({"text": part.text})
            case canonical.Image():
                written.append(_write_image(part))
            case canonical.ToolCall():
                own = part.proof or proof
                signature = value_for(own, family)
                written.append(_write_call(part, signature, is_first=_is_first_call(written)))
                proof = None
            case canonical.ToolResult():
                written += _write_answer(part, names)
            case canonical.Reasoning():
                proof = opened(part.signature) or proof  # it stands with the call it led to
            case canonical.Other():
                raise not_text(part)
    return written


def _is_first_call(written: list[Json]) -> bool:
    return not any("functionCall" in part for part in written)


def _write_call(call: canonical.ToolCall, signature: str | None, *, is_first: bool) -> Json:
    """A call; the first of a step must have a signature, or Google's word for none."""
    written: Json = {
        "functionCall": {"id": call.id, "name": call.name, "args": _arguments(call.arguments)}
    }
    if signature is not None:
        written["thoughtSignature"] = signature
    elif is_first:
        written["thoughtSignature"] = SKIP_SIGNATURE
    return written


def _arguments(arguments: str) -> Json:
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        value = None
    if type(value) is not dict:
        raise unsupported_value("messages.tool_calls", "value_not_object")
    return value


def _write_answer(result: canonical.ToolResult, names: dict[str, str]) -> list[Json]:
    name = names.get(result.call_id)
    if name is None:
        raise unsupported_value("messages", "value_unknown_call", call=result.call_id[:64])
    texts = [part.text for part in result.content if isinstance(part, Text)]
    for part in result.content:
        if isinstance(part, canonical.Other):
            raise not_text(part)
    said = "\n\n".join(texts)
    answer: Json = {"id": result.call_id, "name": name}
    answer["response"] = {"error": said} if result.is_error else {"output": said}
    pictures = [_write_image(part) for part in result.content if isinstance(part, canonical.Image)]
    return [{"functionResponse": answer}, *pictures]


def _write_image(image: canonical.Image) -> Json:
    """A picture inline; one behind an address would have to be fetched, which nobody does."""
    if image.data is None or image.media_type is None:
        inline = split_data_url(image.url or "")
        if inline is None:
            raise unsupported_value("messages", "value_image_url")
        return {"inlineData": {"mimeType": inline[0], "data": inline[1]}}
    return {"inlineData": {"mimeType": image.media_type, "data": image.data}}
