"""Where we may connect to: reading URLs, judging addresses, resolving names once.

A channel's base URL is set by an operator, possibly one who only has a browser,
so it must not become a way into the operator's own network, and never into a
cloud's metadata service. The rules:

1. A URL is read once, by one strict expression, and the parts found there are
   used for everything: resolving, connecting, TLS name, `Host`. Credentials in
   it, backslashes, spaces, fragments and the like refuse it.
2. A host whose last label is a number must be a plain dotted IPv4 address.
   Decimal, octal, hexadecimal and short forms (`2130706433`, `0177.0.0.1`,
   `0x7f.1`, `127.1`) are refused: programs disagree on what they mean.
3. A name is resolved once per connection, *every* address found is judged, and
   the connection goes to a judged address, not to the name again. A name server
   that answers differently the second time gains nothing.
4. Addresses are public, private (only for channels that allow it) or forbidden
   (never: link-local, known metadata services, unspecified, multicast,
   reserved). IPv6 addresses that carry an IPv4 address are judged by that too.

Limits: through a proxy the proxy resolves names, and what it reaches is its
owner's responsibility. There only literal addresses and well-known local names
can be judged (`check_behind_proxy`).

Failure: `UpstreamFailure`, kinds `refused_address` and `dns`.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import Literal

from yiyuan.http.client.errors import UpstreamFailure

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host name, port) → its addresses as text."""

Reach = Literal["public", "private", "forbidden"]

