"""`python -m bench.ledger`: holds and settlements a second, as multiples of the disk's flushes.

SQLite with FULL, PostgreSQL with one process, PostgreSQL with four on one account, and
the whole gateway with two workers against one: on the cores there are, and with a fixed
share of a core for each worker, as if there were cores to spare. Rounds are interleaved
with the disk's own rate of `fdatasync`, and the medians are divided. Writes a page to
`bench/results/`.
"""

import argparse
import asyncio
import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.postgres_server import PostgresServer

from bench.growth import commit, say
from bench.machine import ROOT, describe
from bench.pairs import spend
from bench.past import ACCOUNTS, Past
from bench.quota import NoQuota
from bench.whole_path import CONNECTIONS, SHARE, whole_path
from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import load
from yiyuan.ledger.postgres.ledger import PostgresLedger
from yiyuan.services.shared.opening import open_context
from yiyuan.store.postgres.database import PostgresDatabase

AT_ONCE = 256
MANY = [f"acct_{number:05}" for number in range(ACCOUNTS)]
HOT = MANY[:1]
LEDGERS = ("SQLite, FULL", "PostgreSQL, one process", "PostgreSQL, four on one account")
AIMS = (10_000, 5_000, 4_000)
"""Pairs a second of each, on a quiet machine with two cores."""
HOT_YES, HOT_NO = "1", "0"
ONE_WORKER, TWO_WORKERS = "the whole path, one worker", "the whole path, two workers"
ONE_SHARE, TWO_SHARES = "one worker with its share", "two workers with their shares"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--no-write", action="store_true", help="print only")
    parser.add_argument("--process", nargs=2, metavar=("URL", "HOT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.process:
        asyncio.run(one_process(*options.process, options.seconds))
        return
    before = describe(Path(sys.executable))
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-ledger-"))
    server = PostgresServer("shared_buffers=256MB")
    try:
        rounds, flushes = measure(folder, server, options.rounds, options.seconds)
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
    text = page(before, rounds, flushes)
    print("\n" + text)
    if not options.no_write:
        name = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}-{commit()}-ledger.md"
        (ROOT / "bench/results" / name).write_text(text)


def measure(
    folder: Path, server: PostgresServer, rounds: int, seconds: float
) -> tuple[dict[str, list[float]], list[float]]:
    """Every arrangement once a round; and the flushes a second around them."""
    home, url = folder / "home", server.new_database()
    Past(5 * ACCOUNTS).into_sqlite(home)
    asyncio.run(fill(folder, url))
    found: dict[str, list[float]] = {}
    flushes = [flush_rate(folder)]
    work = {
        LEDGERS[0]: lambda: asyncio.run(in_sqlite(home, seconds)),
        LEDGERS[1]: lambda: in_postgres(url, 1, HOT_NO, seconds),
        LEDGERS[2]: lambda: in_postgres(url, 4, HOT_YES, seconds),
        ONE_WORKER: lambda: whole_path(server.new_database(), 1, seconds),
        TWO_WORKERS: lambda: whole_path(server.new_database(), 2, seconds),
        ONE_SHARE: lambda: whole_path(server.new_database(), 1, seconds, SHARE),
        TWO_SHARES: lambda: whole_path(server.new_database(), 2, seconds, SHARE),
    }
    for _ in range(rounds):
        for name, run in work.items():
            try:
                rate = run()
            except NoQuota as reason:
                say(f"{name}: left out, {reason}")
                continue
            found.setdefault(name, []).append(rate)
            flushes.append(flush_rate(folder))
            say(f"{name}: {rate:,.0f} a second; {flushes[-1]:,.0f} flushes a second")
    return found, flushes


def flush_rate(folder: Path, seconds: float = 1.0) -> float:
    """How often a second the disk flushes 4 KiB, one after the other."""
    descriptor = os.open(folder / "flushed", os.O_RDWR | os.O_CREAT)
    try:
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            os.pwrite(descriptor, b"x" * 4096, count % 256 * 4096)
            os.fdatasync(descriptor)
            count += 1
        return count / (time.perf_counter() - began)
    finally:
        os.close(descriptor)


async def fill(folder: Path, url: str) -> None:
    """Accounts and a price in PostgreSQL."""
    async with open_context(load({"YIYUAN_DATABASE_URL": url}, home=folder / "node")):
        pass  # makes the schema
    await Past(5 * ACCOUNTS).into_postgres(url)


async def in_sqlite(home: Path, seconds: float) -> float:
    """Pairs a second of one process."""
    async with open_context(load({}, home=home)) as context:
        return (await spend(context.ledger, MANY, AT_ONCE, seconds))[0]


def in_postgres(url: str, processes: int, hot: str, seconds: float) -> float:
    """Pairs a second of so many processes together, begun at the same moment."""
    command = [sys.executable, "-m", "bench.ledger", "--seconds", str(seconds)]
    running = [
        subprocess.Popen(
            [*command, "--process", url, hot],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write(f"{processes}\n")
        process.stdin.flush()
    return sum(json.loads(process.communicate(timeout=120)[0]) for process in running)


async def one_process(url: str, hot: str, seconds: float) -> None:
    """One of them: its share of what is asked at once."""
    database = await PostgresDatabase.open(url)
    ledger = await PostgresLedger.open(database, SystemClock())
    print("ready", flush=True)
    processes = int(sys.stdin.readline())
    rate, _ = await spend(ledger, HOT if hot == HOT_YES else MANY, AT_ONCE // processes, seconds)
    await ledger.close()
    await database.close()
    print(json.dumps(rate))


def page(machine: list[str], rounds: dict[str, list[float]], flushes: list[float]) -> str:
    """The results as Markdown: multiples of the disk's flushes, not absolute rates."""
    flush = statistics.median(flushes)
    medians = {name: statistics.median(rates) for name, rates in rounds.items()}
    loads = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    spread = max(flushes) / min(flushes)
    gain, _, _ = gains(rounds, ONE_WORKER, TWO_WORKERS)
    table = "\n".join(
        f"| {name} | {medians[name] / flush:.2f} | {medians[name] / aim:.1f} |"
        for name, aim in zip(LEDGERS, AIMS, strict=True)
    )
    about = "\n".join(f"- {line}" for line in machine)
    return f"""# Ledger throughput

{about}
- load averages at the end {loads} on {os.cpu_count()} cores
- commit {commit()}; medians of {len(rounds[ONE_WORKER])} interleaved rounds; the disk's own
  flushes (4 KiB, fdatasync) varied by a factor of {spread:.1f} meanwhile

| holds and settlements | pairs for each flush that the disk does alone | of the aim |
|---|--:|--:|
{table}

- The aims are 10,000, 5,000 and 4,000 pairs a second on a quiet machine with two cores;
  the last column says how often the run reached each. It counts only where the load before
  the run was low; on a shared machine only the column before it says anything.
- On the whole path (HTTP, mock upstream, {CONNECTIONS} connections, PostgreSQL) two workers did
  {gain:.2f} times what one did. Load generator, mock upstream and database shared the cores.
{shares(rounds)}

To repeat: `python -m bench.ledger`.
"""


def gains(rounds: dict[str, list[float]], one: str, two: str) -> tuple[float, float, float]:
    """What two did, in what one did a moment before: the median round, the worst, the best."""
    found = sorted(b / a for a, b in zip(rounds[one], rounds[two], strict=True))
    return statistics.median(found), found[0], found[-1]


def shares(rounds: dict[str, list[float]]) -> str:
    """What a second worker adds where there is a core for it."""
    if TWO_SHARES not in rounds:
        return "- Control groups cannot be made here: not measured with a share for each worker."
    gain, worst, best = gains(rounds, ONE_SHARE, TWO_SHARES)
    return (
        f"- With {SHARE:.0%} of a core for each worker, which leaves the rest enough, two did\n"
        f"  {gain:.2f} times what one did ({worst:.2f} to {best:.2f}); the aim is 1.8 times."
    )


if __name__ == "__main__":
    main()
