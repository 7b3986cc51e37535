"""What an upstream answered as a stream of deltas.

It is read inside the attempt until the first output is there, so that whatever goes
wrong before can still be tried on another channel. Large events, pictures mostly, are
read off the loop.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from yiyuan.dialects.canonical import Delta, GenerationResponse
from yiyuan.dialects.contract import (
    Dialect,
    MalformedUpstream,
    StreamReader,
    UpstreamStreamError,
)
from yiyuan.dialects.shared.stated_usage import Statements
from yiyuan.gateway.request.context import UpstreamCall
from yiyuan.gateway.upstream.json_answer import JsonAnswer, filter_stream, wants_json
from yiyuan.gateway.upstream.other_way import deltas_of, first_words, is_object, joined, says_json
from yiyuan.gateway.upstream.vendor_answer import reader_for, relabel
from yiyuan.gateway.upstream.whole_answer import (
    WHOLE_BODY_BYTES_MAX,
    AnswerWork,
    UpstreamResponse,
    whole_from,
)
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.sse import LARGE_BYTES, Event, EventReader

OWN_LIMIT: Final = "too_large"
"""The kind of failure that only our own limit made."""
BATCH_DELTAS = 256
"""As many pieces of a whole answer are delivered before its client has to have taken them."""
FIRST_OUTPUT_DELTAS_MAX = 10_000


Taker = Callable[[bytes], bool]
"""Delivers a piece of a stream as it arrives, or leaves it to the stream's reader (False)."""


class Truncated(Exception):
    """The upstream's stream ended without its end mark."""


BROKEN = (UpstreamFailure, MalformedUpstream, UpstreamStreamError, Truncated)
"""What can end a stream that had begun."""


def is_own_limit(broken: Exception) -> bool:
    """Whether only our own limit ended it: that says nothing of the channel."""
    return isinstance(broken, UpstreamFailure) and broken.kind == OWN_LIMIT


class LocalResponse:
    """The answer of an in-process provider, in the shape of an upstream's."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """`chunks` is the body, made on demand."""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.taker: Taker | None = None
        """Never asked: nothing arrives by itself."""
        self._chunks = chunks

    def read_at_once(self, _limit_bytes: int) -> None:
        """Nothing: it is made on demand."""

    async def read(
        self, limit_bytes: int, make_room: Callable[[int], Awaitable[None]] | None = None
    ) -> bytes:
        """See `UpstreamResponse.read`."""
        body = b"".join(self._chunks)
        assert len(body) <= limit_bytes
        if make_room is not None:
            await make_room(len(body))
        return body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """See `UpstreamResponse.__aiter__`."""
        for chunk in self._chunks:
            yield chunk
            await asyncio.sleep(0)  # other requests have their turn between the words

    def close(self) -> None:
        """Nothing to cancel: the chunks are made on demand."""


class StreamAnswer:
    """A stream of deltas that has produced its first output."""

    def __init__(
        self, response: UpstreamResponse, dialect: Dialect, call: UpstreamCall, work: AnswerWork
    ) -> None:
        """`call` collects usage and ending while the stream is read."""
        self.call = call
        self._work = work
        self._response = response
        self._chunks = aiter(response)
        self._events = EventReader()
        self._reader: StreamReader = reader_for(dialect.stream_reader(), call.quirks)
        is_wanted = dialect.asks_json_in_words and wants_json(dialect, call)
        self._json = JsonAnswer() if is_wanted else None
        self._peeked: list[Delta] = []
        self._has_ended = False
        self._statements = Statements()
        self._taker: Taker | None = None

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
            await self._work.make_room(len(piece))
        headers, call = self._response.headers, self.call
        answer = await whole_from(bytes(body), headers, dialect, call, self._work)
        whole = answer.response
        assert isinstance(whole, GenerationResponse)
        read = partial(deltas_of, whole)
        self._peeked = await self._work.run_owed(read) if answer.is_heavy else read()
        self._has_ended = True
        self.call.received_output = True

    def hand_over(self, taker: Taker | None, /) -> None:
        """See `DeltaSource.hand_over`: what `taker` takes says nothing new to this reader."""
        self._taker = taker if self._json is None else None

    async def next(self) -> list[Delta] | None:
        """The deltas of the next piece of the stream; None at its regular end.

        Raises Truncated, MalformedUpstream, UpstreamStreamError, UpstreamFailure.
        """
        if self._peeked:
            deltas, self._peeked = self._peeked[:BATCH_DELTAS], self._peeked[BATCH_DELTAS:]
            return deltas
        while not self._has_ended:
            deltas = []
            self._response.taker = self._taker if self._events.is_between_events else None
            try:
                chunk = await self._chunks.__anext__()
            except (StopAsyncIteration, UpstreamFailure) as end:
                if isinstance(end, UpstreamFailure) and not self._reader.is_complete:
                    raise  # an abrupt end, which may be once all was said
                self._read_last(deltas)
                self._has_ended = True
            else:
                # What is left of the last chunk, or comes at once, is seen without a call.
                if (self._events.rest or chunk[LARGE_BYTES:]) and self._is_large(chunk):
                    await self._work.run_owed(partial(self._feed, chunk, deltas))
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
        self._taker = None
        self._response.close()

    def _end(self) -> None:
        """Take what was told for the last word. Raises Truncated where the end mark is missing."""
        if not self._reader.is_complete:
            raise Truncated
        self._statements.end()
        self.call.is_complete = True
        self.call.usage_is_final = self._statements.is_final

    def _is_large(self, chunk: bytes) -> bool:
        """Whether it may complete events that take long to read."""
        return len(self._events.rest) + len(chunk) > LARGE_BYTES and b"\n" in chunk

    def _feed(self, chunk: bytes, deltas: list[Delta]) -> None:
        self._read_events(self._events.feed(chunk), deltas)

    def _read_events(self, events: list[Event], deltas: list[Delta]) -> None:
        """Read up to the format's end; what follows is nobody's."""
        for event, data in events:
            found = self._reader.feed(event, data)
            if data[LARGE_BYTES:]:
                for delta in found:
                    delta.is_heavy = True
            deltas += found
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
    response: UpstreamResponse, dialect: Dialect, call: UpstreamCall, work: AnswerWork
) -> StreamAnswer:
    """Read a stream up to its first output."""
    call.usage, call.usage_is_final, call.is_complete = None, False, False
    answer = StreamAnswer(response, dialect, call, work)
    if says_json(response.headers):
        await answer.look(dialect)
    return await answer.open()
