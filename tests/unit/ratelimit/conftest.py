"""Both engines behind one fixture, on a clock that the test moves."""

import pytest

from tests.support.valkey_process import running_valkey
from yiyuan.ratelimit.memory import InMemoryLimiter
from yiyuan.ratelimit.valkey.limiter import ValkeyLimiter


class Clock:
    """Both clocks, and Valkey's; `now` is in seconds."""

    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now

    def monotonic(self):
        return self.now

    def wall_ms(self):
        return int(self.now * 1000)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="package")
def valkey():
    with running_valkey() as running:
        yield running


@pytest.fixture(params=["memory", "valkey"])
async def limiter(request, clock):
    """A limiter; `slack_seconds` is by how much the engine may be too strict."""
    if request.param == "memory":
        yield InMemoryLimiter(clock)
        return
    valkey = request.getfixturevalue("valkey")
    with valkey.client as client:
        client.flushall()
    limiter = ValkeyLimiter(valkey.url, clock, print, clock.wall_ms)
    await limiter.open()
    yield limiter
    assert limiter.backend().is_up, "Valkey has decided"
    await limiter.close()


@pytest.fixture
def slack(limiter):
    """Seconds by which the engine may be too strict."""
    return 0.0 if isinstance(limiter, InMemoryLimiter) else 1.0
