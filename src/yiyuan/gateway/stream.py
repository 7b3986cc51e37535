"""The pump between upstream and client, and its gates.

1. The first byte waits until the hold's start is durable.
2. What was delivered is never more than `WINDOW_TOKENS` ahead of what the ledger
   has on disk: progress is asked for at half the window, and awaited only when
   the window is full. A crash therefore loses at most the window per stream.
3. The last byte waits for the settlement; that gate is in `relay.py`.

A delta that is longer than half the window is split, so that the gate can close
in the middle of it. All events of one network read leave in one write. A slow
reader stops the pump, and with it the upstream. While nothing comes, a comment
every `HEARTBEAT_SECONDS` keeps the client's first-byte timeout from firing.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from yiyuan.dialects.canon import Delta, ToolCallDelta
from yiyuan.dialects.dialect import StreamWriter
from yiyuan.gateway.answer import Overrun
from yiyuan.gateway.counting import count_inputs, make_ready
from yiyuan.gateway.exchange import Exchange
from yiyuan.gateway.job import Job
from yiyuan.gateway.meter import output_bytes
from yiyuan.gateway.settlement import input_tokens_so_far
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import Header
from yiyuan.ledger.ledger import Ledger
from yiyuan.pricing.counting import count_tokens

WINDOW_TOKENS = 64
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": waiting for the model\n\n"
OVERRUN_FACTOR = 4
OVERRUN_SLACK_TOKENS = 1024
PART_CHARACTERS_MAX = 128


Headers = Callable[[], list[Header]]
"""The stream's headers as of now: what an upstream made us drop is known late."""


class DeltaSource(Protocol):
    """A stream of deltas: `answer.StreamAnswer` or `fanout.MergedStream`."""

    async def next(self) -> list[Delta] | None:
        """The next deltas; None at the regular end."""
        ...

    def close(self) -> None:
        """Stop the upstream."""
        ...


class Heartbeat:
    """Comments while the upstream is silent; begins the response if need be."""

    def __init__(self, exchange: Exchange, headers: Headers) -> None:
        """`headers` are those of the stream, should the heartbeat begin it."""
        self._exchange = exchange
        self._headers = headers
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS, self._beat)

    def note_write(self) -> None:
        """Something was written: the silence begins anew."""
        self._last = self._loop.time()

    def stop(self) -> None:
        """No more comments."""
        self._timer.cancel()

    def _beat(self) -> None:
        silent = self._loop.time() - self._last
        if silent >= HEARTBEAT_SECONDS:
            if not self._exchange.is_started:
                self._exchange.begin_stream(200, self._headers())
            self._exchange.write(HEARTBEAT)
            self.note_write()
            silent = 0.0
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS - silent, self._beat)


