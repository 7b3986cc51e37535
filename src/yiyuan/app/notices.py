"""Mail and notices of one process: the queue, the outbox, and what is looked at for them."""

import asyncio
import contextlib
from collections.abc import Callable

from yiyuan.http.client.client import Client
from yiyuan.kernel.tasks import end
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.router import Router
from yiyuan.services.channels.idle_probes import IdleProbes
from yiyuan.services.channels.upstream_accounts import UpstreamAccounts
from yiyuan.services.mail.sending import postbox
from yiyuan.services.notifications.dispatcher import WATCH_SECONDS, Dispatcher
from yiyuan.services.notifications.house import HouseWatch
from yiyuan.services.notifications.thresholds import watch_accounts
from yiyuan.services.people.sign_up.gift import book_unbooked_gifts
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.telemetry.metrics import Samples


class Notices:
    """Tells people what matters."""

    def __init__(
        self,
        context: ServiceContext,
        catalog: Callable[[], Catalog],
        router: Router,
        client: Client,
    ) -> None:
        """Nothing runs before `open`; the context's mails go through this queue from now on."""
        self._context = context
        self._catalog = catalog
        self._router = router
        self._postbox = context.postbox = postbox(context)
        self._house = HouseWatch(context)
        self._probes = IdleProbes(client, router, catalog, context.clock.monotonic)
        self._upstreams = UpstreamAccounts(context, client, catalog)
        self._dispatcher = Dispatcher(context, self._look_around)
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Book gifts that a crash left unbooked; begin sending and looking."""
        await book_unbooked_gifts(self._context)
        self._postbox.start()
        self._dispatcher.start()
        self._looking = asyncio.create_task(self._look_at_channels())

    async def close(self) -> None:
        """Stop both."""
        if self._looking is not None:
            await end(self._looking)
        await self._dispatcher.close()
        await self._postbox.close()

    async def _look_around(self) -> None:
        await watch_accounts(self._context)
        await self._house.channels(self._channels_down())
        await self._house.books()
        await self._house.stops()
        await self._house.hourly()
        await self._house.mail(self._postbox)

    async def _look_at_channels(self) -> None:
        """Beside the rest, since upstreams may take their time."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(LedgerUnavailable, *REFUSED):
                await self._upstreams.look()
                await self._probes.look()

    def balances(self) -> Samples:
        """What is left at vendors, in their currencies."""
        return [
            ((channel, key, left.currency), left.micros / 1_000_000)
            for (channel, key), left in self._upstreams.left.items()
        ]

    def _channels_down(self) -> dict[str, bool]:
        """By name: whether none of a channel's keys takes anything for any model."""
        views, down = self._router.snapshot(), {}
        for channel in self._catalog().channels:
            states = [view.state for view in views if view.channel_id == channel.id]
            down[channel.name] = "open" in states and "closed" not in states
        return down
