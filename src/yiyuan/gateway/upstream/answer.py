"""What an upstream answered: a whole response, or a stream of deltas.

Both are read inside the attempt until the first output (or the whole body) is
there, so that whatever goes wrong before can still be tried on another channel.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final, Protocol

import orjson

from yiyuan.dialects.canonical import (
    Delta,
    GenerationRequest,
    GenerationResponse,
    Json,
    Response,
)
from yiyuan.dialects.contract import (
    Dialect,
    MalformedUpstream,
    StreamReader,
    UpstreamStreamError,
)
from yiyuan.dialects.shared.json_text import read_json
from yiyuan.dialects.shared.stated_usage import Statements
from yiyuan.gateway.request.context import UpstreamCall
from yiyuan.gateway.upstream.json_answer import JsonAnswer, check_whole, filter_stream, wants_json
from yiyuan.gateway.upstream.other_way import (
    deltas_of,
    first_words,
    is_events,
    is_object,
    joined,
    says_json,
    whole_of,
)
from yiyuan.gateway.upstream.vendor_answer import check_body, reader_for, relabel
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.sse import Event, EventReader

OWN_LIMIT: Final = "too_large"
"""The kind of failure that only our own limit made."""
WHOLE_BODY_BYTES_MAX = 64 * 1024 * 1024
FIRST_OUTPUT_DELTAS_MAX = 10_000


class Truncated(Exception):
    """The upstream's stream ended without its end mark."""


BROKEN = (UpstreamFailure, MalformedUpstream, UpstreamStreamError, Truncated)
"""What can end a stream that had begun."""


def is_own_limit(broken: Exception) -> bool:
    """Whether only our own limit ended it: that says nothing of the channel."""
    return isinstance(broken, UpstreamFailure) and broken.kind == OWN_LIMIT


class UpstreamResponse(Protocol):
    """A response whose head has arrived."""

    status: int
    headers: dict[str, str]

    async def read(self, limit_bytes: int) -> bytes:
        """The rest of the body."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        ...

    def close(self) -> None:
        """Give up what was not read; cancels the upstream."""
        ...


class LocalResponse:
    """The answer of an in-process provider, in the shape of an upstream's."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """`chunks` is the body, made on demand."""
        self.status = 200
        self.headers: dict[str, str] = {}
        self._chunks = chunks

    async def read(self, limit_bytes: int) -> bytes:
        """See `UpstreamResponse.read`."""
        body = b"".join(self._chunks)
        assert len(body) <= limit_bytes
        return body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """See `UpstreamResponse.__aiter__`."""
        for chunk in self._chunks:
            yield chunk
            await asyncio.sleep(0)  # other requests have their turn between the words

    def close(self) -> None:
        """Nothing to cancel: the chunks are made on demand."""


class WholeAnswer:
    """A complete response."""

    def __init__(self, response: Response, call: UpstreamCall) -> None:
        """`call` has the usage already."""
        self.response = response
        self.call = call


