"""Limits while Valkey is frozen, killed, emptied, slow or read-only: neither open nor closed.

Two limiters share one Valkey, as two nodes do. What one of them promises is that no
call fails or waits for long, that no minute sees more than the limit and the other
node's share of it, and that Valkey decides again as soon as it can, knowing what
happened meanwhile.
"""

import asyncio
import time

import pytest

from tests.support.valkey_process import running_valkey
from yiyuan.kernel.clock import SystemClock
from yiyuan.ratelimit.valkey.limiter import ValkeyLimiter
from yiyuan.ratelimit.window import Allowed, Limited, Window

LIMIT = 200
SHARE = 100
SECONDS_TO_RETURN = 5.0


class Node:
    """A limiter, and what it did."""

    def __init__(self, url):
        self.said = []
        self.limiter = ValkeyLimiter(url, SystemClock(), self.said.append)
        self.admitted = 0
        self.seconds = []

    async def ask(self, key="account model", limit=LIMIT):
        began = time.perf_counter()
        verdict = await self.limiter.admit([Window(key, limit)])
        self.seconds.append(time.perf_counter() - began)
        self.admitted += isinstance(verdict, Allowed)
        return verdict

    async def load(self, tries, at_once=1):
        """Ask so often, with a breath in between; what was admitted of it."""
        before = self.admitted
        for _ in range(tries // at_once):
            await asyncio.gather(*[self.ask() for _ in range(at_once)])
            await asyncio.sleep(0)
        return self.admitted - before

    @property
    def is_up(self):
        return self.limiter.backend().is_up


@pytest.fixture
def valkey():
    with running_valkey() as running:
        yield running


@pytest.fixture
async def pair(valkey):
    """Two nodes."""
    pair = [Node(valkey.url), Node(valkey.url)]
    for node in pair:
        await node.limiter.open()
    yield pair
    for node in pair:
        await node.limiter.close()


@pytest.fixture
async def nodes(pair):
    """Two nodes that know of each other."""
    await until(lambda: all(node.limiter.backend().replicas == 2 for node in pair))
    return pair


async def until(condition, seconds=SECONDS_TO_RETURN):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


def all_up(nodes):
    return all(node.is_up for node in nodes)


def all_down(nodes):
    return not any(node.is_up for node in nodes)


async def counted(node, key="account model", limit=100_000):
    """How many admissions Valkey counts."""
    assert node.is_up
    state = await node.limiter.peek([Window(key, limit)])
    return limit - state.remaining


async def becomes(node, count, key="account model", more=0):
    """Wait until Valkey counts so many: what each node writes back arrives in its own time.

    There may be up to `more` about which a node could not know whether they are counted.
    """
    end = time.monotonic() + 2.0
    while not count <= (found := await counted(node, key)) <= count + more:
        assert time.monotonic() < end, f"{found} are counted, not {count}"
        await asyncio.sleep(0.01)


async def test_two_nodes_admit_exactly_the_limit_together(pair):
    one, two = pair
    await asyncio.gather(one.load(300, at_once=30), two.load(300, at_once=20))
    assert one.admitted + two.admitted == LIMIT
    assert one.admitted
    assert two.admitted
    assert one.said == two.said == []


async def test_a_frozen_valkey_costs_one_short_wait(nodes, valkey):
    one, two = nodes
    await asyncio.gather(one.load(60), two.load(60))
    valkey.freeze()
    for node in nodes:
        node.seconds.clear()
    alone = await asyncio.gather(one.load(400, at_once=10), two.load(400, at_once=10))
    assert all_down(nodes)
    assert alone == [SHARE - 60] * 2, "each fills its share, what it admitted before included"
    waited = sorted(one.seconds + two.seconds)
    assert waited[-1] < 0.5
    assert waited[int(len(waited) * 0.9)] < 0.03, "after the breaker has opened nobody waits"
    assert [len(node.said) for node in nodes] == [1, 1], "said once"
    valkey.thaw()
    await until(lambda: all_up(nodes))
    assert [len(node.said) for node in nodes] == [2, 2]
    await becomes(one, LIMIT, more=40)  # what was admitted alone is known now
    assert isinstance(await two.ask(), Limited)
    assert one.limiter.backend().away_seconds > 0


async def test_at_worst_the_other_nodes_share_comes_on_top(nodes, valkey):
    one, two = nodes
    assert await one.load(LIMIT + 10) == LIMIT
    valkey.freeze()
    assert await one.load(50, at_once=10) == 0, "its memory was kept warm"
    assert await two.load(LIMIT, at_once=10) == SHARE
    valkey.thaw()
    await until(lambda: all_up(nodes))
    assert await one.load(20) + await two.load(20) == 0


async def test_a_killed_valkey_is_replaced_by_an_empty_one(nodes, valkey):
    one, two = nodes
    await asyncio.gather(one.load(40), two.load(40))
    valkey.kill()
    await until(lambda: all_down(nodes))
    assert await asyncio.gather(one.load(30, at_once=10), two.load(30, at_once=10)) == [30, 30]
    valkey.start()
    await until(lambda: all_up(nodes))
    await becomes(one, 140)  # all of it was restored, by both
    await asyncio.gather(one.load(100, at_once=10), two.load(100, at_once=10))
    assert one.admitted + two.admitted == LIMIT


async def test_an_emptied_valkey_is_filled_again(nodes, valkey):
    one, two = nodes
    await asyncio.gather(one.load(90), two.load(90))
    with valkey.client as client:
        client.flushall()
    await asyncio.gather(one.load(60, at_once=5), two.load(60, at_once=5))
    await until(lambda: all_up(nodes))
    await asyncio.gather(one.load(60, at_once=5), two.load(60, at_once=5))
    assert LIMIT <= one.admitted + two.admitted <= LIMIT + SHARE
    await becomes(one, one.admitted + two.admitted, more=LIMIT)
    assert isinstance(await one.ask(), Limited)


async def test_an_idle_node_restores_its_part_too(pair, valkey):
    """It notices at its next greeting, within a second."""
    one, two = pair
    await two.load(120)
    with valkey.client as client:
        client.flushall()
    await until(lambda: len(one.said) == len(two.said) == 2, 4.0)
    await until(lambda: all_up(pair))
    await becomes(one, 120)


async def test_forgotten_scripts_are_sent_again(pair, valkey):
    one, two = pair
    await one.load(50)
    with valkey.client as client:
        client.script_flush()
    slot = (await two.ask()).slot
    two.limiter.give_back(slot)
    with valkey.client as client:
        client.script_flush()
    await asyncio.sleep(0.05)
    await asyncio.gather(one.load(200, at_once=10), two.load(200, at_once=10))
    assert one.admitted + two.admitted == LIMIT + 1
    assert one.said == two.said == [], "nobody needs to know"


async def test_a_read_only_valkey_is_no_use(nodes, valkey):
    one, two = nodes
    await asyncio.gather(one.load(20), two.load(20))
    with valkey.client as client:
        client.replicaof("127.0.0.1", "1")
        alone = await asyncio.gather(one.load(300, at_once=10), two.load(300, at_once=10))
        assert alone == [SHARE - 20] * 2
        assert all_down(nodes)
        assert "READONLY" in one.said[0]
        client.replicaof("no", "one")
    await until(lambda: all_up(nodes))
    await becomes(one, LIMIT)


async def test_a_slow_answer_is_counted_once(pair, valkey):
    """Decided here after 50 ms; when the answer comes late, Valkey gives its count back."""
    one, _ = pair
    await one.load(5)
    with valkey.client as client:
        client.client_pause(150, all=True)
        began = time.perf_counter()
        verdicts = await asyncio.gather(*[one.ask() for _ in range(2)])
        assert 0.04 < time.perf_counter() - began < 0.14
        assert all(isinstance(verdict, Allowed) for verdict in verdicts)
    await asyncio.sleep(0.3)
    assert one.is_up, "two are not five in a row"
    await becomes(one, 7)
    one.limiter.give_back(verdicts[0].slot)
    await becomes(one, 6)


async def test_what_nobody_waits_for_is_given_back(pair, valkey):
    one, _ = pair
    task = asyncio.create_task(one.ask())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0.1)
    await becomes(one, 0)


