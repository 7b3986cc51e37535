"""What people do for themselves beside signing in: further accounts."""

from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.errors import AccountExists
from yiyuan.ledger.operations import OpenAccount
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_name
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.people import counters, users
from yiyuan.store.tables.people.users import AccountName, MemberRow, UserRow

_OPENING_MS: Final = 60_000
"""How long an account that is being opened counts, should this process end meanwhile."""


async def open_further_account(context: ServiceContext, user: UserRow, name: str) -> AccountName:
    """Another account that the person owns; it gets no gift.

    Raises ServiceError `too_many_accounts`, `already_exists`, `invalid_argument`.
    """
    name, site = check_name(name), await read_site(context)
    account_id, now = new_id("acct"), context.clock.wall_ms()
    until, most = now + _OPENING_MS, site.accounts_per_person
    reserved = counters.reserve_account(user.id, account_id, now, until, most)
    if await context.database.write([users.lock_user(user.id), reserved]) != [1, 1]:
        message = Message("you own as many accounts as one may here: {most}", most=most)
        raise ServiceError("too_many_accounts", message)
    release = counters.release_account(user.id, account_id)
    try:
        await context.ledger.post(OpenAccount(account_id, name, now, 0, user.id))
    except AccountExists:
        await context.database.write([release])
        raise ServiceError("already_exists", "there is an account of this name") from None
    await context.database.write([users.add_member(MemberRow(account_id, user.id, now)), release])
    details = {"account": account_id}
    await note_person(context, user, "me.open_account", details, subject=account_id)
    return AccountName(account_id, name, "owner")