class StreamAnswer:
    """A stream of deltas that has produced its first output."""

    def __init__(self, response: UpstreamResponse, dialect: Dialect, call: UpstreamCall) -> None:
        """`call` collects usage and ending while the stream is read."""
        self.call = call
        self._response = response
        self._chunks = aiter(response)
        self._events = EventReader()
        self._reader: StreamReader = reader_for(dialect.stream_reader(), call.quirks)
        is_wanted = dialect.asks_json_in_words and wants_json(dialect, call)
        self._json = JsonAnswer() if is_wanted else None
        self._peeked: list[Delta] = []
        self._has_ended = False
        self._statements = Statements()

    async def open(self) -> "StreamAnswer":
        """Read up to the first output, or to the end when there is none."""
        peeked: list[Delta] = []
        while not self.call.received_output:
            deltas = await self.next()
            if deltas is None:
                break
            peeked += deltas
            if len(peeked) > FIRST_OUTPUT_DELTAS_MAX:
                raise MalformedUpstream("no output in a long stream")
        self._peeked += peeked
        return self

    async def look(self, dialect: Dialect) -> None:
        """Read the body as a whole answer when it is one after all."""
        begun = await first_words(self._chunks)
        self._chunks = joined(begun, self._chunks)
        if not is_object(begun):
            return
        body = bytearray()
        async for piece in self._chunks:
            body += piece
            if len(body) > WHOLE_BODY_BYTES_MAX:
                raise UpstreamFailure(OWN_LIMIT, "a whole answer", request_was_written=True)
        answer = whole_from(bytes(body), self._response.headers, dialect, self.call)
        whole = answer.response
        assert isinstance(whole, GenerationResponse)
        self._peeked = deltas_of(whole)
        self._has_ended = True
        self.call.received_output = True

    async def next(self) -> list[Delta] | None:
        """The deltas of the next piece of the stream; None at its regular end.

        Raises Truncated, MalformedUpstream, UpstreamStreamError, UpstreamFailure.
        """
        if self._peeked:
            deltas, self._peeked = self._peeked, []
            return deltas
        while not self._has_ended:
            deltas = []
            try:
                chunk = await self._chunks.__anext__()
            except (StopAsyncIteration, UpstreamFailure) as end:
                if isinstance(end, UpstreamFailure) and not self._reader.is_complete:
                    raise  # an abrupt end, which may be once all was said
                self._read_last(deltas)
                self._has_ended = True
            else:
                self._read_events(self._events.feed(chunk), deltas)
                self._has_ended = self._reader.is_over
            self._note(deltas)
            if self._has_ended:
                self._end()
            if deltas:
                return deltas
        return None

    @property
    def is_filtered(self) -> bool:
        """Whether it has ended, and a filter left nothing of it."""
        if not self._has_ended or self.call.received_output:
            return False
        return any(delta.finish == "content_filter" for delta in self._peeked)

    def close(self) -> None:
        """Give the connection back, or abort the upstream when it is not at its end."""
        self._response.close()

    def _end(self) -> None:
        """Take what was told for the last word. Raises Truncated where the end mark is missing."""
        if not self._reader.is_complete:
            raise Truncated
        self._statements.end()
        self.call.is_complete = True
        self.call.usage_is_final = self._statements.is_final

    def _read_events(self, events: list[Event], deltas: list[Delta]) -> None:
        """Read up to the format's end; what follows is nobody's."""
        for event, data in events:
            deltas += self._reader.feed(event, data)
            if self._reader.is_over:
                break
        if self._json is not None:
            filter_stream(self._json, deltas)

    def _read_last(self, deltas: list[Delta]) -> None:
        """Read an event that nothing ended; one that is cut matters only before the end."""
        try:
            self._read_events(self._events.end(), deltas)
        except (MalformedUpstream, UpstreamFailure):
            if not self._reader.is_complete:
                raise

    def _note(self, deltas: list[Delta]) -> None:
        call, told = self.call, self._statements
        for delta in deltas:
            told.note(delta)
            if call.proof_family and delta.tool_calls:
                relabel(delta.tool_calls, call.proof_family)
        call.received_output, call.is_complete = told.has_output, told.is_complete
        call.usage, call.usage_is_final = told.usage, told.is_final


async def open_stream(
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall
) -> StreamAnswer:
    """Read a stream up to its first output."""
    call.usage, call.usage_is_final, call.is_complete = None, False, False
    answer = StreamAnswer(response, dialect, call)
    if says_json(response.headers):
        await answer.look(dialect)
    return await answer.open()


async def read_whole(
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall
) -> WholeAnswer:
    """Read and parse a complete response. Raises MalformedUpstream, UpstreamStreamError."""
    body = await response.read(WHOLE_BODY_BYTES_MAX)
    return whole_from(body, response.headers, dialect, call)


def whole_from(
    data: bytes, headers: dict[str, str], dialect: Dialect, call: UpstreamCall
) -> WholeAnswer:
    """The same of a body that is read; one of events is read as those."""
    is_odd = data[:1] != b"{" and isinstance(call.request, GenerationRequest)
    if is_odd and is_events(headers, data):
        answer: Response = whole_of(data, reader_for(dialect.stream_reader(), call.quirks))
        return _received(answer, headers, dialect, call)
    body = parse_body(data)
    if body.get("error") and "choices" not in body and "content" not in body:
        raise UpstreamStreamError(dialect.read_error(orjson.dumps(body)))
    if call.quirks is not None:
        check_body(body, call.quirks)
    return _received(dialect.read_response(body), headers, dialect, call)


def _received(
    answer: Response, headers: dict[str, str], dialect: Dialect, call: UpstreamCall
) -> WholeAnswer:
    if dialect.asks_json_in_words and wants_json(dialect, call):
        assert isinstance(answer, GenerationResponse)
        check_whole(answer.choices)
    if call.proof_family and isinstance(answer, GenerationResponse):
        for choice in answer.choices:
            relabel(choice.tool_calls, call.proof_family)
    call.usage = answer.usage
    call.usage_is_final = answer.usage is not None
    call.received_output = call.operation.has_output(answer)
    call.upstream_request_id = headers.get("x-request-id") or answer.upstream_id
    call.is_complete = True
    return WholeAnswer(answer, call)


def parse_body(body: bytes) -> Json:
    """An upstream's JSON object. Raises MalformedUpstream."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            parsed = read_json(body)
        except orjson.JSONDecodeError as error:
            raise MalformedUpstream(f"not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise MalformedUpstream("not a JSON object")
    return parsed