class Pump:
    """Delivers one stream."""

    def __init__(self, job: Job, book: Ledger, clock: Clock, writer: StreamWriter) -> None:
        """`job` has its hold; `writer` frames in the client's dialect."""
        self._job = job
        self._book = book
        self._clock = clock
        self._writer = writer
        self._marked = 0
        self._out = bytearray()

    async def run(self, source: DeltaSource, headers: Headers, heartbeat: Heartbeat) -> None:
        """Deliver everything up to the regular end, but not the end itself."""
        job, exchange, writer, out = self._job, self._job.exchange, self._writer, self._out
        while (deltas := await source.next()) is not None:
            if job.first_byte_at is None:
                await self._begin(headers)
            for delta in deltas:
                size = output_bytes(delta)
                if size > WINDOW_TOKENS // 2:
                    await self._deliver_pieces(delta)
                    continue
                framed = writer.write(delta)
                if framed and size:
                    await self._pass(delta, size)
                out += framed
            if out:
                self._flush()
                heartbeat.note_write()
                await exchange.drain()

    async def _begin(self, headers: Headers) -> None:
        """Gate 1."""
        job = self._job
        await make_ready(job.meter.vocabulary)
        await count_inputs(job)
        input_tokens = input_tokens_so_far(job)
        if job.reply is not None:
            job.reply.input_tokens = input_tokens
        await self._book.start(job.request_id, input_tokens)
        job.first_byte_at = self._clock.monotonic()
        if not job.exchange.is_started:
            job.exchange.begin_stream(200, headers())

    async def _deliver_pieces(self, delta: Delta) -> None:
        for piece in pieces_of(delta, self._job.meter.vocabulary):
            framed = self._writer.write(piece)
            if framed:
                await self._pass(piece, output_bytes(piece))
            self._out += framed

    async def _pass(self, delta: Delta, size: int) -> None:
        """Note `delta` as delivered as soon as the window has room for it."""
        meter = self._job.meter
        if meter.uncounted_bytes + size > self._allowance():
            await self._keep_window(size)
        meter.add(delta, size)

    def _allowance(self) -> int:
        """Bytes that may be delivered uncounted without the window being exceeded."""
        return WINDOW_TOKENS - (self._job.meter.counted_tokens - self._marked)

    async def _keep_window(self, size: int) -> None:
        """Gate 2: count, ask for progress at half the window, wait when it is full."""
        job, book = self._job, self._book
        delivered = job.meter.count(count_tokens)
        assert job.reserved is not None
        if delivered > job.reserved.output_bound * OVERRUN_FACTOR + OVERRUN_SLACK_TOKENS:
            self._flush()  # it is charged, so it is delivered
            raise Overrun
        self._marked = book.durable_progress(job.request_id)
        if delivered - self._marked >= WINDOW_TOKENS // 2:
            self._flush()
            book.mark(job.request_id, delivered)
        coming = min(size, WINDOW_TOKENS // 2)
        if delivered - self._marked + coming > WINDOW_TOKENS:
            await book.progress(job.request_id, delivered)
            self._marked = delivered

    def _flush(self) -> None:
        """Write what is framed: progress must never be ahead of the delivery."""
        if self._out:
            self._job.exchange.write(bytes(self._out))
            self._out.clear()


def pieces_of(delta: Delta, vocabulary: str | None) -> Iterator[Delta]:
    """Split a delta into pieces of at most half the window, in tokens."""
    half = WINDOW_TOKENS // 2
    if _tokens(delta, vocabulary) <= half:
        yield delta
        return
    for part in _parts(delta.reasoning, half, vocabulary):
        yield Delta(index=delta.index, reasoning=part)
    for part in _parts(delta.text, half, vocabulary):
        yield Delta(index=delta.index, text=part)
    for call in delta.tool_calls:
        first, *rest = _parts(call.arguments, half, vocabulary) or [""]
        opening = ToolCallDelta(call.position, call.id, call.name, first)
        yield Delta(index=delta.index, tool_calls=[opening])
        for part in rest:
            yield Delta(
                index=delta.index, tool_calls=[ToolCallDelta(call.position, arguments=part)]
            )
    yield replace(delta, text="", reasoning="", tool_calls=[], raw=None)


def _tokens(delta: Delta, vocabulary: str | None) -> int:
    texts = [delta.text, delta.reasoning, *(call.arguments for call in delta.tool_calls)]
    return sum(count_tokens(text, vocabulary) for text in texts if text)


def _parts(text: str, tokens_max: int, vocabulary: str | None) -> list[str]:
    """Cut `text` so that no part has more than `tokens_max` tokens."""
    if not text:
        return []
    if len(text) > PART_CHARACTERS_MAX:
        cuts = range(0, len(text), PART_CHARACTERS_MAX)
        pieces = (text[cut : cut + PART_CHARACTERS_MAX] for cut in cuts)
        return [part for piece in pieces for part in _parts(piece, tokens_max, vocabulary)]
    if len(text) <= 2 or count_tokens(text, vocabulary) <= tokens_max:
        return [text]
    middle = len(text) // 2
    left = _parts(text[:middle], tokens_max, vocabulary)
    return left + _parts(text[middle:], tokens_max, vocabulary)