async def test_it_begins_without_valkey(valkey):
    valkey.kill()
    node = Node(valkey.url)
    began = time.monotonic()
    await node.limiter.open()
    assert time.monotonic() - began < 2.0
    assert not node.is_up
    assert await node.load(30) == 30, "it knows of no other"
    valkey.start()
    await until(lambda: node.is_up)
    await becomes(node, 30)
    assert len(node.said) == 2
    await node.limiter.close()


async def test_corrections_wait_for_valkey(pair, valkey):
    one, two = pair
    windows = [Window("tokens", 1000, 300)]
    slots = [(await one.limiter.admit(windows)).slot for _ in range(2)]
    valkey.freeze()
    await one.load(10, at_once=5)
    assert not one.is_up
    one.limiter.correct(slots[0], 50)
    one.limiter.give_back(slots[1])
    valkey.thaw()
    await until(lambda: all_up(pair))
    assert (await two.limiter.peek([Window("tokens", 1000, 0)])).tokens.remaining == 950


async def test_many_windows_are_written_back_in_pieces(pair, valkey):
    one, _ = pair
    valkey.kill()
    await until(lambda: not one.is_up)
    for number in range(3000):
        await one.ask(f"account {number}", 10)
    valkey.start()
    await until(lambda: one.is_up)
    await becomes(one, 1, "account 17")
    await becomes(one, 1, "account 2999")
    assert max(one.seconds) < 0.5


async def test_a_wrong_address_or_password_is_said_and_harmless(valkey):
    with valkey.client as client:
        client.config_set("requirepass", "right")
    refused = Node(valkey.url.replace("redis://", "redis://:wr%40ng@"))
    await refused.limiter.open()
    assert not refused.is_up
    assert "WRONGPASS" in refused.said[0]
    assert "wr@ng" not in refused.said[0]
    assert await refused.load(5) == 5
    await refused.limiter.close()
    signed_in = Node(valkey.url.replace("redis://", "redis://default:right@").replace("/0", "/3"))
    await signed_in.limiter.open()
    assert signed_in.is_up
    await signed_in.limiter.close()
