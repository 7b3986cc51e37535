"""What an upstream answered: a whole response, or a stream of deltas.

Both are read inside the attempt until the first output (or the whole body) is
there, so that whatever goes wrong before can still be tried on another channel.
"""

from collections.abc import AsyncIterator
from typing import Protocol

import orjson

from yiyuan.dialects.canon import Choice, Delta, GenerationResponse, Json, ToolCallDelta
from yiyuan.dialects.dialect import (
    Dialect,
    MalformedUpstream,
    Response,
    StreamReader,
    UpstreamStreamError,
)
from yiyuan.gateway.job import UpstreamCall
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.sse import EventReader

WHOLE_BODY_BYTES_MAX = 64 * 1024 * 1024
FIRST_OUTPUT_DELTAS_MAX = 10_000


class Truncated(Exception):
    """The upstream's stream ended without its end mark."""


class Overrun(Exception):
    """The upstream sends far more than was asked for; the stream is cut."""


BROKEN = (UpstreamFailure, MalformedUpstream, UpstreamStreamError, Truncated, Overrun)
"""What can end a stream that had begun."""


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

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        """`chunks` is the body."""
        self.status = 200
        self.headers: dict[str, str] = {}
        self._chunks = chunks

    async def read(self, limit_bytes: int) -> bytes:
        """See `UpstreamResponse.read`."""
        body = b"".join([chunk async for chunk in self._chunks])
        assert len(body) <= limit_bytes
        return body

    def __aiter__(self) -> AsyncIterator[bytes]:
        """See `UpstreamResponse.__aiter__`."""
        return self._chunks

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
        self._reader: StreamReader = dialect.stream_reader()
        self._peeked: list[Delta] = []
        self._has_ended = False

    async def open(self) -> "StreamAnswer":
        """Read up to the first output, or to the end when there is none."""
        while not self.call.received_output:
            deltas = await self._read()
            if deltas is None:
                break
            self._peeked += deltas
            if len(self._peeked) > FIRST_OUTPUT_DELTAS_MAX:
                raise MalformedUpstream("no output in a long stream")
        return self

    async def next(self) -> list[Delta] | None:
        """The deltas of the next piece of the stream; None at its regular end.

        Raises Truncated, MalformedUpstream, UpstreamStreamError, UpstreamFailure.
        """
        if self._peeked:
            deltas, self._peeked = self._peeked, []
            return deltas
        return await self._read()

    def close(self) -> None:
        """Give the connection back, or abort the upstream when it is not at its end."""
        self._response.close()

    async def _read(self) -> list[Delta] | None:
        if self._has_ended:
            return None
        while True:
            chunk = await anext(self._chunks, None)
            events = self._events.end() if chunk is None else self._events.feed(chunk)
            deltas: list[Delta] = []
            for event, data in events:
                deltas += self._reader.feed(event, data)
            self._has_ended = chunk is None or self._reader.is_over
            self._note(deltas)
            if self._has_ended:
                if not self._reader.is_complete:
                    raise Truncated
                self.call.is_complete = True
            if deltas or self._has_ended:
                return deltas or None

    def _note(self, deltas: list[Delta]) -> None:
        call = self.call
        for delta in deltas:
            if delta.has_output():
                call.received_output = True
            if delta.finish is not None:
                call.is_complete = True
            if delta.usage is not None:
                call.usage = delta.usage
                call.usage_is_final = call.is_complete


async def open_stream(
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall
) -> StreamAnswer:
    """Read a stream up to its first output."""
    call.usage, call.usage_is_final, call.is_complete = None, False, False
    return await StreamAnswer(response, dialect, call).open()


async def read_whole(
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall
) -> WholeAnswer:
    """Read and parse a complete response. Raises MalformedUpstream, UpstreamStreamError."""
    body = parse_body(await response.read(WHOLE_BODY_BYTES_MAX))
    if body.get("error") and "choices" not in body and "content" not in body:
        raise UpstreamStreamError(dialect.read_error(orjson.dumps(body)))
    answer = dialect.read_response(body)
    call.usage = answer.usage
    call.usage_is_final = answer.usage is not None
    call.received_output = not isinstance(answer, GenerationResponse) or any(
        choice_as_delta(choice).has_output() for choice in answer.choices
    )
    call.upstream_request_id = response.headers.get("x-request-id") or answer.upstream_id
    call.is_complete = True
    return WholeAnswer(answer, call)


def parse_body(body: bytes) -> Json:
    """An upstream's JSON object. Raises MalformedUpstream."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedUpstream(f"not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise MalformedUpstream("not a JSON object")
    return parsed


def choice_as_delta(choice: Choice) -> Delta:
    """A complete choice as one delta, for counting its output."""
    return Delta(
        index=choice.index,
        text=choice.text,
        reasoning=choice.reasoning,
        tool_calls=[
            ToolCallDelta(position, call.id, call.name, call.arguments)
            for position, call in enumerate(choice.tool_calls)
        ],
    )
