"""The pump between upstream and client, and its gates.

1. The first byte waits until the hold's start is durable.
2. What was delivered is never more than `WINDOW_TOKENS` ahead of what the ledger
   has on disk: progress is asked for at half the window, later at three quarters as
   long as the disk keeps up, and awaited only when the window is full. A crash thus
   loses at most the window per stream.
3. The last byte waits for the settlement; that gate is in `relay.py`.

A delta that is longer than half the window is split, so that the gate can close
in the middle of it. All events of one network read leave in one write. A slow
reader stops the pump, and with it the upstream.

Most of a stream is rows of events that differ in their text alone (`dialects/plain.py`).
A row passes as bytes while the pump waits for more: each piece from the network is
checked, counted and written in the callback that brings it (`_pass_on`), by the same
gate. What is not more of the row, or has to wait, is left to the pump.
"""

from collections.abc import Iterator
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from yiyuan.dialects.canonical import Delta, ToolCallDelta
from yiyuan.dialects.contract import StreamWriter
from yiyuan.dialects.plain import Plain, Row
from yiyuan.gateway.delivery.heartbeat import Headers, Heartbeat
from yiyuan.gateway.hold.counting import LOOP_FRIENDLY_BYTES, count_inputs
from yiyuan.gateway.hold.settlement import input_tokens_so_far
from yiyuan.gateway.operations.vocabulary import make_ready
from yiyuan.gateway.request.context import Reserved
from yiyuan.gateway.request.meter import output_bytes
from yiyuan.gateway.upstream.answer import Taker
from yiyuan.kernel.clock import Clock
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.errors import LedgerError, LedgerUnavailable
from yiyuan.pricing.counting import TOKEN_BYTES_MAX, count_long, count_tokens

WINDOW_TOKENS = 64
FIRST_MARK_TOKENS = WINDOW_TOKENS // 2
LATER_MARK_TOKENS = WINDOW_TOKENS * 3 // 4
PART_CHARACTERS_MAX = 128


class DeltaSource(Protocol):
    """A stream of deltas: `answer.StreamAnswer` or `fanout.MergedStream`."""

    async def next(self) -> list[Delta] | None:
        """The next deltas; None at the regular end."""
        ...

    def hand_over(self, taker: Taker | None, /) -> None:
        """Offer what arrives from now on to `taker` first, where that may be.

        It may take nothing but whole events that differ from the last in their text alone.
        """
        ...

    def close(self) -> None:
        """Stop the upstream."""
        ...


class _BoundReached(Exception):
    """More was delivered than is held for."""


