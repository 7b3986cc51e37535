"""A person's own: everything that is kept of them, and letting them go.

Entries of the ledger stay, since money must be proven; they name an id that leads nowhere
then. An account that nobody else is in is suspended and loses its name; one that others
use must have another owner first. Who had the gift is remembered as a keyed hash, so that
nobody comes back for it.
"""

from yiyuan.ledger.operations import Suspend
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
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
    for account in await users.accounts_of(context.database, user.id):
        members = await users.members_of(context.database, account.id)
        others = [member for member in members if member.user_id != user.id]
        if not others:
            left.append(account.id)
        elif not any(member.role == "owner" for member in others):
            raise ServiceError(
                "not_allowed", "an account that others use needs another owner first"
            )
    for account_id in left:
        await context.ledger.post(Suspend(account_id, now))
    names = [persons.rename_account(one, f"deleted {one[-8:]}") for one in left]
    await context.database.write([*names, *persons.forget_person(user.id, user.email, now)])
    await context.reload()
