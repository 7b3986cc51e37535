"""A connection that is lost around COMMIT: nothing is lost, nothing is done twice."""

import asyncio
import os
import random
from itertools import count

import asyncpg
import pytest

from tests.support.ledger.postgres import LossyProxy, audit, open_postgres_book, rows
from tests.support.ledger.sqlite import credit, hold, open_account, settle, soon, void
from tests.support.postgres_server import query
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.errors import LedgerUnavailable
from yiyuan.ledger.operations import Held

FIRST_SEED = int(os.environ.get("YIYUAN_TEST_FIRST_SEED", "0"))


@pytest.fixture
def url(postgres):
    return postgres.new_database()


async def test_an_answer_to_commit_that_is_lost_is_looked_up(postgres, url):
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url)) as (ledger, _),
    ):
        await open_account(ledger, 1_000)
        for number in range(5):
            name = f"ex_{number}"
            proxy.lose_commit_reply = 1
            assert await ledger.hold(hold(name)) == Held(100, 900 - 20 * number)
            proxy.lose_commit_reply = 1
            await ledger.start(name, 10)
            proxy.lose_commit_reply = 1
            settled = await ledger.settle(settle(name))
            assert settled.balance_micros == 980 - 20 * number
        assert proxy.lost == 15
        proxy.lose_commit_reply = 1
        entry = await ledger.post(credit(7))
        assert (entry.amount, entry.balance_after) == (7, 907)
    assert len(rows(url, "entries")) == 7
    assert (await audit(url))["problems"] == []


async def test_a_commit_that_never_arrives_is_done_again(postgres, url):
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url)) as (ledger, _),
    ):
        await open_account(ledger, 1_000)
        proxy.lose_commit = 1
        assert await ledger.hold(hold("ex_1")) == Held(100, 900)
        proxy.lose_commit = 2
        assert (await ledger.settle(settle("ex_1"))).balance_micros == 980
        proxy.lose_commit = 1
        assert (await ledger.post(credit(20))).balance_after == 1_000
        assert proxy.lost == 4
    assert (await audit(url))["problems"] == []


@pytest.mark.random
async def test_cuts_under_load_lose_and_double_nothing(postgres, url):
    """Connections are cut, and answers lost, at random; the client counts along."""
    chance = random.Random(20 + FIRST_SEED)
    charged = []

    async def spend(ledger, worker, proxy):
        for turn in count():
            if turn >= 40 and proxy.lost:  # a quick machine is done before anything was lost
                return
            name = f"ex_{worker}_{turn}"
            while not isinstance(await held(ledger, name), Held):
                await asyncio.sleep(0.01)
            await ledger.start(name, 10)
            settled = await ledger.settle(settle(name, 10, chance.randrange(20)))
            charged.append(settled.charge_micros)

    async def held(ledger, name):
        try:
            return await ledger.hold(hold(name, amount=50))
        except Overloaded:
            assert not ledger.is_failed, failures
            return None

    async def disturb(proxy):
        while True:
            await asyncio.sleep(chance.uniform(0.03, 0.2))
            before = len(charged)
            while len(charged) < before + 5:  # a slow machine needs longer to get anywhere
                await asyncio.sleep(0.01)
            match chance.randrange(3):
                case 0:
                    proxy.lose_commit_reply = 1
                case 1:
                    proxy.lose_commit = 1
                case _:
                    proxy.cut()

    failures = []
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url), on_failure=failures.append) as (ledger, _),
    ):
        await open_account(ledger, 10_000_000)
        disturbing = asyncio.create_task(disturb(proxy))
        await asyncio.gather(*(spend(ledger, worker, proxy) for worker in range(16)))
        disturbing.cancel()
        proxy.lose_commit = proxy.lose_commit_reply = 0
        assert proxy.lost
    assert query(url, "SELECT posted, held FROM accounts") == [(10_000_000 - sum(charged), 0)]
    assert len(rows(url, "usage")) == len(charged) >= 640
    assert (await audit(url))["problems"] == []


