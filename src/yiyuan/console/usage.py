"""What an account used: requests, tokens and money by model and day."""

from typing import Any

from yiyuan.console.accounts import get_account
from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk
from yiyuan.kernel.calendar import day_text
from yiyuan.store.reports import UsageLine, usage_by_day

_COUNTS = UsageLine._fields[2:]


async def by_day(desk: Desk, arguments: Arguments) -> dict[str, Any]:
    """Lines by UTC day of admission and model, and their total; `charge` in micros.

    Charges are as they were made: refunds are entries of the ledger of their own.
    """
    name = arguments.text("name")
    since_ms = arguments.optional_time("since") or 0
    arguments.finish()
    account = await get_account(desk, name)
    lines = await usage_by_day(desk.database, account.id, since_ms)
    return {
        "account": account.id,
        "usage": [{**line._asdict(), "day": day_text(line.day)} for line in lines],
        "total": {count: sum(getattr(line, count) for line in lines) for count in _COUNTS},
    }
