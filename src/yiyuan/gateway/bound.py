"""How many input tokens a request can be at most, and how many it probably is.

Three figures of the input, from cheap to exact:

- `byte_bound`: one token per UTF-8 byte of everything the model may read, which
  no byte-level vocabulary exceeds, plus what templates add. Runs on every request.
- `exact_bound`: tokens in place of bytes, with half as much again on top where
  the vocabulary is not known. Only for balances that the first does not fit.
- `local_input_count`: what is charged when the upstream told no figure.

And `expected_tokens`: what a request counts for in a limit of tokens before it is sent.

Pictures and other base64 count a fixed number of tokens whatever their bytes, and
prompts of token ids their ids. Fields that only the request's own format knows
count as their JSON, since they go through to an upstream that speaks it. A value
that nests too deeply to be sent on is refused here with 400.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, assert_never

import orjson

from yiyuan.dialects.canon import (
    EmbeddingsRequest,
    GenerationRequest,
    Image,
    Message,
    Other,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from yiyuan.dialects.dialect import Request
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.money import PPM, divide_up
from yiyuan.kernel.text import Phrase
from yiyuan.pricing.counting import count_tokens
from yiyuan.pricing.model import Model

MESSAGE_TOKENS = 16
REQUEST_TOKENS = 32
TOOLS_TOKENS = 1024
LOCAL_MESSAGE_TOKENS = 4
LOCAL_IMAGE_TOKENS = 1000
LOCAL_BYTES_PER_TOKEN = 4

_BLOB = re.compile(rb'"(?:data:[^",]{0,128};base64,)?+[A-Za-z0-9+/=_-]{1025,}+"')


@dataclass(slots=True)
class _Size:
    """What a request consists of; `text` is in the unit of the measure that made it."""

    text: int = 0
    token_ids: int = 0
    images: int = 0
    messages: int = 0
    conversations: int = 0
    tool_lists: int = 0


_Measure = Callable[[str], int]


def byte_bound(request: Request, model: Model, copies: int) -> int:
    """Input tokens that `copies` upstream calls of each prompt can be at most, by bytes."""
    return _bound(_size(request, _utf8_bytes), model, copies)


def exact_bound(request: Request, vocabulary: str | None, model: Model, copies: int) -> int:
    """The same by counted tokens (CPU: see `pricing/counting.py`); never above the byte bound.

    An unknown vocabulary (None) is bounded by 1.5 times the count of another.
    """
    size = _size(request, lambda text: count_tokens(text, vocabulary))
    if vocabulary is None:
        size.text = divide_up(size.text * 3, 2)
    return min(_bound(size, model, copies), byte_bound(request, model, copies))


def local_input_count(request: Request, vocabulary: str | None, bound: int | None = None) -> int:
    """The likely input tokens of one call, for when nobody else told; at most `bound`.

    Counted where the vocabulary is known, else bytes ÷ 4, rounded up.
    """
    if vocabulary is None:
        size = _size(request, _utf8_bytes)
        size.text = divide_up(size.text, LOCAL_BYTES_PER_TOKEN)
    else:
        size = _size(request, lambda text: count_tokens(text, vocabulary))
    count = size.text + size.token_ids + size.images * LOCAL_IMAGE_TOKENS
    count += size.messages * LOCAL_MESSAGE_TOKENS
    return count if bound is None else min(count, bound)


def expected_tokens(request: Request) -> int:
    """What a request counts for in a limit of tokens until its usage is known.

    As OpenAI has it: the input by its length, and the output that the client allows. A
    client that sets no maximum is not taken to want the model's whole: its output counts
    when it is there.
    """
    count = local_input_count(request, None)
    if isinstance(request, GenerationRequest) and request.max_output_tokens is not None:
        choices = max(request.n, request.best_of or 1) * len(request.conversations)
        count += request.max_output_tokens * choices
    return count


def _bound(size: _Size, model: Model, copies: int) -> int:
    """Add what templates, tools and images take at most; the factor covers everything."""
    total = (
        size.text
        + size.token_ids
        + size.images * model.image_tokens
        + size.messages * MESSAGE_TOKENS
        + size.conversations * REQUEST_TOKENS
        + size.tool_lists * TOOLS_TOKENS
    )
    return divide_up(total * model.input_factor_ppm, PPM) * copies


def _size(request: Request, measure: _Measure) -> _Size:
    """Measure everything of a request that its model may read."""
    size = _Size()
    if isinstance(request, EmbeddingsRequest):
        _add_embeddings(size, request, measure)
    else:
        _add_generation(size, request, measure)
    return size


def _add_embeddings(size: _Size, request: EmbeddingsRequest, measure: _Measure) -> None:
    """Each input is like a message of its own."""
    size.conversations = 1
    size.messages = len(request.inputs)
    for item in request.inputs:
        if isinstance(item, str):
            size.text += measure(item)
        else:
            size.token_ids += len(item)


def _add_generation(size: _Size, request: GenerationRequest, measure: _Measure) -> None:
    """Every conversation is a request of its own to a model that takes only one."""
    shared = _Size()
    _add_tools(shared, request, measure)
    if request.suffix:
        shared.text += measure(request.suffix)
    if request.response_format is not None:
        _add_json(shared, request.response_format, measure)
    for name in request.unmapped:
        value = request.raw.get(name)
        if isinstance(value, str | list | dict):
            _add_json(shared, value, measure)
    size.conversations = len(request.conversations)
    size.text = shared.text * size.conversations
    size.images = shared.images * size.conversations
    size.tool_lists = shared.tool_lists * size.conversations
    for position, conversation in enumerate(request.conversations):
        if position in request.token_prompts and not any(m.parts for m in conversation):
            size.token_ids += len(request.token_prompts[position])
            size.messages += 1
            continue
        size.messages += len(conversation)
        for message in conversation:
            _add_message(size, message, measure)


def _add_tools(size: _Size, request: GenerationRequest, measure: _Measure) -> None:
    """Names, descriptions and schemas."""
    if request.tools:
        size.tool_lists = 1
    for tool in request.tools:
        size.text += measure(tool.name)
        if tool.description:
            size.text += measure(tool.description)
        _add_json(size, tool.schema, measure)


def _add_message(size: _Size, message: Message, measure: _Measure) -> None:
    if message.name:
        size.text += measure(message.name)
    _add_parts(size, message.parts, measure)


def _add_parts(size: _Size, parts: Iterable[Part], measure: _Measure) -> None:
    for part in parts:
        match part:
            case Text():
                size.text += measure(part.text)
            case Image():
                size.images += 1
            case ToolCall():
                size.text += measure(part.id) + measure(part.name) + measure(part.arguments)
            case ToolResult():
                size.text += measure(part.call_id)
                _add_parts(size, part.content, measure)
            case Reasoning():
                size.text += measure(part.text)
                size.text += measure(part.signature or "") + measure(part.redacted or "")
            case Other():
                _add_json(size, part.raw, measure)
            case _:
                assert_never(part)


def _add_json(size: _Size, value: Any, measure: _Measure) -> None:
    """Measure a value as JSON; long base64 in it counts like an image."""
    try:
        text = orjson.dumps(value)
    except TypeError as error:  # nested more than orjson's 254 levels, so it cannot go on either
        raise InvalidRequest("invalid_json", reason=Phrase("value_too_deep")) from error
    if len(text) > 1024:
        text, blobs = _BLOB.subn(b'""', text)
        size.images += blobs
    size.text += measure(text.decode())


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
