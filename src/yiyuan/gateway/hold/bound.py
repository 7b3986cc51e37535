"""How many input tokens a request can be at most, and how many it probably is.

The bound is taken over the very objects that would be sent, in every format that a
channel of the model speaks; the largest counts:

- `byte_bound`: one token per byte of the body's JSON, which no byte-level vocabulary
  exceeds, plus what templates add. Runs on every request.
- `exact_bound`: tokens of every text in it in place of bytes, with half as much again
  where the vocabulary is not known. Only for balances that the first does not fit.
- `least_bound`: what `exact_bound` is never below, found without counting: who cannot
  pay that much is refused before anything is counted.

Pictures in base64 count a fixed number of tokens whatever their bytes; a part whose size
cannot be seen counts as the model's whole context, or as its upstream counted it
(`upstream/counter.py`), and where the context is not known it is refused.

`local_input_count` is what is charged when the upstream told no figure, and
`expected_tokens` what a request counts for in a limit of tokens before it is sent. For
both, each operation says itself what there is to measure (`operations/`).
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import compress
from typing import Any

import orjson
from msgspec import Struct

from yiyuan.dialects.canonical import Json, Request
from yiyuan.dialects.contents import Contents
from yiyuan.gateway.operations.contract import Operation
from yiyuan.gateway.operations.size import Measure, Size, utf8_bytes
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.money import PPM, divide_up
from yiyuan.pricing.counting import TOKEN_BYTES_MAX, count_long
from yiyuan.pricing.model import Model
from yiyuan.routing.channel import Channel

MESSAGE_TOKENS = 16
REQUEST_TOKENS = 32
TOOLS_TOKENS = 1024
LOCAL_MESSAGE_TOKENS = 4
LOCAL_IMAGE_TOKENS = 1000
LOCAL_BYTES_PER_TOKEN = 4
COUNTED_BYTES_MAX = 2 * 1024 * 1024
"""More text than this is never counted: a tenth of a second of somebody else's time."""
_IDS_AT = ("prompt", "input")
"""Where completions and embeddings have ids of tokens."""
_JSON_AT = frozenset(
    {"tools", "functions", "response_format", "output_config", "output_format", "text"}
    | {"generationConfig"}
)
_JSON_IN = frozenset({"input", "args", "response"})
"""Objects that a model is shown as JSON: schemas, and arguments and results of calls."""
_NUMBERS = frozenset((int,))
"""Types of values that are settings; a flag is none."""
_ESCAPED = re.compile(r'[\x00-\x1f"\\]')


class Draft(Struct, frozen=True):
    """What one upstream call would send in one format, before anything is held for it."""

    body: Json
    size_bytes: int
    """Of its JSON."""
    contents: Contents
    channels: list[Channel]
    """Those that may get it; the body is written for the first."""


Drafts = Sequence[Sequence[Draft]]
"""For each prompt that is sent on its own, its drafts in the formats that it may meet."""


def has_unseen(drafts: Drafts) -> bool:
    """Whether any draft has a part whose size cannot be seen."""
    return any(draft.contents.opaque for each in drafts for draft in each)


def unseen_tokens(drafts: Drafts, context_tokens: int | None) -> int:
    """The whole context, where a part is held for as that; else 0."""
    contents = (draft.contents for each in drafts for draft in each)
    is_there = any(each.opaque and each.counted is None for each in contents)
    return context_tokens or 0 if is_there else 0


def byte_bound(
    operation: Operation, request: Request, drafts: Drafts, model: Model, calls: int
) -> int:
    """Input tokens that `calls` upstream calls of a request can be at most, by bytes."""
    if operation.count_places is None:
        return _factored(operation.measure(request, utf8_bytes), 0, model)
    return _bound(operation.count_places(request), drafts, model, calls, _bytes_of)


def exact_bound(
    operation: Operation,
    request: Request,
    drafts: Drafts,
    model: Model,
    calls: int,
    vocabulary: str | None,
) -> int:
    """The same by counted tokens (CPU: see `pricing/counting.py`); never above the byte bound.

    An unknown vocabulary (None) is bounded by 1.5 times the count of another.
    """
    count = partial(count_long, vocabulary=vocabulary)
    halves = 2 if vocabulary is not None else 3
    by_tokens = _counted(operation, request, drafts, model, calls, count, halves)
    if operation.count_places is not None:
        return by_tokens
    return min(by_tokens, byte_bound(operation, request, drafts, model, calls))


def least_bound(
    operation: Operation, request: Request, drafts: Drafts, model: Model, calls: int
) -> int:
    """Input tokens that `exact_bound` would find at least; counts nothing."""
    return _counted(operation, request, drafts, model, calls, _least, halves=2)


def _counted(
    operation: Operation,
    request: Request,
    drafts: Drafts,
    model: Model,
    calls: int,
    count: Measure,
    halves: int,
) -> int:
    """The bound by `count` of each text, times `halves` of two."""
    if operation.count_places is None:
        size = operation.measure(request, count)
        size.text = divide_up(size.text * halves, 2)
        return _factored(size, 0, model)

    def tokens_of(draft: Draft) -> int:
        pictures = {id(text) for text in draft.contents.inline}
        tokens = _tokens_of_body(draft.body, count, pictures) - digits_of(draft.body)
        return min(divide_up(tokens * halves, 2), _bytes_of(draft))

    return _bound(operation.count_places(request), drafts, model, calls, tokens_of)


