"""How often strangers may ask for mail and open accounts; all nodes count together.

The counters lie in the database, so neither another node nor a restart begins anew. The
limits are settings. Who is over one of them waits until its window is over.
"""

from typing import Final

from yiyuan.kernel.calendar import DAY_MS, HOUR_MS
from yiyuan.services.mail.mailbox import block, canonical, client
from yiyuan.services.people.sign_in.attempts import TooManyTries
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import SiteSettings
from yiyuan.store.tables.people.counters import count_up, counted

_SITE: Final = "mails site"


async def allow_mail(context: ServiceContext, site: SiteSettings, email: str, address: str) -> None:
    """Count one mail that a stranger asks for. Raises TooManyTries."""
    await _count(context, f"mails from {client(address)}", HOUR_MS, site.mails_per_client)
    await _count(context, f"mails to {canonical(email)}", HOUR_MS, site.mails_per_mailbox)
    await _count(context, _SITE, HOUR_MS, site.mails_per_hour)


async def allow_sign_up(context: ServiceContext, site: SiteSettings, address: str) -> None:
    """Count one account that a stranger opens. Raises TooManyTries."""
    await _count(context, f"sign-ups from {block(address)}", DAY_MS, site.sign_ups_per_block)


async def allow_gift(context: ServiceContext, site: SiteSettings, address: str) -> bool:
    """Count one gift; whether there may be one."""
    try:
        await _count(context, f"gifts to {block(address)}", DAY_MS, site.gifts_per_block)
        await _count(context, "gifts", DAY_MS, site.gifts_per_day)
    except TooManyTries:
        return False
    return True


async def is_crowded(context: ServiceContext, site: SiteSettings, address: str) -> bool:
    """Whether somebody asks so often that asking should cost a proof of work."""
    now = context.clock.wall_ms()
    name = f"mails from {client(address)}"
    if 2 * await counted(context.database, name, now, HOUR_MS) > site.mails_per_client:
        return True
    return 4 * await counted(context.database, _SITE, now, HOUR_MS) > site.mails_per_hour


async def once(context: ServiceContext, name: str) -> bool:
    """Whether nobody has used this name up before; it is remembered for two hours at least."""
    now = context.clock.wall_ms()
    return await context.database.write([count_up(name, now, DAY_MS, 1)]) == [1]


async def _count(context: ServiceContext, name: str, window_ms: int, most: int) -> None:
    now = context.clock.wall_ms()
    if await context.database.write([count_up(name, now, window_ms, most)]) != [1]:
        left_ms = window_ms - now % window_ms
        raise TooManyTries(left_ms // 1000 + 1)
