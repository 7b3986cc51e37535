"""A whole answer of an upstream: read inside the attempt, and off the loop where it is large.

Whatever goes wrong before it is there can still be tried on another channel. One that comes
as a stream of events is read for what it is.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

import msgspec
import orjson
from msgspec import Struct

from yiyuan.dialects.canonical import GenerationRequest, GenerationResponse, Json, Response
from yiyuan.dialects.contract import Dialect, MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.shared.json_text import read_json
from yiyuan.gateway.request.body import read_pieces
from yiyuan.gateway.request.context import UpstreamCall
from yiyuan.gateway.request.values import SMALL_BYTES, is_heavy
from yiyuan.gateway.upstream.json_answer import check_whole, wants_json
from yiyuan.gateway.upstream.other_way import is_events, whole_of
from yiyuan.gateway.upstream.vendor_answer import check_body, looks_into, reader_for, relabel

WHOLE_BODY_BYTES_MAX = 64 * 1024 * 1024
T = TypeVar("T")


class AnswerWork(Protocol):
    """What a large answer needs of its request (`RequestContext`)."""

    async def run_owed(self, function: Callable[[], T]) -> T:
        """Do something where it holds nobody up, and return or raise what it does."""
        ...

    async def make_room(self, more_bytes: int) -> None:
        """Return when more of the answer may come. Raises UpstreamFailure."""
        ...


class UpstreamResponse(Protocol):
    """A response whose head has arrived."""

    status: int
    headers: dict[str, str]
    taker: Callable[[bytes], bool] | None
    """Asked first about what arrives while the reader waits; may take it."""

    def read_at_once(self, limit_bytes: int) -> bytes | None:
        """The body where all of it is there and of at most this size; None: `read` it."""
        ...

    async def read(
        self, limit_bytes: int, make_room: Callable[[int], Awaitable[None]] | None = None
    ) -> bytes:
        """The rest of the body, the next piece when `make_room` has returned for the last."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        ...

    def close(self) -> None:
        """Give up what was not read; cancels the upstream."""
        ...


class WholeAnswer(Struct):
    """A complete response."""

    response: Response
    call: UpstreamCall
    """It has the usage already."""
    is_heavy: bool = False
    """Whether it is written off the loop, too."""


async def read_whole(
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall, work: AnswerWork
) -> WholeAnswer:
    """Read and parse a complete response. Raises MalformedUpstream, UpstreamStreamError."""
    body = response.read_at_once(SMALL_BYTES)
    if body is not None:
        return _noted(
            _read(body, response.headers, dialect, call, heavy=False), response.headers, call
        )
    body = await response.read(WHOLE_BODY_BYTES_MAX, work.make_room)
    return await whole_from(body, response.headers, dialect, call, work)


async def whole_from(
    data: bytes, headers: dict[str, str], dialect: Dialect, call: UpstreamCall, work: AnswerWork
) -> WholeAnswer:
    """The same of a body that is read."""
    heavy = len(data) > SMALL_BYTES and is_heavy(data)  # most are small
    if heavy:
        read = partial(_read, data, headers, dialect, call, heavy=True)
        found = await work.run_owed(read)
    else:
        found = _read(data, headers, dialect, call, heavy=False)
    return _noted(found, headers, call, is_heavy=heavy)


def _noted(
    found: tuple[Response, bool],
    headers: dict[str, str],
    call: UpstreamCall,
    *,
    is_heavy: bool = False,
) -> WholeAnswer:
    """The answer that was read, and what its call has to know of it."""
    answer, has_output = found
    call.usage = answer.usage
    call.usage_is_final = answer.usage is not None
    call.received_output = has_output
    call.upstream_request_id = headers.get("x-request-id") or answer.upstream_id
    call.is_complete = True
    return WholeAnswer(answer, call, is_heavy)


def _read(
    data: bytes, headers: dict[str, str], dialect: Dialect, call: UpstreamCall, *, heavy: bool
) -> tuple[Response, bool]:
    """The answer, and whether there is output in it; changes nothing of the call."""
    if not heavy and not looks_into(call.quirks):
        plain = dialect.read_plain_response(data)
        if plain is not None:
            return plain, call.operation.has_output(plain)
    is_odd = data[:1] != b"{" and isinstance(call.request, GenerationRequest)
    if is_odd and is_events(headers, data):
        answer: Response = whole_of(data, reader_for(dialect.stream_reader(), call.quirks))
    else:
        body = _object(data, heavy=heavy)
        if "choices" not in body and "content" not in body and body.get("error"):
            raise UpstreamStreamError(dialect.read_error(orjson.dumps(body)))
        if call.quirks is not None:
            check_body(body, call.quirks)
        answer = dialect.read_response(body)
    if dialect.asks_json_in_words and wants_json(dialect, call):
        assert isinstance(answer, GenerationResponse)
        check_whole(answer.choices)
    if call.proof_family and isinstance(answer, GenerationResponse):
        for choice in answer.choices:
            relabel(choice.tool_calls, call.proof_family)
    return answer, call.operation.has_output(answer)


def _object(body: bytes, *, heavy: bool) -> Json:
    """An upstream's JSON object. Raises MalformedUpstream."""
    try:
        parsed = read_pieces(body) if heavy else orjson.loads(body)
    except (orjson.JSONDecodeError, msgspec.MsgspecError, RecursionError):
        try:
            parsed = read_json(body)
        except orjson.JSONDecodeError as error:
            raise MalformedUpstream(f"not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise MalformedUpstream("not a JSON object")
    return parsed
