"""One process that spends from a shared account; run by tests, told what to do by arguments.

`postgres_worker.py URL NAME COUNT AMOUNT settle|keep`: holds COUNT times AMOUNT at once,
settles what it got or keeps it open until killed. Prints one JSON line when the holds
are answered, and one when it ends.
"""

import asyncio
import json
import os
import sys

from tests.support.ledger.postgres import open_postgres_book
from tests.support.ledger.sqlite import hold, settle
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held


def say(**what):
    print(json.dumps(what), flush=True)


def die(reason):
    """As the server does when the ledger tells it to."""
    say(failed=reason)
    os._exit(70)


async def spend(url, name, count, amount, ending):
    async with open_postgres_book(url, on_failure=die) as (ledger, _):
        say(epoch=ledger.epoch)
        sys.stdin.readline()  # all begin together

        async def one(number):
            while True:
                try:
                    answer = await ledger.hold(hold(f"ex_{name}_{number}", amount=amount))
                    return isinstance(answer, Held)
                except Overloaded:
                    await asyncio.sleep(0.01)

        answers = await asyncio.gather(*(one(number) for number in range(count)))
        say(held=sum(answers))
        got = [number for number, held in enumerate(answers) if held]
        if ending == "keep":
            for number in got[::2]:
                await ledger.start(f"ex_{name}_{number}", 1)
            say(started=len(got[::2]))
            while True:  # until killed, or fenced
                await asyncio.sleep(0.2)
                await ledger.start(f"ex_{name}_{got[0]}", 1)
        for number in got:
            await ledger.settle(settle(f"ex_{name}_{number}", amount, 0))
        say(charged=len(got))


if __name__ == "__main__":
    url, name, count, amount, ending = sys.argv[1:]
    asyncio.run(spend(url, name, int(count), int(amount), ending))
