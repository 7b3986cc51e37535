"""Every way an upstream can fail has its kind, its time limit, and the truth about writing."""

import asyncio
import time

import pytest

from tests.unit.http.client.raw_server import CHUNKED, NO_TLS, OK, RawServer, answering, call, fetch
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure


async def failure_of(client, server, **changes):
    with pytest.raises(UpstreamFailure) as caught:
        await fetch(client, server, **changes)
    return caught.value


async def stall(peer, *, after=b""):
    await peer.request()
    if after:
        await peer.send(after)
    await peer.gone(timeout=10)


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_no_head_in_time(client, after):
    async with RawServer(lambda peer: stall(peer, after=after)) as server:
        begin = time.monotonic()
        failure = await failure_of(client, server, first_byte_timeout=0.1)
        assert (failure.kind, failure.request_was_written) == ("timeout_first_byte", True)
        assert 0.08 < time.monotonic() - begin < 0.6


async def test_a_head_that_drips_counts_as_none(client):
    async def handler(peer):
        await peer.request()
        for byte in b"HTTP/1.1 200 OK\r\nx-long: " + b"y" * 1000:
            await peer.send(bytes([byte]))
            await asyncio.sleep(0.01)

    async with RawServer(handler) as server:
        failure = await failure_of(client, server, first_byte_timeout=0.15)
        assert failure.kind == "timeout_first_byte"


async def test_a_stall_in_the_body(client):
    async with RawServer(lambda peer: stall(peer, after=CHUNKED + b"1\r\nx\r\n")) as server:
        response = await client.send(call(server, idle_timeout=0.1))
        pieces = []
        with pytest.raises(UpstreamFailure) as caught:
            async for piece in response:
                pieces.append(piece)
        assert (caught.value.kind, pieces) == ("timeout_idle", [b"x"])


async def test_a_slow_body_that_goes_on_is_none(client):
    async def handler(peer):
        await peer.request()
        await peer.send(CHUNKED)
        for _ in range(5):
            await asyncio.sleep(0.05)
            await peer.send(b"1\r\nx\r\n")
        await peer.send(b"0\r\n\r\n")

    async with RawServer(handler) as server:
        _, body = await fetch(client, server, idle_timeout=0.2, first_byte_timeout=0.2)
        assert body == b"x" * 5


