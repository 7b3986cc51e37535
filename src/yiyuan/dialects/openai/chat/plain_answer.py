"""Chat answers that are one text, as most are: read from their bytes, by their types, in C.

What is not such, right or wrong, is read by the reader of all answers (`dialect.py`). The
choice is passed on as the bytes that came, so all of it has to be known and read here: what
nobody has read could be no UTF-8.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, DecodeError, Meta, Raw, Struct, UnsetType, to_builtins
from msgspec.json import Decoder
from orjson import Fragment

from yiyuan.dialects.canonical import Choice, GenerationResponse, Json
from yiyuan.dialects.openai.usage import read_usage
from yiyuan.kernel.usage import TOKENS_MAX, Usage


class _Message(Struct, forbid_unknown_fields=True):
    content: str
    role: Any = None
    refusal: None = None
    annotations: Annotated[list[Any], Meta(max_length=0)] | None = None
    reasoning_content: None = None
    tool_calls: None = None
    function_call: None = None
    audio: None = None


class _Choice(Struct, forbid_unknown_fields=True):
    message: _Message
    finish_reason: Literal["stop", "length"]
    index: Literal[0] = 0
    logprobs: None = None
    native_finish_reason: Any = None
    stop_reason: Any = None


Count = Annotated[int, Meta(ge=0, le=TOKENS_MAX)]
Details = dict[str, Any] | UnsetType | None


class _Told(Struct, forbid_unknown_fields=True):
    prompt_tokens: Count
    completion_tokens: Count
    total_tokens: Count
    prompt_tokens_details: Details = UNSET
    completion_tokens_details: Details = UNSET

    def usage(self) -> Usage | None:
        """What they mean: two counts and their sum as a rule."""
        counted, written = self.prompt_tokens, self.completion_tokens
        is_whole = counted and written and self.total_tokens == counted + written
        if is_whole and not (self.prompt_tokens_details or self.completion_tokens_details):
            return Usage(counted, written)
        return read_usage(to_builtins(self))


class _Answer(Struct, forbid_unknown_fields=True):
    choices: Raw
    usage: _Told | None = None
    id: Any = None
    object: Any = None
    created: Any = None
    model: Any = None
    system_fingerprint: str | UnsetType | None = UNSET
    service_tier: str | UnsetType | None = UNSET


_ANSWERS = Decoder(_Answer)
_CHOICES = Decoder(Annotated[list[_Choice], Meta(min_length=1, max_length=1)])


def read_plain(data: bytes, source: str) -> GenerationResponse | None:
    """A plain answer; None for any other. Its `raw` is written by orjson alone."""
    try:
        said = _ANSWERS.decode(data)
        [choice] = _CHOICES.decode(said.choices)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    raw: Json = {"choices": Fragment(bytes(said.choices))}
    if said.system_fingerprint is not UNSET:
        raw["system_fingerprint"] = said.system_fingerprint
    if said.service_tier is not UNSET:
        raw["service_tier"] = said.service_tier
    return GenerationResponse(
        choices=[Choice(0, choice.message.content, finish=choice.finish_reason)],
        usage=None if said.usage is None else said.usage.usage(),
        raw=raw,
        raw_dialect=source,
        upstream_id=said.id if type(said.id) is str else None,
    )
