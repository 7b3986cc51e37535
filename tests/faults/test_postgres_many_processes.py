"""Several processes on one ledger: exact together, and fenced when they were given up."""

import asyncio
import json
import pathlib
import signal
import subprocess
import sys

import pytest

from tests.support.ledger.postgres import LossyProxy, audit, open_postgres_book
from tests.support.ledger.sqlite import open_account, store_prices
from tests.support.postgres_server import query
from yiyuan.ledger.postgres.epoch_lease import Times
from yiyuan.store.postgres.database import PostgresDatabase

ROOT = pathlib.Path(__file__).parents[2]


class Worker:
    """A process of `postgres_worker.py`."""

    def __init__(self, url, name, count, amount, ending):
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.support.ledger.postgres_worker"),
                *(url, name, str(count), str(amount), ending),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.epoch = self.said()["epoch"]

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def said(self):
        line = self.process.stdout.readline()
        assert line, "the worker ended"
        return json.loads(line)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def url(postgres):
    """A database with an account of 1,000."""
    url = postgres.new_database()

    async def prepare():
        async with open_postgres_book(url) as (ledger, database):
            await store_prices(database)
            await open_account(ledger, 1_000)

    asyncio.run(prepare())
    return url


@pytest.fixture
def start(url):
    workers = []

    def start(*arguments):
        workers.append(Worker(url, *arguments))
        return workers[-1]

    yield start
    for worker in workers:
        worker.end()


def verdict(url):
    return asyncio.run(audit(url))["problems"]


def test_a_thousand_holds_at_once_on_a_balance_for_a_hundred(url, start):
    workers = [start(f"w{number}", 500, 10, "settle") for number in range(2)]
    for worker in workers:
        worker.go()
    held = [worker.said()["held"] for worker in workers]
    assert sum(held) == 100, held
    charged = [worker.said()["charged"] for worker in workers]
    assert charged == held
    assert all(worker.process.wait(20) == 0 for worker in workers)
    assert query(url, "SELECT posted, held FROM accounts") == [(0, 0)]
    assert query(url, "SELECT DISTINCT state FROM epochs") == [("retired",)]
    assert verdict(url) == []


async def reopen(url):
    async with open_postgres_book(url) as (ledger, _):
        return ledger.recovered


def test_a_killed_process_is_recovered_by_the_next_start_on_its_machine(url, start):
    worker = start("w", 20, 10, "keep")
    worker.go()
    assert worker.said() == {"held": 20}
    assert worker.said() == {"started": 10}
    worker.process.kill()
    worker.process.wait(10)
    recovered = asyncio.run(reopen(url))
    assert (recovered.voided, recovered.charged, recovered.charge_micros) == (10, 10, 10)
    assert query(url, "SELECT posted, held FROM accounts") == [(990, 0)]
    assert verdict(url) == []


def test_a_process_that_is_alive_is_left_alone(url, start):
    worker = start("w", 5, 10, "keep")
    worker.go()
    worker.said()
    assert asyncio.run(reopen(url)).voided == 0
    assert query(url, "SELECT count(*) FROM holds") == [(5,)]


def test_a_frozen_process_is_given_up_and_fenced(url, start):
    """SIGSTOP until others have given it up; woken, it changes nothing and ends."""
    frozen = start("w", 20, 10, "keep")
    frozen.go()
    assert frozen.said() == {"held": 20}
    assert frozen.said() == {"started": 10}
    frozen.process.send_signal(signal.SIGSTOP)

    async def outlive():
        async with open_postgres_book(url) as (ledger, _):
            async with asyncio.timeout(60):
                while query(url, "SELECT count(*) FROM holds") != [(0,)]:
                    await asyncio.sleep(0.5)
            assert not ledger.is_failed

    asyncio.run(outlive())
    states = query(url, "SELECT state FROM epochs WHERE epoch = $1", frozen.epoch)
    assert states == [("dead",)]
    entries = query(url, "SELECT count(*) FROM entries")
    frozen.process.send_signal(signal.SIGCONT)
    assert "declared" in frozen.said()["failed"]
    assert frozen.process.wait(10) == 70
    assert query(url, "SELECT count(*) FROM entries") == entries
    assert query(url, "SELECT posted, held FROM accounts") == [(990, 0)]
    assert verdict(url) == []


async def test_a_process_that_was_cut_off_buries_nobody(postgres, url):
    """After an outage only who has been in touch for long may say that another is silent."""
    times = Times(heartbeat_seconds=0.5, silent_seconds=4.0)
    async with (
        LossyProxy(postgres.address) as way_one,
        LossyProxy(postgres.address) as way_two,
        open_postgres_book(way_one.url(url), times=times) as (one, _),
        open_postgres_book(way_two.url(url), times=times) as (two, _),
    ):

        def states():
            sql = "SELECT state FROM epochs WHERE epoch = ANY($1) ORDER BY epoch"
            return [row["state"] for row in query(url, sql, [one.epoch, two.epoch])]

        for way in (way_one, way_two):
            way.is_cut = True
            way.cut()
        await asyncio.sleep(times.silent_seconds + 1)
        way_one.is_cut = False  # the first that is back finds the other silent
        await asyncio.sleep(times.silent_seconds / 2)
        assert states() == ["live", "live"]
        way_two.is_cut = False
        await asyncio.sleep(times.silent_seconds + 1)
        assert states() == ["live", "live"]
        way_two.is_cut = True
        way_two.cut()
        async with asyncio.timeout(60):
            while states() != ["live", "dead"]:
                await asyncio.sleep(0.2)
        assert not one.is_failed


async def test_an_older_schema_is_not_served(postgres):
    from yiyuan.store.schema import SchemaError  # noqa: PLC0415

    url = postgres.new_database()
    await (await PostgresDatabase.open(url)).close()
    query(url, "UPDATE meta SET value = '9999' WHERE key = 'schema_version'")
    with pytest.raises(SchemaError, match="knows up to"):
        await PostgresDatabase.open(url)
