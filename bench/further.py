"""Further loads of our own gateway: half load, many streams, growing bodies, translation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from bench import upstream
from bench.load import Result, drive, drive_paced, drive_streams
from bench.measure import EXPECTED, Load, Patience, metered, say
from bench.targets import MANY_MODEL, Target

MANY_STREAMS = 1000
SIZES_BYTES = (1_000, 64_000, 1_000_000)
BIG_BODY_CONNECTIONS = 4


@dataclass
class Further:
    """What they brought; loads by target, times in microseconds of CPU."""

    half: dict[str, Load] = field(default_factory=dict)
    many: dict[str, Load] = field(default_factory=dict)
    sizes: dict[str, dict[int, Load]] = field(default_factory=dict)


def half_load(targets: Sequence[Target], high: dict[str, Load], patience: Patience) -> dict:
    """Latencies at half of the requests a second that each target managed at most."""
    loads = {}
    for target in targets:
        rate = high[target.name].median("rates") / 2
        run = partial(
            drive_paced, target.address, target.request(), EXPECTED, 64, 4.0, per_second=rate
        )
        loads[target.name] = take(target, run, patience)
        say(f"{target.name}: p99 at half load {loads[target.name].median('p99_ms'):.2f} ms")
    return loads


def many_streams(targets: Sequence[Target], patience: Patience) -> dict[str, Load]:
    """CPU a chunk with `MANY_STREAMS` streams of 50 tokens a second."""
    loads = {}
    for target in targets:
        request = target.request(MANY_MODEL, stream=True)
        sizes = (MANY_STREAMS, upstream.STREAM_CHUNKS)
        run = partial(drive_streams, target.address, request, upstream.DELTA_MARK, *sizes)
        loads[target.name] = take(target, run, patience)
        say(f"{target.name}: {loads[target.name].median('cpu_us'):.1f} µs a chunk of many streams")
    return loads


def growth(target: Target, seconds: float, patience: Patience) -> dict[int, Load]:
    """CPU a request by the size of its prompt."""
    loads = {}
    for size in SIZES_BYTES:
        request = target.request(size_bytes=size)
        arguments = (target.address, [request], EXPECTED, BIG_BODY_CONNECTIONS, seconds)
        loads[size] = take(target, partial(drive, *arguments), patience)
        say(f"{target.name}, {size:,} bytes: {loads[size].median('cpu_us'):,.0f} µs a request")
    return loads


def take(target: Target, run: partial[Result], patience: Patience) -> Load:
    """One metered run; per chunk where it was streams."""
    load = Load()
    result, cpu, foreign = metered(target, run, patience)
    load.add(result, cpu, foreign)
    if result.chunks:
        load.rates[-1] = result.chunks / result.seconds
        load.cpu_us[-1] = cpu / result.chunks * 1e6
    return load
