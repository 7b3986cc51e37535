"""How channels do: the tries of the last hour, and whether a breaker keeps requests away."""

from typing import Literal

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.router import Router
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.operator import ChannelHour, channels_since

__all__ = ["ChannelHealth", "ChannelHour", "Health", "channels_health", "health_of", "last_hour"]


Health = Literal["ok", "open", "unknown"]


class ChannelHealth(Answer):
    """A channel in the last hour; `open` means that a breaker keeps requests away.

    Each try at it counts, also where another channel answered in the end.
    """

    id: str
    name: str
    is_enabled: bool
    health: Health
    requests_hour: int
    errors_hour: int


async def channels_health(
    context: ServiceContext, catalog: Catalog, router: Router
) -> list[ChannelHealth]:
    """All channels of the catalog."""
    hour = await last_hour(context)
    empty = ChannelHour("", 0, 0)
    return [
        ChannelHealth(
            id=channel.id,
            name=channel.name,
            is_enabled=channel.enabled,
            health=health_of(router, channel.id),
            requests_hour=hour.get(channel.id, empty).requests,
            errors_hour=hour.get(channel.id, empty).errors,
        )
        for channel in catalog.channels
    ]


async def last_hour(context: ServiceContext) -> dict[str, ChannelHour]:
    """The tries of the last hour by channel, and those that failed."""
    since = context.clock.wall_ms() - HOUR_MS
    return {one.channel_id: one for one in await channels_since(context.database, since)}


def health_of(router: Router, channel_id: str) -> Health:
    """Whether a breaker of the channel keeps requests away on this node.

    One whose time is over lets a single request try, and nobody knows yet how that ends.
    """
    states = {view.state for view in router.snapshot() if view.channel_id == channel_id}
    return "open" if states & {"open", "half_open"} else "ok"
