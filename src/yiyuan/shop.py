"""All that serves requests, wired together over an open desk.

Together with `app.py` this is the composition root: no other file knows every
room, and none but `app.py` imports this one.
"""

import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from yiyuan import __version__
from yiyuan.access.backoff import Backoff
from yiyuan.access.directory import Directory
from yiyuan.access.password import Passwords
from yiyuan.access.polling import Polling
from yiyuan.console.api_tokens import find_api_token
from yiyuan.console.catalog import load_catalog
from yiyuan.console.catalog_edit import apply_due_prices
from yiyuan.console.codes import book_unbooked
from yiyuan.console.desk import Desk
from yiyuan.console.expiry import Expiry
from yiyuan.console.price_clock import PriceClock
from yiyuan.console.refusal import CommandError
from yiyuan.console.site import SiteValues, read_site
from yiyuan.dialects import dialect as dialects
from yiyuan.documentation.documentation import Documentation
from yiyuan.gateway.admission import Admission, Links
from yiyuan.gateway.billing import Billing
from yiyuan.gateway.count_tokens import CountTokens
from yiyuan.gateway.fallback import Fallback
from yiyuan.gateway.relay import Parts, Relay
from yiyuan.gateway.report import Reporter
from yiyuan.gateway.reserve import Reserve
from yiyuan.limits.in_memory import InMemoryLimiter
from yiyuan.limits.limiter import Limiter
from yiyuan.observe.exchange_log import ExchangeLog
from yiyuan.observe.loop_lag import LoopLag
from yiyuan.observe.metrics import Metrics, Samples
from yiyuan.panel.server import PREFIX as PANEL_PREFIX
from yiyuan.panel.server import Panel
from yiyuan.panel.visit import House
from yiyuan.store.catalog_rows import read_version
from yiyuan.store.spend import spent_micros
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.router import Router
from yiyuan.web.console_pages import ConsolePages
from yiyuan.web.exchange import Exchange
from yiyuan.web.site import Site, SiteParts
from yiyuan.web.v1 import Api, ApiParts

if TYPE_CHECKING:
    from yiyuan.access.invalidation import Invalidation

_LIMITER_GAUGES = (
    ("yiyuan_limiter_backend_up", "is_up"),
    ("yiyuan_limiter_degraded_seconds", "away_seconds"),
    ("yiyuan_limiter_replicas", "replicas"),
)


