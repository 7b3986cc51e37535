"""The past that the benchmark makes is one the product would have left; its pages are whole."""

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.ledger.sqlite import audit
from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.shared.opening import open_context

pytest.importorskip("bench.machine", reason="the benchmark runs on Linux only")

from bench import growth, ledger
from bench.machine import TICKS, stat_fields
from bench.pairs import spend
from bench.past import ACCOUNTS, Past
from bench.quota import NoQuota, limited

REQUESTS = 7 * ACCOUNTS + 3


def test_the_past_in_sqlite_is_right(tmp_path):
    past = Past(REQUESTS)
    past.into_sqlite(tmp_path)
    verdict = audit(tmp_path, now_ms=past.begin + 1, full=True)
    assert verdict["problems"] == []
    assert (verdict["accounts"], verdict["entries"]) == (ACCOUNTS, REQUESTS + ACCOUNTS)


def test_the_past_in_postgresql_is_right_and_goes_on(tmp_path, postgres):
    settings = load({"YIYUAN_DATABASE_URL": postgres.new_database()}, home=tmp_path)

    async def look():
        async with open_context(settings) as context:
            await Past(REQUESTS).into_postgres(settings.database_url)
            verdict = await run(context, "ledger.verify", {"full": True}, lambda _: None)
            rate, p99 = await spend(context.ledger, ["acct_00000"], 4, 0.3)
            again = await run(context, "ledger.verify", {}, lambda _: None)
        return verdict, rate, p99, again

    verdict, rate, p99, again = asyncio.run(look())
    assert (verdict["problems"], verdict["read"]) == ([], REQUESTS + ACCOUNTS)
    assert rate > 0
    assert p99 > 0
    assert again["ok"]
    assert 0 < again["read"] < verdict["read"]


def test_the_pages_say_multiples():
    measured = {
        "verify, everything": 10.0,
        "pairs a second": 5.0,
        "p99 of a pair": 0.5,
        "p99 of a pair beside full verify": 1.0,
        "p99 of a pair beside expiry": 0.75,
        "backup": 2.5,
    }
    text = growth.page("SQLite", 10_000_000, ["a machine"], {"backup": 0.5}, measured)
    assert "| backup | 5.00 | 0.25000 |" in text
    assert "is 2.0 times that without, beside the expiry\n  1.5 times" in text
    names = (*ledger.LEDGERS, ledger.ONE_WORKER, ledger.TWO_WORKERS)
    rounds = {name: [4.0, 6.0, 5.0] for name in names}
    text = ledger.page(["a machine"], rounds, [2.0, 1.0, 4.0])
    assert "| SQLite, FULL | 2.50 |" in text
    assert "two workers did\n  1.00 times what one did" in text
    assert "Control groups cannot be made here" in text
    rounds |= {ledger.ONE_SHARE: [2.0, 2.0, 1.0], ledger.TWO_SHARES: [3.0, 4.0, 4.0]}
    text = ledger.page(["a machine"], rounds, [2.0, 1.0, 4.0])
    assert "2.00 times what one did (1.50 to 4.00); the aim is 1.8 times." in text


def test_a_process_with_a_share_gets_no_more():
    """A tenth of a core for a loop that would take all of one."""
    with endless_loop() as process, ExitStack() as quotas:
        try:
            quotas.enter_context(limited(process, 0.1))
        except NoQuota as reason:
            pytest.skip(str(reason))
        before, began = cpu_seconds(process), time.monotonic()
        time.sleep(1.5)
        used = (cpu_seconds(process) - before) / (time.monotonic() - began)
        assert used < 0.25


@contextmanager
def endless_loop():
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


def cpu_seconds(process: int) -> float:
    return sum(map(int, stat_fields(process)[11:13])) / TICKS
