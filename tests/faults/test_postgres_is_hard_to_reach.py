"""PostgreSQL far away, behind a network that swallows everything, or full: it all ends well."""

import asyncio

import asyncpg
import pytest

from tests.faults.ledger_load import Load, check
from tests.support.ledger.postgres import LossyProxy, audit, open_postgres_book
from tests.support.ledger.sqlite import credit, hold, open_account, settle, soon
from tests.support.postgres_server import NoPostgres, PostgresServer, query
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held, SetBudget

pytestmark = pytest.mark.timeout(400)  # a busy machine
BALANCE = 10_000_000
END_OURS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'yiyuan' AND datname = current_database()
"""


async def fill(url, others):
    """Every place that the server has left."""
    with pytest.raises(asyncpg.TooManyConnectionsError):
        while True:
            others.append(await asyncpg.connect(url))


@pytest.fixture
def url(postgres):
    return postgres.new_database()


async def test_half_a_second_on_every_message_costs_time_only(postgres, url):
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url)) as (ledger, _),
    ):
        await open_account(ledger, BALANCE)
        async with Load(ledger) as load:
            await load.some_more(16)
            proxy.delay_seconds = 0.5
            await load.some_more(32, timeout_seconds=110)
            proxy.delay_seconds = 0.0
            await load.some_more()
        assert not ledger.is_failed
    await check(url, load)


async def test_a_network_that_swallows_everything(postgres, url):
    """No connection ends, nothing arrives: refused in time, and it goes on by itself."""
    async with (
        LossyProxy(postgres.address) as proxy,
        open_postgres_book(proxy.url(url)) as (ledger, _),
    ):
        await open_account(ledger, BALANCE)
        async with Load(ledger) as load:
            await load.some_more()
            proxy.is_silent = True
            try:
                loop = asyncio.get_running_loop()
                began = loop.time()
                with pytest.raises(Overloaded):
                    await ledger.hold(hold("ex_first", amount=50))
                assert loop.time() - began < 8, "its patience is five seconds"
                await soon(lambda: ledger._batches.away_seconds > 1.1, timeout_seconds=60)
                began = loop.time()
                with pytest.raises(Overloaded):
                    await ledger.hold(hold("ex_later", amount=50))
                assert loop.time() - began < 0.5, "refused at once"
            finally:
                proxy.is_silent = False
            await load.some_more()
        assert not ledger.is_failed
    await check(url, load)


async def test_a_server_without_a_free_connection():
    """Ours is ended, and others have taken its place: as if the server were away."""
    try:
        server = PostgresServer("max_connections=14", "autovacuum=off")
    except NoPostgres as reason:
        pytest.skip(str(reason))
    others = []
    try:
        url = server.new_database()
        admin = await asyncpg.connect(url)
        async with open_postgres_book(url) as (ledger, _):
            await open_account(ledger, BALANCE)
            async with Load(ledger) as load:
                await load.some_more()
                # A place is free a moment after its process was ended, and the book wants
                # it too: they are ended and taken until the book has been without for long.
                async with asyncio.timeout(60):
                    while ledger._batches.away_seconds <= 1.1:
                        await admin.execute(END_OURS)
                        await fill(url, others)
                        await asyncio.sleep(0.05)
                with pytest.raises(Overloaded):
                    await ledger.hold(hold("ex_refused", amount=50))
                for other in others:
                    await other.close()
                await load.some_more()
            assert not ledger.is_failed
        await admin.close()
        await check(url, load)
    finally:
        server.close()


async def test_four_processes_on_the_same_accounts_and_budgets_never_deadlock(url):
    """Accounts and budgets in every combination, an operator who moves money in between."""
    accounts = [f"acct_{number}" for number in range(4)]
    budgets = {f"tok_{at}": (f"bud_{at}", f"bud_{5 - at}") for at in range(3)}
    async with (
        open_postgres_book(url) as (one, _),
        open_postgres_book(url) as (two, _),
        open_postgres_book(url) as (three, _),
        open_postgres_book(url) as (four, _),
    ):
        books = (one, two, three, four)
        for account in accounts:
            await open_account(one, BALANCE, account)
        for token, names in budgets.items():
            for name in names:
                await one.post(SetBudget(name, token, BALANCE))
        charged = dict.fromkeys(accounts, 0)

        async def spend(ledger, number):
            for turn in range(12):
                account = accounts[(number + turn) % 4]
                token = f"tok_{turn % 3}"
                chosen = budgets[token][:: 1 if number % 2 else -1]
                name = f"ex_{ledger.epoch}_{number}_{turn}"
                answer = await ledger.hold(
                    hold(name, account, 50, api_token_id=token, budget_ids=chosen)
                )
                assert isinstance(answer, Held), answer
                await ledger.start(name, 10)
                settled = await ledger.settle(settle(name, 10, turn % 20))
                charged[account] += settled.charge_micros

        async def adjust(ledger):
            for turn in range(40):
                await ledger.post(credit(1, accounts[turn % 4]))

        work = [spend(ledger, number) for ledger in books for number in range(12)]
        await asyncio.gather(*work, *(adjust(ledger) for ledger in books))
        assert not any(ledger.is_failed for ledger in books)
    for account in accounts:
        held = query(url, "SELECT posted, held FROM accounts WHERE id = $1", account)
        assert held == [(BALANCE + 40 - charged[account], 0)]
    sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert query(url, sql) == [(0,)]
    assert (await audit(url))["problems"] == []
