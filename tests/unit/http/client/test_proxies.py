"""Proxies: who gets which bytes, who resolves names, and what happens when they refuse."""

import asyncio
import contextlib

import pytest

from tests.unit.http.client.certificates import client_context, server_context
from tests.unit.http.client.raw_server import OK, RawServer, Request, call, fetch
from yiyuan.http.client.address import parse_url
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.proxy import EnvironmentProxies, parse_proxy

KEY = ("authorization", "Bearer sk-canary")


async def pump(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def join(peer, port, beginning=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(beginning)
    try:
        await asyncio.gather(pump(peer.reader, writer), pump(reader, peer.writer))
    finally:
        writer.transport.abort()


class HttpProxy:
    """A proxy that leads everything to one port, and remembers what it was told."""

    def __init__(self, port, answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
        self.port, self.answer, self.heads = port, answer, []

    async def __call__(self, peer):
        head = await peer.reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        if head.startswith(b"CONNECT "):
            await peer.send(self.answer)
            if self.answer.startswith(b"HTTP/1.1 200"):
                await join(peer, self.port)
        else:
            await join(peer, self.port, head)


class SocksProxy:
    """The same for SOCKS5."""

    def __init__(self, port, *, method=0, verdict=0, reply=0):
        self.port, self.method, self.verdict, self.reply = port, method, verdict, reply
        self.greeting = self.credentials = self.target = None

    async def __call__(self, peer):
        read = peer.reader.readexactly
        count = (await read(2))[1]
        self.greeting = await read(count)
        await peer.send(bytes([5, self.method]))
        if self.method == 2:
            name = await read((await read(2))[1])
            self.credentials = (name, await read((await read(1))[0]))
            await peer.send(bytes([1, self.verdict]))
        kind = (await read(4))[3]
        if kind == 3:
            host = await read((await read(1))[0])
        else:
            host = await read(4 if kind == 1 else 16)
        self.target = (kind, host, int.from_bytes(await read(2), "big"))
        await peer.send(bytes([5, self.reply, 0, 3, 4]) + b"name" + bytes(2))
        if self.reply == 0:
            await join(peer, self.port)


class Upstream:
    def __init__(self):
        self.requests = []

    async def __call__(self, peer):
        while (request := await peer.request()) is not None:
            self.requests.append(request)
            await peer.send(OK)


async def only_the_proxy(host, port):
    """Nothing but the proxy's own name may ever be asked for."""
    assert host == "proxy.example", f"{host} was resolved locally"
    return ["127.0.0.1"]


@pytest.fixture
async def client():
    client = Client(ssl_context=client_context(), resolve=only_the_proxy)
    yield client
    client.close()
    await asyncio.sleep(0.01)


async def test_connect_with_credentials_keeps_keys_from_the_proxy(client):
    upstream, names = Upstream(), []
    async with RawServer(upstream, ssl=server_context("a.example", seen=names)) as server:
        proxy = HttpProxy(server.port)
        async with RawServer(proxy) as front:
            where = f"http://me:p%40ss@proxy.example:{front.port}"
            for _ in range(2):
                _, body = await fetch(client, "https://a.example/v1/x", headers=[KEY], proxy=where)
                assert body == b"ok"
        assert names == ["a.example"]
        (head,) = proxy.heads
        assert head == (
            "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\n"
            "proxy-authorization: Basic bWU6cEBzcw==\r\n\r\n"
        )
        first = upstream.requests[0]
        assert first.line == "POST /v1/x HTTP/1.1"
        assert KEY in first.headers
        assert "proxy" not in first.head


async def test_an_encrypted_proxy(client):
    names = []
    async with RawServer(Upstream(), ssl=server_context("a.example", seen=names)) as server:
        encryption = server_context("proxy.example", seen=names)
        async with RawServer(HttpProxy(server.port), ssl=encryption) as front:
            where = f"https://proxy.example:{front.port}"
            assert (await fetch(client, "https://a.example/", proxy=where))[1] == b"ok"
        assert names == ["proxy.example", "a.example"]


async def test_plain_http_goes_in_absolute_form(client):
    upstream = Upstream()
    async with RawServer(upstream) as server:
        proxy = HttpProxy(server.port)
        async with RawServer(proxy) as front:
            where = f"me:pw@proxy.example:{front.port}"
            _, body = await fetch(client, "http://a.example:81/v1?x=1", proxy=where)
            assert body == b"ok"
        request = Request(proxy.heads[0], b"")
        assert request.line == "POST http://a.example:81/v1?x=1 HTTP/1.1"
        assert request.headers[:2] == [
            ("host", "a.example:81"),
            ("proxy-authorization", "Basic bWU6cHc="),
        ]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "502"),
        (b"SSH-2.0\r\n\r\n", "HTTP"),
        (b"x" * 40_000, "too large"),
        (b"HTTP/1.1 200 OK\r\n\r\nsurprise", "nobody asked"),
        (b"HTTP/1.1 2", "closed"),
    ],
)
async def test_a_proxy_that_refuses_or_talks_nonsense(client, answer, text):
    async def handler(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(answer)
        if text == "closed":
            peer.end()
        else:
            await peer.gone(timeout=10)

    async with RawServer(handler) as front:
        with pytest.raises(UpstreamFailure) as caught:
            where = f"http://me:secret@proxy.example:{front.port}"
            await fetch(client, "https://a.example/", proxy=where)
        assert (caught.value.kind, caught.value.request_was_written) == ("connect", False)
        assert text in caught.value.detail
        assert "secret" not in str(caught.value)
        assert client.stats().open == 0


async def test_a_proxy_that_hangs_is_a_connect_timeout(client):
    async def hang(peer):
        await peer.gone(timeout=10)

    async with RawServer(hang) as front:
        for scheme in ("http", "socks5"):
            with pytest.raises(UpstreamFailure, match="timeout_connect"):
                where = f"{scheme}://proxy.example:{front.port}"
                await fetch(client, "https://a.example/", proxy=where, connect_timeout=0.1)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_socks5_gets_the_name_and_the_credentials(client, scheme, is_encrypted):
    encryption = server_context("a.example") if is_encrypted else None
    upstream = Upstream()
    async with RawServer(upstream, ssl=encryption) as server:
        proxy = SocksProxy(server.port, method=2)
        async with RawServer(proxy) as front:
            where = f"{scheme}://me:pw@proxy.example:{front.port}"
            for _ in range(2):
                url = f"{server.scheme}://a.example:8443/v1"
                assert (await fetch(client, url, proxy=where))[1] == b"ok"
            assert front.connections == 1
        assert proxy.greeting == b"\x00\x02"
        assert proxy.credentials == (b"me", b"pw")
        assert proxy.target == (3, b"a.example", 8443)
        assert upstream.requests[0].line == "POST /v1 HTTP/1.1"


@pytest.mark.parametrize(
    ("host", "target"),
    [("127.0.0.1", (1, bytes([127, 0, 0, 1]))), ("[::1]", (4, bytes(15) + b"\x01"))],
)
async def test_socks5_without_credentials_and_with_literal_addresses(client, host, target):
    async with RawServer(Upstream()) as server:
        proxy = SocksProxy(server.port)
        async with RawServer(proxy) as front:
            where = f"socks5://proxy.example:{front.port}"
            assert (await fetch(client, f"http://{host}:99/", proxy=where))[1] == b"ok"
        assert proxy.greeting == b"\x00"
        assert proxy.target == (*target, 99)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"method": 255}, "credentials"),
        ({"method": 2, "verdict": 1}, "refused the credentials"),
        ({"reply": 5}, "connection refused"),
        ({"reply": 77}, "77"),
    ],
)
async def test_a_socks5_proxy_that_refuses(client, options, text):
    async with RawServer(SocksProxy(1, **options)) as front:
        with pytest.raises(UpstreamFailure) as caught:
            where = f"socks5://me:secret@proxy.example:{front.port}"
            await fetch(client, "https://a.example/", proxy=where)
        assert caught.value.kind == "connect"
        assert text in caught.value.detail
        assert "secret" not in str(caught.value)


