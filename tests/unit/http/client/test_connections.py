"""Connections are reused when that is safe, limited, and ended at once when asked."""

import asyncio
import contextlib

import pytest

from tests.unit.http.client.raw_server import CHUNKED, NO_TLS, OK, RawServer, answering, call, fetch
from yiyuan.http.client.client import Client
from yiyuan.http.client.connection import UNREAD_BYTES_MAX
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.pool import PoolLimits


@contextlib.asynccontextmanager
async def limited(**limits):
    client = Client(limits=PoolLimits(**limits), ssl_context=NO_TLS)
    yield client
    client.close()
    await asyncio.sleep(0)


async def until(condition, timeout=2.0):
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.005)


async def keep_answering(peer):
    while await peer.request() is not None:
        await peer.send(OK)


async def test_requests_in_turn_share_a_connection(client):
    async with RawServer(keep_answering) as server:
        for _ in range(20):
            await fetch(client, server)
        assert server.connections == 1
        assert (client.stats().open, client.stats().idle) == (1, 1)


async def test_requests_at_once_each_have_their_own(client):
    async with RawServer(keep_answering) as server:
        await asyncio.gather(*(fetch(client, server) for _ in range(10)))
        assert server.connections == 10
        await asyncio.gather(*(fetch(client, server) for _ in range(10)))
        assert server.connections == 10


async def test_permission_for_private_addresses_is_not_shared(client):
    async with RawServer(keep_answering) as server:
        await fetch(client, server)
        with pytest.raises(UpstreamFailure, match="refused_address"):
            await fetch(client, server, allow_private=False)


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"content-length", b"connection: close\r\ncontent-length"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
        OK + b"HTTP/1.1 2",
        OK + b"garbage",
    ],
)
async def test_a_doubtful_connection_is_not_reused(client, answer):
    async with RawServer(answering(answer, answer)) as server:
        for number in (1, 2):
            assert (await fetch(client, server))[1] == b"ok"
            assert server.connections == number
        await until(lambda: client.stats().open == 0)


async def test_bytes_on_an_idle_connection_end_it(client):
    speak = asyncio.Event()

    async def handler(peer):
        await peer.request()
        await peer.send(OK)
        await speak.wait()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")
        await peer.gone()

    async with RawServer(handler) as server:
        await fetch(client, server)
        speak.set()
        await until(lambda: client.stats().open == 0)
        assert (await fetch(client, server))[1] == b"ok"
        assert server.connections == 2


@pytest.mark.parametrize("ending", ["end", "reset"])
async def test_a_stale_connection_is_replaced_once(client, ending):
    """The server closes in the moment in which the request is on its way."""
    seen = []

    async def handler(peer):
        first = await peer.request()
        seen.append(first.body)
        await peer.send(OK)
        if await peer.request() is not None:
            getattr(peer, ending)()

    async with RawServer(handler) as server:
        for _ in range(3):
            assert (await fetch(client, server, body=b"hello"))[1] == b"ok"
        assert server.connections == 3
        assert seen == [b"hello"] * 3


async def test_a_stale_connection_to_a_server_that_is_gone_was_written_to(client):
    async def handler(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        server._server.close()
        peer.end()

    async with RawServer(handler) as server:
        await fetch(client, server)
        second = call(server)
        with pytest.raises(UpstreamFailure) as caught:
            await client.send(second)
        assert (caught.value.kind, caught.value.request_was_written) == ("connect", True)
        assert second.was_written


async def test_a_call_says_whether_it_was_written_also_when_it_was_cancelled(client):
    async with RawServer(silent) as server:
        for url, was_written in ((server.url, True), ("http://192.0.2.1:9/", False)):
            one = call(url)
            task = asyncio.create_task(client.send(one))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert one.was_written is was_written


async def test_a_fresh_connection_that_ends_is_not_tried_again(client):
    async def handler(peer):
        await peer.request()
        peer.end()

    async with RawServer(handler) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, server)
        assert (caught.value.kind, caught.value.request_was_written) == ("reset", True)
        assert server.connections == 1


