"""Chat answers that are one text, as most are: their shape is checked in C.

What is not such, right or wrong, is read by the reader of all answers (`dialect.py`).
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert

from yiyuan.dialects.canonical import Choice, Json


class _Message(Struct, forbid_unknown_fields=True):
    content: str
    role: Any = None
    refusal: None = None


class _Choice(Struct):
    message: _Message
    finish_reason: Literal["stop", "length"]
    index: Literal[0] = 0
    logprobs: None = None


class _Answer(Struct):
    choices: Annotated[list[_Choice], Meta(min_length=1, max_length=1)]
    error: None = None


def read_plain(body: Json) -> Choice | None:
    """The only choice of a plain answer; None for any other."""
    try:
        [said] = convert(body, _Answer).choices
    except ValidationError:
        return None
    return Choice(0, said.message.content, finish=said.finish_reason)
