"""People: how they are made, what their passwords must be, which accounts they get.

How somebody comes in by a one-time link is in `one_time_links.py`.
"""

import re
from zoneinfo import available_timezones

from yiyuan.auth.password import LENGTH_MAX, LENGTH_MIN, Passwords, password_fault
from yiyuan.i18n.languages import LANGUAGES
from yiyuan.i18n.message import Message
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.errors import AccountExists
from yiyuan.ledger.operations import OpenAccount
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, invalid
from yiyuan.store.errors import CONFLICT
from yiyuan.store.queries.accounts import find_account
from yiyuan.store.tables.people import sessions, users
from yiyuan.store.tables.people.users import AccountName, MemberRow, UserRow

Json = dict[str, str | None]

ROLES = ("owner", "finance", "support", "readonly")
_EMAIL = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,189}")
_EMAIL_CHARACTERS_MAX = 254


class CreateOperator(Request):
    """An e-mail address, a password in clear, and the role."""

    email: str
    password: str
    role: str = "owner"


@command("operator.create")
async def operator_create(context: ServiceContext, request: CreateOperator) -> Json:
    """Make an owner without a browser; the password came by standard input."""
    email, password = check_email(request.email), request.password
    role = check_role(request.role)
    user = await add_user(context, Passwords(), email, password, role=role, language=None)
    await give_operator_an_account(context, user)
    return {"id": user.id, "email": user.email, "role": role}


def check_role(role: str) -> str:
    """An operator's role. Raises ServiceError."""
    if role not in ROLES:
        message = Message("the role must be one of {choices}", choices=", ".join(ROLES))
        raise ServiceError("invalid_argument", message)
    return role


async def add_user(
    context: ServiceContext,
    passwords: Passwords,
    email: str,
    password: str,
    *,
    role: str | None,
    language: str | None,
    is_email_verified: bool = False,
    consent_version: str | None = None,
) -> UserRow:
    """A new person. Raises ServiceError `already_exists`, `invalid_argument`."""
    check_password(password, check_email(email))
    return await keep_user(
        context,
        email,
        await passwords.hash(password),
        role=role,
        language=language,
        is_email_verified=is_email_verified,
        consent_version=consent_version,
    )


async def keep_user(
    context: ServiceContext,
    email: str,
    password_hash: str,
    *,
    role: str | None,
    language: str | None,
    is_email_verified: bool = False,
    consent_version: str | None = None,
) -> UserRow:
    """The same with a hash; an empty one is none, for whom another service proves.

    Raises ServiceError `already_exists`, `invalid_argument`.
    """
    now = context.clock.wall_ms()
    row = UserRow(
        id=new_id("usr"),
        email=check_email(email),
        password_hash=password_hash,
        operator_role=role,
        language=language if language in LANGUAGES else None,
        zone=None,
        low_balance=None,
        totp_sealed=None,
        totp_on=0,
        totp_step=0,
        created_at=now,
        last_seen_at=None,
        email_verified_at=now if is_email_verified else None,
        consent_version=consent_version,
        consent_at=None if consent_version is None else now,
    )
    try:
        await context.database.write([users.add_user(row)])
    except CONFLICT:
        raise ServiceError("already_exists", "there is a person of this e-mail") from None
    return row


async def change_password(
    context: ServiceContext, passwords: Passwords, user: UserRow, password: str
) -> UserRow:
    """Give a person another password; all their sessions end."""
    check_password(password, user.email)
    kept = await passwords.hash(password)
    await context.database.write(
        [users.set_password(user.id, kept), sessions.end_other_sessions(user.id, "")]
    )
    return user._replace(password_hash=kept)


async def change_preferences(
    context: ServiceContext,
    user: UserRow,
    *,
    language: str | None,
    zone: str | None,
    low_balance: int | None,
) -> UserRow:
    """Replace what a person prefers; None is no wish. Raises ServiceError `invalid_argument`."""
    if language is not None and language not in LANGUAGES:
        raise invalid("language", "must be one of {choices}", choices=", ".join(LANGUAGES))
    if zone is not None and zone not in available_timezones():
        raise invalid("zone", "must be one such as Asia/Shanghai")
    statement = users.set_preferences(user.id, language, zone, low_balance)
    await context.database.write([statement])
    return user._replace(language=language, zone=zone, low_balance=low_balance)


async def accounts_of(context: ServiceContext, user_id: str) -> list[AccountName]:
    """The accounts that a person belongs to, the first one first."""
    return await users.accounts_of(context.database, user_id)


async def has_operator(context: ServiceContext) -> bool:
    """Whether anybody can operate this installation through the console yet."""
    return await users.has_operator(context.database)


async def give_operator_an_account(context: ServiceContext, user: UserRow) -> None:
    """An operator sees the customer's pages too: the starter's account, or one of their own."""
    if await users.accounts_of(context.database, user.id):
        return
    starter = await find_account(context.database, "starter")
    if starter is not None and not await users.members_of(context.database, starter.id):
        row = MemberRow(starter.id, user.id, context.clock.wall_ms())
        await context.database.write([users.add_member(row)])
        return
    await open_account(context, user, 0)


async def open_account(context: ServiceContext, user: UserRow, grant_micros: int) -> str:
    """An account for a person, named after them; its id. The grant is its first entry."""
    account_id, now = new_id("acct"), context.clock.wall_ms()
    for name in (user.email[:100], f"{user.email[:80]} {account_id[-8:]}"):
        operation = OpenAccount(account_id, name, now, grant_micros, user.id)
        try:
            await context.ledger.post(operation)
        except AccountExists:
            continue
        await context.database.write([users.add_member(MemberRow(account_id, user.id, now))])
        return account_id
    raise ServiceError("already_exists", "there is an account of this name")


def check_email(text: str) -> str:
    """An e-mail address in lower case. Raises ServiceError."""
    email = text.strip().lower()
    is_one = _EMAIL.fullmatch(email) and len(email) <= _EMAIL_CHARACTERS_MAX
    if not is_one or not email.isprintable():
        raise ServiceError("invalid_argument", "email must be an e-mail address")
    return email


def check_password(password: str, email: str) -> None:
    """Refuse a password that is easily guessed. Raises ServiceError `weak_password`."""
    fault = password_fault(password, email)
    if fault is not None:
        what = "is one of those that are tried first"
        if fault != "too_common":
            what = f"must have {LENGTH_MIN} to {LENGTH_MAX} characters"
        raise ServiceError("weak_password", Message("the password {reason}", reason=what))
