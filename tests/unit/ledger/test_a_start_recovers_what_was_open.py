"""Holds of a process that is gone are ended by the next start, from what is on disk."""

import asyncio
import time

import pytest

from tests.support.ledger.sqlite import (
    PRICE,
    T0,
    audit,
    credit,
    hold,
    open_account,
    open_book,
    rows,
    settle,
    spoil,
    store_prices,
)
from yiyuan.kernel.clock import SystemClock
from yiyuan.ledger.errors import LedgerInconsistent
from yiyuan.ledger.operations import SetBudget, Suspend
from yiyuan.ledger.recovery import Recovered
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.tables.ledger import AccountRow, Batch, EntryRow, HoldRow


async def leave_open(home, *requests):
    """A book that is closed with open holds: (request id, input count or None, progress)."""
    async with open_book(home) as (ledger, _):
        await open_account(ledger, 10_000)
        await ledger.post(SetBudget("tok_a", "tok_a", 5_000))
        for request_id, input_count, output_tokens in requests:
            await ledger.hold(hold(request_id, budget_ids=("tok_a",)))
            if input_count is not None:
                await ledger.start(request_id, input_count)
                await ledger.progress(request_id, output_tokens)
        await asyncio.sleep(0.15)


async def test_what_had_started_is_charged_as_far_as_it_is_proved(tmp_path):
    await leave_open(tmp_path, ("ex_1", 10, 0), ("ex_2", 10, 32), ("ex_3", None, 0))
    assert rows(tmp_path, "SELECT count(*) FROM holds") == [(3,)]
    assert not audit(tmp_path)["ok"]  # V7: of an epoch that has ended

    async with open_book(tmp_path) as (ledger, _):
        assert (ledger.recovered.charged, ledger.recovered.voided) == (2, 1)
        assert ledger.recovered.charge_micros == 10 + 10 + 64
        assert (await ledger.account("acct_a")).balance_micros == 10_000 - 84
        assert (await ledger.budget("tok_a")).spent_micros == 84
        assert (await ledger.budget("tok_a")).held_micros == 0
    usage = rows(
        tmp_path,
        "SELECT request_id, outcome, source, charge, input_tokens, output_tokens FROM usage",
    )
    assert sorted(usage) == [
        ("ex_1", "recovered", "counted", 10, 10, 0),
        ("ex_2", "recovered", "counted", 74, 10, 32),
        ("ex_3", "recovered", "none", 0, 0, 0),
    ]
    kinds = rows(tmp_path, "SELECT kind, actor FROM entries WHERE request_id IS NOT NULL")
    assert kinds == [("recovered", "recovery")] * 2
    assert audit(tmp_path)["ok"]


async def test_everything_ended_is_as_it_was(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 10_000)
        await ledger.post(SetBudget("tok_a", "tok_a", 5_000))
        await ledger.hold(hold(budget_ids=("tok_a",)))
        await ledger.settle(settle())
        await ledger.post(Suspend("acct_a", 7))
        before = (await ledger.account("acct_a"), await ledger.budget("tok_a"))
    async with open_book(tmp_path) as (ledger, _):
        assert (await ledger.account("acct_a"), await ledger.budget("tok_a")) == before
        assert (await ledger.budget("tok_a")).spent_micros == 20
        assert ledger.recovered == Recovered()
        await ledger.post(credit(5, at=T0 - 50))
    # The clock was set back over the restart; entries still do not go back in time.
    assert rows(tmp_path, "SELECT at FROM entries WHERE seq = 3") == [(T0 + 5,)]


async def test_recovering_again_changes_nothing(tmp_path):
    await leave_open(tmp_path, ("ex_1", 10, 5))
    for _ in range(2):
        async with open_book(tmp_path) as (ledger, _):
            assert (await ledger.account("acct_a")).balance_micros == 10_000 - 20
    assert rows(tmp_path, "SELECT count(*) FROM usage") == [(1,)]
    assert rows(tmp_path, "SELECT epoch FROM epochs") == [(1,), (2,), (3,)]


async def test_recovery_charges_at_most_the_hold(tmp_path):
    await leave_open(tmp_path, ("ex_1", 90, 1_000))
    async with open_book(tmp_path) as (ledger, _):
        assert (await ledger.account("acct_a")).balance_micros == 9_900
    assert rows(tmp_path, "SELECT charge, shortfall FROM usage") == [(100, 1_990)]
    assert audit(tmp_path)["ok"]


async def test_books_that_disagree_do_not_open(tmp_path):
    await leave_open(tmp_path, ("ex_1", 10, 5))
    spoil(tmp_path, "UPDATE accounts SET held = held + 1")
    with pytest.raises(LedgerInconsistent, match="acct_a says 101 is held, its holds are 100"):
        async with open_book(tmp_path):
            pass
    spoil(tmp_path, "UPDATE accounts SET held = held - 1", "UPDATE budgets SET held = 7")
    with pytest.raises(LedgerInconsistent, match="budget tok_a holds 7"):
        async with open_book(tmp_path):
            pass


async def test_ten_thousand_orphans_are_recovered_within_a_second(tmp_path):
    count = 10_000
    database = await SqliteDatabase.open(tmp_path, synchronous="FULL")
    await store_prices(database)
    accounts, entries, holds = [], [], []
    for number in range(100):
        name = f"acct_{number}"
        accounts.append(AccountRow(name, name, 100_000, 10_000, 1, T0, None, T0))
        grant = (1, "grant", 100_000, 100_000, "promo", None, f"create:{name}", "", "", T0)
        entries.append(EntryRow(f"ent_{number}_1", name, *grant))
    for number in range(count):
        started = number % 2
        bounds = (100, 1_000, 1_000, started, 10, 5 * started, "[]", 0, T0, T0)
        account = f"acct_{number % 100}"
        holds.append(HoldRow(f"ex_{number}", account, "tok", "m", PRICE.id, 1_000_000, *bounds))
    written = asyncio.get_running_loop().create_future()
    batch = Batch(accounts, entries, holds, [], [], [], [], [])
    database.submit(batch, lambda: written.set_result(None), written.set_exception)
    await written
    began = time.process_time()
    ledger = await SqliteLedger.open(database, SystemClock())
    seconds = time.process_time() - began
    assert ledger.recovered.charged == ledger.recovered.voided == count // 2
    await ledger.close()
    await database.close()
    assert audit(tmp_path)["ok"]
    # Of the processor's time, and twice what it may be, because the machine may be busy.
    assert seconds < 2 * 1.0, f"{seconds:.2f} s"
