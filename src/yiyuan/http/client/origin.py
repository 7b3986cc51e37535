"""From a URL to the way there: the proxy that applies and the origin to share.

Reading a URL and asking the proxy rules costs more than a request's whole share
of the client, and the answers depend on configuration alone: so they are kept,
per (URL, channel's proxy, allow_private). There are as many as channels have
paths; past 4,096 the cache starts over.
"""

from dataclasses import dataclass

from yiyuan.http.client.address import Url, check_behind_proxy, parse_url
from yiyuan.http.client.proxy import EnvironmentProxies, Proxy, parse_proxy

ROUTES_MAX = 4096


@dataclass(slots=True, frozen=True, eq=False)
class Origin:
    """What must be equal for calls to share connections. Compared by identity."""

    url: Url
    """Its scheme, host and port count."""
    proxy: Proxy | None
    allow_private: bool


@dataclass(slots=True, frozen=True, eq=False)
class Target:
    """Where one URL's calls go and how their heads begin."""

    origin: Origin
    request_target: str
    """The request line's middle: absolute for an http proxy."""
    fixed_headers: str
    """`host`, and the proxy's credentials when the proxy reads this head."""


class TargetResolver:
    """The cache of routes."""

    def __init__(self, environment: EnvironmentProxies) -> None:
        self._environment = environment
        self._routes: dict[tuple[str, str | None, bool], Target] = {}
        self._origins: dict[tuple[str, str, int, Proxy | None, bool], Origin] = {}

    def find(self, url: str, proxy: str | None, *, allow_private: bool) -> Target:
        """The route of a call. Raises UpstreamFailure for what may not be connected to."""
        key = (url, proxy, allow_private)
        route = self._routes.get(key)
        if route is None:
            if len(self._routes) >= ROUTES_MAX:
                self._routes.clear()
                self._origins.clear()
            route = self._routes[key] = self._make(parse_url(url), proxy, allow_private)
        return route

    def _make(self, url: Url, proxy_url: str | None, allow_private: bool) -> Target:  # noqa: FBT001 - private
        proxy = parse_proxy(proxy_url) if proxy_url else self._environment.choose(url)
        if proxy is not None:
            check_behind_proxy(url.host, allow_private=allow_private)
        key = (url.scheme, url.host, url.port, proxy, allow_private)
        origin = self._origins.setdefault(key, Origin(url, proxy, allow_private))
        target = url.target
        headers = f"host: {url.authority}\r\n"
        if proxy is not None and proxy.kind == "http" and url.scheme == "http":
            target = f"http://{url.authority}{target}"
            authorization = proxy.authorization()
            if authorization is not None:
                headers += f"proxy-authorization: {authorization}\r\n"
        return Target(origin, target, headers)
