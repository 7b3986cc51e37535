"""Answers that come the other way: one JSON body to a stream's request, events to a whole one.

Some servers do not stream with tools, others cannot do anything else. Either is read for
what it is: a whole answer becomes the deltas of a stream, a stream one answer.
"""

from collections.abc import AsyncIterator

from yiyuan.dialects.canonical import (
    Choice,
    Delta,
    GenerationResponse,
    ToolCall,
    ToolCallDelta,
)
from yiyuan.dialects.contract import MalformedUpstream, StreamReader
from yiyuan.dialects.shared.stated_usage import Statements
from yiyuan.http.client.sse import EventReader

PIECE_CHARACTERS = 4096
_BLANK = b" \t\r\n\xef\xbb\xbf"


async def joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A body of which a first piece was taken already."""
    if first:
        yield first
    async for piece in rest:
        yield piece


async def first_words(chunks: AsyncIterator[bytes]) -> bytes:
    """The beginning of a body, up to its first byte that is not blank."""
    taken = b""
    async for chunk in chunks:
        taken += chunk
        if taken.strip(_BLANK):
            break
    return taken


def says_json(headers: dict[str, str]) -> bool:
    """Whether a body that should be events says that it is JSON."""
    return "json" in headers.get("content-type", "")


def is_object(begun: bytes) -> bool:
    """Whether a body begins as a JSON object does."""
    return begun.lstrip(_BLANK)[:1] == b"{"


def is_events(headers: dict[str, str], body: bytes) -> bool:
    """Whether a body that should be JSON is a stream of events."""
    if "event-stream" not in headers.get("content-type", ""):
        return False
    return body.lstrip(_BLANK).startswith((b"data:", b"event:", b":", b"id:", b"retry:"))


def deltas_of(answer: GenerationResponse) -> list[Delta]:
    """A whole answer as a stream would have told it, its texts in pieces."""
    deltas: list[Delta] = []
    for choice in answer.choices:
        index = choice.index
        *first, last = _pieces(choice.reasoning)
        deltas += [Delta(index, reasoning=piece) for piece in first]
        if last or choice.reasoning_signature:
            deltas.append(
                Delta(index, reasoning=last, reasoning_signature=choice.reasoning_signature)
            )
        *first, last = _pieces(choice.text)
        deltas += [Delta(index, text=piece) for piece in first]
        if last or choice.logprobs:
            deltas.append(Delta(index, text=last, logprobs=choice.logprobs))
        deltas += [
            Delta(index, tool_calls=[piece])
            for at, call in enumerate(choice.tool_calls)
            for piece in _call_pieces(at, call)
        ]
        deltas.append(Delta(index, finish=choice.finish, stop_sequence=choice.stop_sequence))
    return deltas


def _call_pieces(position: int, call: ToolCall) -> list[ToolCallDelta]:
    first, *rest = _pieces(call.arguments)
    is_custom = call.is_custom
    return [
        ToolCallDelta(position, call.id or None, call.name, first, call.proof, is_custom),
        *(ToolCallDelta(position, arguments=more, is_custom=is_custom) for more in rest),
    ]


def _pieces(text: str) -> list[str]:
    """A text in pieces that take no time; one that is empty is one of them."""
    return [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text) or 1, PIECE_CHARACTERS)]


def whole_of(body: bytes, reader: StreamReader) -> GenerationResponse:
    """A stream's body as one answer. Raises MalformedUpstream, UpstreamStreamError."""
    events = EventReader(len(body) + 1)
    choices: dict[int, Choice] = {}
    told = Statements()
    for event, data in [*events.feed(body), *events.end()]:
        for delta in reader.feed(event, data):
            _add(choices.setdefault(delta.index, Choice(delta.index)), delta)
            told.note(delta)
        if reader.is_over:
            break
    if not reader.is_complete or not choices:
        raise MalformedUpstream("a stream in place of an answer, and it did not end")
    usage = told.usage if told.is_final else None
    return GenerationResponse([choices[index] for index in sorted(choices)], usage=usage)


def _add(choice: Choice, delta: Delta) -> None:
    choice.text += delta.text
    choice.reasoning += delta.reasoning
    choice.reasoning_signature = delta.reasoning_signature or choice.reasoning_signature
    if delta.logprobs:
        choice.logprobs = (choice.logprobs or []) + delta.logprobs
    for piece in delta.tool_calls:
        if piece.position == len(choice.tool_calls):
            call = ToolCall(piece.id or "", piece.name or "", "", is_custom=piece.is_custom)
            choice.tool_calls.append(call)
        call = choice.tool_calls[piece.position]
        call.arguments += piece.arguments
        call.proof = piece.proof or call.proof
    if delta.finish is not None:
        choice.finish, choice.stop_sequence = delta.finish, delta.stop_sequence
