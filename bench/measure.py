"""The measurements: each takes running targets and returns plain figures."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench import upstream
from bench.load import Result, drive, drive_streams, open_streams
from bench.machine import busy_seconds
from bench.targets import IDLE_MODEL, Target

EXPECTED = upstream.ANSWER_TEXT.encode()
WARM_SECONDS = 0.5
FOREIGN_SHARE_MAX = 0.1
REPEATS_MAX = 8
FIRST_CHUNK_PATIENCE = 45.0


class WrongAnswer(Exception):
    """A target answered something else than the mock upstream's answer."""


@dataclass
class Load:
    """Figures of one target under one load: a list per round, the median reported."""

    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    foreign: list[float] = field(default_factory=list)

    def add(self, result: Result, cpu_seconds: float, foreign: float) -> None:
        """Take in one round; `foreign` is the share of the core that others took."""
        self.foreign.append(foreign)
        self.rates.append(result.requests / result.seconds)
        self.cpu_us.append(cpu_seconds / max(1, result.requests) * 1e6)
        self.busy.append(cpu_seconds / result.seconds)
        self.p50_ms.append(result.percentile_ms(50))
        self.p99_ms.append(result.percentile_ms(99))

    def median(self, figure: str) -> float:
        """The middle of the rounds."""
        return statistics.median(getattr(self, figure))


@dataclass
class Patience:
    """How many disturbed runs may still be repeated: a busy machine must not take for ever."""

    repeats: int = REPEATS_MAX


@dataclass
class Memory:
    """Resident bytes of one target: when ready, after the load, and with streams open."""

    idle_bytes: int
    loaded_bytes: int
    streams: int = 0
    begun: int = 0
    open_bytes: int = 0

    @property
    def per_stream_bytes(self) -> float:
        """What one open stream adds."""
        return (self.open_bytes - self.loaded_bytes) / self.begun if self.begun else 0.0


def say(text: str) -> None:
    """One line of progress."""
    print(f"  {text}", flush=True)


def warm(target: Target, seconds: float) -> None:
    """Let a target open its connections and load what it loads on first use."""
    check(target, drive(target.address, [target.request()], EXPECTED, 16, seconds))


def metered(
    target: Target, run: Callable[[], Result], patience: Patience
) -> tuple[Result, float, float]:
    """A run, the CPU seconds that it cost the target, and the share that others took.

    The share is of whichever core was disturbed more, the measured one or the one of load
    and mock. Where something else ran the run is done again, `patience.repeats` times at
    most over the whole benchmark.
    """
    while True:
        measured, loading = busy_seconds(target.core), busy_seconds(target.mock.core)
        cpu, load = target.process.cpu_seconds(), load_seconds(target)
        result = check(target, run())
        cpu, load = target.process.cpu_seconds() - cpu, load_seconds(target) - load
        others = (
            busy_seconds(target.core) - measured - cpu,
            busy_seconds(target.mock.core) - loading - load,
        )
        foreign = max(0.0, *others) / result.seconds
        if foreign < FOREIGN_SHARE_MAX or not patience.repeats:
            return result, cpu, foreign
        patience.repeats -= 1
        say(f"{target.name}: other work took {foreign:.0%} of a core, once more")


def load_seconds(target: Target) -> float:
    """CPU that load generator and mock upstream have taken so far."""
    return time.process_time() + target.mock.cpu_seconds()


def check(target: Target, result: Result) -> Result:
    """Refuse a run with wrong answers: its figures would mean nothing."""
    if result.errors or not result.requests:
        message = f"{target.name}: {result.errors} wrong answers, first: {result.first_error!r}"
        raise WrongAnswer(message)
    return result


def throughput(
    targets: Sequence[Target], connections: int, rounds: int, seconds: float, patience: Patience
) -> dict[str, Load]:
    """Interleaved rounds of closed-loop load over `connections` connections each."""
    loads = {target.name: Load() for target in targets}
    for number in range(1, rounds + 1):
        for target in targets:
            arguments = (target.address, [target.request()], EXPECTED, connections)
            drive(*arguments, WARM_SECONDS)
            result, cpu, foreign = metered(target, partial(drive, *arguments, seconds), patience)
            loads[target.name].add(result, cpu, foreign)
            rate = result.requests / result.seconds
            say(f"round {number}, {connections:2} connections, {target.name}: {rate:,.0f} req/s")
    return loads


def chunk_cost(targets: Sequence[Target], rounds: int, patience: Patience) -> dict[str, Load]:
    """CPU per streamed chunk, the stream's own request and settlement included.

    Every stream brings a chunk each 10 ms, so chunks travel one by one as they do in life.
    `rates` are chunks a second, `cpu_us` microseconds per chunk, p50/p99 whole streams.
    """
    loads = {target.name: Load() for target in targets}
    for number in range(1, rounds + 1):
        for target in targets:
            arguments = (target.address, target.request(stream=True), upstream.DELTA_MARK)
            sizes = (target.streams, upstream.STREAM_CHUNKS)
            result, cpu, foreign = metered(
                target, partial(drive_streams, *arguments, *sizes), patience
            )
            load = loads[target.name]
            load.add(result, cpu, foreign)
            load.rates[-1] = result.chunks / result.seconds
            load.cpu_us[-1] = cpu / result.chunks * 1e6
            say(f"round {number}, {target.streams} streams, {target.name}: "
                f"{load.cpu_us[-1]:.1f} µs a chunk")  # fmt: skip
    return loads


def memory(target: Target, streams: int, idle_bytes: int) -> Memory:
    """Resident memory while `streams` streams are open and have begun, beside before."""
    time.sleep(0.5)
    found = Memory(idle_bytes=idle_bytes, loaded_bytes=target.process.memory_bytes())
    if streams:
        request = target.request(IDLE_MODEL, stream=True)
        opened = open_streams(
            target.address, request, upstream.DELTA_MARK, streams, FIRST_CHUNK_PATIENCE
        )
        with opened as begun:
            found.streams, found.begun = streams, begun
            found.open_bytes = target.process.memory_bytes()
        say(f"{target.name}: {begun} of {streams} streams open, "
            f"{found.per_stream_bytes / 1024:.1f} KiB each")  # fmt: skip
    return found


def start_up(target: Target, times: int) -> list[float]:
    """Seconds from starting the process until it is ready, for a target that is stopped."""
    seconds = []
    for _ in range(times):
        target.start()
        seconds.append(target.ready_seconds)
        target.stop()
    return seconds
