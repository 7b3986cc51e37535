"""Random lives of orders against a real provider: in whatever order, money is kept.

Orders are made, paid, notified, doubled, refunded here and there, disputed, cancelled, left
to expire; the service ends at any write and begins again. After each life every balance
is what the orders, refunds and debts make it, and the provider's money is ours or in review.
`YIYUAN_TEST_LIVES=1000` has more of them, `YIYUAN_TEST_FIRST_SEED` others.
"""

import os
from dataclasses import replace

import pytest

from tests.support.payment_gateways.life import Life, age, open_shop, try_step
from tests.support.payment_gateways.partner import KINDS, Partner
from tests.system.payments.shop import database_of
from yiyuan.kernel.settings import load
from yiyuan.ledger.verify.verify import verify
from yiyuan.services.shared.opening import open_context

FIRST_SEED = int(os.environ.get("YIYUAN_TEST_FIRST_SEED", "1"))
LIVES = int(os.environ.get("YIYUAN_TEST_LIVES", "10"))
"""Of each method."""
STEPS = 14


class Ended(Exception):
    """The process ends here."""


class Ending:
    """The real database or ledger, until the writes that both share are used up."""

    def __init__(self, real, left: list[int]) -> None:
        self._real, self._left = real, left

    def __getattr__(self, name):
        return getattr(self._real, name)

    async def write(self, statements):
        self._count()
        return await self._real.write(statements)

    async def post(self, operation):
        self._count()
        return await self._real.post(operation)

    def _count(self) -> None:
        self._left[0] -= 1
        if self._left[0] < 0:
            raise Ended


async def live(life: Life) -> None:
    """Steps by chance; some end in the middle."""
    await life.begin()
    await life.order(life.context)
    steps = (
        *(life.order, life.pay, life.pay, life.notify, life.notify, life.check),
        *(life.refund_here, life.refund_there, life.cancel, life.spend),
        *(life.dispute, life.pass_by),
    )
    for _ in range(STEPS):
        step, context = life.random.choice(steps), life.context
        await age(context, 1_100)  # or who asks would wait for who has just asked
        if life.random.random() < 0.4:
            left = [life.random.randrange(8)]
            ending = {"database": Ending(context.database, left)}
            context = replace(context, **ending, ledger=Ending(context.ledger, left))
        try:
            await try_step(step, context)
        except Ended:
            continue
    await life.settle_down()


@pytest.mark.parametrize(
    ("engine", "kind"), [*(("sqlite", kind) for kind in KINDS), ("postgres", "stripe_checkout")]
)
@pytest.mark.random
@pytest.mark.timeout(7200)
async def test_44_money_is_kept_in_random_lives(engine, kind, tmp_path):
    environment = {
        "YIYUAN_HOME": str(tmp_path / "home"),
        "YIYUAN_PUBLIC_URL": "http://127.0.0.1:8000",
        **database_of(engine),
    }
    with Partner(kind) as partner:
        async with open_context(load(environment)) as context:
            await open_shop(context, partner)
            for seed in range(FIRST_SEED, FIRST_SEED + LIVES):
                partner.do("forget")
                life = Life(context, partner, seed)
                await live(life)
                try:
                    await life.assert_kept()
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}: {error}") from error
            context.client.close()
            verdict = await context.database.run_read(
                lambda connection: verify(connection, now_ms=context.clock.wall_ms(), full=True)
            )
            assert verdict["ok"], verdict["problems"]
