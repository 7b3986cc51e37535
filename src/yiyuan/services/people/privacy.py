"""A person's own: everything that is kept of them, and letting them go.

Entries of the ledger stay, since money must be proven; they name an id that leads nowhere
then. An account that nobody else is in is suspended and loses its name; one that others
use must have another owner first. Who had the gift is remembered as a keyed hash, so that
nobody comes back for it.
"""

from yiyuan.ledger.operations import Suspend
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.people import persons, users
from yiyuan.store.tables.people.users import UserRow


async def export_person(
    context: ServiceContext, user: UserRow
) -> dict[str, list[dict[str, object]]]:
    """What is kept of a person, by kind; times in milliseconds since 1970."""
    return await persons.rows_of_person(context.database, user.id)


async def delete_person(context: ServiceContext, user: UserRow) -> None:
    """Let a person go, for good. Raises ServiceError `not_allowed`."""
    if user.operator_role is not None:
        raise ServiceError("not_allowed", "an operator gives the role up first")
    now, left = context.clock.wall_ms(), []
    accounts = await users.accounts_of(context.database, user.id)
    for account in accounts:
        members = await users.members_of(context.database, account.id)
        others = [member for member in members if member.user_id != user.id]
        if not others:
            left.append(account.id)
        elif not any(member.role == "owner" for member in others):
            raise _needs_an_owner()
    for account_id in left:
        await context.ledger.post(Suspend(account_id, now))
    names = [persons.rename_account(one, f"deleted {one[-8:]}") for one in left]
    locks = [users.lock_members(account_id) for account_id in sorted(a.id for a in accounts)]
    try:
        await context.database.write(
            [*locks, *names, *persons.forget_person(user.id, user.email, left, now)]
        )
    except CONFLICT:  # the other owner has gone meanwhile
        raise _needs_an_owner() from None
    await context.reload()


def _needs_an_owner() -> ServiceError:
    return ServiceError("not_allowed", "an account that others use needs another owner first")
