"""Makes one connection: name, address, proxy, encryption, all within one timeout.

    direct http            resolve, judge, connect
    direct https           the same, with TLS for the URL's host
    http proxy, http       connect to the proxy; the request line will be absolute
    http proxy, https      connect, CONNECT, TLS for the URL's host inside
    socks5 proxy, any      connect, SOCKS5, then TLS inside if https

A name with several addresses has them tried in the resolver's order, each with
an equal share of the time that is left, so one that does not answer cannot use
up the others' time.

A channel's proxy obeys the channel's `allow_private`, the environment's may be
private in any case; link-local and metadata addresses are refused for both.

Failure: `UpstreamFailure`, always with `request_was_written` False. A cancelled
attempt leaves nothing open.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from yiyuan.http.client.address import Resolver
from yiyuan.http.client.connection import Connection
from yiyuan.http.client.errors import FailureKind, UpstreamFailure
from yiyuan.http.client.origin import Origin
from yiyuan.http.client.proxy import Handshake, Proxy, open_tunnel

ADDRESSES_MAX = 8

P = TypeVar("P", bound=asyncio.Protocol)


class Dialer:
    """Makes connections."""

    def __init__(self, resolver: Resolver, ssl_context: ssl.SSLContext) -> None:
        self._resolver = resolver
        self._ssl_context = ssl_context

    async def dial(
        self, origin: Origin, make: Callable[[], Connection], timeout_seconds: float
    ) -> Connection:
        """Connect to `origin`. Raises UpstreamFailure."""
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        try:
            async with asyncio.timeout_at(deadline):
                if origin.proxy is None:
                    return await self._direct(origin, make, deadline)
                if origin.proxy.kind == "http" and origin.url.scheme == "http":
                    return await self._to_proxy(origin.proxy, origin, make, deadline)
                return await self._through(origin.proxy, origin, make, deadline)
        except ssl.SSLError as error:
            raise _failure("tls", str(error)) from error
        except TimeoutError:
            raise _failure("timeout_connect", f"no connection in {timeout_seconds:g} s") from None
        except OSError as error:
            raise _failure("connect", error.strerror or str(error)) from error

    async def _direct(
        self, origin: Origin, make: Callable[[], Connection], deadline: float
    ) -> Connection:
        url = origin.url
        addresses = await self._resolver.addresses(
            url.host, url.port, allow_private=origin.allow_private
        )
        tls_name = url.host if url.scheme == "https" else None
        return await self._first(addresses, url.port, tls_name, make, deadline)

    async def _to_proxy(
        self, proxy: Proxy, origin: Origin, make: Callable[[], P], deadline: float
    ) -> P:
        allow_private = origin.allow_private or proxy.is_from_environment
        addresses = await self._resolver.addresses(
            proxy.host, proxy.port, allow_private=allow_private
        )
        tls_name = proxy.host if proxy.is_encrypted else None
        return await self._first(addresses, proxy.port, tls_name, make, deadline)

    async def _through(
        self, proxy: Proxy, origin: Origin, make: Callable[[], Connection], deadline: float
    ) -> Connection:
        """Open a tunnel and put a connection on it."""
        handshake = await self._to_proxy(proxy, origin, Handshake, deadline)
        transport = handshake.transport
        assert transport is not None
        is_ready = False
        try:
            await open_tunnel(handshake, proxy, origin.url)
            if transport.is_closing():
                raise _failure("connect", "the proxy closed the connection")
            connection = make()
            if origin.url.scheme == "https":
                encrypted = await asyncio.get_running_loop().start_tls(
                    transport, connection, self._ssl_context, server_hostname=origin.url.host
                )
                assert encrypted is not None
                connection.attach(encrypted)
            else:
                transport.set_protocol(connection)
                connection.attach(transport)
            is_ready = True
            return connection
        finally:
            if not is_ready:
                transport.abort()

    async def _first(
        self,
        addresses: list[str],
        port: int,
        tls_name: str | None,
        make: Callable[[], P],
        deadline: float,
    ) -> P:
        """Connect to the first address that answers."""
        loop = asyncio.get_running_loop()
        context = self._ssl_context if tls_name is not None else None
        tries = addresses[:ADDRESSES_MAX]
        for left, address in zip(range(len(tries), 0, -1), tries, strict=True):
            try:
                async with asyncio.timeout((deadline - loop.time()) / left):
                    transport, protocol = await loop.create_connection(
                        make, address, port, ssl=context, server_hostname=tls_name
                    )
                    _notice_dead_peers(transport)
                    return protocol
            except OSError:
                if left == 1:
                    raise
        raise _failure("dns", "the name has no address")


def _notice_dead_peers(transport: asyncio.BaseTransport) -> None:
    """Probe a silent connection once a minute.

    A model may think for many minutes before its first byte. Without probes the
    routers in between forget the connection, and its end is never heard of.
    """
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 4)):
        option = getattr(socket, name, None)  # macOS has not all of them
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _failure(kind: FailureKind, detail: str) -> UpstreamFailure:
    return UpstreamFailure(kind, detail, request_was_written=False)
