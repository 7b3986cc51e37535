"""The limiter of many processes: exact windows that they share in Valkey (or Redis).

Valkey decides each request in one call of `window.lua`, by its own clock: never more
than N in any 60 seconds over all nodes, at most one second conservative. This process
counts in memory what it admitted, and so can go on alone at once when Valkey is slow
(50 ms), away, read-only or empty: then it admits its share of each limit, N divided by
the number of replicas, rounded up. It is never open and never closed, and no request
fails or waits for more than those 50 ms. What was admitted alone is written to Valkey
before that decides again; what Valkey lost (FLUSHALL, a restart) each process restores.

At the moment when Valkey goes, others may not have counted yet what one process has
used up: at worst, N and the shares of the other processes are admitted in that minute.
When in doubt whether Valkey has counted something, it is counted twice.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from yiyuan.kernel.clock import Clock
from yiyuan.ratelimit import verdict
from yiyuan.ratelimit.contract import Backend
from yiyuan.ratelimit.memory import InMemoryLimiter
from yiyuan.ratelimit.valkey.connection import Hooks, ValkeyConnection
from yiyuan.ratelimit.valkey.journal import Journal
from yiyuan.ratelimit.valkey.pipeline import Away, Pipeline
from yiyuan.ratelimit.valkey.resp import Reply
from yiyuan.ratelimit.valkey.script import (
    Change,
    Greeting,
    OtherEpoch,
    Script,
    is_unknown,
    numbers,
    readings,
)
from yiyuan.ratelimit.window import Allowed, Limited, Slot, Window

CHANGES_PER_CALL = 500


class SharedSlot(Slot):
    """An admission that Valkey knows, or will know, under a second of its clock."""

    __slots__ = ("second",)

    def __init__(self, windows: Sequence[Window], admitted_at: float, second: int) -> None:
        super().__init__(windows, admitted_at)
        self.second = second


class ValkeyLimiter:
    """See `Limiter`. `open` before the first call, `close` after the last."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        report: Callable[[str], None],
        server_ms: Callable[[], int] | None = None,
    ) -> None:
        """`report` gets a line for the operator when Valkey goes and when it returns.

        `server_ms` replaces Valkey's clock, in tests only.
        """
        self._script = Script(server_ms)
        self._local = InMemoryLimiter(clock.monotonic)
        self._journal = Journal()
        self._is_flush_planned = False
        hooks = Hooks(self._catch_up, self._flush, self._journal.shift, report)
        self._link = ValkeyConnection(url, self._script, clock, hooks)

    async def open(self) -> None:
        """Connect; for about a second at most. Without Valkey it begins alone."""
        await self._link.open()

    async def close(self) -> None:
        """Write what is left to be written, and end."""
        self._flush()
        await self._link.close()

    def backend(self) -> Backend:
        """See `Limiter.backend`."""
        return Backend(self._link.is_up, self._link.away_seconds, self._link.replicas)

    async def admit(self, windows: Sequence[Window]) -> Allowed | Limited:
        """See `Limiter.admit`."""
        if not windows:
            return Allowed(None, 0, 0.0, Slot((), 0.0))
        if not self._link.is_up:
            return self._admit_here(windows)
        self._flush()
        late = partial(self._take_back_late, windows)
        try:
            answer = await self._link.ask(partial(self._script.admit, windows), late)
        except Away as away:
            if away.call is not None:
                away.call.late = late
            return self._admit_here(windows)
        if answer[0] != 1:
            return verdict.limited(windows, readings(windows, answer))
        admitted_at = self._local.count_in(windows)
        left = [
            max(0, window.limit - total) for window, total in zip(windows, answer[2:], strict=True)
        ]
        slot = SharedSlot(windows, admitted_at, answer[1] // 1000)
        return verdict.admitted(windows, left, slot)

    async def peek(self, windows: Sequence[Window]) -> Allowed | Limited:
        """See `Limiter.peek`."""
        if not windows:
            return Allowed(None, 0, 0.0, Slot((), 0.0))
        if self._link.is_up:
            self._flush()
            try:
                answer = await self._link.ask(partial(self._script.peek, windows), _nothing)
            except Away:
                pass
            else:
                found = readings(windows, answer)
                if any(reading.wait_seconds for reading in found):
                    return verdict.limited(windows, found)
                return verdict.free(windows, found, Slot((), 0.0))
        return self._local.look(windows, self._link.replicas)

    def give_back(self, slot: Slot) -> None:
        """See `Limiter.give_back`."""
        windows = slot.windows
        self._local.give_back(slot)
        for window in windows:
            assert isinstance(slot, SharedSlot)
            self._change(window.key, slot.second, -window.weight)

    def correct(self, slot: Slot, tokens: int) -> None:
        """See `Limiter.correct`."""
        windows = slot.windows
        self._local.correct(slot, tokens)
        for window in windows:
            if window.tokens is None or window.tokens == tokens:
                continue
            assert isinstance(slot, SharedSlot)
            more = tokens - window.tokens
            self._change(window.key, self._link.second() if more > 0 else slot.second, more)

    def key_count(self) -> int:
        """See `Limiter.key_count`."""
        return self._local.key_count()

    def _admit_here(self, windows: Sequence[Window]) -> Allowed | Limited:
        """Decide alone, within this process's share, and note it for Valkey."""
        found = self._local.decide(windows, self._link.replicas)
        if isinstance(found, Limited):
            return found
        slot = SharedSlot(windows, found.slot.admitted_at, self._link.second())
        for window in windows:
            self._change(window.key, slot.second, window.weight)
        return found._replace(slot=slot)

    def _take_back_late(self, windows: Sequence[Window], reply: Reply) -> None:
        """Valkey has admitted what was decided here already, or what nobody waits for."""
        try:
            answer = numbers(reply)
        except (Away, OtherEpoch):
            return
        if answer[0] == 1:
            for window in windows:
                self._change(window.key, answer[1] // 1000, -window.weight)

    def _change(self, key: str, second: int, weight: int) -> None:
        """Let Valkey know, at the end of this turn of the loop or when it is back."""
        self._journal.add(key, second, weight)
        if self._link.is_up and not self._is_flush_planned:
            self._is_flush_planned = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Send what is noted; all that is asked afterwards is answered with it."""
        self._is_flush_planned = False
        while self._journal and self._link.is_up:
            changes = self._journal.take(CHANGES_PER_CALL)
            call = self._link.send(self._script.write(changes))
            call.future.add_done_callback(partial(self._flushed, changes))

    def _flushed(self, changes: list[Change], future: "asyncio.Future[Reply]") -> None:
        error = future.exception()
        if isinstance(error, Away):
            self._journal.put_back(changes)
            if error.call is not None:
                error.call.late = partial(self._written_late, changes)
            self._link.failed(error)
            return
        reply = future.result()
        if is_unknown(reply):
            self._link.reload()
            for change in changes:
                self._change(*change)
            return
        try:
            self._link.judge(reply)
        except Away:
            self._journal.put_back(changes)

    def _written_late(self, changes: list[Change], reply: Reply) -> None:
        """What was put back because nobody answered is there after all."""
        with contextlib.suppress(Away, OtherEpoch):
            numbers(reply)
            for key, second, weight in changes:
                if weight > 0:
                    self._change(key, second, -weight)

    async def _catch_up(self, pipe: Pipeline, greeting: Greeting) -> None:
        """Write what Valkey missed, or all that counts here if it has lost everything.

        A last handful is left for `_flush`, which comes before the next question.
        """
        if greeting.epoch != self._script.epoch:
            self._script.epoch = greeting.epoch
            self._journal.clear()
            for key, at, weight in self._local.contents():
                self._journal.add(key, self._link.second(at), weight)
        while len(self._journal) > CHANGES_PER_CALL:
            changes = self._journal.take(CHANGES_PER_CALL)
            try:
                numbers(await pipe.call(self._script.write(changes)).future)
            except (Away, OtherEpoch):
                self._journal.put_back(changes)
                raise


def _nothing(_: Reply) -> None:
    """A look that nobody waits for has changed nothing."""
