"""Responses are read right, however they are framed, cut or compressed."""

import asyncio
import gzip
import zlib

import pytest

from tests.unit.http.client.raw_server import CHUNKED, OK, RawServer, answering, call, fetch
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.sse import EventReader

HEAD = b"HTTP/1.1 200 OK\r\n"


def encoded(encoding, body):
    fields = b"content-encoding: %s\r\ncontent-length: %d\r\n\r\n" % (encoding, len(body))
    return HEAD + fields + body


async def until_closed(peer):
    await peer.request()
    await peer.send(HEAD + b"\r\nall of it")
    peer.end()


RAW_DEFLATE = zlib.compressobj(wbits=-15)
RAW = RAW_DEFLATE.compress(b"plain text") + RAW_DEFLATE.flush()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (HEAD + b"content-length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", b"ok"),
        (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (CHUNKED + b"3;ext=1\r\nabc\r\n0\r\nx-checksum: 1\r\nx-more: 2\r\n\r\n", b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n" + OK[17:], b"ok"),
        (encoded(b"identity", b"as is"), b"as is"),
        (encoded(b"gzip", gzip.compress(b"plain text", mtime=0)), b"plain text"),
        (encoded(b"X-GZIP", gzip.compress(b"plain text", mtime=0)), b"plain text"),
        (encoded(b"deflate", zlib.compress(b"plain text")), b"plain text"),
        (encoded(b"deflate", RAW), b"plain text"),
    ],
)
async def test_every_framing_whole_and_in_single_bytes(client, answer, body):
    async def slowly(peer):
        await peer.request()
        for i in range(len(answer)):
            await peer.send(answer[i : i + 1])
            await asyncio.sleep(0)
        await peer.gone(timeout=10)

    for handler in (answering(answer), slowly):
        async with RawServer(handler) as server:
            response, got = await fetch(client, server)
            assert got == body
            assert server.connections == 1
            if response.status == 302:
                assert response.headers["location"] == "http://169.254.169.254/"


async def test_a_body_until_the_end_of_the_connection(client):
    async with RawServer(until_closed) as server:
        _, body = await fetch(client, server)
        assert body == b"all of it"


async def test_head_has_no_body_whatever_it_announces(client):
    async with RawServer(answering(HEAD + b"content-length: 500\r\n\r\n")) as server:
        response, body = await fetch(client, server, method="HEAD", body=b"")
        assert (response.status, body) == (200, b"")
        assert response.headers["content-length"] == "500"


async def test_an_early_hint_does_not_leak_its_headers(client):
    answer = b"HTTP/1.1 103 Early\r\nx-early: 1\r\n\r\n" + OK
    async with RawServer(answering(answer)) as server:
        response, _ = await fetch(client, server)
        assert response.headers == {"content-length": "2"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk", "protocol"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok", "protocol"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n" + CHUNKED[17:] + b"0\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nx", "protocol"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            "protocol",
        ),
        (b"HTTP/1.1 200 OK\nbad line ends\n\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "protocol"),
        (CHUNKED + b"zz\r\nabc\r\n", "protocol"),
        (CHUNKED + b"3\r\nabcdef\r\n", "protocol"),
        (encoded(b"gzip", b"this is not gzip"), "protocol"),
        (encoded(b"gzip", gzip.compress(b"cut", mtime=0)[:-9]), "protocol"),
        (
            encoded(b"gzip", gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0)),
            "protocol",
        ),
        (encoded(b"br", b"x"), "protocol"),
        (encoded(b"gzip, gzip", b"x"), "protocol"),
        (encoded(b"gzip", gzip.compress(bytes(2_000_000), mtime=0)), "too_large"),
    ],
)
async def test_nonsense_is_a_failure(client, answer, kind):
    async with RawServer(answering(answer)) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, server, limit=10_000_000)
        assert (caught.value.kind, caught.value.request_was_written) == (kind, True)


async def test_a_gzip_bomb_stops_early_also_as_a_stream(client):
    bomb = gzip.compress(bytes(50_000_000))
    async with RawServer(answering(encoded(b"gzip", bomb))) as server:
        response = await client.send(call(server))
        size = 0
        with pytest.raises(UpstreamFailure, match="too_large"):
            async for piece in response:
                assert len(piece) <= 256 * 1024
                size += len(piece)
        assert size <= 100 * len(bomb)


async def test_honest_compression_of_much_text_is_read_whole(client):
    text = b"".join(b'{"id":%d,"text":"%x"}\n' % (i, i * 7919) for i in range(60_000))
    answer = encoded(b"gzip", gzip.compress(text))
    async with RawServer(answering(answer)) as server:
        assert (await fetch(client, server, limit=10_000_000))[1] == text


@pytest.mark.parametrize("framing", ["length", "chunked", "gzip"])
async def test_the_limit_of_a_whole_body(client, framing):
    body = b"%5d" * 1000 % tuple(range(1000))
    answer = {
        "length": HEAD + b"content-length: 5000\r\n\r\n" + body,
        "chunked": CHUNKED + b"1388\r\n" + body + b"\r\n0\r\n\r\n",
        "gzip": encoded(b"gzip", gzip.compress(body)),
    }[framing]
    async with RawServer(answering(answer)) as server:
        assert (await fetch(client, server, limit=5000))[1] == body
    async with RawServer(answering(answer)) as server:
        with pytest.raises(UpstreamFailure, match="too_large"):
            await fetch(client, server, limit=4999)


async def test_a_stream_of_events_cut_at_every_byte(client):
    events = 'data: {"a":"词元"}\r\n\r\n: note\n\nevent: x\ndata: 1\ndata: 2\n\n'.encode()
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in events)
    wire = CHUNKED + pieces + b"0\r\n\r\n"

    async def handler(peer):
        while await peer.request() is not None:
            for i in range(0, len(wire), 3):
                await peer.send(wire[i : i + 3])
                await asyncio.sleep(0)

    async with RawServer(handler) as server:
        response, reader = await client.send(call(server)), EventReader()
        found = [event async for piece in response for event in reader.feed(piece)]
        assert found == [(None, '{"a":"词元"}'), ("x", "1\n2")]


async def test_what_arrived_together_is_given_together(client):
    async with RawServer(answering(CHUNKED + b"1\r\nx\r\n" * 1000 + b"0\r\n\r\n")) as server:
        response = await client.send(call(server))
        await asyncio.sleep(0.05)
        assert len([piece async for piece in response]) <= 2


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"y" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000,
    ],
)
async def test_a_head_without_end_is_refused(client, endless):
    async def handler(peer):
        await peer.request()
        while True:
            await peer.send(endless)
            endless_rest = b"x: y\r\n" * 1000
            await peer.send(endless_rest)

    async with RawServer(handler) as server:
        with pytest.raises(UpstreamFailure, match="too_large"):
            await fetch(client, server)


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"x-trailer: y\r\n"),
        (CHUNKED + b"1", b";extension=1"),
    ],
)
async def test_framing_without_end_is_refused(client, start, more):
    async def handler(peer):
        await peer.request()
        await peer.send(start)
        while True:
            await peer.send(more * 500)

    async with RawServer(handler) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, server)
        assert caught.value.kind in ("too_large", "protocol")


async def test_a_head_of_60_kilobytes_is_fine(client):
    answer = HEAD + b"x-a: " + b"y" * 60_000 + b"\r\ncontent-length: 2\r\n\r\nok"
    async with RawServer(answering(answer)) as server:
        response, body = await fetch(client, server)
        assert (len(response.headers["x-a"]), body) == (60_000, b"ok")