async def test_without_the_database_holds_are_refused_and_endings_wait(postgres, url):
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url)) as (ledger, _),
    ):
        await open_account(ledger, 1_000)
        assert isinstance(await ledger.hold(hold("ex_1")), Held)
        proxy.is_cut = True
        proxy.cut()
        ending = asyncio.create_task(ledger.settle(settle("ex_1")))
        await soon(lambda: ledger._batches.away_seconds > 1.1)
        began = asyncio.get_running_loop().time()
        with pytest.raises(Overloaded):
            await ledger.hold(hold("ex_2"))
        assert asyncio.get_running_loop().time() - began < 0.05, "refused at once"
        assert (await ledger.account("acct_a")).balance_micros == 1_000
        proxy.is_cut = False
        assert (await ending).balance_micros == 980
        assert isinstance(await ledger.hold(hold("ex_3")), Held)
        await ledger.void(void("ex_3"))
    assert (await audit(url))["problems"] == []


async def test_a_hold_that_nobody_waits_for_is_given_back(postgres, url):
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 1_000)
        tasks = [asyncio.create_task(ledger.hold(hold(f"ex_{n}", amount=1))) for n in range(50)]
        for number, task in enumerate(tasks):
            await asyncio.sleep(0.0005)
            if number % 2:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        kept = {n for n, task in enumerate(tasks) if not task.cancelled()}
        await soon(lambda: ledger.stats().open_holds == len(kept))
        assert len(rows(url, "holds")) == len(kept)
        for number in kept:
            await ledger.void(void(f"ex_{number}"))
    assert (await audit(url))["problems"] == []


async def test_an_account_that_is_locked_does_not_stop_the_others(postgres, url):
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 1_000, "acct_a")
        await open_account(ledger, 1_000, "acct_b")
        holder = await asyncpg.connect(url)
        await holder.execute("BEGIN")
        await holder.execute("SELECT 1 FROM accounts WHERE id = 'acct_a' FOR UPDATE")
        stuck = asyncio.create_task(ledger.hold(hold("ex_a")))
        await asyncio.sleep(0.05)
        for number in range(20):
            name = f"ex_b{number}"
            async with asyncio.timeout(3):
                assert isinstance(await ledger.hold(hold(name, account_id="acct_b")), Held)
                await ledger.settle(settle(name))
        assert not stuck.done()
        await holder.close()
        assert isinstance(await stuck, Held)
        await ledger.void(void("ex_a"))
    assert (await audit(url))["problems"] == []


async def test_no_wake_up_is_lost(postgres, url):
    """Asking again in the very moment in which a batch ends must start another one."""
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 1_000_000)
        loop = asyncio.get_running_loop()

        def ask_when_done(number, task):
            # Runs as a callback of the answer, in the same round as the batch's end.
            if number < 150:
                follower = loop.create_task(ledger.hold(hold(f"ex_{number}", amount=1)))
                follower.add_done_callback(lambda done: ask_when_done(number + 1, done))
            elif number == 150:
                finished.set()

        finished = asyncio.Event()
        ask_when_done(0, None)
        async with asyncio.timeout(20):
            await finished.wait()
        for delay in range(200):
            # Fire-and-forget marks at every distance from a batch's end.
            awaited = loop.create_task(ledger.start(f"ex_{delay % 150}", 1))
            for _ in range(delay % 40):
                await asyncio.sleep(0)
            ledger._batches._kick()
            async with asyncio.timeout(5):
                await awaited
        for number in range(150):
            await ledger.void(void(f"ex_{number}"))
    assert (await audit(url))["problems"] == []


async def test_after_a_fault_nothing_is_decided_any_more(postgres, url):
    reasons = []
    async with open_postgres_book(url, on_failure=reasons.append) as (ledger, _):
        await open_account(ledger, 1_000)
        assert isinstance(await ledger.hold(hold("ex_1")), Held)
        query(url, "DELETE FROM holds")  # what no program of ours does
        with pytest.raises(LedgerUnavailable):
            await ledger.settle(settle("ex_1"))
        assert len(reasons) == 1
        assert "ended holds had no row" in reasons[0]
        assert ledger.is_failed
        with pytest.raises(LedgerUnavailable):
            await ledger.hold(hold("ex_2"))
    assert query(url, "SELECT posted, held FROM accounts") == [(1_000, 100)]