async def test_timeouts_of_one_call_do_not_reach_into_the_next(client):
    async def handler(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await asyncio.sleep(0.15)
        await peer.send(OK)

    async with RawServer(handler) as server:
        await fetch(client, server, first_byte_timeout=0.05, idle_timeout=0.05)
        await asyncio.sleep(0.08)
        assert (await fetch(client, server))[1] == b"ok"
        assert server.connections == 1


@pytest.mark.parametrize("ending", ["end", "reset"])
@pytest.mark.parametrize(
    "start",
    [CHUNKED + b"5\r\nhello\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello"],
)
async def test_a_body_that_breaks_off_gives_what_came_and_then_fails(client, ending, start):
    async def handler(peer):
        await peer.request()
        await peer.send(start)
        await asyncio.sleep(0.05)
        getattr(peer, ending)()

    async with RawServer(handler) as server:
        response, pieces = await client.send(call(server)), []
        with pytest.raises(UpstreamFailure) as caught:
            async for piece in response:
                pieces.append(piece)
        assert (b"".join(pieces), caught.value.kind) == (b"hello", "reset")
        assert caught.value.request_was_written


async def test_a_reset_is_no_end_of_a_body_without_length(client):
    async def handler(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        await asyncio.sleep(0.05)
        peer.reset()

    async with RawServer(handler) as server:
        assert (await failure_of(client, server)).kind == "reset"


async def test_nobody_listens(client):
    async with RawServer(answering(OK)) as server:
        url = server.url
    failure = await failure_of(client, url)
    assert (failure.kind, failure.request_was_written) == ("connect", False)


async def test_the_name_does_not_resolve_or_takes_too_long():
    async def unknown(host, port):
        raise OSError("no such name")

    async def forever(host, port):
        await asyncio.sleep(1)
        return ["127.0.0.1"]

    for resolve, kind in ((unknown, "dns"), (forever, "timeout_connect")):
        client = Client(resolve=resolve, ssl_context=NO_TLS)
        failure = await failure_of(client, "http://a.example/", connect_timeout=0.1)
        assert (failure.kind, failure.request_was_written) == (kind, False)
        assert client.stats().open == 0
        client.close()
    await asyncio.sleep(0)


async def test_a_resolver_that_changes_its_mind_gains_nothing():
    """DNS rebinding: public for the check, loopback for the connection."""
    answers = [["127.0.0.1"], ["10.9.8.7", "127.0.0.1"], ["::ffff:127.0.0.1"]]
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return answers.pop(0)

    client = Client(resolve=rebinding, ssl_context=NO_TLS)
    async with RawServer(answering(OK)) as server:
        for _ in range(3):
            failure = await failure_of(
                client, f"http://rebind.example:{server.port}/", allow_private=False
            )
            assert failure.kind == "refused_address"
        assert server.connections == 0
        assert asked == ["rebind.example"] * 3
    client.close()


async def test_a_name_is_resolved_once_and_its_answer_connected_to():
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def rebinding(host, port):
        return answers.pop(0)

    client = Client(resolve=rebinding, ssl_context=NO_TLS)
    hosts = []

    async def handler(peer):
        while (request := await peer.request()) is not None:
            hosts.append(dict(request.headers)["host"])
            await peer.send(OK)

    async with RawServer(handler) as server:
        url = f"http://rebind.example:{server.port}/"
        await fetch(client, url)
        await fetch(client, url)  # the same connection: no question asked
        assert hosts == [f"rebind.example:{server.port}"] * 2
    await asyncio.sleep(0.02)
    assert (await failure_of(client, url)).kind == "refused_address"
    client.close()
    await asyncio.sleep(0)


async def test_simultaneous_questions_for_a_name_are_one():
    asked = []

    async def resolve(host, port):
        asked.append(host)
        await asyncio.sleep(0.05)
        return ["127.0.0.1"]

    client = Client(resolve=resolve, ssl_context=NO_TLS)
    async with RawServer(answering(OK)) as server:
        calls = [fetch(client, f"http://a.example:{server.port}/") for _ in range(10)]
        one, *others = [asyncio.ensure_future(c) for c in calls]
        await asyncio.sleep(0.01)
        one.cancel()  # whoever asked first may leave
        assert [body for _, body in await asyncio.gather(*others)] == [b"ok"] * 9
        assert asked == ["a.example"]
    client.close()
    await asyncio.sleep(0)


async def test_the_next_address_is_tried_when_one_does_not_answer():
    async with RawServer(answering(OK)) as server:

        async def resolve(host, port):
            return ["127.0.0.2", "::1", "127.0.0.1"]

        client = Client(resolve=resolve, ssl_context=NO_TLS)
        assert (await fetch(client, f"http://a.example:{server.port}/"))[1] == b"ok"
        client.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "headers",
    [
        [("x-a", "b\r\nx-evil: 1")],
        [("x-a", "b\nx-evil: 1")],
        [("x-a", "b\rx-evil: 1")],
        [("x-a", "b\0")],
        [("x-a\r\nx-evil", "1")],
        [("x a", "1")],
        [("x-a:", "1")],
        [("", "1")],
        [("x-ä", "1")],
        [("x-a", "词元")],
    ],
)
async def test_headers_cannot_be_injected(client, headers):
    async with RawServer(answering(OK)) as server:
        failure = await failure_of(client, server, headers=headers)
        assert (failure.kind, failure.request_was_written) == ("protocol", False)
        assert "evil" not in str(failure)
        assert server.connections == 0


@pytest.mark.parametrize("method", ["GET / HTTP/1.1\r\nx: y\r\n\r\nGET", "get", ""])
async def test_methods_cannot_be_injected(client, method):
    failure = await failure_of(client, "http://127.0.0.1:1/", method=method)
    assert (failure.kind, failure.request_was_written) == ("protocol", False)


async def test_a_head_is_written_as_it_should_be(client):
    seen = []

    async def handler(peer):
        while (request := await peer.request()) is not None:
            seen.append(request)
            await peer.send(OK)

    headers = [
        ("Authorization", "Bearer sk-1"),
        ("X-Latin", "é"),
        ("Host", "evil.example"),
        ("Content-Length", "7"),
        ("Transfer-Encoding", "chunked"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]
    async with RawServer(handler) as server:
        await fetch(client, server, headers=headers)
        assert seen[0].line == "POST /v1/chat/completions HTTP/1.1"
        assert seen[0].body == b"{}"
        assert seen[0].headers == [
            ("host", f"127.0.0.1:{server.port}"),
            ("accept-encoding", "identity"),
            ("authorization", "Bearer sk-1"),
            ("x-latin", "é"),
            ("user-agent", "yiyuan"),
            ("content-length", "2"),
        ]
        await fetch(client, server, method="GET", body=b"", headers=[("User-Agent", "mine")])
        assert seen[1].headers[1:] == [("accept-encoding", "identity"), ("user-agent", "mine")]
        await fetch(client, server, body=b"")
        assert seen[2].headers[-1] == ("content-length", "0")
