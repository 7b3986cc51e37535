"""The way to Valkey: up or away, and back.

    up ──5 calls in a row failed or slow, or the connection lost──▶ away
    away ──every half second: connect, greet, catch up──▶ up

While it is away nobody waits for it. It is this class alone that tries again (a user's
request is never the probe): it connects, greets, and lets the limiter write what happened
meanwhile; the limiter's first question follows that on the same connection. One that
comes and goes is tried less often, down to every eight seconds. Replicas greet every
second (and soon after the first time, since nodes often start together), so that each
knows how many they are; while Valkey is away the last count holds.
Both changes of state are reported, in one line each.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from yiyuan.kernel.clock import Clock
from yiyuan.ratelimit.valkey.pipeline import Away, Call, Pipeline
from yiyuan.ratelimit.valkey.resp import Reply
from yiyuan.ratelimit.valkey.script import (
    Greeting,
    OtherEpoch,
    Script,
    greeting,
    is_unknown,
    numbers,
)

FAILURES_TO_BREAK = 5
HEARTBEAT_SECONDS = 1.0
SECOND_BEAT_SECONDS = 0.2
PROBE_SECONDS = 0.5
PROBE_SECONDS_MAX = 8.0
STABLE_SECONDS = 10.0
CLOCK_JUMP_MS = 1500


@dataclass(slots=True, frozen=True)
class Hooks:
    """What the limiter does when the link changes."""

    catch_up: Callable[[Pipeline, Greeting], Awaitable[None]]
    """Bring Valkey up to date. Raises Away, OtherEpoch."""
    flush: Callable[[], None]
    """Called when it is up, and every second."""
    clock_jumped: Callable[[int], None]
    """The server's clock turned out to be so many seconds ahead of what was assumed."""
    report: Callable[[str], None]


