"""What the book has answered is on disk, read by another connection."""

import asyncio

import pytest

from tests.support.ledger.sqlite import (
    audit,
    credit,
    hold,
    open_account,
    open_book,
    rows,
    settle,
    soon,
    void,
)
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.errors import (
    AccountExists,
    AlreadyEnded,
    AlreadyRefunded,
    IdempotencyMismatch,
    InvalidUsage,
    LedgerUnavailable,
    NothingToRefund,
    UnknownAccount,
)
from yiyuan.ledger.operations import Held, Refund, Resume, SetBudget, Settled, Suspend
from yiyuan.ledger.sqlite.ledger import QUEUE_MAX


async def test_a_settled_request_is_on_disk(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        assert await ledger.hold(hold()) == Held(100, 900)
        assert rows(tmp_path, "SELECT count(*) FROM holds") == [(0,)]
        await ledger.start("ex_1", 10)
        assert rows(tmp_path, "SELECT started, input_count FROM holds") == [(1, 10)]
        assert rows(tmp_path, "SELECT posted, held FROM accounts") == [(1_000, 100)]
        assert await ledger.settle(settle()) == Settled(20, 0, 980)
        assert rows(tmp_path, "SELECT posted, held, seq FROM accounts") == [(980, 0, 2)]
        assert rows(tmp_path, "SELECT amount, request_id FROM entries WHERE seq = 2") == [
            (-20, "ex_1")
        ]
        assert rows(tmp_path, "SELECT charge, outcome FROM usage") == [(20, "completed")]
        assert rows(tmp_path, "SELECT count(*) FROM holds") == [(0,)]
        view = await ledger.account("acct_a")
        assert (view.balance_micros, view.held_micros, view.available_micros) == (980, 0, 980)
        assert await ledger.account("acct_x") is None
    assert audit(tmp_path)["ok"]


async def test_a_hold_that_stays_young_is_stored_within_a_tenth_of_a_second(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        await soon(lambda: rows(tmp_path, "SELECT request_id FROM holds") == [("ex_1",)], 0.5)
        assert rows(tmp_path, "SELECT held FROM accounts") == [(100,)]
        assert ledger.stats().young_holds == 0
        await ledger.void(void())
        await soon(lambda: rows(tmp_path, "SELECT count(*) FROM holds") == [(0,)])


async def test_progress_is_durable_when_it_returns_and_marks_soon(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        await ledger.start("ex_1", 10)
        ledger.mark("ex_1", 32)
        assert ledger.durable_progress("ex_1") == 0
        await ledger.progress("ex_1", 32)
        assert ledger.durable_progress("ex_1") == 32
        assert rows(tmp_path, "SELECT progress_output FROM holds") == [(32,)]
        batches = ledger.stats().batches
        await ledger.progress("ex_1", 30)
        assert ledger.stats().batches == batches
        await asyncio.gather(ledger.progress("ex_1", 40), ledger.progress("ex_1", 64))
        assert ledger.durable_progress("ex_1") == 64
        await ledger.settle(settle())
        assert ledger.durable_progress("ex_1") == 0
        with pytest.raises(AlreadyEnded):
            ledger.mark("ex_1", 96)


async def test_progress_that_is_being_written_is_waited_for(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        await ledger.start("ex_1", 10)
        ledger.mark("ex_1", 32)
        await asyncio.sleep(0)  # now the batch with the mark is on its way
        assert ledger.stats().waiting_for_disk == 0
        await ledger.progress("ex_1", 32)
        assert rows(tmp_path, "SELECT progress_output FROM holds") == [(32,)]


async def test_a_settlement_is_carried_through_when_its_waiter_is_cancelled(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        task = asyncio.create_task(ledger.settle(settle()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await soon(lambda: rows(tmp_path, "SELECT charge FROM usage") == [(20,)])
        with pytest.raises(AlreadyEnded):
            await ledger.settle(settle())


async def test_a_refused_settlement_leaves_the_hold_open(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        with pytest.raises(InvalidUsage):
            await ledger.settle(settle(input_tokens=-1))
        assert (await ledger.settle(settle())).charge_micros == 20
        with pytest.raises(AlreadyEnded):
            await ledger.void(void())


async def test_a_key_posts_once(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        once = credit(50, idem_key="k")
        entries = await asyncio.gather(*(ledger.post(once) for _ in range(20)))
        assert len(set(entries)) == 1
        assert entries[0].balance_after == 1_050
        assert await ledger.post(once) == entries[0]
        with pytest.raises(IdempotencyMismatch):
            await ledger.post(credit(51, idem_key="k"))
        await ledger.post(credit(50))
        assert (await ledger.account("acct_a")).balance_micros == 1_100


async def test_a_keyed_posting_survives_the_cancellation_of_its_caller(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        first = asyncio.create_task(ledger.post(credit(50, idem_key="k")))
        await asyncio.sleep(0.001)
        first.cancel()
        entry = await ledger.post(credit(50, idem_key="k"))
        assert entry.balance_after == 1_050
        assert rows(tmp_path, "SELECT count(*) FROM entries WHERE idem_key = 'k'") == [(1,)]


async def test_a_request_is_refunded_once(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold())
        await ledger.settle(settle())
        refund = Refund("ex_1", "operator", "sorry", 5)
        answers = await asyncio.gather(
            *(ledger.post(refund) for _ in range(5)), return_exceptions=True
        )
        assert sum(not isinstance(answer, Exception) for answer in answers) == 1
        assert sum(isinstance(answer, AlreadyRefunded) for answer in answers) == 4
        assert (await ledger.account("acct_a")).balance_micros == 1_000
        with pytest.raises(NothingToRefund):
            await ledger.post(Refund("ex_unknown", "operator", "", 5))
    assert audit(tmp_path)["ok"]


async def test_names_are_unique_and_find_their_account(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        opened = await asyncio.gather(
            *(open_account(ledger, 5, f"acct_{n}", "Ada") for n in range(5)), return_exceptions=True
        )
        assert sum(isinstance(answer, AccountExists) for answer in opened) == 4
        found = await ledger.find_account("Ada")
        assert found == await ledger.find_account(found.id)
        assert await ledger.find_account("Bob") is None


async def test_accounts_and_budgets_change_durably(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.post(SetBudget("tok_a", "tok_a", 40))
        await ledger.post(Suspend("acct_a", 5))
        assert rows(tmp_path, "SELECT suspended_at FROM accounts") == [(5,)]
        assert (await ledger.account("acct_a")).is_suspended
        assert (await ledger.hold(hold())).which == "suspended"
        await ledger.post(Resume("acct_a"))
        refused = await ledger.hold(hold(budget_ids=("tok_a",)))
        assert (refused.which, refused.budget_available_micros) == ("budget", 40)
        await ledger.hold(hold(amount=40, budget_ids=("tok_a",)))
        view = await ledger.budget("tok_a")
        assert (view.spent_micros, view.held_micros, view.available_micros) == (0, 40, 0)
        await ledger.settle(settle())
        assert rows(tmp_path, "SELECT spent, held FROM budgets") == [(20, 0)]
        assert await ledger.budget("tok_x") is None
        with pytest.raises(UnknownAccount):
            await ledger.post(credit(5, account_id="acct_x"))


async def test_too_many_who_wait_for_the_disk_turn_new_requests_away(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 10**9)
        count = QUEUE_MAX
        for n in range(count + 1):
            await ledger.hold(hold(f"ex_{n}"))
        tasks = [asyncio.create_task(ledger.settle(settle(f"ex_{n}"))) for n in range(count)]
        await asyncio.sleep(0)
        assert ledger.stats().waiting_for_disk == count
        with pytest.raises(Overloaded) as refused:
            await ledger.hold(hold("ex_new"))
        assert ("retry-after", "1") in refused.value.headers
        last = asyncio.create_task(ledger.settle(settle(f"ex_{count}")))  # never refused
        assert len(await asyncio.gather(*tasks, last)) == count + 1
        assert isinstance(await ledger.hold(hold("ex_new")), Held)
        await ledger.void(void("ex_new"))


async def test_a_closed_book_refuses_and_has_ended_its_epoch(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
    with pytest.raises(LedgerUnavailable):
        await ledger.hold(hold())
    async with open_book(tmp_path):
        ended = rows(tmp_path, "SELECT epoch, ended_at IS NOT NULL FROM epochs ORDER BY epoch")
        assert ended == [(1, 1), (2, 0)]


async def test_no_wake_up_is_lost(tmp_path):
    """Whenever an operation comes in relation to the writer's rounds, it is answered."""
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 10**9)

        async def request(number: int) -> None:
            for round_number in range(40):
                name = f"ex_{number}_{round_number}"
                await ledger.hold(hold(name))
                if number % 3 == 0:
                    await asyncio.sleep((number * round_number) % 7 / 5_000)
                if number % 2:
                    await ledger.start(name, 10)
                await ledger.settle(settle(name))

        async with asyncio.timeout(10):
            await asyncio.gather(*(request(number) for number in range(12)))
        for number in range(200):  # alone: each must start its own round
            await ledger.hold(hold(f"ex_alone_{number}"))
            async with asyncio.timeout(5):
                await ledger.settle(settle(f"ex_alone_{number}"))
    result = audit(tmp_path)
    assert result["ok"], result
    assert result["entries"] == 1 + 12 * 40 + 200


async def test_an_overdue_hold_is_ended_by_the_book(tmp_path):
    """By the monotonic clock: here it runs a hundred times as fast as the wall's."""

    class Fast:
        def __init__(self):
            self.now = 0.0

        def wall_ms(self):
            return 1_790_000_000_000

        def monotonic(self):
            return self.now

    clock = Fast()
    async with open_book(tmp_path, clock=clock) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold(deadline=1_790_000_060_000))
        await ledger.start("ex_1", 10)
        ledger._ticks = 98
        clock.now = 59.0
        await asyncio.sleep(0.15)
        assert ledger.stats().open_holds == 1
        ledger._ticks = 98
        clock.now = 61.0
        await soon(lambda: ledger.stats().open_holds == 0)
        assert ledger.stats().overdue_holds == 1
        with pytest.raises(AlreadyEnded):
            await ledger.settle(settle())
        assert (await ledger.account("acct_a")).balance_micros == 990
    assert audit(tmp_path)["ok"]
