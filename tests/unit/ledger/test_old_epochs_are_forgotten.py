"""What ended long ago is pruned; what may still matter is not."""

import asyncio

import pytest

from tests.support.ledger.postgres import open_postgres_book
from tests.support.ledger.sqlite import hold, open_account
from tests.support.postgres_server import query
from yiyuan.ledger.errors import LedgerUnavailable
from yiyuan.ledger.postgres.epoch_lease import EPOCH_KEPT_MS
from yiyuan.store.postgres import epochs

WEEK_AGO = (
    "UPDATE epochs SET ended_at = ended_at - 8 * CAST(86400000 AS BIGINT) WHERE state <> 'live'"
)


@pytest.fixture
def url(postgres):
    return postgres.new_database()


def numbers(url):
    return [row[0] for row in query(url, "SELECT epoch FROM epochs ORDER BY epoch")]


async def test_only_what_ended_long_ago_goes(url):
    for _ in range(4):
        async with open_postgres_book(url):
            pass
    async with open_postgres_book(url) as (ledger, database):
        assert await epochs.prune(database, EPOCH_KEPT_MS, 100) == 0
        query(url, WEEK_AGO)
        query(url, "UPDATE epochs SET state = 'dead' WHERE epoch = 2")
        assert await epochs.prune(database, EPOCH_KEPT_MS, 2) == 2
        assert await epochs.prune(database, EPOCH_KEPT_MS, 100) == 2
        assert numbers(url) == [5]
        assert not ledger.is_failed
    # The last number is kept, so that no process ever gets it twice.
    query(url, WEEK_AGO)
    async with open_postgres_book(url) as (ledger, database):
        assert ledger.epoch == 6
        query(url, "UPDATE epochs SET state = 'dead', ended_at = 0 WHERE epoch = 6")
        assert await epochs.prune(database, EPOCH_KEPT_MS, 100) == 1
        assert numbers(url) == [6]


async def test_holds_keep_their_epoch_until_they_are_recovered(url):
    async with open_postgres_book(url) as (ledger, database):
        await open_account(ledger)
        await ledger.hold(hold("ex_1"))
        query(url, "UPDATE holds SET epoch = 0")
        query(
            url, "INSERT INTO epochs (epoch, started_at, ended_at, state) VALUES (0, 0, 0, 'dead')"
        )
        assert await epochs.prune(database, EPOCH_KEPT_MS, 100) == 0
        async with asyncio.timeout(60):
            while query(url, "SELECT 1 FROM holds"):  # its keeper finds the orphan
                await asyncio.sleep(0.2)
        await epochs.prune(database, EPOCH_KEPT_MS, 100)  # unless the keeper has done it
        assert 0 not in numbers(url)


async def test_a_process_whose_epoch_is_gone_is_fenced_out(url):
    reasons = []
    async with open_postgres_book(url, on_failure=reasons.append) as (ledger, database):
        await open_account(ledger)
        async with open_postgres_book(url):
            query(
                url, f"UPDATE epochs SET state = 'dead', ended_at = 0 WHERE epoch = {ledger.epoch}"
            )
            assert await epochs.prune(database, EPOCH_KEPT_MS, 100) == 1
            with pytest.raises(LedgerUnavailable):
                await ledger.hold(hold("ex_2"))
    assert len(reasons) == 1