class ValkeyConnection:
    """One process's link; `open` starts it."""

    def __init__(self, url: str, script: Script, clock: Clock, hooks: Hooks) -> None:
        """Until Valkey was greeted, its clock is taken to be like ours."""
        self._url = url
        self._script = script
        self._clock = clock
        self._hooks = hooks
        self._replica = secrets.token_hex(8).encode()
        self._pipe: Pipeline | None = None
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._failures = 0
        self._is_reported = False
        self._pause_seconds = PROBE_SECONDS
        self._retry_seconds = 0.0
        self._beat_seconds = SECOND_BEAT_SECONDS
        self._changed_at = clock.monotonic()
        self._away_seconds = 0.0
        self._offset_ms = clock.wall_ms() - round(clock.monotonic() * 1000)
        self.replicas = 1

    @property
    def is_up(self) -> bool:
        """Whether Valkey decides."""
        return self._pipe is not None

    @property
    def away_seconds(self) -> float:
        """How long it was away, all in all."""
        since = 0.0 if self.is_up else self._clock.monotonic() - self._changed_at
        return self._away_seconds + since

    def second(self, monotonic: float | None = None) -> int:
        """The server's second at a monotonic time; now, if none is given."""
        at = self._clock.monotonic() if monotonic is None else monotonic
        return (round(at * 1000) + self._offset_ms) // 1000

    async def open(self) -> None:
        """Try once, for about a second at most, and go on trying in the background."""
        self._changed_at = self._clock.monotonic()
        await self._try()
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Say goodbye and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            with contextlib.suppress(Away):
                await pipe.call(self._script.leave(self._replica)).future
            pipe.close()

    async def ask(
        self, command: Callable[[], bytes], abandoned: Callable[[Reply], None]
    ) -> list[int]:
        """Call the script. Raises Away, whose call may still be answered.

        `abandoned` is told of the answer if the caller is cancelled meanwhile.
        """
        call = self.send(command())
        try:
            reply = await call.future
            if is_unknown(reply) and self._pipe is not None:
                self._pipe.call(self._script.load)
                call = self.send(command())
                reply = await call.future
        except Away as away:
            self.failed(away)
            raise
        except asyncio.CancelledError:
            call.late = abandoned
            raise
        return self.judge(reply)

    def send(self, command: bytes) -> Call:
        """Write a command; what becomes of it is to be told to `judge` or `failed`."""
        if self._pipe is None:
            raise Away("it is away")
        return self._pipe.call(command)

    def reload(self) -> None:
        """Send the script, which Valkey has forgotten, ahead of the next call."""
        if self._pipe is not None:
            call = self._pipe.call(self._script.load)
            call.future.add_done_callback(_hear)

    def judge(self, reply: Reply) -> list[int]:
        """The numbers of a reply. Raises Away; too many of those break the link."""
        try:
            found = numbers(reply)
        except Away as away:
            self.failed(away)
            raise
        except OtherEpoch:
            self._break("it has lost its data", retry_seconds=0.0)
            raise Away("it has lost its data") from None
        self._failures = 0
        return found

    def failed(self, away: Away) -> None:
        """Count a call that failed."""
        self._failures += 1
        if self._failures >= FAILURES_TO_BREAK:
            self._break(str(away))

    async def _keep(self) -> None:
        while True:
            self._woken.clear()
            seconds = self._beat_seconds if self.is_up else self._retry_seconds
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), seconds)
            if self.is_up:
                self._beat_seconds = HEARTBEAT_SECONDS
                await self._beat()
            elif not self._woken.is_set():
                await self._try()

    async def _beat(self) -> None:
        pipe = self._pipe
        assert pipe is not None
        try:
            found = await self._greet(pipe)
        except Away as away:
            self.failed(away)
            return
        self._failures = 0
        if found.epoch != self._script.epoch:
            self._break("it has lost its data", retry_seconds=0.0)
        self._hooks.flush()

    async def _try(self) -> None:
        """Connect, greet, catch up; on success the link is up."""
        self._retry_seconds = self._pause_seconds
        pipe: Pipeline | None = None
        try:
            pipe = await Pipeline.open(self._url, self._lost)
            pipe.call(self._script.load).future.add_done_callback(_hear)
            await self._hooks.catch_up(pipe, await self._greet(pipe))
            self._is_back(pipe)
        except (Away, OtherEpoch) as error:
            self._report_away(str(error))
        finally:
            if pipe is not None and self._pipe is not pipe:
                pipe.close()

    def _is_back(self, pipe: Pipeline) -> None:
        """From now on Valkey decides."""
        now = self._clock.monotonic()
        self._away_seconds += now - self._changed_at
        self._changed_at = now
        self._failures = 0
        self._beat_seconds = SECOND_BEAT_SECONDS
        self._pipe = pipe
        if self._is_reported:
            self._is_reported = False
            self._hooks.report("limits: Valkey is back and decides again")
        self._hooks.flush()

    async def _greet(self, pipe: Pipeline) -> Greeting:
        command = self._script.greet(self._replica, secrets.token_hex(8).encode())
        reply = await pipe.call(command).future
        if is_unknown(reply):
            self.reload()
        found = greeting(reply)
        self.replicas = max(1, found.replicas)
        offset_ms = found.now_ms - round(self._clock.monotonic() * 1000)
        jump_ms, self._offset_ms = offset_ms - self._offset_ms, offset_ms
        if abs(jump_ms) > CLOCK_JUMP_MS:
            self._hooks.clock_jumped(round(jump_ms / 1000))
        return found

    def _lost(self) -> None:
        self._break("the connection was lost", retry_seconds=0.0)

    def _break(self, why: str, retry_seconds: float | None = None) -> None:
        """From now on Valkey is away; its connection is of no use any more."""
        pipe, self._pipe = self._pipe, None
        if pipe is None:
            return
        now = self._clock.monotonic()
        is_stable = now - self._changed_at >= STABLE_SECONDS
        self._pause_seconds = (
            PROBE_SECONDS if is_stable else min(PROBE_SECONDS_MAX, self._pause_seconds * 2)
        )
        self._changed_at = now
        self._retry_seconds = self._pause_seconds if retry_seconds is None else retry_seconds
        pipe.close()
        self._report_away(why)
        self._woken.set()

    def _report_away(self, why: str) -> None:
        if self._is_reported:
            return
        self._is_reported = True
        self._hooks.report(
            f"limits: Valkey is away ({why}); each process admits its share of the limits"
        )


def _hear(future: "asyncio.Future[Reply]") -> None:
    """Take note of a failure that somebody else deals with."""
    if not future.cancelled():
        future.exception()
