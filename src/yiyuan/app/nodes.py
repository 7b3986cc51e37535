"""What a node shares with others: limits, and the news of changes. Alone, it shares nothing."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from yiyuan.app.polling import Polling
from yiyuan.ratelimit.contract import Limiter
from yiyuan.ratelimit.memory import InMemoryLimiter
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.catalog import read_version

if TYPE_CHECKING:
    from yiyuan.app.invalidation import Invalidation


def shared_limiter(context: ServiceContext, report: Callable[[str], None]) -> Limiter:
    """Windows in Valkey where nodes share them, else in memory."""
    settings, clock = context.settings, context.clock
    if settings.redis_url is None:
        return InMemoryLimiter(clock.monotonic)
    from yiyuan.ratelimit.valkey.limiter import ValkeyLimiter  # noqa: PLC0415 - only with a Valkey

    return ValkeyLimiter(settings.redis_url, clock, report)


def invalidation(
    context: ServiceContext, follow: Callable[[], Awaitable[None]]
) -> "Invalidation | Polling | None":
    """How this node hears of the others' changes, where there are others."""
    url = context.settings.redis_url
    if url is None:
        is_shared = context.settings.database_url is not None
        return Polling(partial(read_version, context.database), follow) if is_shared else None
    from yiyuan.app.invalidation import Invalidation  # noqa: PLC0415 - only with a Valkey

    return Invalidation(url, partial(read_version, context.database), follow)
