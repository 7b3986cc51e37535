"""Text: completions, chat, messages and responses, whole or as a stream.

Input and output are priced. Legacy completions take k prompts and n choices
each; few upstreams do. Where a channel of the model cannot, the request is split:
one call per prompt if a call can make n choices, else one per choice. Choice j
of prompt i is number i·n + j for the client, whatever the split.

Fields that only the request's own format knows are measured as their JSON, since
they go through to an upstream that speaks it.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from msgspec.structs import replace

from yiyuan.dialects import canonical
from yiyuan.dialects.canonical import (
    Choice,
    Delta,
    GenerationRequest,
    GenerationResponse,
    Image,
    Other,
    Reasoning,
    Text,
    ToolCall,
    ToolCallDelta,
    ToolResult,
)
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.operations.contract import Operation, OutputLimits, Part
from yiyuan.gateway.operations.prompt_ids import decode_prompts
from yiyuan.gateway.operations.size import Measure, Size
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.usage import Usage
from yiyuan.routing.channel import Channel

CALLS_MAX = 128


# How it is bounded.


def _measure(request: GenerationRequest, measure: Measure) -> Size:
    """Every conversation is a request of its own to a model that takes only one."""
    size = Size()
    size.conversations = len(request.conversations)
    if request.tools or request.suffix or request.response_format is not None or request.unmapped:
        _add_shared(size, request, measure)
    for position, conversation in enumerate(request.conversations):
        if position in request.token_prompts and not any(m.parts for m in conversation):
            size.token_ids += len(request.token_prompts[position])
            size.messages += 1
            continue
        size.messages += len(conversation)
        for message in conversation:
            if message.name:
                size.text += measure(message.name)
            for part in message.parts:
                if type(part) is Text:
                    size.text += measure(part.text)
                else:
                    _add_parts(size, (part,), measure)
    return size


def _count_places(request: GenerationRequest) -> Size:
    conversations = request.conversations
    if not (
        request.tools
        or request.suffix
        or request.response_format is not None
        or request.unmapped
        or request.token_prompts
    ):
        messages = sum(map(len, conversations))
        return Size(messages=messages, conversations=len(conversations))
    size = _measure(request, lambda _text: 0)
    size.images = size.token_ids = 0  # they stand in the body
    return size


def _add_shared(total: Size, request: GenerationRequest, measure: Measure) -> None:
    """What goes along with every conversation."""
    size, count = Size(), total.conversations
    if request.tools:
        size.tool_lists = 1
    for tool in request.tools:
        size.text += measure(tool.name)
        if tool.description:
            size.text += measure(tool.description)
        size.add_json(tool.schema, measure)
    if request.suffix:
        size.text += measure(request.suffix)
    if request.response_format is not None:
        size.add_json(request.response_format, measure)
    for name in request.unmapped:
        value = request.raw.get(name)
        if isinstance(value, str | list | dict):
            size.add_json(value, measure)
    total.text += size.text * count
    total.images += size.images * count
    total.tool_lists += size.tool_lists * count


def _add_parts(size: Size, parts: Iterable[canonical.Part], measure: Measure) -> None:
    for part in parts:
        match part:
            case Text():
                size.text += measure(part.text)
            case Image():
                size.images += 1
            case ToolCall():
                size.text += measure(part.id) + measure(part.name) + measure(part.arguments)
                if part.proof is not None:
                    size.text += measure(part.proof.value) + measure(part.proof.text)
            case ToolResult():
                size.text += measure(part.call_id)
                _add_parts(size, part.content, measure)
            case Reasoning():
                size.text += measure(part.text)
                size.text += measure(part.signature or "") + measure(part.redacted or "")
            case Other():
                size.add_json(part.raw, measure)
            case _:
                assert_never(part)


def _output(request: GenerationRequest) -> OutputLimits | None:
    choices = max(request.n, request.best_of or 1) * len(request.conversations)
    return OutputLimits(choices, request.max_output_tokens, request.thinking_budget or 0)


# How it is sent.


def _format_for(channel: Channel, model: str, client: str) -> str | None:
    """The client's own format where the channel speaks it, else the one it speaks best."""
    found = channel.endpoint(client, "generation", model)
    return found.dialect if found is not None else None


def _needs_split(request: GenerationRequest) -> bool:
    return request.n > 1 or len(request.conversations) > 1 or bool(request.token_prompts)


def _may_fall_back(request: GenerationRequest) -> bool:
    """Ids of tokens mean something to one vocabulary only."""
    return not request.token_prompts


def _split(request: GenerationRequest, dialects: Sequence[Dialect]) -> list[Part]:
    conversations, n = request.conversations, request.n
    by_prompt = len(conversations) > 1 and not all(d.many_conversations for d in dialects)
    by_choice = n > 1 and not all(d.many_choices for d in dialects)
    if not by_prompt and not by_choice:
        return [Part(request, 0, n * len(conversations))]
    if len(conversations) * (n if by_choice else 1) > CALLS_MAX:
        raise InvalidRequest(
            "invalid_value", param="n", reason=f"prompts x n must not exceed {CALLS_MAX}"
        )
    parts = []
    for i, conversation in enumerate(conversations):
        for j in range(n if by_choice else 1):
            part = replace(
                request,
                conversations=[conversation],
                n=1 if by_choice else n,
                source="",
                token_prompts={},
                dropped=request.dropped,
            )
            parts.append(Part(part, i * n + j, 1 if by_choice else n))
    return parts


# How it is read and delivered.


def _is_stream(request: GenerationRequest) -> bool:
    return request.stream


def _has_output(response: GenerationResponse) -> bool:
    for choice in response.choices:
        if choice.text or choice.reasoning or choice.tool_calls or choice.unread:
            return True
    return False


def _deltas(response: GenerationResponse) -> list[Delta]:
    return [_as_delta(choice) for choice in response.choices]


def _as_delta(choice: Choice) -> Delta:
    """A complete choice as one delta, for counting its output."""
    return Delta(
        index=choice.index,
        text=choice.text,
        reasoning=choice.reasoning,
        unread=choice.unread,
        tool_calls=[
            ToolCallDelta(position, call.id, call.name, call.arguments)
            for position, call in enumerate(choice.tool_calls)
        ],
    )


def _join(answers: Sequence[tuple[int, GenerationResponse]]) -> GenerationResponse:
    """All choices, renumbered; usage only when every part told its own."""
    choices = []
    usage: Usage | None = Usage()
    for first_index, response in answers:
        for choice in response.choices:
            choice.index += first_index
            choices.append(choice)
        usage = None if usage is None or response.usage is None else usage + response.usage
    choices.sort(key=lambda choice: choice.index)
    return GenerationResponse(choices, usage=usage)


OPERATION = Operation(
    name="generation",
    measure=_measure,
    count_places=_count_places,
    output=_output,
    format_for=_format_for,
    needs_split=_needs_split,
    prepare=decode_prompts,
    split=_split,
    may_fall_back=_may_fall_back,
    is_stream=_is_stream,
    has_output=_has_output,
    deltas=_deltas,
    join=_join,
)
