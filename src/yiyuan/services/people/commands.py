"""What the command line does with people: links for them, a list, one of them."""

from typing import Any

from yiyuan.kernel.clock import iso
from yiyuan.services.people import one_time_links as links
from yiyuan.services.people.people import check_role
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import UserRow

Json = dict[str, Any]

_PAGE = 500


class OnePerson(Request):
    """A person by e-mail or id."""

    email: str


class NewOperatorLink(Request):
    """What whoever opens it becomes."""

    role: str = "owner"


@command("operator.link")
async def operator_link(context: ServiceContext, request: NewOperatorLink) -> Json:
    """A fresh one-time link that gives a role: `{"url"}`; an owner's ends earlier ones."""
    return {"url": await links.make_operator_link(context, check_role(request.role))}


@command("person.reset")
async def reset(context: ServiceContext, request: OnePerson) -> Json:
    """A one-time link for a new password of one person: `{"url"}`; earlier ones end."""
    user = await get_person(context, request.email)
    return {"url": await links.make_reset(context, user.id)}


@command("person.show", reads=True)
async def show(context: ServiceContext, request: OnePerson) -> Json:
    """One person with their accounts."""
    user = await get_person(context, request.email)
    accounts = await users.accounts_of(context.database, user.id)
    return {
        **shown(user),
        "accounts": [{"id": account.id, "name": account.name} for account in accounts],
    }


@command("person.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Everybody: `{"people":[…]}`."""
    found: list[UserRow] = []
    while True:
        after = found[-1].email if found else ""
        page = await users.people_page(context.database, search="", after=after, limit=_PAGE)
        found += page
        if len(page) < _PAGE:
            return {"people": [shown(user) for user in found]}


async def get_person(context: ServiceContext, email: str) -> UserRow:
    """A person by e-mail or id. Raises ServiceError `not_found`."""
    user = await users.find_user(context.database, email.strip().lower())
    if user is None:
        raise ServiceError("not_found", "there is no such person")
    return user


def shown(user: UserRow) -> Json:
    """A person, without secrets."""
    return {
        "id": user.id,
        "email": user.email,
        "role": user.operator_role,
        "has_password": bool(user.password_hash),
        "has_totp": bool(user.totp_on),
        "created": iso(user.created_at),
        "last_seen": None if user.last_seen_at is None else iso(user.last_seen_at),
    }
