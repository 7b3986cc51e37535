"""One request, several upstream calls: many prompts, or many choices.

Legacy completions take k prompts and n choices each; few upstreams do. Where a
channel of the model cannot, the request is split: one call per prompt if a call
can make n choices, else one per choice. Choice j of prompt i is number i·n + j
for the client, whatever the split. All calls stand under one hold and end in one
settlement. Of a response that is not streamed all calls must succeed; in a
stream the first failure ends it.

At most `CONCURRENT_CALLS_MAX` calls of a request run at once, and the queue
between them and the client is bounded, so a slow reader holds all of them back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from yiyuan.dialects.canon import Delta, GenerationRequest, GenerationResponse
from yiyuan.dialects.dialect import Dialect, Request
from yiyuan.gateway.answer import StreamAnswer, WholeAnswer
from yiyuan.gateway.job import UpstreamCall
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.usage import Usage

CALLS_MAX = 128
CONCURRENT_CALLS_MAX = 8
QUEUED_BATCHES_MAX = 16

SendWhole = Callable[[UpstreamCall], Awaitable[WholeAnswer]]
SendStream = Callable[[UpstreamCall], Awaitable[StreamAnswer]]


def is_simple(request: Request) -> bool:
    """Whether one call will do, whatever the channels speak: one prompt in text, one choice."""
    return not isinstance(request, GenerationRequest) or (
        request.n == 1 and len(request.conversations) == 1 and not request.token_prompts
    )


def split(request: Request, dialects: list[Dialect]) -> list[UpstreamCall]:
    """The upstream calls that `request` needs over channels that speak `dialects`."""
    if not isinstance(request, GenerationRequest):
        return [UpstreamCall(request)]
    conversations, n = request.conversations, request.n
    by_prompt = len(conversations) > 1 and not all(d.many_conversations for d in dialects)
    by_choice = n > 1 and not all(d.many_choices for d in dialects)
    if not by_prompt and not by_choice:
        return [UpstreamCall(request, 0, n * len(conversations))]
    if len(conversations) * (n if by_choice else 1) > CALLS_MAX:
        raise InvalidRequest(
            "invalid_value", param="n", reason=f"prompts x n must not exceed {CALLS_MAX}"
        )
    calls = []
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
            calls.append(UpstreamCall(part, i * n + j, 1 if by_choice else n))
    return calls


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
    choices = []
    usage: Usage | None = Usage()
    for call, answer in zip(calls, answers, strict=True):
        response = answer.response
        assert isinstance(response, GenerationResponse)
        for choice in response.choices:
            choice.index += call.first_index
            choices.append(choice)
        usage = None if usage is None or response.usage is None else usage + response.usage
    choices.sort(key=lambda choice: choice.index)
    return WholeAnswer(GenerationResponse(choices, usage), calls[0])


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
