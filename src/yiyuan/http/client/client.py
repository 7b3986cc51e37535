"""The way out: a pooled keep-alive HTTP/1.1 client made for relaying.

One call costs one write, one wait for the head, and one wait per piece of body;
there is no task, no stream object and no copy in between (`connection.py`). Its
parts each hold one idea: `origin.py` (where to), `request.py` (the head),
`address.py` (may we), `dial.py` and `proxy.py` (how to get there), `pool.py`
(which connection), `connection.py` and `response.py` (what comes back).

One call, step by step:

1. The URL's route is looked up; the head is written and checked.
2. An idle connection is taken, else one is made: the name resolved, every
   address judged, the judged address connected to, TLS for the URL's own host.
3. Head and body go out in one write.
4. If the connection had served before and ends without a byte of answer, the
   server had closed it meanwhile: the call is repeated once, on a connection
   just made. Nothing else is ever repeated here; fallback is the gateway's.
5. The response comes back as soon as its head is complete. Redirects are
   answers like any other: following one could carry a key to another host.

Cancelling `send`, or a read of the response, aborts the connection.

Limits: see the modules; bodies are bounded by whoever reads them. Nothing bounds
the whole time of a response that keeps dripping: that is the gateway's to decide.
Failure: `UpstreamFailure`, whose kinds `errors.py` lists.

A client belongs to the event loop that first sends with it.
"""

import asyncio
import ssl

from yiyuan.http.client.address import Resolve, Resolver, resolve_by_system
from yiyuan.http.client.connection import Connection
from yiyuan.http.client.dial import Dialer
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.origin import Origin, TargetResolver
from yiyuan.http.client.pool import Pool, PoolLimits, PoolStats
from yiyuan.http.client.proxy import EnvironmentProxies
from yiyuan.http.client.request import Call, HeadWriter
from yiyuan.http.client.response import Response
from yiyuan.http.header_names import HeaderNames

USER_AGENT = "yiyuan"


class Client:
    """Sends calls to upstreams; one per process."""

    def __init__(
        self,
        *,
        https_proxy: str | None = None,
        http_proxy: str | None = None,
        no_proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_by_system,
        limits: PoolLimits | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        """The proxies are the environment variables' values.

        `ssl_context` replaces verification against the system's authorities.
        Raises UpstreamFailure when a proxy's URL is not understood.
        """
        self._routes = TargetResolver(EnvironmentProxies(https_proxy, http_proxy, no_proxy))
        self._heads = HeadWriter(user_agent)
        self._dialer = Dialer(Resolver(resolve), ssl_context or _default_context())
        self._pool = Pool(limits or PoolLimits())
        self._names = HeaderNames()
        self._is_closed = False

    async def send(self, call: Call) -> Response:
        """Send one call; returns when the response's head is there.

        The response must be closed in the end. Raises UpstreamFailure.
        """
        route = self._routes.find(call.url, call.proxy, allow_private=call.allow_private)
        head = self._heads.write(call, route)
        connection = self._pool.take(route.origin)
        if connection is None:
            connection = await self._open(route.origin, call.connect_timeout)
        response = connection.start(head, call)
        try:
            await response.change()
            if response.status == 0 or "content-encoding" in response.headers:
                await response.receive_head()
        except asyncio.CancelledError:
            response.close()
            raise
        except UpstreamFailure as failure:
            is_stale = connection.is_reused and connection.is_untouched
            if not is_stale or failure.kind != "reset":
                raise
        else:
            return response
        try:
            connection = await self._open(route.origin, call.connect_timeout)
        except UpstreamFailure as failure:
            # The server was most likely gone before, but nobody can know.
            failure.request_was_written = call.was_written
            raise
        response = connection.start(head, call)
        await response.receive_head()
        return response

    def close(self) -> None:
        """Abort everything; responses that are being read fail with `reset`."""
        self._is_closed = True
        self._pool.close()

    def stats(self) -> PoolStats:
        """Connections as of now."""
        return self._pool.stats()

    async def _open(self, origin: Origin, timeout_seconds: float) -> Connection:
        """A connection that is not from the shelf."""
        if self._is_closed:
            raise UpstreamFailure("connect", "the client is closed", request_was_written=False)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        given = await self._pool.permit(origin, timeout_seconds)
        if given is not None:
            return given
        made: Connection | None = None
        try:
            made = await self._dialer.dial(
                origin,
                lambda: Connection(loop, self._pool, origin, self._names),
                deadline - loop.time(),
            )
        finally:
            if made is None:
                self._pool.give_back(origin)
            else:
                self._pool.add(made)
        return made


def _default_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
