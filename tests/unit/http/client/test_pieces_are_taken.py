"""A reader may leave somebody who takes what arrives while it waits."""

import asyncio
import gzip

import pytest

from tests.unit.http.client.raw_server import CHUNKED, RawServer, call
from yiyuan.http.client.errors import UpstreamFailure


class Taker:
    """Takes all but what it has been told to leave, and remembers."""

    def __init__(self, *left):
        self.left, self.taken = left, []

    def __call__(self, piece):
        if piece in self.left:
            return False
        self.taken.append(piece)
        return True


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


def sending(*pieces, head=CHUNKED, has_end=True):
    """A server that waits until what it sent was surely seen."""

    async def handler(peer):
        await peer.request()
        await peer.send(head)
        for piece in pieces:
            await asyncio.sleep(0.02)
            await peer.send(chunk(piece))
        await asyncio.sleep(0.02)
        if has_end:
            await peer.send(b"0\r\n\r\n")
            await peer.gone(timeout=10)
        else:
            peer.end()

    return handler


async def test_what_is_left_goes_to_the_reader(client):
    taker = Taker(b"for the reader", b"too")
    pieces = [b"a", b"b", b"for the reader", b"c", b"too", b"d"]
    async with RawServer(sending(*pieces)) as server:
        response = await client.send(call(server))
        response.taker = taker
        assert [piece async for piece in response] == [b"for the reader", b"too"]
    assert taker.taken == [b"a", b"b", b"c", b"d"]


async def test_nothing_is_taken_while_the_reader_does_something_else(client):
    async with RawServer(sending(b"a", b"b", b"c")) as server:
        response = await client.send(call(server))
        response.taker = taker = Taker(b"a")
        assert await anext(response) == b"a"
        await asyncio.sleep(0.2)
        assert taker.taken == []
        assert [piece async for piece in response] == [b"bc"]


async def test_what_is_compressed_is_not_taken(client):
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    packed = gzip.compress(b"plain text", mtime=0)
    async with RawServer(sending(packed[:12], packed[12:], head=head)) as server:
        response = await client.send(call(server))
        response.taker = taker = Taker()
        assert b"".join([piece async for piece in response]) == b"plain text"
    assert taker.taken == []


async def test_an_end_without_its_mark_is_told_the_reader(client):
    async with RawServer(sending(b"a", b"b", has_end=False)) as server:
        response = await client.send(call(server))
        response.taker = taker = Taker()
        with pytest.raises(UpstreamFailure, match="closed"):
            await anext(response)
    assert taker.taken == [b"a", b"b"]


async def test_nothing_is_taken_after_the_reader_was_cancelled(client):
    async with RawServer(sending(*[b"a"] * 20, has_end=False)) as server:
        response = await client.send(call(server))
        response.taker = taker = Taker()
        reading = asyncio.ensure_future(anext(response))
        await asyncio.sleep(0.05)
        reading.cancel()
        count = len(taker.taken)
        assert response.taker is taker
        await asyncio.wait((reading,))
        assert response.taker is None
        await asyncio.sleep(0.1)
        assert len(taker.taken) == count
