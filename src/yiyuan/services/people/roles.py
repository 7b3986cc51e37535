"""Roles and memberships: given and taken, with everything that somebody had by them.

What a person made by a role ends with it, in the same transaction: their links, their
management keys, the playground's keys of accounts that are not theirs, their sessions.
Two who take each other's role or membership at the same moment leave one: each first
locks the rows that the rule is about.
"""

from collections.abc import Sequence
from typing import NamedTuple

from yiyuan.ledger.budgets import Period, budget_id
from yiyuan.ledger.operations import SetBudget
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables import api_tokens
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.people import management_keys, sessions, users
from yiyuan.store.tables.people.users import UserRow


class MemberBudget(NamedTuple):
    """What a member may spend in a period; None lifts it."""

    period: Period
    limit_micros: int | None


async def change_role(context: ServiceContext, user: UserRow, role: str | None) -> None:
    """Give a person another role, or none. Raises ServiceError `not_allowed`."""
    if user.operator_role == role:
        return
    now = context.clock.wall_ms()
    ends = (
        sessions.end_other_sessions(user.id, ""),
        sessions.end_links_made_by(user.id),
        management_keys.revoke_keys_made_by(user.id, now),
        api_tokens.revoke_made_by(user.id, now, only_internal=True),
    )
    changed = await context.database.write(
        [
            users.lock_owners(),
            users.set_role(user.id, role),
            *(users.only_with_role(statement, user.id, role) for statement in ends),
        ]
    )
    if changed[1] != 1:
        raise ServiceError("not_allowed", "the last owner stays one")
    await context.reload()


async def remove_member(
    context: ServiceContext,
    account_id: str,
    user_id: str,
    *,
    may_be_last: bool,
    ends_tokens: bool,
) -> None:
    """Shut a person out of an account; on request with the tokens that they made.

    Raises ServiceError `not_found`, `not_allowed`.
    """
    members = {member.user_id for member in await users.members_of(context.database, account_id)}
    if user_id not in members:
        raise ServiceError("not_found", "there is no such member")
    now = context.clock.wall_ms()
    changed = await context.database.write(
        [
            users.lock_members(account_id),
            users.remove_member(account_id, user_id, may_be_last=may_be_last),
            sessions.end_links_of_account_made_by(account_id, user_id),
            api_tokens.revoke_made_by(user_id, now, account_id, only_internal=not ends_tokens),
        ]
    )
    if changed[1] != 1:
        raise ServiceError("not_allowed", "the last owner of an account stays")
    await context.reload()


async def change_member(context: ServiceContext, account_id: str, user_id: str, role: str) -> None:
    """Give a member another role in an account. Raises ServiceError `not_found`, `not_allowed`.

    A new secret for the person's sessions is not needed: each call looks the role up. What
    a role let somebody make ends with it, where the new one does not.
    """
    await _check_member(context, account_id, user_id)
    now = context.clock.wall_ms()
    changed = await context.database.write(
        [
            users.lock_members(account_id),
            users.set_member_role(account_id, user_id, role),
            sessions.end_links_of_no_owner(account_id, user_id),
            api_tokens.revoke_of_viewer(account_id, user_id, now),
        ]
    )
    if changed[1] != 1:
        raise ServiceError("not_allowed", "the last owner of an account stays one")
    await context.reload()


async def budget_member(
    context: ServiceContext, account_id: str, user_id: str, budgets: Sequence[MemberBudget]
) -> None:
    """Limit what all of a member's tokens of an account spend together."""
    await _check_member(context, account_id, user_id)
    owner = api_tokens.member_budgets(account_id, user_id)
    for each in budgets:
        await context.ledger.post(
            SetBudget(
                budget_id(owner, each.period, None),
                owner,
                each.limit_micros,
                context.clock.wall_ms(),
                each.period,
            )
        )
    await context.database.write([new_version()])
    await context.reload()


async def _check_member(context: ServiceContext, account_id: str, user_id: str) -> None:
    members = {member.user_id for member in await users.members_of(context.database, account_id)}
    if user_id not in members:
        raise ServiceError("not_found", "there is no such member")
