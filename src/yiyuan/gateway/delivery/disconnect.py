"""What becomes of an upstream call when the client goes away.

By default it is cancelled at once: the cancellation of the client's task runs
through the awaited upstream and aborts its connection. A channel with
`on_disconnect = "drain"` is read on to its usage instead, so that the operator
bills what the vendor bills: for at most `DRAIN_SECONDS_MAX`, and no further than
an answer of the length that was asked for could go.
"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Self, TypeVar

from yiyuan.dialects.canonical import Delta
from yiyuan.gateway.delivery.stream import DeltaSource
from yiyuan.gateway.request.context import Reserved
from yiyuan.gateway.request.meter import output_bytes
from yiyuan.gateway.upstream.answer import BROKEN, Taker
from yiyuan.gateway.upstream.whole_answer import WholeAnswer
from yiyuan.kernel.errors import ApiError

DRAIN_SECONDS_MAX = 60.0
DRAIN_BYTES_PER_TOKEN_MAX = 32
DRAIN_SLACK_BYTES = 65_536

T = TypeVar("T")


def may_drain(reserved: Reserved) -> bool:
    """Whether any channel of a model that may answer reads on for a client that has gone."""
    catalog = reserved.admitted.catalog
    if catalog.may_drain(reserved.admitted.model.name):
        return True
    others = reserved.others
    return bool(others) and any(catalog.may_drain(each.admitted.model.name) for each in others)


class DisconnectGuard:
    """Keeps the upstream of one job, or lets go of it, when its client is gone."""

    def __init__(self, reserved: Reserved) -> None:
        """Whether anything can drain is decided by the model's channels."""
        self._reserved = reserved
        self._may_drain = may_drain(reserved)
        self._pending: asyncio.Future[Any] | None = None
        self._source: DeltaSource | None = None

    async def keep(self, awaitable: Awaitable[T]) -> T:
        """Await an upstream; it survives the client's leaving if a channel drains."""
        if not self._may_drain:
            return await awaitable
        pending = asyncio.ensure_future(awaitable)
        self._pending = pending
        result = await asyncio.shield(pending)
        self._pending = None
        return result

    def guard(self, source: DeltaSource) -> DeltaSource:
        """Close `source` at the end; and shield its reading if a channel drains."""
        self._source = source
        return _GuardedSource(self, source) if self._may_drain else source

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._pending is not None:
                await self._drain(self._pending)
        finally:
            if self._source is not None:
                self._source.close()

    async def _drain(self, pending: asyncio.Future[Any]) -> None:
        """Read on to the upstream's end, or cancel what must not be drained."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN_SECONDS_MAX
        bytes_left = self._bytes_max()
        try:
            while self._drains() and bytes_left > 0 and loop.time() < deadline:
                await asyncio.wait((pending,), timeout=deadline - loop.time())
                if not pending.done():
                    return
                result = pending.result()
                if result is None or isinstance(result, WholeAnswer):
                    return
                if self._source is None:
                    self._source = result
                else:
                    bytes_left -= sum(output_bytes(delta) for delta in result)
                pending = asyncio.ensure_future(self._source.next())
        except (*BROKEN, ApiError):
            return  # The upstream broke while nobody listened: what was delivered is billed.
        finally:
            pending.cancel()

    def _bytes_max(self) -> int:
        """More output than this is none that was asked for."""
        return self._reserved.output_bound * DRAIN_BYTES_PER_TOKEN_MAX + DRAIN_SLACK_BYTES

    def _drains(self) -> bool:
        candidates = [call.candidate for call in self._reserved.calls if call.candidate is not None]
        return not candidates or all(c.channel.on_disconnect == "drain" for c in candidates)


class _GuardedSource:
    """A source whose reading goes on when its reader is cancelled."""

    def __init__(self, lifeline: DisconnectGuard, source: DeltaSource) -> None:
        self._lifeline = lifeline
        self._source = source

    def hand_over(self, _: Taker | None, /) -> None:
        """See `DeltaSource.hand_over`: the client may be gone."""

    async def next(self) -> list[Delta] | None:
        """See `DeltaSource.next`."""
        return await self._lifeline.keep(self._source.next())

    def close(self) -> None:
        """See `DeltaSource.close`."""
        self._source.close()
