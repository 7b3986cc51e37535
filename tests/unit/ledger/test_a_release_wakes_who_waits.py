"""A request that only the account's own holds are in the way of may wait for them."""

import asyncio

from tests.support.ledger.sqlite import credit, hold, open_account, open_book, settle, void
from yiyuan.ledger.operations import Held
from yiyuan.ledger.release_queue import WAITING_MAX, WAITING_PER_ACCOUNT_MAX, ReleaseQueue


async def test_the_end_of_a_hold_wakes_those_who_wait_in_order(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 100)
        await ledger.hold(hold("ex_1", amount=100))
        woken = []

        async def wait(name):
            assert await ledger.released("acct_a", 5)
            if isinstance(await ledger.hold(hold(name, amount=40)), Held):
                woken.append(name)

        tasks = []
        for name in ("ex_2", "ex_3", "ex_4"):
            tasks.append(asyncio.create_task(wait(name)))
            await asyncio.sleep(0)
        assert ledger.stats().waiting_for_release == 3
        await ledger.settle(settle("ex_1", 10, 0))
        await asyncio.gather(*tasks)
        # 90 are left: room for two of 40, first come, first served.
        assert woken == ["ex_2", "ex_3"]
        assert ledger.stats().waiting_for_release == 0
        await ledger.void(void("ex_2"))
        await ledger.void(void("ex_3"))


async def test_other_accounts_are_not_woken_and_time_runs_out(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 100)
        await open_account(ledger, 100, "acct_b")
        await ledger.hold(hold("ex_1", amount=100))
        await ledger.hold(hold("ex_2", "acct_b"))
        waiting = asyncio.create_task(ledger.released("acct_a", 0.05))
        await asyncio.sleep(0)
        await ledger.void(void("ex_2"))
        assert not await waiting
        assert ledger.stats().waiting_for_release == 0
        await ledger.void(void("ex_1"))


async def test_a_credit_wakes_too(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 100)
        await ledger.hold(hold("ex_1", amount=100))
        waiting = asyncio.create_task(ledger.released("acct_a", 5))
        await asyncio.sleep(0)
        await ledger.post(credit(50))
        assert await waiting
        await ledger.void(void("ex_1"))


async def test_there_is_nothing_to_wait_for_without_holds(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 100)
        async with asyncio.timeout(1):
            assert not await ledger.released("acct_a", 60)
            assert not await ledger.released("acct_x", 60)


async def test_the_queue_is_bounded_by_account_and_in_all():
    queue = ReleaseQueue()
    tasks = []
    for number in range(WAITING_MAX):
        account = f"acct_{number // WAITING_PER_ACCOUNT_MAX}"
        tasks.append(asyncio.create_task(queue.wait(account, 30)))
    await asyncio.sleep(0)
    assert queue.waiting == WAITING_MAX
    async with asyncio.timeout(1):
        assert not await queue.wait("acct_other", 30)
    queue.wake("acct_0")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert queue.waiting == WAITING_MAX - WAITING_PER_ACCOUNT_MAX
    async with asyncio.timeout(1):
        assert not await queue.wait("acct_1", 30)
    tasks[-1].cancel()
    queue.stop()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[:64] == [True] * 64
    assert answers[64:-1] == [False] * (WAITING_MAX - 65)
    assert queue.waiting == 0


async def test_a_cancelled_waiter_leaves_the_queue():
    queue = ReleaseQueue()
    task = asyncio.create_task(queue.wait("acct_a", 30))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert queue.waiting == 0
    assert queue._queues == {}
