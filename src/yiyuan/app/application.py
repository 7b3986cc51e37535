"""All that serves requests, wired together over an open desk.

Together with `app/process.py` this is the composition root: no other file knows every
room, and none but `app/process.py` imports this one.
"""

import sys
from functools import partial

from yiyuan import __version__
from yiyuan.api.callbacks.payments import PaymentCallbacks
from yiyuan.api.console.request import ConsoleState
from yiyuan.api.console.server import ConsoleApi
from yiyuan.api.console_pages import ConsolePages
from yiyuan.api.entrance import Entrance
from yiyuan.api.hosts import AllowedHosts
from yiyuan.api.public.billing import Billing
from yiyuan.api.public.count_tokens import CountTokens
from yiyuan.api.public.routes import PublicApi, PublicApiDependencies
from yiyuan.api.root import Root, RootDependencies
from yiyuan.app.ended_requests import EndedRequests
from yiyuan.app.gauges import watch_intake, watch_ledger, watch_log, watch_routing
from yiyuan.app.intake import intake_of
from yiyuan.app.key_files import KeyFiles
from yiyuan.app.nodes import invalidation, shared_limiter
from yiyuan.app.notices import Notices
from yiyuan.app.pages import documentation_of, status_pages_of
from yiyuan.app.traces import tracer_of
from yiyuan.auth.password import Passwords
from yiyuan.auth.token_cache import TokenCache
from yiyuan.dialects import contract as dialects
from yiyuan.gateway.admission import Admission, Standing
from yiyuan.gateway.hold.reserve import Reserve
from yiyuan.gateway.operations import contract as operations
from yiyuan.gateway.relay import Relay, RelayDependencies
from yiyuan.gateway.report import Reporter
from yiyuan.gateway.request.links import Links
from yiyuan.gateway.upstream.fallback import Fallback
from yiyuan.http.client.client import Client
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.router import Router
from yiyuan.services.accounts.shortfalls import ShortfallWatch
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.catalog.edit import apply_due_prices, seal_old_headers
from yiyuan.services.catalog.price_schedule import PriceClock
from yiyuan.services.maintenance.retention import Expiry
from yiyuan.services.payments.codes import book_unbooked
from yiyuan.services.payments.refunds.debts import owed_for_suspension
from yiyuan.services.payments.watch import PaymentWatch
from yiyuan.services.people.identity.conversation import Conversations
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site
from yiyuan.services.tokens.old_keys import find_by_key
from yiyuan.store.queries.spend import spent_micros
from yiyuan.telemetry.loop_lag import LoopLag
from yiyuan.telemetry.metrics import Metrics
from yiyuan.telemetry.request_log import ExchangeLog


