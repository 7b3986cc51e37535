"""People: how they are made, what their passwords must be, which accounts they get.

How somebody comes in by a one-time link is in `one_time_links.py`.
"""

import re

from yiyuan.access.password import LENGTH_MAX, LENGTH_MIN, Passwords, password_fault
from yiyuan.console.arguments import Arguments, invalid
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.console.site import read_site
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.text import LANGUAGES
from yiyuan.ledger.operations import OpenAccount
from yiyuan.ledger.refusals import AccountExists
from yiyuan.store import people, sessions
from yiyuan.store.failure import CONFLICT
from yiyuan.store.people import MemberRow, UserRow
from yiyuan.store.reports import find_account

Json = dict[str, str | None]

ROLES = ("owner", "finance", "support", "readonly")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_EMAIL_CHARACTERS_MAX = 254


async def operator_create(desk: Desk, arguments: Arguments) -> Json:
    """Make an owner without a browser; the password came by standard input."""
    email = check_email(arguments.text("email"))
    password = arguments.text("password")
    role = arguments.optional_text("role") or "owner"
    arguments.finish()
    if role not in ROLES:
        raise invalid("the role", f"must be one of {', '.join(ROLES)}")
    user = await add_user(desk, Passwords(), email, password, role=role, language=None)
    await give_operator_an_account(desk, user)
    return {"id": user.id, "email": user.email, "role": role}


async def sign_up(
    desk: Desk, passwords: Passwords, email: str, password: str, language: str | None
) -> UserRow:
    """A new customer with an account of their own. Raises `sign_up_closed`."""
    site = await read_site(desk)
    if site.sign_up != "open":
        raise CommandError("sign_up_closed", "nobody can sign up here without an invitation")
    user = await add_user(desk, passwords, email, password, role=None, language=language)
    await open_account(desk, user, site.sign_up_grant)
    return user


async def add_user(
    desk: Desk,
    passwords: Passwords,
    email: str,
    password: str,
    *,
    role: str | None,
    language: str | None,
) -> UserRow:
    """A new person. Raises CommandError `already_exists`, `invalid_argument`."""
    email = check_email(email)
    check_password(password, email)
    row = UserRow(
        id=new_id("usr"),
        email=email,
        password_hash=await passwords.hash(password),
        operator_role=role,
        language=language if language in LANGUAGES else None,
        zone=None,
        low_balance=None,
        totp_sealed=None,
        totp_on=0,
        totp_step=0,
        created_at=desk.clock.wall_ms(),
        last_seen_at=None,
    )
    try:
        await desk.database.write([people.add_user(row)])
    except CONFLICT:
        raise CommandError("already_exists", "there is a person of this e-mail") from None
    return row


async def change_password(
    desk: Desk, passwords: Passwords, user: UserRow, password: str
) -> UserRow:
    """Give a person another password; all their sessions end."""
    check_password(password, user.email)
    kept = await passwords.hash(password)
    await desk.database.write(
        [people.set_password(user.id, kept), sessions.end_other_sessions(user.id, "")]
    )
    return user._replace(password_hash=kept)


async def give_operator_an_account(desk: Desk, user: UserRow) -> None:
    """An operator sees the customer's pages too: the starter's account, or one of their own."""
    if await people.accounts_of(desk.database, user.id):
        return
    starter = await find_account(desk.database, "starter")
    if starter is not None and not await people.members_of(desk.database, starter.id):
        row = MemberRow(starter.id, user.id, desk.clock.wall_ms())
        await desk.database.write([people.add_member(row)])
        return
    await open_account(desk, user, 0)


async def open_account(desk: Desk, user: UserRow, grant_micros: int) -> str:
    """An account for a person, named after them; its id. The grant is its first entry."""
    account_id, now = new_id("acct"), desk.clock.wall_ms()
    for name in (user.email[:100], f"{user.email[:80]} {account_id[-8:]}"):
        operation = OpenAccount(account_id, name, now, grant_micros, user.id)
        try:
            await desk.book.post(operation)
        except AccountExists:
            continue
        await desk.database.write([people.add_member(MemberRow(account_id, user.id, now))])
        return account_id
    raise CommandError("already_exists", "there is an account of this name")


def check_email(text: str) -> str:
    """An e-mail address in lower case. Raises CommandError."""
    email = text.strip().lower()
    is_one = _EMAIL.fullmatch(email) and len(email) <= _EMAIL_CHARACTERS_MAX
    if not is_one or not email.isprintable():
        raise CommandError("invalid_argument", "email must be an e-mail address")
    return email


def check_password(password: str, email: str) -> None:
    """Refuse a password that is easily guessed. Raises CommandError `weak_password`."""
    fault = password_fault(password, email)
    if fault is not None:
        what = "is one of those that are tried first"
        if fault != "too_common":
            what = f"must have {LENGTH_MIN} to {LENGTH_MAX} characters"
        raise CommandError("weak_password", f"the password {what}")