async def test_the_channels_permission_holds_for_its_proxy_and_behind_it(client):
    async with RawServer(Upstream()) as server:
        for url, where in (
            ("https://a.example/", f"http://127.0.0.1:{server.port}"),
            ("https://10.0.0.1/", "http://1.1.1.1:1"),
            ("https://localhost/", "socks5://1.1.1.1:1"),
        ):
            with pytest.raises(UpstreamFailure, match="refused_address"):
                await fetch(client, url, proxy=where, allow_private=False)
        with pytest.raises(UpstreamFailure, match="refused_address"):
            await fetch(client, "https://a.example/", proxy="http://169.254.169.254")
        assert server.connections == 0


async def test_the_environments_proxy_may_be_private():
    async with (
        RawServer(Upstream(), ssl=server_context("a.example")) as server,
        RawServer(HttpProxy(server.port)) as front,
    ):
        client = Client(
            https_proxy=f"http://127.0.0.1:{front.port}",
            no_proxy="b.example",
            ssl_context=client_context(),
            resolve=only_the_proxy,
        )
        response = await client.send(call("https://a.example/", allow_private=False))
        assert await response.read(10) == b"ok"
        with pytest.raises(AssertionError, match="was resolved locally"):
            await fetch(client, "https://b.example/")
        client.close()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("url", "no_proxy", "is_used"),
    [
        ("https://a.example/", "", True),
        ("https://a.example/", "*", False),
        ("https://a.example/", "b.example, a.example", False),
        ("https://x.a.example/", "a.example", False),
        ("https://x.a.example/", ".a.example", False),
        ("https://x.a.example/", "*.a.example", False),
        ("https://xa.example/", "a.example", True),
        ("https://a.example/", "a.example:443", False),
        ("https://a.example/", "a.example:8443", True),
        ("https://A.Example/", "a.EXAMPLE", False),
        ("https://10.1.2.3/", "10.0.0.0/8", False),
        ("https://11.1.2.3/", "10.0.0.0/8", True),
        ("https://10.1.2.3:8/", "10.1.2.3:8", False),
        ("https://10.1.2.3/", "a.example", True),
        ("https://[2001:db8::1]/", "2001:db8::/32", False),
        ("https://[2001:db8::1]:5/", "[2001:db8::1]:5", False),
        ("https://[2001:db8::1]/", "2001:db8::1", False),
        ("https://localhost/", "", False),
        ("https://127.0.0.1:8000/", "", False),
        ("https://[::1]/", "", False),
        ("http://a.example/", "", False),
    ],
)
def test_whom_the_environments_proxy_serves(url, no_proxy, is_used):
    rules = EnvironmentProxies("http://proxy.example:3128", "", no_proxy)
    assert (rules.choose(parse_url(url)) is not None) is is_used


@pytest.mark.parametrize(
    ("text", "kind", "host", "port", "username", "password"),
    [
        ("http://p.example", "http", "p.example", 80, "", ""),
        ("p.example:3128", "http", "p.example", 3128, "", ""),
        ("127.0.0.1:7890", "http", "127.0.0.1", 7890, "", ""),
        ("https://u:@p.example/", "http", "p.example", 443, "u", ""),
        ("socks5://u:a%3Ab@[::1]:9", "socks5", "::1", 9, "u", "a:b"),
        ("SOCKS5H://p.example", "socks5", "p.example", 1080, "", ""),
    ],
)
def test_proxy_urls(text, kind, host, port, username, password):
    proxy = parse_proxy(text)
    assert (proxy.kind, proxy.host, proxy.port) == (kind, host, port)
    assert (proxy.username, proxy.password) == (username, password)
    assert not password or password not in repr(proxy)


@pytest.mark.parametrize(
    "text", ["ftp://p.example", "http://", "http://p.example/path", "http://2130706433:80", "a b"]
)
def test_proxy_urls_that_are_refused(text):
    with pytest.raises(UpstreamFailure):
        parse_proxy(text)
