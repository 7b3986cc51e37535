"""PostgreSQL crashes, restarts, ends connections, is away: every charge once, and it goes on."""

import asyncio
import signal

import pytest

from tests.faults.ledger_load import Load, check
from tests.support.ledger.postgres import open_postgres_book
from tests.support.ledger.sqlite import hold, open_account
from tests.support.postgres_server import NoPostgres, PostgresServer, query
from yiyuan.kernel.errors import Overloaded


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


async def test_it_crashes_under_load(own_server):
    url = own_server.new_database()
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000_000)
        async with Load(ledger) as load:
            await load.some_more()
            for _ in range(2):
                await asyncio.to_thread(own_server.stop, signal.SIGQUIT)
                await asyncio.to_thread(own_server.start)
                await load.some_more()
        assert not ledger.is_failed
    await check(url, load)


async def test_it_is_away_for_ten_seconds(own_server):
    url = own_server.new_database()
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000_000)
        async with Load(ledger) as load:
            await load.some_more()
            await asyncio.to_thread(own_server.stop)
            try:
                await asyncio.sleep(9)
                with pytest.raises(Overloaded):  # now, not after a long wait
                    async with asyncio.timeout(1):
                        await ledger.hold(hold("ex_meanwhile"))
                await asyncio.sleep(1)
            finally:
                await asyncio.to_thread(own_server.start)
            await load.some_more()
        assert not ledger.is_failed
    await check(url, load)


async def test_connections_are_ended_under_load(own_server):
    url = own_server.new_database()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000_000)
        async with Load(ledger) as load:
            for _ in range(15):
                await asyncio.sleep(0.2)
                await asyncio.to_thread(query, url, kill)
            await load.some_more()
        assert not ledger.is_failed
    await check(url, load)
