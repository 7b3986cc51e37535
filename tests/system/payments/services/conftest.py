"""Everything that the server works with, opened by the test on both engines."""

import pytest

from tests.system.payments.services.lives import living
from tests.system.payments.shop import ENGINES, database_of
from yiyuan.kernel.settings import load
from yiyuan.ledger.verify.verify import verify
from yiyuan.services.shared.opening import open_context


@pytest.fixture(params=ENGINES)
async def engine(request, tmp_path):
    """Everything that the server works with, opened on a database of each engine."""
    environment = {
        "YIYUAN_HOME": str(tmp_path / "home"),
        "YIYUAN_PUBLIC_URL": "http://127.0.0.1:8000",
        **database_of(request.param),
    }
    async with open_context(load(environment)) as context:
        yield context
        verdict = await context.database.run_read(
            lambda connection: verify(connection, now_ms=context.clock.wall_ms(), full=True)
        )
        assert verdict["ok"], verdict["problems"]


@pytest.fixture(params=["stripe_checkout", "alipay"])
async def life(request, engine):
    """An account that pays by a provider that takes refunds and tells of them."""
    async with living(engine, request.param) as lived:
        yield lived


@pytest.fixture
async def stripe(engine):
    """The same with Stripe, which tells of disputes."""
    async with living(engine, "stripe_checkout") as lived:
        yield lived
