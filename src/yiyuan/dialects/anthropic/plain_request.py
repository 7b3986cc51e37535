"""Messages requests that are nothing but texts and numbers: read by their types, in C.

What msgspec does not take, for whatever reason, is no plain request: the reader of all
requests (`request.py`) reads it, and words what is wrong.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError, convert

from yiyuan.dialects.canonical import GenerationRequest, Json, Message, Text
from yiyuan.dialects.shared.fields import INTEGER_MAX
from yiyuan.dialects.shared.plain_body import Said, may_be_plain

Share = Annotated[float, Meta(ge=0, le=1)]


class _Message(Struct, forbid_unknown_fields=True):
    role: Literal["user", "assistant"]
    content: Said


class _Body(Struct, forbid_unknown_fields=True):
    model: Said
    messages: Annotated[list[_Message], Meta(min_length=1)]
    max_tokens: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
    system: str | None = None
    stream: bool | None = None
    temperature: Share | None = None
    top_p: Share | None = None


_NAMES = frozenset(_Body.__struct_fields__)


def read_plain(body: Json, source: str) -> GenerationRequest | None:
    """The request, where it is a plain one; None for any other, right or wrong."""
    if not may_be_plain(body, _NAMES):
        return None
    try:
        said = convert(body, _Body)
    except ValidationError:
        return None
    messages = [Message(m.role, [Text(m.content)]) for m in said.messages]
    if said.system:
        messages.insert(0, Message("system", [Text(said.system)]))
    return GenerationRequest(
        model=said.model,
        source=source,
        raw=body,
        conversations=[messages],
        max_output_tokens=said.max_tokens,
        stream=said.stream or False,
        wants_usage=True,
        temperature=said.temperature,
        top_p=said.top_p,
        is_plain=True,
    )
