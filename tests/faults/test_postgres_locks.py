"""A row or a table that others keep locked: only what needs it waits, and not for ever."""

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.support.ledger.postgres import audit, open_postgres_book
from tests.support.ledger.sqlite import hold, open_account, settle, soon
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held, SetBudget

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@asynccontextmanager
async def locked(url, sql):
    """What a person does who leaves a transaction open in psql."""
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("BEGIN")
        await holder.execute(sql)
        yield
    finally:
        await holder.close()


async def one_request(ledger, name, **options):
    """Hold and settle; far sooner than the lock is given up, on a slow machine too."""
    async with asyncio.timeout(12):
        assert isinstance(await ledger.hold(hold(name, **options)), Held)
        await ledger.settle(settle(name))


BUDGET = "SELECT 1 FROM budgets WHERE id = 'bud_1' FOR UPDATE"
OF_BUDGET = {"api_token_id": "tok_1", "budget_ids": ("bud_1",)}


async def test_a_locked_budget_stops_only_its_own_requests(url):
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000)
        await ledger.post(SetBudget("bud_1", "tok_1", 5_000))
        await ledger.post(SetBudget("bud_2", "tok_2", 5_000))
        opened = hold("ex_open", **OF_BUDGET)
        assert isinstance(await ledger.hold(opened), Held)
        async with locked(url, BUDGET):
            ending = asyncio.create_task(ledger.settle(settle("ex_open")))
            await asyncio.sleep(0.05)
            for number in range(20):
                # The same account, with another budget or none.
                other = {"api_token_id": "tok_2", "budget_ids": ("bud_2",)} if number % 2 else {}
                await one_request(ledger, f"ex_{number}", **other)
            assert not ending.done()
        await ending
        await one_request(ledger, "ex_after", **OF_BUDGET)
    assert (await audit(url))["problems"] == []


async def test_who_waits_too_long_for_a_locked_budget_is_refused(url):
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000)
        await ledger.post(SetBudget("bud_1", "tok_1", 5_000))
        async with locked(url, BUDGET):
            began = asyncio.get_running_loop().time()
            with pytest.raises(Overloaded):
                await ledger.hold(hold("ex_1", **OF_BUDGET))
            assert asyncio.get_running_loop().time() - began < 9
            await one_request(ledger, "ex_2")
        await one_request(ledger, "ex_3", **OF_BUDGET)
        await soon(lambda: ledger.stats().open_holds == 0)
        assert not ledger.is_failed
    assert (await audit(url))["problems"] == []


@pytest.mark.parametrize(
    "sql",
    [
        "LOCK TABLE usage IN ACCESS EXCLUSIVE MODE",  # as ALTER TABLE or VACUUM FULL do
        "SELECT 1 FROM epochs FOR UPDATE",
    ],
)
async def test_a_lock_that_nothing_gets_past_is_as_if_the_database_were_away(url, sql):
    """New requests are refused at once, those that run wait, and it goes on by itself."""
    async with open_postgres_book(url) as (ledger, _):
        await open_account(ledger, 10_000)
        assert isinstance(await ledger.hold(hold("ex_1")), Held)
        async with locked(url, sql):
            ending = asyncio.create_task(ledger.settle(settle("ex_1")))
            await soon(lambda: ledger._batches.away_seconds > 1.1, timeout_seconds=15)
            began = asyncio.get_running_loop().time()
            with pytest.raises(Overloaded):
                await ledger.hold(hold("ex_2"))
            assert asyncio.get_running_loop().time() - began < 0.5, "refused at once"
            assert not ending.done()
        assert (await ending).balance_micros == 9_980
        await one_request(ledger, "ex_3")
        assert not ledger.is_failed
    assert (await audit(url))["problems"] == []
