"""What an account's API tokens were used for lately."""

from typing import NamedTuple

from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.usage import last_use


class TokenUse(NamedTuple):
    """What a token spent this month, in micros, and when it was last used."""

    spend_month: int = 0
    last_used: str | None = None


async def use_of_account(context: ServiceContext, account_id: str) -> dict[str, TokenUse]:
    """The use of an account's tokens by id; one that was never used is not there."""
    month = month_start(context.clock.wall_ms())
    found = await last_use(context.database, account_id, month)
    return {token_id: TokenUse(spent, iso(at)) for token_id, (spent, at) in found.items()}