class Shop:
    """Everything between a request and the ledger."""

    def __init__(self, desk: Desk) -> None:
        """Opens nothing: connections and threads begin with `open`."""
        settings, clock, book = desk.settings, desk.clock, desk.book
        self._desk = desk
        self._catalog = Catalog({})
        self.metrics = Metrics()
        self.log, self.lag = ExchangeLog(), LoopLag()
        self.client = Client(https_proxy=settings.https_proxy, no_proxy=settings.no_proxy)
        self.router = Router()
        self.limiter = _limiter(desk)
        self._invalidation = _invalidation(desk, self._follow)
        self._expiry = Expiry(desk.database, clock, settings.usage_detail_days)
        self.directory = Directory(partial(find_api_token, desk.database))
        self.formats = dialects.discover()
        self.is_ready = False
        self._price_clock = PriceClock(clock, self._follow)
        self._site_values = SiteValues()
        self._links = links = Links(
            console_url=f"{settings.public_url}/console",
            topup_url=f"{settings.public_url}/console/top-up",
        )
        self.admission = Admission(
            pepper=desk.secrets.token_pepper,
            find_api_token=self.directory.find,
            book=book,
            limiter=self.limiter,
            clock=clock,
            links=links,
            trusted_proxies=settings.trusted_proxies,
        )
        self.api = Api(self._api_parts(links))
        self.panel = Panel(self._house())
        self.console_pages = ConsolePages(self.formats["openai_chat"], settings.language)
        self.site = Site(self._site_parts())
        self._watch()

    async def open(self) -> None:
        """Read the catalog, start the threads; from now on changes are followed."""
        self._desk.reload = self._changed
        self._desk.limiter = self.limiter
        await self.reload()
        await book_unbooked(self._desk)
        await self.limiter.open()
        if self._invalidation is not None:
            await self._invalidation.open()
        self.log.start()
        self.lag.start()
        self._expiry.start()
        self.is_ready = True

    async def close(self) -> None:
        """Stop what `open` started."""
        self.is_ready = False
        await self._expiry.close()
        self._price_clock.close()
        if self._invalidation is not None:
            await self._invalidation.close()
        await self.limiter.close()
        self.lag.stop()
        self.client.close()
        self.log.close()

    async def reload(self) -> None:
        """Follow a change of the catalog, a token or an account."""
        self._price_clock.set(await apply_due_prices(self._desk))
        self._catalog = await load_catalog(self._desk)
        self._site_values = await read_site(self._desk)
        own = f"{self._desk.settings.public_url}/console/top-up"
        self._links.topup_url = self._site_values.topup_link or own
        self.directory.forget()

    async def _changed(self) -> None:
        """Follow a change that was made here, and let the other nodes follow."""
        await self.reload()
        if self._invalidation is not None:
            await self._invalidation.publish()

    async def _follow(self) -> None:
        """Follow a change that was made elsewhere; one that makes no sense here is reported."""
        try:
            await self.reload()
        except CommandError as error:
            _report(f"a change of the catalog cannot be followed: {error.message}")

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        if self.api.serves(exchange.path):
            await self.api.handle(exchange)
        elif exchange.path.startswith(PANEL_PREFIX):
            await self.panel.handle(exchange)
        elif self.console_pages.serves(exchange.path):
            self.console_pages.handle(exchange)
        else:
            await self.site.handle(exchange)

    def _house(self) -> House:
        clock = self._desk.clock
        return House(
            desk=self._desk,
            catalog=lambda: self._catalog,
            client=self.client,
            router=self.router,
            metrics=self.metrics,
            passwords=Passwords(),
            sign_in_backoff=Backoff(clock),
            code_backoff=Backoff(clock),
            site=lambda: self._site_values,
            version=__version__,
        )

    def _api_parts(self, links: Links) -> ApiParts:
        settings, clock, book = self._desk.settings, self._desk.clock, self._desk.book
        database = self._desk.database
        relay = Relay(
            Parts(
                admission=self.admission,
                reserve=Reserve(book, clock, links),
                fallback=Fallback(self.client, self.router, self.formats, clock),
                book=book,
                clock=clock,
                catalog=lambda: self._catalog,
                observe=Reporter(self.metrics, self.log, clock).observe,
                default_language=settings.language,
                body_bytes_max=settings.body_bytes_max,
            )
        )
        billing = Billing(
            self.admission, book, self.limiter, clock, partial(spent_micros, database)
        )
        anthropic = self.formats["anthropic_messages"]
        return ApiParts(
            relay=relay,
            admission=self.admission,
            billing=billing,
            count_tokens=CountTokens(anthropic, self.client, self.router),
            dialects=self.formats,
            catalog=lambda: self._catalog,
            default_language=settings.language,
            body_bytes_max=settings.body_bytes_max,
            created=clock.wall_ms() // 1000,
        )

    def _site_parts(self) -> SiteParts:
        settings = self._desk.settings
        documentation = Documentation(
            lambda: self._catalog,
            api_url=settings.api_url,
            public_url=settings.public_url,
            nextchat_url=lambda: self._site_values.nextchat_url,
            default_language=settings.language,
        )
        return SiteParts(
            metrics=self.metrics,
            metrics_token=settings.metrics_token,
            why_not_ready=self._why_not_ready,
            dialect=self.formats["openai_chat"],
            default_language=settings.language,
            documentation=documentation,
        )

    def _why_not_ready(self) -> str | None:
        if self._desk.book.is_failed:
            return "the ledger has stopped"
        return None if self.is_ready else "starting or stopping"

    def _watch(self) -> None:
        """Connect the gauges to what they show."""
        watch, book = self.metrics.watch, self._desk.book
        watch("yiyuan_open_holds", lambda: [((), book.stats().open_holds)])
        watch("yiyuan_held_micros", lambda: [((), book.stats().held_micros)])
        watch("yiyuan_ledger_queue", lambda: [((), book.stats().waiting_for_disk)])
        watch("yiyuan_ledger_batches", lambda: [((), book.stats().batches)])
        watch("yiyuan_log_queue", lambda: [((), self.log.queued())])
        watch("yiyuan_log_lines_dropped", lambda: [((), self.log.dropped_total)])
        watch("yiyuan_event_loop_lag_seconds", lambda: [((), self.lag.seconds)])
        watch("yiyuan_is_ready", lambda: [((), int(self._why_not_ready() is None))])
        watch("yiyuan_breaker_open", self._breakers)
        watch("yiyuan_limiter_keys", lambda: [((), self.limiter.key_count())])
        watch("yiyuan_expired_requests", lambda: [((), self._expiry.requests_total)])
        watch("yiyuan_expiry_failures", lambda: [((), self._expiry.failures_total)])
        for name, field in _LIMITER_GAUGES:
            watch(name, partial(self._limiter_gauge, field))

    def _limiter_gauge(self, field: str) -> Samples:
        backend = self.limiter.backend()
        return [] if backend is None else [((), float(getattr(backend, field)))]

    def _breakers(self) -> Samples:
        return [
            ((view.channel_id, view.key_id, view.model), int(view.state == "open"))
            for view in self.router.snapshot()
        ]


def _limiter(desk: Desk) -> Limiter:
    """Windows in Valkey where nodes share them, else in memory."""
    settings, clock = desk.settings, desk.clock
    if settings.redis_url is None:
        return InMemoryLimiter(clock.monotonic)
    from yiyuan.limits.valkey import ValkeyLimiter  # noqa: PLC0415 - only with a Valkey

    return ValkeyLimiter(settings.redis_url, clock, _report)


def _invalidation(
    desk: Desk, follow: Callable[[], Awaitable[None]]
) -> "Invalidation | Polling | None":
    """How this node hears of the others' changes, where there are others."""
    url = desk.settings.redis_url
    if url is None:
        is_shared = desk.settings.database_url is not None
        return Polling(partial(read_version, desk.database), follow) if is_shared else None
    from yiyuan.access.invalidation import Invalidation  # noqa: PLC0415 - only with a Valkey

    return Invalidation(url, partial(read_version, desk.database), follow)


def _report(line: str) -> None:
    """A line for the operator."""
    sys.stderr.write(line + "\n")
