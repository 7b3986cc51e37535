"""Many at once on little money: exactly as many as it pays for are served."""

import asyncio

from tests.support.ledger.sqlite import audit, hold, open_account, open_book, settle
from yiyuan.ledger.operations import Held


async def test_four_hundred_at_once_on_a_balance_for_twenty_five(tmp_path):
    served = []
    async with open_book(tmp_path, synchronous="FULL") as (ledger, _):
        await open_account(ledger, 25 * 40)

        async def request(number):
            name = f"ex_{number}"
            if isinstance(await ledger.hold(hold(name, amount=40)), Held):
                if number % 2:
                    await ledger.start(name, 10)
                await asyncio.sleep(0)
                answer = await ledger.settle(settle(name, 40, 0))
                served.append(answer.balance_micros)

        await asyncio.gather(*(request(number) for number in range(400)))
        view = await ledger.account("acct_a")
    assert (view.balance_micros, view.held_micros) == (0, 0)
    assert len(served) == 25
    assert min(served) == 0
    assert audit(tmp_path)["ok"]


async def test_waiting_for_releases_serves_all_that_the_money_pays_for(tmp_path):
    served = []
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 100)

        async def request(number):
            name = f"ex_{number}"
            while not isinstance(refused := await ledger.hold(hold(name, amount=50)), Held):
                if not refused.may_fit_later or not await ledger.released("acct_a", 2):
                    return
            await asyncio.sleep(0)
            await ledger.settle(settle(name, 5, 0))
            served.append(name)

        await asyncio.gather(*(request(number) for number in range(50)))
    # 5 a request, 50 held: from 100 down to 50 is ten, and the eleventh at exactly 50.
    assert len(served) == 11
    assert audit(tmp_path)["ok"]
