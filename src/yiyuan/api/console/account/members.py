"""Who may use an account: its members, one more by a one-time link, one less."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import (
    MEMBER_INVITES,
    MEMBER_LIMITS,
    MEMBER_OWNS,
    MEMBER_READS,
    Empty,
    Route,
)
from yiyuan.api.console.schemas import Page, RequestBody, Url
from yiyuan.services.people import members, roles
from yiyuan.services.people.members import BudgetChange, Invitation, MemberRole, MemberView

GROUP: Final = "members"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Removal(RequestBody):
    """Whether the tokens that the person made end as well."""

    ends_tokens: bool = True


class InviteAsk(RequestBody):
    """Whom the invitation is for; anybody who has the link, if that is not said."""

    email: str | None = None
    role: MemberRole = "owner"
    sends_mail: bool = False
    """Whether the link goes to the e-mail address by mail, too."""


class MemberRoleChange(RequestBody):
    """What a member may do from now on."""

    role: MemberRole


async def list_members(visit: ConsoleRequest, _: Empty) -> Page[MemberView]:
    """Who may use the account, as what, and up to which budgets."""
    return Page(items=await members.list_members(visit.context, visit.account_id))


async def change_member(visit: ConsoleRequest, asked: MemberRoleChange) -> Empty:
    """Give a member another role; the last owner stays one."""
    user_id = visit.places["user"]
    await roles.change_member(visit.context, visit.account_id, user_id, asked.role)
    return Empty()


async def set_budgets(visit: ConsoleRequest, asked: BudgetChange) -> Page[MemberView]:
    """Limit what all of a member's tokens of this account spend together."""
    await members.set_budgets(visit.context, visit.account_id, visit.places["user"], asked)
    return await list_members(visit, Empty())


async def remove_member(visit: ConsoleRequest, asked: Removal) -> Empty:
    """Shut a person out of the account, with what they made by it; the last member stays."""
    await roles.remove_member(
        visit.context,
        visit.account_id,
        visit.places["user"],
        may_be_last=not visit.visitor.is_member(visit.account_id),
        ends_tokens=asked.ends_tokens,
    )
    return Empty()


async def invite(visit: ConsoleRequest, asked: InviteAsk) -> Url:
    """A one-time link for one more member; it resets nothing. On request it goes by mail."""
    url = await members.invite(
        visit.context,
        visit.account_id,
        asked.email,
        asked.role,
        mail_in=visit.language if asked.sends_mail else None,
    )
    return Url(url=url)


async def list_invitations(visit: ConsoleRequest, _: Empty) -> Page[Invitation]:
    """Invitations that still work."""
    return Page(items=await members.open_links(visit.context, visit.account_id))


async def revoke_invitation(visit: ConsoleRequest, _: Empty) -> Empty:
    """Let an invitation stop working."""
    if not await members.end_link(visit.context, visit.places["link"], visit.account_id):
        raise not_found("invitation")
    return Empty()


_ACCOUNT = "/api/accounts/{account}"
_INVITATIONS = f"{_ACCOUNT}/invitations"

ROUTES = (
    Route("GET", f"{_ACCOUNT}/members", MEMBER_READS, list_members, Page[MemberView]),
    Route(
        "DELETE",
        f"{_ACCOUNT}/members/{{user}}",
        MEMBER_OWNS,
        remove_member,
        Empty,
        Removal,
        is_about_people=True,
    ),
    Route(
        "PATCH",
        f"{_ACCOUNT}/members/{{user}}",
        MEMBER_INVITES,
        change_member,
        Empty,
        MemberRoleChange,
        is_about_people=True,
    ),
    Route(
        "PUT",
        f"{_ACCOUNT}/members/{{user}}/budgets",
        MEMBER_LIMITS,
        set_budgets,
        Page[MemberView],
        BudgetChange,
        is_about_people=True,
    ),
    Route(
        "POST",
        f"{_ACCOUNT}/invite",
        MEMBER_INVITES,
        invite,
        Url,
        InviteAsk,
        is_about_people=True,
    ),
    Route("GET", _INVITATIONS, MEMBER_READS, list_invitations, Page[Invitation]),
    Route(
        "DELETE",
        f"{_INVITATIONS}/{{link}}",
        MEMBER_OWNS,
        revoke_invitation,
        Empty,
        is_about_people=True,
    ),
)
