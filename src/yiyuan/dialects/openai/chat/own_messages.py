"""Messages that pass in their own format, with what many of its servers refuse put right.

Only OpenAI's reasoning models know the role `developer`, which is `system` anywhere else
and with them, too; OpenAI's servers refuse ids of calls over 40 characters, which others make.
"""

from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.openai.chat.messages import is_sealed
from yiyuan.dialects.openai.models import is_reasoning_model
from yiyuan.dialects.shared.call_ids import short_id

ID_CHARS_MAX = 40


def known_messages(messages: Any, model: str) -> Any:
    """The messages as `model` takes them; the same list when nothing is to be changed."""
    for message in messages:  # most have neither calls nor developers
        if message["role"] == "developer" or "tool_calls" in message or "tool_call_id" in message:
            break
    else:
        return messages
    with_developer = is_reasoning_model(model)
    return [_known(message, with_developer=with_developer) for message in messages]


def _known(message: Json, *, with_developer: bool) -> Json:
    role = message.get("role")
    if role == "developer" and not with_developer:
        return message | {"role": "system"}
    if role == "tool" and len(str(message.get("tool_call_id"))) > ID_CHARS_MAX:
        return message | {"tool_call_id": short_id(message["tool_call_id"], ID_CHARS_MAX)}
    calls = message.get("tool_calls")
    if calls:
        known = [_known_call(call) for call in calls]
        if any(new is not old for new, old in zip(known, calls, strict=True)):
            return message | {"tool_calls": known}
    return message


def _known_call(call: Json) -> Json:
    if len(str(call.get("id"))) > ID_CHARS_MAX:
        call = call | {"id": short_id(str(call.get("id")), ID_CHARS_MAX)}
    if "extra_content" in call and is_sealed(call):  # a proof of who speaks another format
        return {name: value for name, value in call.items() if name != "extra_content"}
    return call
