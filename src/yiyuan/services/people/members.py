"""Who may use an account: its members as they are shown, and the links that let one more in."""

from typing import Any, Literal

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.ledger.budgets import Period, budget_of
from yiyuan.services.mail.letters import letter
from yiyuan.services.mail.sending import send
from yiyuan.services.people import one_time_links, roles
from yiyuan.services.people.people import check_email
from yiyuan.services.people.reset import site_with_mail
from yiyuan.services.people.roles import MemberBudget
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Request
from yiyuan.store.tables.api_tokens import budgets_of_owner, member_budgets
from yiyuan.store.tables.ledger import BudgetRow
from yiyuan.store.tables.people import sessions, users

MemberRole = Literal["owner", "billing", "developer", "viewer"]


class MemberBudgetView(Answer):
    """A limit, and what is spent of it in the period of now."""

    period: str
    limit: int
    spent: int


class MemberView(Answer):
    """A person who may use the account."""

    user_id: str
    email: str
    since: str
    role: MemberRole
    budgets: list[MemberBudgetView]


class Invitation(Answer):
    """An invitation that nobody has used yet, without its secret."""

    id: str
    email: str | None
    role: str | None
    created: str
    created_by: str
    expires: str


class BudgetChange(Request):
    """What all of a member's tokens may spend together; null lifts it, absent stays."""

    total: Amount | msgspec.UnsetType | None = msgspec.UNSET
    day: Amount | msgspec.UnsetType | None = msgspec.UNSET
    month: Amount | msgspec.UnsetType | None = msgspec.UNSET


async def list_members(context: ServiceContext, account_id: str) -> list[MemberView]:
    """Who may use an account, as what, and up to which budgets."""
    now, shown = context.clock.wall_ms(), []
    for member in await users.members_of(context.database, account_id):
        owner = member_budgets(account_id, member.user_id)
        budgets = await budgets_of_owner(context.database, owner)
        shown.append(
            MemberView(
                user_id=member.user_id,
                email=member.email,
                since=iso(member.since),
                role=member.role,  # type: ignore[arg-type]  # the column's CHECK
                budgets=[_budget(row, now) for row in budgets],
            )
        )
    return shown


async def set_budgets(
    context: ServiceContext, account_id: str, user_id: str, change: BudgetChange
) -> None:
    """Limit what all of a member's tokens of an account spend together.

    Raises ServiceError `not_found`.
    """
    wishes: dict[Period, Any] = {"total": change.total, "day": change.day, "month": change.month}
    budgets = [
        MemberBudget(period, limit)
        for period, limit in wishes.items()
        if limit is not msgspec.UNSET
    ]
    await roles.budget_member(context, account_id, user_id, budgets)


async def invite(
    context: ServiceContext,
    account_id: str,
    email: str | None,
    role: MemberRole,
    *,
    mail_in: str | None = None,
) -> str:
    """A one-time link for one more member; with `mail_in`, a language, it goes by mail, too.

    Raises ServiceError `invalid_argument`, `mail_not_set`.
    """
    if mail_in is None:
        return await one_time_links.make_invite(context, account_id, email, role)
    if email is None:
        raise ServiceError("invalid_argument", "email is required")
    site = await site_with_mail(context)
    url = await one_time_links.make_invite(context, account_id, email, role)
    to = check_email(email)
    await send(context, letter("invited", to, mail_in, site=site.site_name, link=url))
    return url


async def open_links(context: ServiceContext, account_id: str | None) -> list[Invitation]:
    """Invitations of an account that still work, or with None those that make an operator."""
    found = await sessions.open_links(context.database, context.clock.wall_ms(), account_id)
    return [
        Invitation(
            id=link.id,
            email=link.email,
            role=link.role,
            created=iso(link.created_at),
            created_by=link.created_by,
            expires=iso(link.expires_at),
        )
        for link in found
        if link.kind in ("invite", "operator")
    ]


async def end_link(context: ServiceContext, link_id: str, account_id: str | None) -> bool:
    """Let one of them stop working; False where there is none."""
    return await context.database.write([sessions.end_link(link_id, account_id)]) == [1]


def _budget(row: BudgetRow, now_ms: int) -> MemberBudgetView:
    budget = budget_of(row)
    spent = 0 if budget.is_over(now_ms) else budget.spent
    return MemberBudgetView(period=row.period, limit=row.limit_micros or 0, spent=spent)
