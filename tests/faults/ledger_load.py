"""Clients of a ledger that spend without a pause, and what must hold afterwards."""

import asyncio

from tests.support.ledger.postgres import audit, rows
from tests.support.ledger.sqlite import hold, settle
from tests.support.postgres_server import query
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held


class Load:
    """Clients that spend all the time, and know what they were charged."""

    def __init__(self, ledger):
        self.ledger = ledger
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
                answer = await self.ledger.hold(hold(name, amount=50))
            except Overloaded:
                assert not self.ledger.is_failed
                self.refused += 1
                await asyncio.sleep(0.02)
                continue
            assert isinstance(answer, Held)
            await self.ledger.start(name, 10)
            settled = await self.ledger.settle(settle(name, 10, turn % 20))
            self.charged.append(settled.charge_micros)

    async def some_more(self, count=50, timeout_seconds=60):
        """Wait until requests go through again."""
        before = len(self.charged)
        async with asyncio.timeout(timeout_seconds):
            while len(self.charged) < before + count:
                await asyncio.sleep(0.02)


async def check(url, load):
    held = query(url, "SELECT posted, held FROM accounts")
    assert held == [(10_000_000 - sum(load.charged), 0)]
    paid = [row for row in rows(url, "usage") if row[18]]
    assert len(paid) == sum(charge > 0 for charge in load.charged)
    assert (await audit(url))["problems"] == []
