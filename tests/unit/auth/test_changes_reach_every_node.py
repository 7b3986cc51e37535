"""Nodes follow each other's changes: at once by a message, in a second without one."""

import asyncio
import time

import pytest

from tests.support.valkey_process import running_valkey
from yiyuan.app.invalidation import Invalidation
from yiyuan.store.errors import DatabaseAway


class Node:
    """A node that counts how often it read everything; `shared` stands for the database."""

    def __init__(self, url, shared):
        self.shared = shared
        self.seen = None
        self.reloads = 0
        self.changes = Invalidation(url, self.version, self.reload)

    async def version(self):
        if self.shared.get("away"):
            raise DatabaseAway("gone")
        return self.shared["version"]

    async def reload(self):
        await self.version()
        self.reloads += 1
        self.seen = self.shared["content"]

    async def change(self, content, *, is_told=True):
        self.shared["version"] += 1
        self.shared["content"] = content
        if is_told:
            await self.changes.publish()


@pytest.fixture(scope="module")
def valkey():
    with running_valkey() as running:
        yield running


@pytest.fixture
async def nodes(valkey):
    shared = {"version": 1, "content": "old"}
    pair = [Node(valkey.url, shared), Node(valkey.url, shared)]
    for node in pair:
        await node.changes.open()
    await until(lambda: all(node.seen == "old" for node in pair), 3)
    with valkey.client as client:
        await until(lambda: client.pubsub_numsub("yiyuan:changed")[0][1] == 2, 3)
    yield pair
    for node in pair:
        await node.changes.close()


async def until(condition, seconds):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "waited in vain"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_a_message_is_followed_at_once(nodes):
    one, two = nodes
    await one.change("new")
    assert await until(lambda: two.seen == "new", 0.5) < 0.5


async def test_a_lost_message_costs_a_second(nodes):
    one, two = nodes
    await one.change("silent", is_told=False)
    await until(lambda: two.seen == "silent", 1.5)
    reloads = two.reloads
    await asyncio.sleep(1.2)
    assert two.reloads == reloads, "nothing is read while nothing changes"


async def test_without_valkey_the_poll_has_to_do_and_messages_return(nodes, valkey):
    one, two = nodes
    valkey.kill()
    began = time.monotonic()
    await one.change("alone")
    assert time.monotonic() - began < 1.0
    await until(lambda: two.seen == "alone", 1.5)
    valkey.start()
    with valkey.client as client:
        await until(lambda: client.pubsub_numsub("yiyuan:changed")[0][1] == 2, 3)
    await one.change("together")
    await until(lambda: two.seen == "together", 0.5)


async def test_a_frozen_valkey_delays_a_change_by_half_a_second(nodes, valkey):
    one, two = nodes
    valkey.freeze()
    began = time.monotonic()
    await one.change("frozen")
    assert time.monotonic() - began < 1.0
    await until(lambda: two.seen == "frozen", 1.5)
    valkey.thaw()


async def test_a_database_that_is_away_is_asked_again(nodes):
    one, two = nodes
    one.shared["away"] = True
    await one.change("unread")
    await asyncio.sleep(0.2)
    assert two.seen != "unread"
    one.shared["away"] = False
    await until(lambda: two.seen == "unread", 1.5)
