"""The operator's list of accounts: found by any part, sorted by what they have and spend."""

from typing import Literal

from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Account, time_text
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request
from yiyuan.store.queries import account_list as queries
from yiyuan.store.queries.account_list import AccountLine, AccountSearch, Sort

_SEARCH_CHARACTERS_MAX = 100


class AccountFilter(Request):
    """Accounts with the text in name, member's e-mail, id or token ending."""

    search: str = ""
    state: Literal["all", "active", "suspended"] = "all"
    sort: Sort = "name"
    descending: bool = False


class AccountItem(Account):
    """An account in the list; `last_used` is its last request."""

    spend_month: int
    last_used: str | None
    tokens: int


async def accounts_page(
    context: ServiceContext, wanted: AccountFilter, *, offset: int, limit: int
) -> list[AccountItem]:
    """Accounts in the order that is asked for, from the `offset`th on."""
    search = AccountSearch(
        text=wanted.search.strip()[:_SEARCH_CHARACTERS_MAX],
        state=wanted.state,
        sort=wanted.sort,
        is_descending=wanted.descending,
        since_ms=month_start(context.clock.wall_ms()),
    )
    rows = await queries.accounts_page(context.database, search, offset=offset, limit=limit)
    return [_item(row) for row in rows]


def _item(row: AccountLine) -> AccountItem:
    return AccountItem(
        id=row.id,
        name=row.name,
        balance=row.posted,
        held=row.held,
        available=row.posted - row.held,
        is_suspended=row.suspended_at is not None,
        created=iso(row.created_at),
        spend_month=row.spend_month,
        last_used=time_text(row.last_used),
        tokens=row.api_tokens,
    )
