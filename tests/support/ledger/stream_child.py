"""A process that spends: many streams over one book, told to its parent as they go.

Usage: stream_child.py PLACE SEED SYNCHRONOUS; PLACE is a home, for SQLite, or the URL of
a PostgreSQL, which does not care about SYNCHRONOUS. Each line on stdout is one fact, written
before anything that depends on it is done:

    ready               the book is open
    REQUEST N           N more tokens have been delivered
    REQUEST end CHARGE  the request is settled, and the last byte may go out
    credit KEY          the keyed credit is booked

The parent kills it at any moment.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from tests.support.ledger.postgres import open_postgres_book
from tests.support.ledger.sqlite import credit, details, open_account, open_book
from yiyuan.kernel.errors import Overloaded
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.errors import AccountExists
from yiyuan.ledger.operations import Held, Hold, Settle, Void
from yiyuan.pricing.price import parse_price

STREAMS = 64
WINDOW = 64
ACCOUNTS = ("acct_rich", "acct_poor")
# A micro a token and nothing for the input: a charge is a number of tokens.
PRICE = parse_price({"input": "0", "output": "1"}, price_id="price_tokens", model="m")


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


class Stream:
    """One request with the three gates of a stream."""

    def __init__(self, ledger, chance: random.Random) -> None:
        self.ledger = ledger
        self.chance = chance
        self.name = new_id("ex")
        self.delivered = 0

    async def run(self) -> None:
        bound = self.chance.choice([10, 100, 2_000])
        account = self.chance.choice(ACCOUNTS)
        operation = Hold(
            self.name, account, "tok", (), "m", PRICE, 1_000_000, bound, 0, bound, 0, 10**9
        )
        try:
            answer = await self.ledger.hold(operation)
        except Overloaded:  # a PostgreSQL that is busy with the dead; a client would try again
            return
        if not isinstance(answer, Held):
            await self.ledger.released(account, 0.05)
            return
        await self.pause()
        if self.chance.random() < 0.1:
            await self.ledger.void(Void(self.name, "failed", details()))
            return
        if bound == 10:
            self.delivered = bound  # not streamed: the whole body follows the settlement
        else:
            await self.stream(self.chance.randrange(1, bound))
        usage = Usage(0, self.delivered)
        settle = Settle(self.name, usage, "upstream", "completed", details())
        settled = await self.ledger.settle(settle)
        tell(f"{self.name} end {settled.charge_micros}")

    async def stream(self, tokens: int) -> None:
        await self.ledger.start(self.name, 0)  # gate 1
        while self.delivered < tokens:
            count = min(self.chance.randrange(1, 9), tokens - self.delivered)
            ahead = self.delivered - self.ledger.durable_progress(self.name)
            if ahead + count > WINDOW:
                await self.ledger.progress(self.name, self.delivered)  # gate 2
            elif ahead >= WINDOW // 2:
                self.ledger.mark(self.name, self.delivered)
            tell(f"{self.name} {count}")
            self.delivered += count
            await self.pause()

    async def pause(self) -> None:
        await asyncio.sleep(self.chance.choice([0, 0, 0, 0.001, 0.003]))


async def spend(ledger, seed: int) -> None:
    chance = random.Random(seed)
    while True:
        await Stream(ledger, chance).run()


async def top_up(ledger) -> None:
    for number in range(10**9):
        key = f"key_{number // 3}"
        await ledger.post(credit(50, "acct_poor", idem_key=key))
        tell(f"credit {key}")
        await asyncio.sleep(0.005)


def open_at(place: str, synchronous: str):
    """The book of that place."""
    if "://" in place:
        return open_postgres_book(place, prices=[PRICE])
    return open_book(Path(place), synchronous=synchronous, prices=[PRICE])


async def main(place: str, seed: int, synchronous: str) -> None:
    async with open_at(place, synchronous) as (ledger, _):
        for account, balance in zip(ACCOUNTS, (10**9, 500), strict=True):
            try:
                await open_account(ledger, balance, account)
            except AccountExists:
                continue
        tell("ready")
        async with asyncio.TaskGroup() as group:
            group.create_task(top_up(ledger))
            for number in range(STREAMS):
                group.create_task(spend(ledger, seed * STREAMS + number))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
