"""An order's life that SIGKILL ends before its n-th write, for every n, and what remains.

    python -m tests.support.payment_gateways.steps

reads one JSON object from stdin (`environment`, `kind`, `every`: which n) and writes one to
stdout: how many writes a whole life has, and what was wrong after which. Each life and each
recovery is a process of its own, forked here: this one opens no database.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tests.support.payment_gateways.life import Life, age, open_shop, try_step
from tests.support.payment_gateways.partner import Partner
from yiyuan.http.client.client import Client
from yiyuan.kernel.settings import Settings, load
from yiyuan.services.payments.refunds.refund import refund
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.opening import open_context

STEPS_MAX = 200


class Killing:
    """The real database or ledger; before the write that is one too many the process ends."""

    def __init__(self, real: Any, left: list[int]) -> None:
        """`left` is shared by both."""
        self._real, self._left = real, left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def write(self, statements: Any) -> Any:
        """Write, or die."""
        self._count()
        return await self._real.write(statements)

    async def post(self, operation: Any) -> Any:
        """Post, or die."""
        self._count()
        return await self._real.post(operation)

    def _count(self) -> None:
        self._left[0] -= 1
        if self._left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def live(life: Life, context: ServiceContext) -> None:
    """Order, pay, notify twice, refund here and there, dispute; and pay a cancelled one."""
    await try_step(lambda c: life.order(c, 20_000_000), context)
    for step in (life.pay, life.notify, life.notify):
        await age(life.context, 1_100)
        await try_step(step, context)
    await try_step(life.dispute, context)
    (row,) = await life.rows()
    await try_step(lambda c: refund(c, row, 333, "part", "first"), context)
    await try_step(life.refund_there, context)
    await try_step(lambda c: refund(c, row, None, "rest", "second"), context)
    await try_step(life.order, context)
    await try_step(life.cancel, context)
    await try_step(life.pay, context)
    await age(life.context, 1_100)
    await try_step(life.notify, context)


def in_a_process(work: Callable[[], Awaitable[None]]) -> tuple[int, str]:
    """Run it in a process of its own; how that ended, and what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said, code = "", 0
        try:
            asyncio.run(work())  # type: ignore[arg-type]
        except BaseException:
            said, code = traceback.format_exc(), 1
        os.write(writing, said.encode()[:60_000])
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


async def one_life(settings: Settings, partner: Partner, seed: int, writes: int) -> None:
    """Live until the writes are used up."""
    async with open_context(settings) as context:
        context.client = Client()
        life = Life(context, partner, seed)
        await life.begin()
        left = [writes]
        database, ledger = Killing(context.database, left), Killing(context.ledger, left)
        await live(life, replace(context, database=database, ledger=ledger))  # type: ignore[arg-type]


async def one_recovery(settings: Settings, partner: Partner, seed: int) -> None:
    """Begin again, follow what is open, and look whether money was kept."""
    async with open_context(settings) as context:
        context.client = Client()
        life = Life(context, partner, seed)
        await life.settle_down()
        await life.assert_kept()


async def _open(settings: Settings, partner: Partner) -> None:
    async with open_context(settings) as context:
        await open_shop(context, partner)


def main() -> None:
    """Every n, until a life comes to its end."""
    asked = json.load(sys.stdin)
    settings, wrong = load(asked["environment"]), list[str]()
    with Partner(asked["kind"]) as partner:
        code, said = in_a_process(lambda: _open(settings, partner))
        assert code == 0, said
        for n in range(0, STEPS_MAX, asked["every"]):
            partner.do("forget")
            code, said = in_a_process(lambda n=n: one_life(settings, partner, n + 1, n))
            if code not in (0, -signal.SIGKILL):
                wrong.append(f"before write {n} it ended by itself: {said}")
            is_over = code == 0
            code, said = in_a_process(lambda n=n: one_recovery(settings, partner, n + 1))
            if code != 0:
                wrong.append(f"killed before write {n}: {said}")
            if is_over:
                break
    print(json.dumps({"writes": n, "wrong": wrong}))


if __name__ == "__main__":
    main()