_URL = re.compile(
    r"""(?P<scheme>https?)://
        (?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?\#@\\:\[\]%]+)
        (?::(?P<port>\d{1,5}))?
        (?P<target>[/?][!-"$-~]*)?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}", re.ASCII)
_NUMBER = re.compile(r"\d+|0[xX][0-9a-fA-F]*", re.ASCII)

_FORBIDDEN_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this host": Linux connects it to loopback
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "100.100.100.200/32",  # Alibaba Cloud's metadata
        "100.96.0.96/32",  # Volcengine's metadata
        "168.63.129.16/32",  # Azure's wire server
        "192.0.0.192/32",  # Oracle Cloud's older metadata
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PRIVATE_V4 = tuple(
    IPv4Network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
    )
)
_FORBIDDEN_V6 = tuple(
    IPv6Network(text)
    for text in (
        "::/128",
        "fe80::/10",  # link-local
        "fd00:ec2::254/128",  # Amazon's metadata
        "fd20:ce::254/128",  # Google's metadata
        "ff00::/8",  # multicast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_PRIVATE_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_MAPPED_V6 = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE_V6 = IPv6Network("::/96")

_FORBIDDEN_NAMES = frozenset(
    ("metadata", "metadata.google.internal", "metadata.goog", "metadata.tencentyun.com")
)
_PRIVATE_SUFFIXES = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".home.arpa",
    ".corp",
)


@dataclass(slots=True, frozen=True)
class Url:
    """One parsed `http` or `https` URL."""

    scheme: str
    host: str
    """Lower case, ASCII, IPv6 without brackets: for resolving and for TLS."""
    port: int
    authority: str
    """The `Host` header's value."""
    target: str
    """Path and query as they go on the request line."""


def parse_url(text: str) -> Url:
    """Read a URL strictly. Raises `UpstreamFailure("refused_address")`."""
    match = _URL.fullmatch(text)
    if match is None:
        raise _refused("not a plain http or https URL")
    scheme = match["scheme"].lower()
    host = _read_host(match["host"])
    default_port = 443 if scheme == "https" else 80
    port = int(match["port"] or default_port)
    if not 0 < port < 65536:
        raise _refused("the URL's port is out of range")
    target = match["target"] or "/"
    if target.startswith("?"):
        target = "/" + target
    authority = f"[{host}]" if ":" in host else host
    if port != default_port:
        authority += f":{port}"
    return Url(scheme, host, port, authority, target)


def _read_host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except ValueError:
            raise _refused("the URL's host is not an IPv6 address") from None
    try:
        host = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _refused("the URL's host is not a name") from None
    host = host.removesuffix(".")
    if not _NAME.fullmatch(host):
        raise _refused("the URL's host is not a name")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            IPv4Address(host)
        except ValueError:
            raise _refused("the URL's host is a number, but not a dotted IPv4 address") from None
    return host


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host literally is, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def reach_of(address: IPv4Address | IPv6Address) -> Reach:
    """Judge one address."""
    if isinstance(address, IPv4Address):
        if any(address in network for network in _FORBIDDEN_V4):
            return "forbidden"
        return "private" if any(address in network for network in _PRIVATE_V4) else "public"
    if any(address in network for network in _FORBIDDEN_V6):
        return "forbidden"
    inner = _inner_v4(address)
    inner_reach = "public" if inner is None else reach_of(inner)
    if inner_reach == "forbidden" and address != IPv6Address("::1"):
        return "forbidden"
    if address in _MAPPED_V6 or address in _NAT64:
        return inner_reach
    if address not in _GLOBAL_V6 or any(address in network for network in _PRIVATE_V6):
        return "private"
    return "public"


def _inner_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, by any of the schemes."""
    if any(address in network for network in (_MAPPED_V6, _NAT64, _COMPATIBLE_V6)):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None


def check_address(address: IPv4Address | IPv6Address, *, allow_private: bool) -> None:
    """Raise `UpstreamFailure("refused_address")` unless we may connect to it."""
    reach = reach_of(address)
    if reach == "forbidden":
        raise _refused("a link-local, metadata or reserved address is never connected to")
    if reach == "private" and not allow_private:
        raise _refused("a private address, and the channel does not allow private addresses")


def check_behind_proxy(host: str, *, allow_private: bool) -> None:
    """Judge a host that a proxy will resolve, as far as that is possible from here."""
    address = literal_address(host)
    if address is not None:
        check_address(address, allow_private=allow_private)
        return
    if host in _FORBIDDEN_NAMES:
        raise _refused("a metadata service is never connected to")
    is_local = "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    if is_local and not allow_private:
        raise _refused("a local name, and the channel does not allow private addresses")


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver, in a thread; its order is kept."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


class Resolver:
    """Names to judged addresses; look-ups of one name at one moment share one query."""

    def __init__(self, resolve: Resolve = resolve_by_system) -> None:
        self._resolve = resolve
        self._running: dict[tuple[str, int], asyncio.Task[Sequence[str]]] = {}

    async def addresses(self, host: str, port: int, *, allow_private: bool) -> list[str]:
        """Every address of `host`, all of them allowed; at least one."""
        literal = literal_address(host)
        if literal is not None:
            check_address(literal, allow_private=allow_private)
            return [str(literal)]
        found = []
        for text in await self._query(host, port):
            address = literal_address(text)
            if address is None:
                raise _unresolved("the resolver's answer is not an address")
            check_address(address, allow_private=allow_private)
            found.append(str(address))
        if not found:
            raise _unresolved("the name has no address")
        return found

    async def _query(self, host: str, port: int) -> Sequence[str]:
        task = self._running.get((host, port))
        if task is None:
            task = asyncio.ensure_future(_awaited(self._resolve(host, port)))
            self._running[host, port] = task
            task.add_done_callback(lambda done: self._forget(host, port, done))
        try:
            # Shielded: the query is shared, whoever gives up must not end it.
            return await asyncio.shield(task)
        except (OSError, UnicodeError) as error:
            raise _unresolved(str(error)) from error

    def _forget(self, host: str, port: int, done: asyncio.Task[Sequence[str]]) -> None:
        del self._running[host, port]
        if not done.cancelled():
            done.exception()  # seen, also when nobody waits any more


async def _awaited(answer: Awaitable[Sequence[str]]) -> Sequence[str]:
    return await answer


def _refused(detail: str) -> UpstreamFailure:
    return UpstreamFailure("refused_address", detail, request_was_written=False)


def _unresolved(detail: str) -> UpstreamFailure:
    return UpstreamFailure("dns", detail, request_was_written=False)
