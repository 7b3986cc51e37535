"""Encryption is verified against the URL's own host, wherever the connection goes."""

import asyncio
import ssl

import pytest

from tests.unit.http.client.certificates import client_context, server_context
from tests.unit.http.client.raw_server import CHUNKED, OK, RawServer, call, fetch
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure


async def to_loopback(host, port):
    return ["127.0.0.1"]


@pytest.fixture
async def client():
    client = Client(ssl_context=client_context(), resolve=to_loopback)
    yield client
    client.close()
    await asyncio.sleep(0.01)


async def keep_answering(peer):
    while await peer.request() is not None:
        await peer.send(OK)


async def test_the_urls_host_is_the_name_that_is_asked_for_and_verified(client):
    names = []
    async with RawServer(keep_answering, ssl=server_context("a.example", seen=names)) as server:
        for _ in range(3):
            _, body = await fetch(client, f"https://a.example:{server.port}/")
            assert body == b"ok"
        assert (server.connections, names) == (1, ["a.example"])


async def test_an_address_is_verified_as_an_address(client):
    async with RawServer(keep_answering, ssl=server_context("127.0.0.1")) as server:
        assert (await fetch(client, server))[1] == b"ok"


@pytest.mark.parametrize("name", ["b.example", "example", "127.0.0.1"])
async def test_another_name_is_refused(client, name):
    async with RawServer(keep_answering, ssl=server_context("a.example")) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, f"https://{name}:{server.port}/")
        assert (caught.value.kind, caught.value.request_was_written) == ("tls", False)
        assert client.stats().open == 0


async def test_an_unknown_authority_is_refused():
    client = Client(ssl_context=ssl.create_default_context(), resolve=to_loopback)
    async with RawServer(keep_answering, ssl=server_context("a.example")) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, f"https://a.example:{server.port}/")
        assert caught.value.kind == "tls"
        assert "certificate" in caught.value.detail.lower()
    client.close()


async def test_a_server_without_encryption_is_refused(client):
    async def plain(peer):
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with RawServer(plain) as server:
        with pytest.raises(UpstreamFailure, match="tls"):
            await fetch(client, f"https://a.example:{server.port}/")


async def test_a_handshake_that_hangs_is_a_connect_timeout(client):
    async def hang(peer):
        await peer.gone(timeout=10)

    async with RawServer(hang) as server:
        with pytest.raises(UpstreamFailure) as caught:
            await fetch(client, f"https://a.example:{server.port}/", connect_timeout=0.15)
        assert (caught.value.kind, caught.value.request_was_written) == ("timeout_connect", False)
        assert client.stats().open == 0


async def test_cancelling_ends_an_encrypted_connection_at_once(client):
    gone = asyncio.Event()

    async def handler(peer):
        await peer.request()
        await peer.send(CHUNKED + b"1\r\nx\r\n")
        await peer.gone(timeout=1.0)
        gone.set()

    async with RawServer(handler, ssl=server_context("a.example")) as server:
        response = await client.send(call(f"https://a.example:{server.port}/"))
        task = asyncio.ensure_future(response.read(10))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait_for(gone.wait(), 1.0)
        assert client.stats().open == 0


async def test_much_data_both_ways_and_a_reader_that_pauses(client):
    size = 3_000_000
    body = bytes(range(256)) * (size // 256)
    got = []

    async def handler(peer):
        got.append((await peer.request()).body)
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await peer.gone(timeout=10)

    async with RawServer(handler, ssl=server_context("a.example")) as server:
        response = await client.send(call(f"https://a.example:{server.port}/", body=body))
        await asyncio.sleep(0.1)
        assert response.buffered_bytes < 1_100_000
        assert await response.read(size) == body
        assert got == [body]


async def test_an_encrypted_body_until_the_end_of_the_connection(client):
    body = bytes(range(256)) * 8000

    async def handler(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        peer.end()
        await peer.gone(timeout=10)

    async with RawServer(handler, ssl=server_context("a.example")) as server:
        response = await client.send(call(f"https://a.example:{server.port}/"))
        await asyncio.sleep(0.1)  # the reader is behind when the end comes
        assert await response.read(len(body)) == body


async def test_a_stale_encrypted_connection_is_replaced(client):
    async def once(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        peer.writer.transport.abort()

    async with RawServer(once, ssl=server_context("a.example")) as server:
        for _ in range(3):
            assert (await fetch(client, f"https://a.example:{server.port}/"))[1] == b"ok"
        assert server.connections == 3