class Application:
    """Everything between a request and the ledger."""

    def __init__(self, context: ServiceContext) -> None:
        """Opens nothing: connections and threads begin with `open`."""
        settings, clock, ledger = context.settings, context.clock, context.ledger
        self._desk, self._catalog, self.metrics = context, Catalog({}), Metrics()
        self.log, self.lag = ExchangeLog(), LoopLag()
        self.client = Client(https_proxy=settings.https_proxy, no_proxy=settings.no_proxy)
        self.router = Router()
        self.limiter = shared_limiter(context, _report)
        self._invalidation = invalidation(context, self._follow)
        self._ended = EndedRequests(context.database, clock)
        self._tracer = tracer_of(settings)
        self._expiry = Expiry(context.database, clock, settings.usage_detail_days)
        self._notices = Notices(context, lambda: self._catalog, self.router, self.client)
        self.token_cache = TokenCache(partial(find_by_key, context))
        self.formats, self.is_ready = dialects.discover(), False
        self._price_clock = PriceClock(clock, self._follow)
        self._key_files = KeyFiles(lambda: self._catalog, self._follow)
        self._site_values = SiteSettings()
        console_url = f"{settings.public_url}/console"
        self._links = links = Links(console_url, f"{console_url}/top-up")
        self._shortfalls = ShortfallWatch(context, lambda: self._site_values, _report)
        self._intake = intake_of(settings, clock)
        self.admission = Admission(
            pepper=context.secrets.token_pepper,
            api_tokens=self.token_cache,
            ledger=ledger,
            limiter=self.limiter,
            clock=clock,
            links=links,
            trusted_proxies=settings.trusted_proxies,
            standing=Standing(self._shortfalls.is_stopped, partial(owed_for_suspension, context)),
        )
        self._payments = PaymentWatch(context, _report)
        self.site = Root(self._site_parts())
        self.handle = self._entrance(links).handle
        """Answers one request."""
        self._watch()

    async def open(self) -> None:
        """Read the catalog, start the threads; from now on changes are followed."""
        self._desk.reload = self._changed
        self._desk.limiter, self._desk.router = self.limiter, self.router
        self._desk.client = self.client
        await seal_old_headers(self._desk)
        await self.reload()
        await book_unbooked(self._desk)
        await self.limiter.open()
        if self._invalidation is not None:
            await self._invalidation.open()
        self.log.start()
        if self._tracer is not None:
            self._tracer.start()
        self.lag.start()
        self._expiry.start()
        self._ended.start()
        self._shortfalls.start()
        await self._payments.open()
        await self._notices.open()
        self._key_files.start()
        self.is_ready = True

    async def close(self) -> None:
        """Stop what `open` started."""
        self.is_ready = False
        await self._payments.close()
        await self._notices.close()
        await self._key_files.close()
        await self._expiry.close()
        await self._ended.close()
        await self._shortfalls.close()
        self._price_clock.close()
        if self._invalidation is not None:
            await self._invalidation.close()
        await self.limiter.close()
        self.lag.stop()
        self.client.close()
        self._intake.work.close()
        self.log.close()
        if self._tracer is not None:
            self._tracer.close()

    async def reload(self) -> None:
        """Follow a change of the catalog, a token or an account."""
        self._price_clock.set(await apply_due_prices(self._desk))
        self._catalog = await load_catalog(self._desk)
        self._site_values = await read_site(self._desk)
        await self._shortfalls.load()
        own = f"{self._desk.settings.public_url}/console/top-up"
        self._links.topup_url = self._site_values.topup_link or own
        self.token_cache.forget()

    async def _changed(self) -> None:
        """Follow a change that was made here, and let the other nodes follow."""
        await self.reload()
        if self._invalidation is not None:
            await self._invalidation.publish()

    async def _follow(self) -> None:
        """Follow a change that was made elsewhere; one that makes no sense here is reported."""
        try:
            await self.reload()
        except ServiceError as error:
            _report(f"a change of the catalog cannot be followed: {error.message}")

    def _entrance(self, links: Links) -> Entrance:
        return Entrance(
            AllowedHosts(self._desk),
            PublicApi(self._api_parts(links)),
            ConsoleApi(self._house()),
            ConsolePages(self.formats["openai_chat"], self._desk.settings.language),
            PaymentCallbacks(self._desk, self.metrics),
            self.site,
        )

    def _house(self) -> ConsoleState:
        return ConsoleState(
            context=self._desk,
            catalog=lambda: self._catalog,
            client=self.client,
            router=self.router,
            metrics=self.metrics,
            passwords=Passwords(),
            conversations=Conversations(self.client, self._desk.clock),
            site=lambda: self._site_values,
            version=__version__,
        )

    def _fallback(self) -> Fallback:
        return Fallback(
            self.client,
            self.router,
            self.formats,
            self._desk.clock,
            self._desk.secrets.token_pepper,
            None if self._tracer is None else self._tracer.traceparent,
        )

    def _relay(self, links: Links, fallback: Fallback) -> Relay:
        settings, clock, ledger = self._desk.settings, self._desk.clock, self._desk.ledger
        may_count = partial(self.admission.may_count_upstream, is_new=True)
        count = partial(fallback.counter.fill, may_count)
        return Relay(
            RelayDependencies(
                admission=self.admission,
                reserve=Reserve(ledger, clock, links, count),
                fallback=fallback,
                operations=operations.discover(),
                ledger=ledger,
                clock=clock,
                catalog=lambda: self._catalog,
                observe=self._reporter().observe,
                default_language=settings.language,
                intake=self._intake,
            )
        )

    def _api_parts(self, links: Links) -> PublicApiDependencies:
        settings, clock, ledger = self._desk.settings, self._desk.clock, self._desk.ledger
        spent = partial(spent_micros, self._desk.database)
        billing = Billing(self.admission, ledger, self.limiter, clock, spent)
        anthropic, fallback = self.formats["anthropic_messages"], self._fallback()
        return PublicApiDependencies(
            relay=self._relay(links, fallback),
            admission=self.admission,
            billing=billing,
            count_tokens=CountTokens(
                anthropic,
                fallback.counter,
                self.router,
                self.admission,
                self._intake,
                lambda: self._catalog,
            ),
            dialects=self.formats,
            catalog=lambda: self._catalog,
            default_language=settings.language,
            created=clock.wall_ms() // 1000,
        )

    def _reporter(self) -> Reporter:
        clock, ended, fell_short = self._desk.clock, self._ended, self._shortfalls.note
        noted = (ended.refusals.note, fell_short, ended.model_hours.note)
        return Reporter(self.metrics, self.log, clock, *noted, self._tracer)

    def _site_parts(self) -> RootDependencies:
        settings = self._desk.settings
        shown = (self._desk, lambda: self._catalog, lambda: self._site_values)
        return RootDependencies(
            metrics=self.metrics,
            metrics_token=settings.metrics_token,
            why_not_ready=self._why_not_ready,
            dialect=self.formats["openai_chat"],
            default_language=settings.language,
            documentation=documentation_of(*shown),
            status_pages=status_pages_of(*shown),
        )

    def _why_not_ready(self) -> str | None:
        if self._desk.ledger.is_failed:
            return "the ledger has stopped"
        return None if self.is_ready else "starting or stopping"

    def _watch(self) -> None:
        """Connect the gauges to what they show."""
        watch = self.metrics.watch
        watch_ledger(watch, self._desk.ledger)
        watch_intake(watch, self._intake)
        watch_routing(watch, self.router, self.limiter)
        watch("yiyuan_channel_balance", self._notices.balances)
        watch_log(watch, self.log)
        watch("yiyuan_event_loop_lag_seconds", lambda: [((), self.lag.seconds)])
        watch("yiyuan_is_ready", lambda: [((), int(self._why_not_ready() is None))])
        watch("yiyuan_expired_requests", lambda: [((), self._expiry.requests_total)])
        watch("yiyuan_expiry_failures", lambda: [((), self._expiry.failures_total)])
        self._payments.show_in(self.metrics)


def _report(line: str) -> None:
    """A line for the operator."""
    sys.stderr.write(line + "\n")
