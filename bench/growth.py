"""`python -m bench.growth`: what a long history costs, as multiples of a short one's.

Makes two shops, one with a hundredth of the rows, and does the same with both: verify,
statement, usage, expiry, backup, and requests meanwhile. Writes a page to
`bench/results/`. Everything lies in a temporary folder that is removed at the end.
"""

import argparse
import asyncio
import datetime as dt
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.machine import ROOT, describe, output_of
from bench.pairs import spend
from bench.past import ACCOUNTS, Past
from yiyuan.kernel.clock import iso
from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.maintenance.retention import Expiry
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.opening import open_context

HOT, ORDINARY = "acct_00000", "acct_00500"
SMALL_SHARE = 100
ROWS_MIN = SMALL_SHARE * 2 * ACCOUNTS
PAIRS_AT_ONCE = 16
PAIRS_SECONDS = 3.0

Measured = dict[str, float]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="entries and usage together")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    if options.rows < ROWS_MIN:
        parser.error(f"--rows must be at least {ROWS_MIN:,}")
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-growth-", dir=options.folder))
    try:
        before = describe(Path(sys.executable))
        measure = measure_postgres if options.postgres else measure_sqlite
        small = measure(folder / "small", options.rows // SMALL_SHARE)
        large = measure(folder / "large", options.rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    engine = "PostgreSQL" if options.postgres else "SQLite"
    text = page(engine, options.rows, before, small, large)
    print("\n" + text)
    if not options.no_write:
        name = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}-{commit()}-growth-{engine.lower()}.md"
        (ROOT / "bench/results" / name).write_text(text)


def measure_sqlite(home: Path, rows: int) -> Measured:
    """A shop with so many rows in SQLite."""
    began = time.perf_counter()
    Past(rows // 2).into_sqlite(home)
    size = (home / "yiyuan.db").stat().st_size
    say(f"{rows:,} rows made in {time.perf_counter() - began:.0f} s, {size / 2**30:.2f} GiB")
    return asyncio.run(measure_shop(home, {}, rows)) | {"bytes a row": size / rows}


def measure_postgres(home: Path, rows: int) -> Measured:
    """The same in a PostgreSQL that lives as long as that."""
    from tests.support.postgres_server import PostgresServer  # noqa: PLC0415 - only with one

    server = PostgresServer("shared_buffers=256MB", "max_wal_size=4GB")
    try:
        url = server.new_database()

        async def make_and_measure() -> Measured:
            async with open_context(load({"YIYUAN_DATABASE_URL": url}, home=home)):
                pass  # makes the schema
            began = time.perf_counter()
            await Past(rows // 2).into_postgres(url)
            say(f"{rows:,} rows made in {time.perf_counter() - began:.0f} s")
            return await measure_shop(home, {"YIYUAN_DATABASE_URL": url}, rows)

        return asyncio.run(make_and_measure())
    finally:
        server.close()


async def measure_shop(home: Path, variables: dict[str, str], rows: int) -> Measured:
    """Everything, one after the other; seconds unless the name says otherwise."""
    found: Measured = {}
    async with open_context(load(variables, home=home)) as context:

        async def timed(name: str, command: str, /, **parameters: Any) -> Any:
            began = time.perf_counter()
            document = await run(context, command, parameters, lambda _: None)
            found[name] = time.perf_counter() - began
            say(f"{name}: {found[name]:.3f} s")
            return document

        verdict = await timed("verify, everything", "ledger.verify")
        assert verdict["ok"], verdict["problems"][:3]
        found["pairs a second"], found["p99 of a pair"] = await pairs(context)
        verdict = await timed("verify again, after some requests", "ledger.verify")
        assert verdict["ok"], verdict["problems"][:3]
        assert 0 < verdict["read"] < verdict["entries"], verdict
        since = iso(time.time_ns() // 1_000_000 - 86_400_000)
        await timed("statement, first page", "ledger.statement_page", name=ORDINARY)
        await timed("statement, the last day", "ledger.statement_page", name=ORDINARY, since=since)
        await timed("usage, the last day", "usage.by_day", name=ORDINARY, since=since)
        await timed("usage, everything", "usage.by_day", name=ORDINARY)
        await timed("usage, everything, the largest account", "usage.by_day", name=HOT)
        await beside(context, found, "full verify", lambda: verify_politely(context))
        await beside(context, found, "expiry", lambda: expire(context, found))
        verdict = await timed("verify, after the expiry", "ledger.verify")
        assert verdict["ok"], verdict["problems"][:3]
        await timed("backup", "backup.write", path=str(home / "backup.gz"))
        found["MiB of backup"] = (home / "backup.gz").stat().st_size / 2**20
    say(f"{rows:,} rows: done")
    return found


async def beside(
    context: ServiceContext, found: Measured, name: str, work: Callable[[], Awaitable[Any]]
) -> None:
    """Requests while something long is under way, as in a server."""
    task = asyncio.ensure_future(work())
    _, found[f"p99 of a pair beside {name}"] = await pairs(context)
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is not None:
        raise task.exception()  # type: ignore[misc]


async def verify_politely(context: ServiceContext) -> None:
    """A full audit as a server does it: half of the time is left to others."""
    from yiyuan.services.accounts.ledger import verify_database  # noqa: PLC0415 - beside the command

    while True:
        await verify_database(
            context.database, context.clock, full=True, progress=lambda _: None, is_polite=True
        )


async def expire(context: ServiceContext, found: Measured) -> None:
    """Requests of more than 90 days, as fast as a server lets them expire."""
    passes = Expiry(context.database, context.clock, 90)
    began = time.perf_counter()

    def tell(count: int) -> None:
        found["expired a second"] = count / (time.perf_counter() - began)

    while True:
        await passes.run(tell)
        await asyncio.sleep(0.05)


async def pairs(context: ServiceContext) -> tuple[float, float]:
    """Requests of many accounts for some seconds: how many a second, and their p99."""
    accounts = [f"acct_{number:05}" for number in range(ACCOUNTS)]
    rate, p99 = await spend(context.ledger, accounts, PAIRS_AT_ONCE, PAIRS_SECONDS)
    say(f"{rate:,.0f} pairs a second, p99 {p99 * 1e3:.1f} ms")
    return rate, p99


def page(engine: str, rows: int, machine: list[str], small: Measured, large: Measured) -> str:
    """The results as Markdown: multiples, since absolute times do not travel."""
    loads = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    full = large["verify, everything"]
    table = []
    for name, value in large.items():
        is_time = not any(word in name for word in ("pair", "MiB", "bytes", "expired"))
        share = f"{value / full:.5f}" if is_time else "–"
        few = small.get(name)
        multiple = "–" if not few else f"{value / few:.2f}"
        table.append(f"| {name} | {multiple} | {share} |")
    beside_verify = large["p99 of a pair beside full verify"] / large["p99 of a pair"]
    beside_expiry = large["p99 of a pair beside expiry"] / large["p99 of a pair"]
    per_pair = large.get("expired a second", 0.0) / large["pairs a second"]
    option = " --postgres" if engine == "PostgreSQL" else ""
    about, found = "\n".join(f"- {line}" for line in machine), "\n".join(table)
    return f"""# Growth on {engine}: {rows:,} rows against {rows // SMALL_SHARE:,}

{about}
- load averages at the end {loads} on {os.cpu_count()} cores: on a busy machine the multiples
  are rough
- commit {commit()}; {ACCOUNTS:,} accounts, one of which has a fifth of all requests; half of the
  rows are entries, half usage

| what | many rows ÷ few | share of verifying everything |
|---|--:|--:|
{found}

- A pair's p99 beside a full verify is {beside_verify:.1f} times that without, beside the expiry
  {beside_expiry:.1f} times.
- The expiry takes {per_pair:.2f} requests away for each that the ledger could take in.

To repeat: `python -m bench.growth --rows {rows}{option}`.
"""


def commit() -> str:
    """The commit that is measured."""
    return output_of("git", "rev-parse", "--short", "HEAD") or "unknown"


def say(text: str) -> None:
    """Progress, for who waits."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
