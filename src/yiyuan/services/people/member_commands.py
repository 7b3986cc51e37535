"""Commands about who may use an account: its members, what each may do, open invitations."""

import msgspec

from yiyuan.services.accounts.accounts import account_id_of, get_account
from yiyuan.services.people import members, roles
from yiyuan.services.people.commands import get_person
from yiyuan.services.people.members import BudgetChange, MemberRole
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Request


class Invite(Request):
    """An account by name or id, and perhaps the only person whom it is for."""

    name: str
    email: str | None = None
    role: MemberRole = "owner"
    mail_in: str | None = None
    """The language of a mail with the link, which goes to `email`; null sends none."""


class OneAccount(Request):
    """An account by name or id."""

    account: str


class OneMember(OneAccount):
    """A member by e-mail or id."""

    person: str


class MemberRoleWish(OneMember):
    """What the member may do from now on."""

    role: MemberRole


class Removal(OneMember):
    """Whether the tokens that the person made go on."""

    keeps_tokens: bool = False


class MemberBudgets(OneMember):
    """What all tokens of the member may spend together; what is in `clear` is lifted."""

    total: Amount | None = None
    day: Amount | None = None
    month: Amount | None = None
    clear: list[str] = msgspec.field(default_factory=list)


class Whose(Request):
    """Of an account, by name or id; those that make operators without one."""

    account: str | None = None


class OneInvitation(Whose, kw_only=True):
    """An invitation by its id."""

    id: str


@command("account.invite")
async def invite(context: ServiceContext, request: Invite) -> Json:
    """A one-time link by which somebody becomes a member of an account: `{"url"}`."""
    account = await get_account(context, request.name)
    return {
        "url": await members.invite(
            context, account.id, request.email, request.role, mail_in=request.mail_in
        )
    }


@command("member.list", reads=True)
async def list_all(context: ServiceContext, request: OneAccount) -> Json:
    """Who may use an account, as what, up to which budgets: `{"members":[…]}`."""
    account = await get_account(context, request.account)
    return {"members": msgspec.to_builtins(await members.list_members(context, account.id))}


@command("member.role")
async def change_role(context: ServiceContext, request: MemberRoleWish) -> Json:
    """Give a member another role; the last owner stays one."""
    account, user = await _found(context, request)
    await roles.change_member(context, account, user, request.role)
    return await _shown(context, account, user)


@command("member.budget")
async def change_budgets(context: ServiceContext, request: MemberBudgets) -> Json:
    """Limit what all of a member's tokens of an account spend together."""
    account, user = await _found(context, request)
    wishes = {"total": request.total, "day": request.day, "month": request.month}
    given = {period: limit for period, limit in wishes.items() if limit is not None}
    lifted = {period: None for period in request.clear if period in wishes}
    await members.set_budgets(context, account, user, BudgetChange(**given, **lifted))
    return await _shown(context, account, user)


@command("member.remove")
async def remove(context: ServiceContext, request: Removal) -> Json:
    """Shut a person out of an account, with the tokens that they made: `{"removed"}`."""
    account, user = await _found(context, request)
    await roles.remove_member(
        context, account, user, may_be_last=True, ends_tokens=not request.keeps_tokens
    )
    return {"removed": user}


@command("invitation.list", reads=True)
async def list_invitations(context: ServiceContext, request: Whose) -> Json:
    """Invitations that still work: `{"invitations":[…]}`."""
    found = await members.open_links(context, await account_id_of(context, request.account))
    return {"invitations": msgspec.to_builtins(found)}


@command("invitation.end")
async def end_invitation(context: ServiceContext, request: OneInvitation) -> Json:
    """Let an invitation stop working: `{"ended"}`. Raises ServiceError `not_found`."""
    account = await account_id_of(context, request.account)
    if not await members.end_link(context, request.id, account):
        raise ServiceError("not_found", "there is no such invitation")
    return {"ended": request.id}


async def _found(context: ServiceContext, request: OneMember) -> tuple[str, str]:
    """Ids of the account and the person. Raises ServiceError `not_found`."""
    account = await get_account(context, request.account)
    return account.id, (await get_person(context, request.person)).id


async def _shown(context: ServiceContext, account_id: str, user_id: str) -> Json:
    for member in await members.list_members(context, account_id):
        if member.user_id == user_id:
            found: Json = msgspec.to_builtins(member)
            return found
    raise ServiceError("not_found", "there is no such member")