def _bound(
    places: Size, drafts: Drafts, model: Model, calls: int, text_of: Callable[[Draft], int]
) -> int:
    """Add what templates, tools, images and parts of unseen size take at most.

    More calls than prompts: each prompt is sent several times.
    """
    text = 0
    for each in drafts:
        largest = 0
        for draft in each:
            largest = max(largest, _of_draft(draft, model, text_of(draft)))
        text += largest
    factored = _factored(places, text, model)
    return factored if calls == 1 else factored * max(1, calls // len(drafts))


def _factored(size: Size, text: int, model: Model) -> int:
    total = (
        text
        + size.text
        + size.token_ids
        + size.images * model.image_tokens
        + size.messages * MESSAGE_TOKENS
        + size.conversations * REQUEST_TOKENS
        + size.tool_lists * TOOLS_TOKENS
    )
    factor_ppm = model.input_factor_ppm
    return total if factor_ppm == PPM else divide_up(total * factor_ppm, PPM)


def _of_draft(draft: Draft, model: Model, text: int) -> int:
    contents = draft.contents
    bound = text + contents.images * model.image_tokens
    if not contents.opaque:
        return bound
    if model.context_tokens is None:
        kind = contents.opaque[0][:64]
        reason = Phrase("value_size_unknown", kind=kind, model=model.name)
        raise InvalidRequest("unsupported_value", param="messages", reason=reason)
    if contents.counted is not None:
        return contents.counted
    return max(bound, model.context_tokens)


def _bytes_of(draft: Draft) -> int:
    """Bytes of the body without the pictures in it, whose base64 is ASCII."""
    pictures = draft.contents.inline
    inline = sum(map(len, pictures)) if pictures else 0
    return draft.size_bytes - inline - digits_of(draft.body)


def digits_of(body: Json) -> int:
    """Digits of the settings that no model reads, so that a maximum does not bound itself."""
    values = body.values()
    digits = 0
    for number in compress(values, map(_NUMBERS.__contains__, map(type, values))):
        digits += len(str(number))
    if "generationConfig" in body and type(body["generationConfig"]) is dict:
        digits += digits_of(body["generationConfig"])
    return digits


def _tokens_of_body(body: Json, count: Measure, pictures: set[int]) -> int:
    """Tokens of every name, text and number in a body, and one for each place.

    Ids of tokens are known by their place as pictures are: numbers anywhere else are text.
    """
    tokens = 1
    for name, value in body.items():
        tokens += 1 + count(name)
        if name in _IDS_AT and type(value) is list:
            tokens += 1 + sum(_tokens_or_ids(inner, count, pictures) for inner in value)
        else:
            tokens += _tokens(value, count, pictures, is_json=name in _JSON_AT)
    return tokens


def _tokens_or_ids(value: Any, count: Measure, pictures: set[int]) -> int:
    if type(value) is int:
        return 1
    if type(value) is list and all(type(inner) is int for inner in value):
        return 1 + len(value)
    return _tokens(value, count, pictures)


def _tokens(value: Any, count: Measure, pictures: set[int], *, is_json: bool = False) -> int:
    if type(value) is str:
        return 1 if id(value) in pictures else 1 + _tokens_of_text(value, count, is_json=is_json)
    if type(value) is dict:
        tokens = 1
        for name, inner in value.items():
            as_json = is_json or (name in _JSON_IN and type(inner) is dict)
            tokens += 1 + _tokens_of_text(name, count, is_json=is_json)
            tokens += _tokens(inner, count, pictures, is_json=as_json)
        return tokens
    if type(value) is list:
        return 1 + sum(_tokens(inner, count, pictures, is_json=is_json) for inner in value)
    return len(str(value))


def _tokens_of_text(text: str, count: Measure, *, is_json: bool) -> int:
    """Tokens of a text; of what a model is shown as JSON, at least those of its escapes."""
    if is_json and _ESCAPED.search(text) is not None:
        return max(count(text), count(orjson.dumps(text).decode()))
    return count(text)


def _least(text: str) -> int:
    """Tokens that a text has at least: none of a vocabulary is longer than 128 bytes."""
    return len(text) // TOKEN_BYTES_MAX


def local_input_count(
    operation: Operation, request: Request, vocabulary: str | None, bound: int | None = None
) -> int:
    """The likely input tokens of one call, for when nobody else told; at most `bound`.

    Counted where the vocabulary is known, else bytes ÷ 4, rounded up; so is a text of
    megabytes, which would take long to count.
    """
    if vocabulary is None or operation.measure(request, len).text > COUNTED_BYTES_MAX:
        size = operation.measure(request, utf8_bytes)
        size.text = divide_up(size.text, LOCAL_BYTES_PER_TOKEN)
    else:
        size = operation.measure(request, lambda text: count_long(text, vocabulary))
    count = size.text + size.token_ids + size.images * LOCAL_IMAGE_TOKENS
    count += size.messages * LOCAL_MESSAGE_TOKENS
    return count if bound is None else min(count, bound)


def expected_tokens(operation: Operation, request: Request) -> int:
    """What a request counts for in a limit of tokens until its usage is known.

    As OpenAI has it: the input by its length, and the output that the client allows. A
    client that sets no maximum is not taken to want the model's whole: its output counts
    when it is there.
    """
    count = local_input_count(operation, request, None)
    limits = operation.output(request)
    if limits is not None and limits.maximum is not None:
        count += limits.maximum * limits.choices
    return count
