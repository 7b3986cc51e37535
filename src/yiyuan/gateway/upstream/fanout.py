"""One request, several upstream calls: how a request is split, its operation says.

All calls stand under one hold and end in one settlement. Of a response that is
not streamed all calls must succeed; in a stream the first failure ends it.

At most `CONCURRENT_CALLS_MAX` calls of a request run at once, and the queue
between them and the client is bounded, so a slow reader holds all of them back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from yiyuan.dialects.canonical import Delta
from yiyuan.gateway.request.context import Reserved, UpstreamCall
from yiyuan.gateway.upstream.answer import StreamAnswer, Taker, open_stream
from yiyuan.gateway.upstream.fallback import Fallback
from yiyuan.gateway.upstream.whole_answer import WholeAnswer, read_whole

CONCURRENT_CALLS_MAX = 8
QUEUED_BATCHES_MAX = 16

SendWhole = Callable[[UpstreamCall], Awaitable[WholeAnswer]]
SendStream = Callable[[UpstreamCall], Awaitable[StreamAnswer]]


def ask_whole(fallback: Fallback, reserved: Reserved) -> Awaitable[WholeAnswer]:
    """One complete answer, from as many upstream calls as it takes."""
    calls = reserved.calls
    if len(calls) == 1:
        return fallback.send(reserved, read_whole, calls[0])
    return gather_whole(calls, partial(fallback.send, reserved, read_whole))


def ask_stream(fallback: Fallback, reserved: Reserved) -> "Awaitable[StreamAnswer | MergedStream]":
    """One stream that has begun, from as many upstream calls as it takes."""
    calls = reserved.calls
    if len(calls) == 1:
        return fallback.send(reserved, open_stream, calls[0])
    return MergedStream(calls, partial(fallback.send, reserved, open_stream)).open()


async def gather_whole(calls: list[UpstreamCall], send: SendWhole) -> WholeAnswer:
    """All answers as one; the first failure cancels the rest and is raised."""
    gate = asyncio.Semaphore(CONCURRENT_CALLS_MAX)

    async def one(call: UpstreamCall) -> WholeAnswer:
        async with gate:
            return await send(call)

    tasks = [asyncio.ensure_future(one(call)) for call in calls]
    try:
        answers = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    numbered = [(answer.call.first_index, answer.response) for answer in answers]
    is_heavy = any(answer.is_heavy for answer in answers)
    return WholeAnswer(calls[0].operation.join(numbered), calls[0], is_heavy=is_heavy)


class MergedStream:
    """Several streams as one, their choices renumbered, batches in order of arrival."""

    def __init__(self, calls: list[UpstreamCall], send: SendStream) -> None:
        """Nothing runs before `open`."""
        self._queue: asyncio.Queue[list[Delta] | BaseException | None] = asyncio.Queue(
            QUEUED_BATCHES_MAX
        )
        self._gate = asyncio.Semaphore(CONCURRENT_CALLS_MAX)
        self._calls = calls
        self._send = send
        self._tasks: list[asyncio.Task[None]] = []
        self._peeked: list[Delta] | None = None
        self._running = len(calls)

    async def open(self) -> "MergedStream":
        """Start all calls and wait for the first output of any of them."""
        self._tasks = [asyncio.ensure_future(self._run(call)) for call in self._calls]
        is_open = False
        try:
            self._peeked = await self.next()
            is_open = True
        finally:
            if not is_open:
                self.close()
        return self

    def hand_over(self, _: Taker | None, /) -> None:
        """See `DeltaSource.hand_over`: several answers are one stream."""

    async def next(self) -> list[Delta] | None:
        """The next batch of any call; None when all have ended regularly."""
        if self._peeked is not None:
            deltas, self._peeked = self._peeked, None
            return deltas
        while self._running:
            item = await self._queue.get()
            if isinstance(item, BaseException):
                self.close()
                raise item
            if item is not None:
                return item
            self._running -= 1
        return None

    def close(self) -> None:
        """Stop every call that still runs."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, call: UpstreamCall) -> None:
        async with self._gate:
            answer: StreamAnswer | None = None
            try:
                answer = await self._send(call)
                while (deltas := await answer.next()) is not None:
                    for delta in deltas:
                        delta.index += call.first_index
                        delta.raw = None
                    await self._queue.put(deltas)
                await self._queue.put(None)
            except Exception as failure:  # noqa: BLE001 – handed to the reader, who raises it
                await self._queue.put(failure)
            finally:
                if answer is not None:
                    answer.close()
