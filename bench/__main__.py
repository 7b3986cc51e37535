"""`python -m bench`: measure everything in one run, interleaved, and write the report."""

import argparse
import datetime as dt
import os
import sys
import time
from pathlib import Path

from bench.further import growth, half_load, many_streams
from bench.interpreter import commands_for
from bench.machine import (
    ROOT,
    WORK,
    Process,
    cores,
    describe,
    free_port,
    output_of,
    raise_file_limit,
    settle_on,
)
from bench.measure import Patience, WrongAnswer, chunk_cost, memory, say, start_up, throughput, warm
from bench.peers import LiteLlm, Portkey, own_peer
from bench.report import FLOOR, FULL, Report
from bench.targets import (
    Nginx,
    NotAvailable,
    Target,
    YiyuanBefore,
    YiyuanFull,
    YiyuanNormal,
    YiyuanTranslated,
)

OWN_WARM_SECONDS = 2.0
PEER_WARM_SECONDS = 10.0
FILES_PER_STREAM = 3
QUICK_SECONDS = 2.0


def main() -> None:
    """Run, print, write."""
    options = parse()
    if not sys.platform.startswith("linux"):
        sys.exit("bench: pins processes and reads /proc, so it runs on Linux only")
    files = raise_file_limit()
    streams = min(options.streams, files // FILES_PER_STREAM)
    measured, loading = cores()
    settle_on(loading, os.SCHED_BATCH)
    commands = commands_for(options.python)
    mock_port = free_port()
    command = [sys.executable, "-m", "bench.upstream", str(mock_port)]
    mock = Process(command, loading, WORK / "mock.log", policy=os.SCHED_BATCH)
    targets, skipped = available(options, measured, mock, mock_port, commands)
    report = Report(
        title(), describe(commands / "python"), targets, skipped, connections=options.connections
    )
    report.machine.append(
        f"measured processes on core {measured}, load and mock upstream on core {loading}"
    )
    try:
        if options.quick:
            quickly(report)
            return
        measure(report, options, streams)
    except WrongAnswer as wrong:
        sys.exit(f"bench: {wrong}")
    finally:
        for target in targets:
            target.stop()
        mock.stop()
    print("\n" + report.page())
    if not options.dry_run:
        page = report.write(file_name())
        print(f"written: {page.relative_to(ROOT)}, README.md, README.zh.md")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round (4)")
    parser.add_argument("--connections", type=int, default=32, help="for throughput (32)")
    parser.add_argument("--streams", type=int, default=10_000, help="held open at once (10000)")
    parser.add_argument("--only", default="", help="names, by commas: nginx,full,normal,…")
    parser.add_argument("--python", default="", help="another interpreter to run yiyuan with")
    parser.add_argument("--before", default="", help="an older commit to measure beside")
    parser.add_argument("--quick", action="store_true", help="ratios to nginx, within a minute")
    parser.add_argument("--dry-run", action="store_true", help="print, but write no result")
    return parser.parse_args()


def available(
    options: argparse.Namespace, core: int, mock: Process, mock_port: int, commands: Path
) -> tuple[list[Target], dict[str, str]]:
    """The targets that can run here, prepared, and why the others cannot."""
    targets, skipped = [], {}
    wanted = [word.strip().lower() for word in options.only.split(",") if word.strip()]
    for kind in kinds(options):
        if wanted and not any(word in kind.name.lower() for word in wanted):
            continue
        target = kind(core, mock, mock_port, commands)
        try:
            target.prepare()
        except NotAvailable as reason:
            say(f"skipped {kind.name}: {reason}")
            skipped[kind.name] = str(reason)
        else:
            targets.append(target)
    return targets, skipped


def kinds(options: argparse.Namespace) -> list[type[Target]]:
    """What is to be measured, before it is known whether it can run."""
    found: list[type[Target]] = [Nginx, YiyuanFull]
    if options.before:
        found.append(type("Before", (YiyuanBefore,), {"commit": options.before}))
    if options.quick:
        return found
    found += [YiyuanNormal, YiyuanTranslated, LiteLlm, Portkey]
    peer = own_peer()
    return found if peer is None else [*found, peer]


def quickly(report: Report) -> None:
    """What a request and a chunk cost in nginx's, for use before each commit on the path."""
    patience = Patience(repeats=2)
    for target in report.targets:
        target.start()
        warm(target, 1.0)
    report.high = throughput(report.targets, report.connections, 2, QUICK_SECONDS, patience)
    report.chunks = chunk_cost(report.targets, 2, patience)
    for name in report.high:
        request, chunk = report.cost(name, FLOOR), report.chunk_cost(name, FLOOR)
        if request is not None and chunk is not None:
            say(f"{name}: {request:.1f} × nginx a request, {chunk:.1f} × nginx a chunk")


def measure(report: Report, options: argparse.Namespace, streams: int) -> None:
    """Take all the figures, in an order that leaves each the machine to itself."""
    own = [target for target in report.targets if target.streams == Target.streams]
    for target in report.targets:
        report.start_up[target.name] = start_up(target, 3 if target in own else 1)
        say(f"{target.name}: ready in {min(report.start_up[target.name]):.2f} s")
    idle = {}
    for target in report.targets:
        target.start()
        time.sleep(0.5)
        idle[target.name] = target.process.memory_bytes()
        warm(target, OWN_WARM_SECONDS if target in own else PEER_WARM_SECONDS)
    patience = Patience()
    report.low = throughput(report.targets, 1, options.rounds, options.seconds / 2, patience)
    report.high = throughput(
        report.targets, options.connections, options.rounds, options.seconds, patience
    )
    report.chunks = chunk_cost(own, options.rounds, patience)
    ours = [target for target in report.targets if isinstance(target, YiyuanFull)]
    report.further.half = half_load(ours, report.high, patience)
    many = [t for t in own if t.name in (FLOOR, FULL) or isinstance(t, YiyuanBefore)]
    report.further.many = many_streams(many, patience)
    for target in ours[:1]:
        report.further.sizes[target.name] = growth(target, options.seconds / 2, patience)
    for target in report.targets:
        if target not in own:
            measure_peer_streams(report, target, patience)
    for target in report.targets:
        report.memories[target.name] = memory(
            target, streams if target in own else 0, idle[target.name]
        )


def measure_peer_streams(report: Report, target: Target, patience: Patience) -> None:
    """A peer's streams, one round; what it cannot stream is said and not held against us."""
    try:
        report.chunks |= chunk_cost([target], 1, patience)
    except WrongAnswer as wrong:
        say(str(wrong))
        report.skipped[f"{target.name}'s streams"] = "it answered the mock's stream wrongly"


def title() -> str:
    """What the page is called."""
    return f"Benchmark of {today()}, commit {commit()}"


def file_name() -> str:
    """`<date>-<commit>`."""
    return f"{today()}-{commit()}"


def today() -> str:
    """The date of the run, in UTC."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"


def commit() -> str:
    """The commit that was measured, marked when the tree differs from it."""
    name = output_of("git", "rev-parse", "--short", "HEAD") or "unknown"
    return name + ("-dirty" if output_of("git", "status", "--porcelain", "src") else "")


if __name__ == "__main__":
    main()
