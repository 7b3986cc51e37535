"""PostgreSQL crashes, restarts, ends connections, is away: every charge once, and it goes on."""

import asyncio
import signal

import pytest

from tests.ledger.postgres_support import audit, open_postgres_book, rows
from tests.ledger.support import hold, open_account, settle
from tests.postgres_server import NoPostgres, PostgresServer, query
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held


@pytest.fixture(scope="module")
def own_server():
    """A server that tests may crash."""
    try:
        server = PostgresServer()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    if not server.is_ours:
        pytest.skip("YIYUAN_TEST_PG_URL names a server that is not ours to stop")
    yield server
    server.close()


class Load:
    """Clients that spend all the time, and know what they were charged."""

    def __init__(self, book):
        self.book = book
        self.charged = []
        self.refused = 0
        self._stop = asyncio.Event()

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._spend(number)) for number in range(16)]
        return self

    async def __aexit__(self, *exc):
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _spend(self, worker):
        turn = 0
        while not self._stop.is_set():
            turn += 1
            name = f"ex_{worker}_{turn}"
            try:
                answer = await self.book.hold(hold(name, amount=50))
            except Overloaded:
                assert not self.book.is_failed
                self.refused += 1
                await asyncio.sleep(0.02)
                continue
            assert isinstance(answer, Held)
            await self.book.start(name, 10)
            settled = await self.book.settle(settle(name, 10, turn % 20))
            self.charged.append(settled.charge_micros)

    async def some_more(self):
        """Wait until requests go through again."""
        before = len(self.charged)
        async with asyncio.timeout(20):
            while len(self.charged) < before + 50:
                await asyncio.sleep(0.02)


async def check(url, load):
    held = query(url, "SELECT posted, held FROM accounts")
    assert held == [(10_000_000 - sum(load.charged), 0)]
    paid = [row for row in rows(url, "usage") if row[18]]
    assert len(paid) == sum(charge > 0 for charge in load.charged)
    assert (await audit(url))["problems"] == []


async def test_it_crashes_under_load(own_server):
    url = own_server.new_database()
    async with open_postgres_book(url) as (book, _):
        await open_account(book, 10_000_000)
        async with Load(book) as load:
            await load.some_more()
            for _ in range(2):
                await asyncio.to_thread(own_server.stop, signal.SIGQUIT)
                await asyncio.to_thread(own_server.start)
                await load.some_more()
        assert not book.is_failed
    await check(url, load)


async def test_it_is_away_for_ten_seconds(own_server):
    url = own_server.new_database()
    async with open_postgres_book(url) as (book, _):
        await open_account(book, 10_000_000)
        async with Load(book) as load:
            await load.some_more()
            await asyncio.to_thread(own_server.stop)
            try:
                await asyncio.sleep(9)
                with pytest.raises(Overloaded):  # now, not after a long wait
                    async with asyncio.timeout(1):
                        await book.hold(hold("ex_meanwhile"))
                await asyncio.sleep(1)
            finally:
                await asyncio.to_thread(own_server.start)
            await load.some_more()
        assert not book.is_failed
    await check(url, load)


async def test_connections_are_ended_under_load(own_server):
    url = own_server.new_database()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with open_postgres_book(url) as (book, _):
        await open_account(book, 10_000_000)
        async with Load(book) as load:
            for _ in range(15):
                await asyncio.sleep(0.2)
                await asyncio.to_thread(query, url, kill)
            await load.some_more()
        assert not book.is_failed
    await check(url, load)
