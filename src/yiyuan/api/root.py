"""Everything that is not the public API: health, readiness, metrics, documentation, status.

`/metrics` takes the configured bearer; without one only a direct peer on the
loopback may read it, and a request that came through a proxy is not direct.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address

import orjson

from yiyuan.api.hosts import host_of, is_loopback
from yiyuan.api.methods import check_is_read
from yiyuan.api.status_page import StatusPages
from yiyuan.dialects.contract import Dialect
from yiyuan.documentation.site import Documentation
from yiyuan.gateway.delivery.respond import JSON_TYPE, language_of, refuse
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import ApiError, RouteNotFound
from yiyuan.telemetry.metrics import Metrics

METRICS_TYPE = ("content-type", "text/plain; version=0.0.4; charset=utf-8")
NO_STORE = ("cache-control", "no-store")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(slots=True, frozen=True)
class RootDependencies:
    """What these pages need; built in `app/process.py`."""

    metrics: Metrics
    metrics_token: str | None
    why_not_ready: Callable[[], str | None]
    """None while the server may take traffic."""
    dialect: Dialect
    """Renders errors."""
    default_language: str
    documentation: Documentation
    status_pages: StatusPages


class Root:
    """Serves the operational pages."""

    def __init__(self, parts: RootDependencies) -> None:
        """Routes are fixed here, once."""
        self._parts = parts
        self.render_metrics: Callable[[], Awaitable[bytes]] | None = None
        """Set where there are other workers: the metrics of all of them."""
        self._routes: dict[str, Callable[[Exchange], Awaitable[None] | None]] = {
            "/healthz": self._health,
            "/readyz": self._ready,
            "/metrics": self._metrics,
        }

    def refuse(self, exchange: Exchange, error: ApiError) -> None:
        """Answer a request that nothing here may answer."""
        language = language_of(exchange, self._parts.default_language)
        refuse(exchange, self._parts.dialect, error, language)

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        try:
            page = self._page(exchange.path)
            if page is None:
                raise RouteNotFound(method=exchange.method, path=exchange.path[:200])
            check_is_read(exchange)
            answering = page(exchange)
            if answering is not None:
                await answering
        except ApiError as error:
            language = language_of(exchange, self._parts.default_language)
            refuse(exchange, self._parts.dialect, error, language)

    def _page(self, path: str) -> Callable[[Exchange], Awaitable[None] | None] | None:
        for part in (self._parts.documentation, self._parts.status_pages):
            if part.serves(path):
                return part.handle
        return self._routes.get(path)

    def _health(self, exchange: Exchange) -> None:
        exchange.respond(200, (JSON_TYPE, NO_STORE), b'{"ok":true}')

    def _ready(self, exchange: Exchange) -> None:
        reason = self._parts.why_not_ready()
        body = orjson.dumps({"ok": reason is None, "reason": reason})
        exchange.respond(200 if reason is None else 503, (JSON_TYPE, NO_STORE), body)

    async def _metrics(self, exchange: Exchange) -> None:
        if not self._may_read_metrics(exchange):
            raise RouteNotFound(method=exchange.method, path=exchange.path)
        render = self.render_metrics
        text = self._parts.metrics.render() if render is None else await render()
        exchange.respond(200, (METRICS_TYPE, NO_STORE), text)

    def _may_read_metrics(self, exchange: Exchange) -> bool:
        expected = self._parts.metrics_token
        if expected is not None:
            sent = exchange.headers.get("authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(sent.encode(errors="replace"), expected.encode())
        if any(name in exchange.headers for name in _FORWARDED):
            return False
        host = host_of(exchange.headers.get("host"))
        if host is not None and not is_loopback(host):
            return False
        try:
            return ip_address(exchange.peer).is_loopback
        except ValueError:
            return False
