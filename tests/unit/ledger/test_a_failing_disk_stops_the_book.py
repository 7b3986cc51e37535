"""When a write fails, nobody is told that it is done, and nothing is done any more."""

import asyncio
import resource
from contextlib import contextmanager

import pytest

from tests.support.ledger.sqlite import (
    audit,
    credit,
    hold,
    open_account,
    open_book,
    rows,
    settle,
    void,
)
from yiyuan.ledger.errors import LedgerUnavailable
from yiyuan.ledger.operations import Settle


async def fill_disk(database) -> None:
    """From now on the database may not grow: statements fail as when the disk is full."""
    await database.write([("PRAGMA max_page_count = 1", ())])


@contextmanager
def files_that_cannot_grow(home):
    """From now on the kernel lets no file of this process grow: commits fail."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (home / "yiyuan.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def spend_until_it_fails(ledger):
    """Requests of which each leaves a row; returns how many were acknowledged."""
    for number in range(5_000):
        name = f"ex_{number:04}_{'x' * 300}"
        try:
            await ledger.hold(hold(name, amount=20))
            await ledger.settle(settle(name))
        except LedgerUnavailable as error:
            return number, error
    raise AssertionError("the disk never filled up")


async def test_a_full_disk_stops_everything_and_loses_nothing_acknowledged(tmp_path):
    reasons = []
    async with open_book(tmp_path, on_failure=reasons.append) as (ledger, database):
        await open_account(ledger, 10**6)
        await fill_disk(database)
        acknowledged, error = await spend_until_it_fails(ledger)
        assert "full" in error.reason
        assert error.status == 503
        assert reasons == [error.reason]
        assert ledger.is_failed
        assert database.is_failed
        for refused in (
            ledger.hold(hold("ex_new")),
            ledger.settle(settle("ex_new")),
            ledger.void(void("ex_new")),
            ledger.start("ex_new", 1),
            ledger.post(credit(5)),
            database.write([("SELECT 1", ())]),
        ):
            with pytest.raises(LedgerUnavailable):
                await refused
        with pytest.raises(LedgerUnavailable):
            ledger.mark("ex_new", 1)
        assert not await ledger.released("acct_a", 30)
    assert len(reasons) == 1
    assert rows(tmp_path, "SELECT count(*) FROM usage") == [(acknowledged,)]
    # With room again, the next start goes on from what is on disk.
    async with open_book(tmp_path) as (ledger, _):
        assert (await ledger.account("acct_a")).balance_micros == 10**6 - 20 * acknowledged
    assert audit(tmp_path)["ok"]


async def test_a_commit_that_fails_is_not_acknowledged(tmp_path):
    reasons = []
    async with open_book(tmp_path, on_failure=reasons.append) as (ledger, _):
        await open_account(ledger, 10**6)
        with files_that_cannot_grow(tmp_path):
            acknowledged, error = await spend_until_it_fails(ledger)
        assert acknowledged > 0
        assert reasons == [error.reason]
        assert ledger.is_failed
    assert rows(tmp_path, "SELECT count(*) FROM usage") == [(acknowledged,)]
    async with open_book(tmp_path) as (ledger, _):
        assert (await ledger.account("acct_a")).balance_micros == 10**6 - 20 * acknowledged
    assert audit(tmp_path)["ok"]


async def test_all_who_wait_are_told(tmp_path):
    async with open_book(tmp_path) as (ledger, database):
        await open_account(ledger, 10**6)
        await fill_disk(database)
        names = [f"ex_{number:03}_{'x' * 400}" for number in range(400)]
        for name in names:
            await ledger.hold(hold(name, amount=20))
        waiting = asyncio.create_task(ledger.released("acct_a", 60))
        async with asyncio.timeout(5):
            answers = await asyncio.gather(
                *(ledger.settle(settle(name)) for name in names), return_exceptions=True
            )
            assert all(isinstance(answer, LedgerUnavailable) for answer in answers)
            await waiting
    assert rows(tmp_path, "SELECT count(*) FROM usage") == [(0,)]


async def test_a_fault_in_the_core_stops_the_book_before_it_is_stored(tmp_path):
    reasons = []
    async with open_book(tmp_path, on_failure=reasons.append) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        broken = Settle("ex_1", usage=None, source="upstream", outcome="", details=None)
        with pytest.raises(AttributeError):
            await ledger.settle(broken)
        assert ledger.is_failed
        assert reasons[0].startswith("ledger core: AttributeError")
        with pytest.raises(LedgerUnavailable):
            await ledger.settle(settle())
    assert rows(tmp_path, "SELECT posted, held FROM accounts") == [(1_000, 0)]


async def test_rows_that_the_schema_refuses_stop_the_book(tmp_path):
    """A second charge of a request can only come from a fault; the schema is the last guard."""
    reasons = []
    async with open_book(tmp_path, on_failure=reasons.append) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        await ledger.settle(settle())
        await ledger.hold(hold())
        with pytest.raises(LedgerUnavailable):
            await ledger.settle(settle())
    assert "UNIQUE" in reasons[0]
    assert rows(tmp_path, "SELECT posted FROM accounts") == [(980,)]
