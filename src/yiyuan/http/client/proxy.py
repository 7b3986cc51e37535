"""Proxies on the way out: which one applies, and the talk that opens a tunnel.

A channel's own proxy always wins. Without one the environment's apply, as most
programs read them: HTTPS_PROXY for https, HTTP_PROXY for http, NO_PROXY a comma
list of host names (which mean their subdomains too), addresses, networks, each
with an optional port, or `*`. Loopback never goes through the environment's
proxy: it would be the proxy's loopback.

Kinds: `http://` and `https://` proxies carry plain http requests in absolute
form and everything encrypted through CONNECT; `socks5://` and `socks5h://` carry
everything. Credentials come from the proxy's URL. Names are resolved by the
proxy for all of them: behind a proxy the local answer is often the wrong one.

Failure: a proxy that refuses, or answers nonsense, is
`UpstreamFailure("connect")`; the URL's secrets are never part of a text.
"""

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Literal, cast
from urllib.parse import unquote

from yiyuan.http.client.address import Url, literal_address, parse_url
from yiyuan.http.client.errors import UpstreamFailure

ANSWER_BYTES_MAX = 16 * 1024

_PROXY = re.compile(
    r"""(?:(?P<scheme>https?|socks5h?)://)?
        (?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?
        (?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?\#@\\:\[\]%]+)
        (?::(?P<port>\d{1,5}))?/?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_SOCKS_REFUSALS = {
    1: "general failure",
    2: "not allowed",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


@dataclass(slots=True, frozen=True)
class Proxy:
    """One proxy."""

    kind: Literal["http", "socks5"]
    is_encrypted: bool
    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    is_from_environment: bool = False
    """Then it may be at a private address: whoever set it owns the machine."""

    def authorization(self) -> str | None:
        """The `Proxy-Authorization` value for the http kinds."""
        if not self.username:
            return None
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


def parse_proxy(text: str, *, is_from_environment: bool = False) -> Proxy:
    """Read a proxy's URL; without a scheme it is http. Raises UpstreamFailure."""
    match = _PROXY.fullmatch(text.strip())
    if match is None:
        raise _failed("the proxy's URL is not understood")
    scheme = (match["scheme"] or "http").lower()
    port = match["port"] or str(_DEFAULT_PORTS[scheme])
    url = parse_url(f"http://{match['host']}:{port}/")
    username, password = unquote(match["user"] or ""), unquote(match["password"] or "")
    if len(username.encode()) > 255 or len(password.encode()) > 255:
        raise _failed("the proxy's credentials are too long")
    return Proxy(
        kind="socks5" if scheme.startswith("socks5") else "http",
        is_encrypted=scheme == "https",
        host=url.host,
        port=url.port,
        username=username,
        password=password,
        is_from_environment=is_from_environment,
    )


class EnvironmentProxies:
    """What HTTPS_PROXY, HTTP_PROXY and NO_PROXY say about a URL."""

    def __init__(
        self, https_proxy: str | None, http_proxy: str | None, no_proxy: str | None
    ) -> None:
        """The variables' values; empty counts as absent. Raises UpstreamFailure."""
        self._proxies = {
            scheme: parse_proxy(text, is_from_environment=True)
            for scheme, text in (("https", https_proxy), ("http", http_proxy))
            if text
        }
        self._exceptions = [
            item.strip().lower() for item in (no_proxy or "").split(",") if item.strip()
        ]

    def choose(self, url: Url) -> Proxy | None:
        """The proxy for `url`, None for a direct connection."""
        proxy = self._proxies.get(url.scheme)
        if proxy is None or _is_loopback(url.host):
            return None
        return None if any(_is_excepted(url, item) for item in self._exceptions) else proxy


def _is_loopback(host: str) -> bool:
    address = literal_address(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_excepted(url: Url, item: str) -> bool:
    if item == "*":
        return True
    name, colon, port = item.rpartition(":")
    if colon and port.isdigit() and (":" not in name or name.endswith("]")):
        if int(port) != url.port:
            return False
        item = name
    item = item.strip("[]")
    address = literal_address(url.host)
    if address is not None:
        try:
            return address in ip_network(item, strict=False)
        except ValueError:
            return False
    item = item.removeprefix("*").removeprefix(".")
    return url.host == item or url.host.endswith("." + item)


class Handshake(asyncio.Protocol):
    """Reads a proxy's answers off a fresh transport, before the real protocol takes over."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._data = bytearray()
        self._is_closed = False
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        # uvloop's transports are asyncio's in all but the class.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._data += data
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """See asyncio."""
        self._is_closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def write(self, data: bytes) -> None:
        """Send."""
        assert self.transport is not None
        self.transport.write(data)

    def is_empty(self) -> bool:
        """Whether nothing was received beyond what was read."""
        return not self._data

    async def read(self, count: int) -> bytes:
        """Exactly `count` bytes."""
        return await self._read(lambda data: count if len(data) >= count else None)

    async def read_head(self) -> bytes:
        """All up to and including the empty line."""
        return await self._read(
            lambda data: data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data else None
        )

    async def _read(self, end_of: Callable[[bytearray], int | None]) -> bytes:
        while (end := end_of(self._data)) is None:
            if self._is_closed:
                raise _failed("the proxy closed the connection")
            if len(self._data) > ANSWER_BYTES_MAX:
                raise _failed("the proxy's answer is too large")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = bytes(self._data[:end])
        del self._data[:end]
        return taken


async def open_tunnel(handshake: Handshake, proxy: Proxy, url: Url) -> None:
    """Ask `proxy` for a tunnel to `url`'s host and port; returns when it stands."""
    if proxy.kind == "socks5":
        await _socks5(handshake, proxy, url)
    else:
        await _connect(handshake, proxy, url)
    if not handshake.is_empty():
        raise _failed("the proxy sent data that nobody asked for")


async def _connect(handshake: Handshake, proxy: Proxy, url: Url) -> None:
    host = f"[{url.host}]" if ":" in url.host else url.host
    lines = [f"CONNECT {host}:{url.port} HTTP/1.1", f"host: {host}:{url.port}"]
    authorization = proxy.authorization()
    if authorization is not None:
        lines.append(f"proxy-authorization: {authorization}")
    handshake.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    match = _STATUS.match(await handshake.read_head())
    if match is None:
        raise _failed("the proxy did not answer in HTTP")
    if not match[1].startswith(b"2"):
        raise _failed(f"the proxy answered {match[1].decode('ascii')}")


async def _socks5(handshake: Handshake, proxy: Proxy, url: Url) -> None:
    handshake.write(b"\x05\x02\x00\x02" if proxy.username else b"\x05\x01\x00")
    version, method = await handshake.read(2)
    if version != 5:
        raise _failed("the proxy does not speak SOCKS5")
    if method == 2 and proxy.username:
        username, password = proxy.username.encode(), proxy.password.encode()
        lengths = bytes([len(username)]), bytes([len(password)])
        handshake.write(b"\x01" + lengths[0] + username + lengths[1] + password)
        if (await handshake.read(2))[1] != 0:
            raise _failed("the proxy refused the credentials")
    elif method != 0:
        raise _failed("the proxy wants credentials")
    handshake.write(b"\x05\x01\x00" + _socks5_address(url.host) + url.port.to_bytes(2, "big"))
    version, reply, _, kind = await handshake.read(4)
    if version != 5 or reply != 0:
        raise _failed(f"the proxy refused: {_SOCKS_REFUSALS.get(reply, reply)}")
    lengths_by_kind = {1: 4, 4: 16}
    length = lengths_by_kind.get(kind) or (await handshake.read(1))[0]
    await handshake.read(length + 2)  # the address it connects from: of no use


def _socks5_address(host: str) -> bytes:
    address = literal_address(host)
    if address is None:
        return b"\x03" + bytes([len(host)]) + host.encode("ascii")
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed


def _failed(detail: str) -> UpstreamFailure:
    return UpstreamFailure("connect", detail, request_was_written=False)
