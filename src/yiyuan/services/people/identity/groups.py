"""Operators' roles by what another service says of somebody's groups.

Looked at anew with each sign-in: a group that is gone takes the role with it. It never
makes an owner, never touches one, and never takes a role that was given by hand.
"""

from dataclasses import replace

from yiyuan.integrations.identity.contract import Profile
from yiyuan.services.people.identity.general_fields import ROLES_TO_GIVE
from yiyuan.services.people.identity.providers import LoginProvider
from yiyuan.services.people.roles import change_role
from yiyuan.services.shared.audit_log import note_action
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.people import identities
from yiyuan.store.tables.people.users import UserRow


async def follow_groups(
    context: ServiceContext, provider: LoginProvider, profile: Profile, user: UserRow
) -> UserRow:
    """The person with the role that their groups give now."""
    if not provider.roles or profile.groups is None or user.operator_role == "owner":
        return user
    row = await identities.find_identity(context.database, provider.row.id, profile.subject)
    given_before = None if row is None else row.role
    wanted = _role_of(provider, profile.groups)
    was_given_by_hand = user.operator_role is not None and user.operator_role != given_before
    if was_given_by_hand or wanted == user.operator_role:
        return user
    machine = replace(context, actor=provider.row.id)
    await change_role(machine, user, wanted)
    await context.database.write([identities.note_role(provider.row.id, profile.subject, wanted)])
    await note_action(
        machine,
        "people.role_by_groups",
        {"before": user.operator_role, "after": wanted, "service": provider.row.name},
        subject=user.id,
        reason="",
        actor_name=provider.row.name,
    )
    return user._replace(operator_role=wanted)


def _role_of(provider: LoginProvider, groups: tuple[str, ...]) -> str | None:
    """The strongest role that any of the groups gives."""
    found = {role for group, role in provider.roles.items() if group in groups}
    return next((role for role in ROLES_TO_GIVE if role in found), None)
