"""Chat requests that are nothing but texts and numbers, as most are: read by their types.

Everything is checked at once by msgspec, in C. What it does not take, for whatever reason, is
no plain request: the reader of all requests (`request.py`) reads it, and words what is wrong.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError, convert

from yiyuan.dialects.canonical import GenerationRequest, Json, Message, Role, Text
from yiyuan.dialects.shared.fields import INTEGER_MAX
from yiyuan.dialects.shared.plain_body import Said, may_be_plain

Maximum = Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]

SPEAKERS: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
"""Whose messages are nothing but their text, where that is all they have."""


class _Message(Struct, forbid_unknown_fields=True):
    role: Literal["system", "developer", "user", "assistant"]
    content: Said


class _StreamOptions(Struct, forbid_unknown_fields=True):
    include_usage: bool | None = None


class _Body(Struct, forbid_unknown_fields=True):
    model: Said
    messages: Annotated[list[_Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: Maximum | None = None
    max_completion_tokens: Maximum | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    user: str | None = None


_NAMES = frozenset(_Body.__struct_fields__)


def read_plain(body: Json, source: str) -> GenerationRequest | None:
    """The request, where it is a plain one; None for any other, right or wrong."""
    if not may_be_plain(body, _NAMES):
        return None
    try:
        said = convert(body, _Body)
    except ValidationError:
        return None
    options = said.stream_options
    conversation = []
    for message in said.messages:  # a comprehension would be one more function, and its call
        conversation.append(  # noqa: PERF401
            Message(SPEAKERS[message.role], [Text(message.content)])
        )
    return GenerationRequest(
        model=said.model,
        source=source,
        raw=body,
        conversations=[conversation],
        stream=said.stream or False,
        wants_usage=options is not None and (options.include_usage or False),
        max_output_tokens=larger(said.max_completion_tokens, said.max_tokens),
        temperature=said.temperature,
        top_p=said.top_p,
        presence_penalty=said.presence_penalty,
        frequency_penalty=said.frequency_penalty,
        user=said.user,
        is_plain=True,
    )


def larger(new: int | None, old: int | None) -> int | None:
    """The larger one when both names of the maximum are used: a bound must hold for either."""
    return max(new, old) if new and old else new or old
