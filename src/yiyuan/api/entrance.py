"""By whom a request is answered, found by its host and its path.

Both follow from the head, and a client sends the same head again and again: where the public
API is asked, that is kept with what else follows from the head (`Exchange.derived`). Whether a
forwarded address is to be believed follows from the peer, so heads with one are looked at anew.
"""

from collections.abc import Awaitable

from yiyuan.api.callbacks.payments import PaymentCallbacks
from yiyuan.api.console.server import PREFIX as PANEL_PREFIX
from yiyuan.api.console.server import ConsoleApi
from yiyuan.api.console_pages import ConsolePages
from yiyuan.api.hosts import AllowedHosts
from yiyuan.api.public.routes import PublicApi
from yiyuan.api.root import Root
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import HostNotAllowed


class Entrance:
    """Leads each request to whoever answers it."""

    def __init__(
        self,
        hosts: AllowedHosts,
        api: PublicApi,
        panel: ConsoleApi,
        console_pages: ConsolePages,
        payment_callbacks: PaymentCallbacks,
        site: Root,
    ) -> None:
        """Hosts and paths are the same as long as this process runs."""
        self._hosts = hosts
        self._api = api
        self._panel = panel
        self._console_pages = console_pages
        self._payment_callbacks = payment_callbacks
        self._site = site

    def handle(self, exchange: Exchange) -> Awaitable[None]:
        """Answer one request, once this is awaited."""
        if self in exchange.derived:
            return self._api.handle(exchange)
        return self._find(exchange)

    async def _find(self, exchange: Exchange) -> None:
        try:
            self._hosts.check(exchange)
        except HostNotAllowed as error:
            self._site.refuse(exchange, error)
            return
        path = exchange.path
        if self._api.serves(path):
            if "x-forwarded-for" not in exchange.headers:
                exchange.derived[self] = True
            await self._api.handle(exchange)
        elif path.startswith(PANEL_PREFIX):
            await self._panel.handle(exchange)
        elif self._console_pages.serves(path):
            self._console_pages.handle(exchange)
        elif self._payment_callbacks.serves(path):
            await self._payment_callbacks.handle(exchange)
        else:
            await self._site.handle(exchange)
