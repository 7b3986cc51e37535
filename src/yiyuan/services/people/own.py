"""What people do for themselves beside signing in: further accounts, and consent to the terms."""

from yiyuan.kernel.ids import new_id
from yiyuan.ledger.errors import AccountExists
from yiyuan.ledger.operations import OpenAccount
from yiyuan.services.shared.audit_log import note_action
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_name
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import AccountName, MemberRow, UserRow


async def open_further_account(context: ServiceContext, user: UserRow, name: str) -> AccountName:
    """Another account that the person owns; it gets no gift.

    Raises ServiceError `too_many_accounts`, `already_exists`, `invalid_argument`.
    """
    name, site = check_name(name), await read_site(context)
    owned = [a for a in await users.accounts_of(context.database, user.id) if a.role == "owner"]
    if len(owned) >= site.accounts_per_person:
        message = f"you own {len(owned)} accounts, and {site.accounts_per_person} is the most here"
        raise ServiceError("too_many_accounts", message)
    account_id, now = new_id("acct"), context.clock.wall_ms()
    try:
        await context.ledger.post(OpenAccount(account_id, name, now, 0, user.id))
    except AccountExists:
        raise ServiceError("already_exists", "there is an account of this name") from None
    await context.database.write([users.add_member(MemberRow(account_id, user.id, now))])
    await note_action(
        context,
        "me.open_account",
        {"account": account_id},
        subject=account_id,
        reason="",
        actor_name=user.email,
    )
    return AccountName(account_id, name, "owner")


async def consent(context: ServiceContext, user: UserRow, version: str) -> UserRow:
    """Agree to the terms of today. Raises ServiceError `changed_meanwhile`."""
    site = await read_site(context)
    if version != site.terms_version:
        raise ServiceError("changed_meanwhile", "the terms have changed meanwhile: read them again")
    now = context.clock.wall_ms()
    await context.database.write([users.consent(user.id, version, now)])
    return user._replace(consent_version=version, consent_at=now)
