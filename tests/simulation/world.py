"""Virtual time and chance: one heap of events, and an event loop for each process.

Nothing here waits. Events run in the order of their time, ties in the order in which
they were made, so a seed decides everything. A process that is killed never runs
again; one that is paused runs everything it has missed when it is woken.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from math import ceil
from random import Random
from typing import Any

HURRY_SECONDS = 0.05
T0_MS = 1_790_812_798_500
"""A second and a half before a month ends in UTC: budgets begin anew in most runs."""
set_running_loop = asyncio._set_running_loop


class Violation(AssertionError):
    """Something that must never happen has happened."""


class Event:
    """A callback that is to run."""

    __slots__ = ("args", "callback", "is_cancelled", "loop", "when_s")

    def __init__(self, loop: "Loop", when_s: float, callback: Any, args: tuple[Any, ...]) -> None:
        self.loop, self.when_s, self.callback, self.args = loop, when_s, callback, args
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def cancelled(self) -> bool:
        return self.is_cancelled

    def when(self) -> float:
        return self.when_s


class Loop(asyncio.AbstractEventLoop):
    """The event loop of one process."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.is_alive, self.is_paused = True, False
        self.backlog: list[Event] = []
        self._ready = world.ready

    def time(self) -> float:
        return self.world.now_s

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Event:
        event = Event(self, self.world.now_s, callback, args)
        self._ready.append(event)
        return event

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Event:
        return self.call_at(self.world.now_s + delay, callback, *args)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Event:
        world = self.world
        if world.round_s:
            when = ceil(when / world.round_s) * world.round_s
        event = Event(self, when, callback, args)
        world.made += 1
        heapq.heappush(world.heap, (when, world.made, event))
        return event

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], **_: Any) -> asyncio.Task[Any]:
        self.world.coroutines.append(coro)
        return asyncio.Task(coro, loop=self)

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A task of the product ended by an error that nobody has looked at."""
        error = context.get("exception")
        if self.is_alive and error is not None and not self.world.is_over:
            self.world.fail(f"{self.name}: {type(error).__name__}: {error}")

    def kill(self) -> None:
        """SIGKILL: whatever it was about to do never happens."""
        self.is_alive = False
        self.backlog.clear()

    def pause(self) -> None:
        """SIGSTOP."""
        self.is_paused = True

    def wake(self) -> None:
        """SIGCONT."""
        self.is_paused = False
        self._ready.extend(self.backlog)
        self.backlog = []


class World:
    """Time, chance, and what is found wrong."""

    def __init__(self, seed: int, *, is_traced: bool = False) -> None:
        self.now_s = 0.0
        self.round_s = 0.0
        """How long one round of a busy event loop takes: whatever becomes due meanwhile
        is due together, so that two things can happen before either is noticed."""
        self.slow_cpu = 0.0
        """How often time passes while something is still to run, as it does on a busy
        machine: what becomes due then is queued right behind."""
        self.random = Random(seed)
        self.chance = self.random.random
        self.ready: deque[Event] = deque()
        self.heap: list[tuple[float, int, Event]] = []
        self.made = self.steps = 0
        self.problem: str | None = None
        self.is_over = False
        self.is_traced = is_traced
        self.trace: list[str] = []
        self.coroutines: list[Coroutine[Any, Any, Any]] = []
        self.outside = Loop(self, "outside")

    def end(self) -> None:
        """Nothing runs any more; what was in the middle of something is let go of."""
        self.is_over = True
        self.ready.clear()
        self.heap.clear()
        for coroutine in self.coroutines:
            coroutine.close()

    def note(self, text: str) -> None:
        """Write down what happens; the caller asks `is_traced` before making the text."""
        self.trace.append(f"{self.now_s:11.6f} {text}")

    def fail(self, text: str) -> None:
        """A violation; the run ends here."""
        if self.problem is None:
            self.problem = text
            if self.is_traced:
                self.note(f"VIOLATION {text}")

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` − 1."""
        return int(self.chance() * limit)

    def between(self, low: float, high: float) -> float:
        """A number of seconds, say."""
        return low + (high - low) * self.chance()

    def run(self, until_s: float, is_done: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen up to a time, or until `is_done`, or a violation."""
        ready, heap, running = self.ready, self.heap, None
        try:
            while self.problem is None:
                if ready:
                    if self.slow_cpu and self.chance() < self.slow_cpu:
                        self._hurry(until_s)
                    event = ready.popleft()
                elif heap and heap[0][0] <= until_s:
                    if is_done():
                        return
                    self._take_due()
                    continue
                else:
                    return
                loop = event.loop
                if event.is_cancelled or not loop.is_alive:
                    continue
                if loop.is_paused:
                    loop.backlog.append(event)
                    continue
                if loop is not running:
                    running = loop
                    set_running_loop(loop)
                self.steps += 1
                event.callback(*event.args)
        finally:
            set_running_loop(None)

    def _hurry(self, until_s: float) -> None:
        """Something becomes due although there is still something to run."""
        heap = self.heap
        if heap and heap[0][0] <= min(until_s, self.now_s + HURRY_SECONDS):
            self._take_due()

    def _take_due(self) -> None:
        """All events of the next moment at which there are any, in their order."""
        heap = self.heap
        when, _, event = heapq.heappop(heap)
        self.ready.append(event)
        while heap and heap[0][0] == when:
            self.ready.append(heapq.heappop(heap)[2])
        # A timer that was cancelled does not make time pass.
        if not all(event.is_cancelled or not event.loop.is_alive for event in self.ready):
            self.now_s = max(self.now_s, when)


class WorldClock:
    """The clocks of one machine; the wall clock may be wrong."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.skew_ms = 0

    def wall_ms(self) -> int:
        return T0_MS + int(self._world.now_s * 1000) + self.skew_ms

    def monotonic(self) -> float:
        return self._world.now_s
