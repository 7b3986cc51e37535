"""What an account used: requests, tokens and money by model and day."""

from typing import Any

from yiyuan.kernel.calendar import day_text
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.queries.accounts import UsageLine, usage_by_day

_COUNTS = UsageLine._fields[2:]


class ByDay(Request):
    """An account by name or id, and the first day."""

    name: str
    since: str | None = None


@command("usage.by_day", reads=True)
async def by_day(context: ServiceContext, request: ByDay) -> dict[str, Any]:
    """Lines by UTC day of admission and model, and their total; `charge` in micros.

    Charges are as they were made: refunds are entries of the ledger of their own.
    """
    since_ms = time_of("since", request.since) or 0
    account = await get_account(context, request.name)
    lines = await usage_by_day(context.database, account.id, since_ms)
    return {
        "account": account.id,
        "usage": [{**line._asdict(), "day": day_text(line.day)} for line in lines],
        "total": {count: sum(getattr(line, count) for line in lines) for count in _COUNTS},
    }