async def test_a_reused_connection_that_answered_a_byte_is_not_tried_again(client):
    async def handler(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(b"H")
        peer.end()

    async with RawServer(handler) as server:
        await fetch(client, server)
        with pytest.raises(UpstreamFailure, match="reset"):
            await fetch(client, server)
        assert server.connections == 1


async def test_an_answer_before_the_whole_request_ends_the_connection(client):
    async def handler(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        await asyncio.sleep(0.05)

    async with RawServer(handler) as server:
        response, body = await fetch(client, server, body=b"x" * 20_000_000)
        assert (response.status, body) == (413, b"no")
        await until(lambda: client.stats().open == 0)


async def test_large_bodies_arrive_whole(client):
    got = []

    async def handler(peer):
        got.append((await peer.request()).body)
        await peer.send(OK)

    body = bytes(range(256)) * 12_000
    async with RawServer(handler) as server:
        await fetch(client, server, body=body)
        assert got == [body]


async def test_idle_connections_end_after_their_time():
    async with limited(idle_seconds=0.1) as client, RawServer(keep_answering) as server:
        await asyncio.gather(*(fetch(client, server) for _ in range(3)))
        assert client.stats().idle == 3
        await until(lambda: client.stats().open == 0)
        await fetch(client, server)
        assert server.connections == 4


async def test_only_so_many_idle_connections_are_kept():
    async with limited(idle_max=2) as client, RawServer(keep_answering) as server:
        await asyncio.gather(*(fetch(client, server) for _ in range(6)))
        await until(lambda: client.stats().open == 2)
        assert client.stats().idle == 2


async def test_excess_requests_wait_for_a_connection():
    async with limited(connections_max=2) as client, RawServer(keep_answering) as server:
        answers = await asyncio.gather(*(fetch(client, server) for _ in range(20)))
        assert [body for _, body in answers] == [b"ok"] * 20
        assert server.connections == 2
        assert client.stats().waiting == 0


async def test_excess_requests_take_the_place_of_ended_connections():
    closing = answering(OK.replace(b"content-length", b"connection: close\r\ncontent-length"))
    async with limited(connections_max=2) as client, RawServer(closing) as server:
        await asyncio.gather(*(fetch(client, server) for _ in range(10)))
        assert server.connections == 10


async def silent(peer):
    await peer.request()
    await peer.gone(timeout=10)


async def test_waiting_for_a_connection_is_bounded():
    async with limited(connections_max=1, waiting_max=1) as client, RawServer(silent) as server:
        busy = asyncio.create_task(client.send(call(server)))
        await until(lambda: server.connections == 1)
        waiting = asyncio.create_task(client.send(call(server, connect_timeout=0.1)))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamFailure) as caught:
            await client.send(call(server))
        assert (caught.value.kind, caught.value.request_was_written) == ("connect", False)
        with pytest.raises(UpstreamFailure, match="timeout_connect"):
            await waiting
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        await until(lambda: client.stats() == (type(client.stats())(0, 0, 0)))


async def test_cancelled_waiters_lose_no_place():
    async with limited(connections_max=1) as client, RawServer(keep_answering) as server:
        for delay in (0, 0.0005, 0.001, 0.002, 0.004):
            tasks = [asyncio.create_task(fetch(client, server)) for _ in range(30)]
            await asyncio.sleep(delay)
            for task in tasks[::2]:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(r[1] == b"ok" for r in results[1::2])
        assert (await fetch(client, server))[1] == b"ok"
        assert client.stats().waiting == 0


@pytest.mark.parametrize("stage", ["head", "body", "close"])
async def test_cancelling_or_closing_ends_the_upstream_at_once(client, stage):
    gone = asyncio.Event()

    async def handler(peer):
        await peer.request()
        if stage != "head":
            await peer.send(CHUNKED + b"1\r\nx\r\n")
        await peer.gone(timeout=1.0)
        gone.set()

    async with RawServer(handler) as server:

        async def relay():
            response = await client.send(call(server))
            async for _ in response:
                if stage == "close":
                    response.close()
                    return

        task = asyncio.create_task(relay())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(gone.wait(), 1.0)
        await until(lambda: client.stats().open == 0)


async def test_closing_a_complete_response_keeps_the_connection(client):
    async with RawServer(keep_answering) as server:
        response = await client.send(call(server))
        response.close()
        response.close()
        await fetch(client, server)
        assert server.connections == 1


async def test_a_reader_that_stops_stops_the_upstream(client):
    """Back-pressure: the server is blocked, memory stays small, nothing is lost."""
    sent, block = 0, 64 * 1024

    async def handler(peer):
        nonlocal sent
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (400 * block))
        for _ in range(400):
            await peer.send(b"x" * block)
            sent += block
        await peer.gone(timeout=10)

    async with RawServer(handler) as server:
        response = await client.send(call(server, idle_timeout=0.05))
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.15)
        assert sent < 400 * block
        assert UNREAD_BYTES_MAX < response.buffered_bytes <= 2 * UNREAD_BYTES_MAX
        assert len(await response.read(400 * block)) == 400 * block


async def test_waiting_for_something_to_read_ends_nothing(client):
    go = asyncio.Event()

    async def handler(peer):
        await peer.request()
        await peer.send(CHUNKED)
        await go.wait()
        await peer.send(b"1\r\nx\r\n")
        await go.wait()
        await peer.send(b"0\r\n\r\n")

    async with RawServer(handler) as server:
        response = await client.send(call(server))
        assert not await response.wait(0.02)
        assert not await response.wait(0.02)
        go.set()
        assert await response.wait(1.0)
        assert await response.read(10) == b"x"
        assert await response.wait(1.0)


async def test_closing_the_client_fails_what_runs(client):
    async with RawServer(silent) as server:
        task = asyncio.create_task(client.send(call(server)))
        await until(lambda: server.connections == 1)
        await asyncio.sleep(0.02)
        client.close()
        with pytest.raises(UpstreamFailure, match="reset"):
            await task
        with pytest.raises(UpstreamFailure, match="connect"):
            await client.send(call(server))


async def test_nothing_is_kept_of_many_origins(client):
    async with RawServer(keep_answering) as one, RawServer(silent) as other:
        await fetch(client, one)
        with pytest.raises(UpstreamFailure):
            await fetch(client, other, first_byte_timeout=0.05)
        client.close()
        await until(lambda: client.stats().open == 0)
        assert client._pool._shelves == {}
        assert client._pool._connections == set()
