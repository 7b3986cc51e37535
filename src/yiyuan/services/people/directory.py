"""Everybody who may sign in, as operators see them."""

from typing import Final, Literal

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import UserRow

_SEARCH_CHARACTERS_MAX: Final = 100


class Person(Answer):
    """Somebody who may sign in."""

    user_id: str
    email: str
    role: Literal["owner", "finance", "support", "readonly"] | None
    has_password: bool
    has_totp: bool
    created: str
    last_seen: str | None


class PersonAccount(Answer):
    """An account that somebody belongs to."""

    id: str
    name: str


class PersonDetail(Person):
    """The same, with their accounts."""

    accounts: list[PersonAccount]


async def people_page(
    context: ServiceContext, *, search: str, after: str, limit: int
) -> list[Person]:
    """People whose e-mail address begins with `search`, by address, those behind `after`."""
    text = search.strip().lower()[:_SEARCH_CHARACTERS_MAX]
    found = await users.people_page(context.database, search=text, after=after, limit=limit)
    return [_person(row) for row in found]


async def show_person(context: ServiceContext, user_id: str) -> PersonDetail:
    """One of them, with the accounts that they belong to. Raises ServiceError `not_found`."""
    row = await get_by_id(context, user_id)
    accounts = await users.accounts_of(context.database, row.id)
    person = _person(row)
    return PersonDetail(
        **{name: getattr(person, name) for name in Person.__struct_fields__},
        accounts=[PersonAccount(id=account.id, name=account.name) for account in accounts],
    )


async def get_by_id(context: ServiceContext, user_id: str) -> UserRow:
    """A person by id; an e-mail address does not do. Raises ServiceError `not_found`."""
    row = await users.find_user(context.database, user_id)
    if row is None or row.email == user_id:
        raise ServiceError("not_found", "there is no such person")
    return row


def _person(row: UserRow) -> Person:
    return Person(
        user_id=row.id,
        email=row.email,
        role=row.operator_role,  # type: ignore[arg-type]  # the schema checks it
        has_password=bool(row.password_hash),
        has_totp=bool(row.totp_on),
        created=iso(row.created_at),
        last_seen=time_text(row.last_seen_at),
    )