class Pump:
    """Delivers one stream."""

    def __init__(
        self,
        reserved: Reserved,
        ledger: Ledger,
        clock: Clock,
        writer: StreamWriter,
        heartbeat: Heartbeat,
    ) -> None:
        """`writer` frames in the client's dialect; `heartbeat` is told of what is written."""
        self._reserved = reserved
        self._context = reserved.context
        self._book = ledger
        self._clock = clock
        self._writer = writer
        self._heartbeat = heartbeat
        self._row: Row | None = None
        self._marked = 0
        self._mark_at = FIRST_MARK_TOKENS
        self._has_waited = False
        self._out = bytearray()
        self._finished: dict[int, str] = {}
        self._context.finishes = self._finished
        self._is_full = False

    async def run(self, source: DeltaSource, headers: Headers) -> None:
        """Deliver everything up to the regular end, but not the end itself.

        What goes on beyond the bound that is held is ended there, as of its length.
        """
        deltas = await source.next()
        if deltas is None:
            return
        await self._begin(headers)
        try:
            await self._deliver(deltas, source)
        except _BoundReached:
            for index in sorted(self._context.meter.indices() - self._finished.keys()):
                self._finished[index] = "length"
                self._out += self._writer.write(Delta(index=index, finish="length"))
            self._flush()

    async def _deliver(self, deltas: list[Delta] | None, source: DeltaSource) -> None:
        context, writer, out = self._context, self._writer, self._out
        exchange = context.exchange
        while deltas is not None:
            for delta in deltas:
                if delta.finish is not None:
                    self._finished[delta.index] = delta.finish
                if delta.unread and delta.raw_dialect != context.dialect.name:
                    delta.unread = ""  # this client does not get it
                size = output_bytes(delta)
                if size > WINDOW_TOKENS // 2 or delta.is_heavy:
                    await self._deliver_large(delta, size)
                    continue
                framed = writer.write(delta)
                if delta.tool_calls:  # which the writer may have held back, or let out
                    await self._deliver_one(delta, framed)
                    continue
                if framed and size:
                    await self._pass(delta, size)
                out += framed
                if self._is_full:  # what was written is delivered and charged
                    raise _BoundReached
            if out:
                self._flush()
                self._heartbeat.note_write()
                await exchange.drain()
            source.hand_over(self._taker_after(deltas[-1]))
            deltas = await source.next()

    def _taker_after(self, last: Delta) -> Taker | None:
        """What passes more of the row of the last event on; None where it is in none."""
        if type(last.raw) is not Plain:
            return None
        mould = last.raw.mould
        frame = self._writer.frame_of(mould)
        if frame is None:
            return None
        row = self._row
        if row is None or row.mould is not mould or row.frame is not frame:
            self._row = Row(mould, frame)
        return self._pass_on

    def _pass_on(self, piece: bytes) -> bool:
        """Deliver more of the row at once; False, with nothing done, where the pump must."""
        assert self._row is not None
        plain = self._row.read(piece)
        if plain is None:
            return False
        text, framed = plain
        size = len(text) if text.isascii() else len(text.encode())
        context = self._context
        meter = context.meter
        ahead = meter.counted_tokens - self._marked + meter.uncounted_bytes
        if ahead + size > WINDOW_TOKENS:
            try:
                has_room = self._look_ahead(meter.count(count_tokens), size)
            except (LedgerError, LedgerUnavailable):
                return False  # the pump will be told
            if not has_room or self._is_full:
                return False
        if not context.exchange.try_write(framed):
            return False
        meter.add_text(self._row.index, text, size)
        self._heartbeat.note_write()
        return True

    async def _begin(self, headers: Headers) -> None:
        """Gate 1."""
        context, reserved = self._context, self._reserved
        await make_ready(context.meter.vocabulary)
        await count_inputs(reserved)
        input_tokens = reserved.reply.input_tokens = input_tokens_so_far(reserved)
        await self._book.start(context.request_id, input_tokens)
        context.first_byte_at = self._clock.monotonic()
        if not context.exchange.is_started:
            context.exchange.begin_stream(200, headers())

    async def _deliver_large(self, delta: Delta, size: int) -> None:
        """Deliver in pieces; what only its own format knows as it is, the next waits for it."""
        if size > WINDOW_TOKENS // 2 and not delta.unread:
            for piece in pieces_of(delta, self._context.meter.vocabulary):
                await self._deliver_one(piece, self._writer.write(piece))
            return
        write = partial(self._writer.write, delta)
        framed = await self._context.run_owed(write) if delta.is_heavy else write()
        await self._deliver_one(delta, framed)

    async def _deliver_one(self, delta: Delta, framed: bytes) -> None:
        """Deliver what is written; what is longer than the window, the next waits for it."""
        size = output_bytes(delta)
        if framed and size:
            await self._pass(delta, size)
        self._out += framed
        if size > WINDOW_TOKENS and framed:
            self._flush()
            await self._keep_window(0)
        if self._is_full:
            raise _BoundReached

    async def _pass(self, delta: Delta, size: int) -> None:
        """Note `delta` as delivered as soon as the window has room for it."""
        meter = self._context.meter
        # No count can find more tokens than bytes.
        ahead = meter.counted_tokens - self._marked + meter.uncounted_bytes
        if ahead + size > WINDOW_TOKENS:
            await self._keep_window(size)
        meter.add(delta, size)

    async def _keep_window(self, size: int) -> None:
        """Gate 2: count, ask for progress in time, wait when the window is full."""
        context = self._context
        if context.meter.uncounted_bytes > LOOP_FRIENDLY_BYTES:
            delivered = await context.run_owed(partial(context.meter.count, count_long))
        else:
            delivered = context.meter.count(count_tokens)
        if not self._look_ahead(delivered, min(size, WINDOW_TOKENS // 2)):
            self._has_waited, self._mark_at = True, FIRST_MARK_TOKENS
            await self._book.progress(context.request_id, delivered)
            self._marked = delivered

    def _look_ahead(self, delivered: int, coming: int) -> bool:
        """Whether `coming` more fits in the window; asks for progress when it is time."""
        request_id, ledger = self._context.request_id, self._book
        self._is_full = delivered > self._delivered_max()
        self._marked = ledger.durable_progress(request_id)
        if delivered - self._marked >= self._mark_at:
            self._flush()
            ledger.mark(request_id, delivered)
            if not self._has_waited:
                self._mark_at = LATER_MARK_TOKENS
        return delivered - self._marked + coming <= WINDOW_TOKENS

    def _delivered_max(self) -> int:
        """Tokens that an honest answer has at most, as they are counted here.

        Where the vocabulary is not known, the count is another's and may be higher.
        """
        bound = self._reserved.output_bound
        return (bound if self._context.meter.vocabulary else bound * 3 // 2) + WINDOW_TOKENS // 2

    def _flush(self) -> None:
        """Write what is framed: progress must never be ahead of the delivery."""
        if self._out:
            self._context.exchange.write(bytes(self._out))
            self._out.clear()


def pieces_of(delta: Delta, vocabulary: str | None) -> Iterator[Delta]:
    """Split a delta into pieces of at most half the window, in tokens, as they are asked for."""
    half = WINDOW_TOKENS // 2
    if not _is_over(delta, half, vocabulary):
        yield delta
        return
    for part in _parts(delta.reasoning, half, vocabulary):
        yield Delta(index=delta.index, reasoning=part)
    for part in _parts(delta.text, half, vocabulary):
        yield Delta(index=delta.index, text=part)
    for call in delta.tool_calls:
        parts = _parts(call.arguments, half, vocabulary)
        yield Delta(index=delta.index, tool_calls=[replace(call, arguments=next(parts, ""))])
        for part in parts:
            more = ToolCallDelta(call.position, arguments=part, is_custom=call.is_custom)
            yield Delta(index=delta.index, tool_calls=[more])
    yield replace(delta, text="", reasoning="", tool_calls=[], raw=None, is_heavy=False)


def _is_over(delta: Delta, tokens_max: int, vocabulary: str | None) -> bool:
    """Whether it has more tokens; what must have more by its length is not counted."""
    texts = [delta.text, delta.reasoning, *(call.arguments for call in delta.tool_calls)]
    if sum(map(len, texts)) > tokens_max * TOKEN_BYTES_MAX:
        return True
    return sum(count_tokens(text, vocabulary) for text in texts if text) > tokens_max


def _parts(text: str, tokens_max: int, vocabulary: str | None) -> Iterator[str]:
    """Cut `text` so that no part has more than `tokens_max` tokens."""
    if not text:
        return
    if len(text) > PART_CHARACTERS_MAX:
        for cut in range(0, len(text), PART_CHARACTERS_MAX):
            yield from _parts(text[cut : cut + PART_CHARACTERS_MAX], tokens_max, vocabulary)
    elif len(text) <= 2 or count_tokens(text, vocabulary) <= tokens_max:
        yield text
    else:
        middle = len(text) // 2
        yield from _parts(text[:middle], tokens_max, vocabulary)
        yield from _parts(text[middle:], tokens_max, vocabulary)
