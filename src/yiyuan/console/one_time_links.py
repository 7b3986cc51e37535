"""One-time links: how somebody comes in without a default password and without mail.

A link of 256 bits, shown once to whoever has the machine or a role, lets one person
choose a password. Its secret stands in the fragment of the address, which no server and
no log sees; only its hash is kept. Of any number of callers, one gets to use it.
"""

from yiyuan.access.password import Passwords
from yiyuan.access.secret_text import new_secret, secret_hash
from yiyuan.console.accounts import get_account
from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk
from yiyuan.console.people import (
    add_user,
    change_password,
    check_email,
    check_password,
    give_operator_an_account,
)
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store import people, sessions
from yiyuan.store.people import MemberRow, UserRow
from yiyuan.store.sessions import LinkRow

Json = dict[str, str]

LINK_MINUTES = 30
INVITE_DAYS = 7


async def operator_link(desk: Desk, arguments: Arguments) -> Json:
    """A fresh one-time link that makes somebody an owner: `{"url"}`; earlier ones end."""
    arguments.finish()
    return {"url": await make_operator_link(desk, "owner")}


async def make_operator_link(desk: Desk, role: str) -> str:
    """The same for any role; the address to open. An owner's ends the owners' before it."""
    secret = new_secret()
    row = _link(desk, "operator", secret, LINK_MINUTES * 60_000, role=role)
    ended = [sessions.end_owner_links()] if role == "owner" else []
    await desk.database.write([*ended, sessions.add_link(row)])
    return f"{desk.settings.public_url}/console/setup#{secret}"


async def invite(desk: Desk, arguments: Arguments) -> Json:
    """A one-time link by which a person signs in to an account: `{"url"}`."""
    account = await get_account(desk, arguments.text("name"))
    arguments.finish()
    return {"url": await make_invite(desk, account.id)}


async def make_invite(desk: Desk, account_id: str) -> str:
    """The same for an account that is known; the address to open.

    Whoever is a member already sets a new password with it; anybody else becomes one.
    """
    secret = new_secret()
    row = _link(desk, "invite", secret, INVITE_DAYS * DAY_MS, account_id=account_id)
    await desk.database.write([sessions.add_link(row)])
    return f"{desk.settings.public_url}/console/join#{secret}"


async def make_reset(desk: Desk, user_id: str) -> str:
    """A link by which a person chooses a new password; earlier ones end. TOTP goes too."""
    secret = new_secret()
    row = _link(desk, "reset", secret, LINK_MINUTES * 60_000, user_id=user_id)
    await desk.database.write([sessions.end_reset_links(user_id), sessions.add_link(row)])
    return f"{desk.settings.public_url}/console/join#{secret}"


async def look_at_link(desk: Desk, secret: str) -> LinkRow:
    """A link that still works. Raises CommandError `link_not_valid`."""
    found = await sessions.find_link(desk.database, secret_hash(secret))
    now = desk.clock.wall_ms()
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise _link_not_valid()
    return found


async def set_up_operator(
    desk: Desk, passwords: Passwords, secret: str, email: str, password: str, language: str | None
) -> UserRow:
    """Use an operator link: a new person, or one who is known and gets the role."""
    link = await look_at_link(desk, secret)
    if link.kind != "operator":
        raise _link_not_valid()
    email, role = check_email(email), link.role or "owner"
    known = await people.find_user(desk.database, email)
    if known is None:
        check_password(password, email)
    elif not await passwords.matches(known.password_hash, password):
        raise CommandError("wrong_credentials", "this person has another password")
    await _use(desk, link)
    if known is None:
        user = await add_user(desk, passwords, email, password, role=role, language=language)
    else:
        await desk.database.write([people.set_role(known.id, role)])
        user = known._replace(operator_role=role)
    await give_operator_an_account(desk, user)
    return user


async def join(
    desk: Desk, passwords: Passwords, secret: str, email: str | None, password: str
) -> UserRow:
    """Use an invitation or a reset link; the person it lets in."""
    link = await look_at_link(desk, secret)
    if link.kind == "reset":
        return await _reset(desk, passwords, link, password)
    if link.kind != "invite" or link.account_id is None:
        raise _link_not_valid()
    if email is None:
        raise CommandError("invalid_argument", "email is required")
    email = check_email(email)
    known = await people.find_user(desk.database, email)
    member = known is not None and link.account_id in {
        account.id for account in await people.accounts_of(desk.database, known.id)
    }
    if (
        known is not None
        and not member
        and not await passwords.matches(known.password_hash, password)
    ):
        raise CommandError("wrong_credentials", "this person has another password")
    check_password(password, email)
    await _use(desk, link)
    if known is None:
        known = await add_user(desk, passwords, email, password, role=None, language=None)
    elif member:
        known = await change_password(desk, passwords, known, password)
    row = MemberRow(link.account_id, known.id, desk.clock.wall_ms())
    await desk.database.write([people.add_member(row)])
    return known


async def _reset(desk: Desk, passwords: Passwords, link: LinkRow, password: str) -> UserRow:
    user = None if link.user_id is None else await people.find_user(desk.database, link.user_id)
    if user is None:
        raise _link_not_valid()
    check_password(password, user.email)
    await _use(desk, link)
    await desk.database.write(
        [people.set_totp(user.id, None, is_on=False), *people.put_recovery_codes(user.id, [])]
    )
    user = await change_password(desk, passwords, user, password)
    return user._replace(totp_sealed=None, totp_on=0)


async def _use(desk: Desk, link: LinkRow) -> None:
    """Of any number of callers, one gets past this."""
    changed = await desk.database.write([sessions.use_link(link.hash, desk.clock.wall_ms())])
    if changed != [1]:
        raise _link_not_valid()


def _link(
    desk: Desk,
    kind: str,
    secret: str,
    lifetime_ms: int,
    *,
    user_id: str | None = None,
    account_id: str | None = None,
    role: str | None = None,
) -> LinkRow:
    now = desk.clock.wall_ms()
    return LinkRow(
        hash=secret_hash(secret),
        kind=kind,
        user_id=user_id,
        account_id=account_id,
        role=role,
        created_at=now,
        expires_at=now + lifetime_ms,
        used_at=None,
    )


def _link_not_valid() -> CommandError:
    message = "the link does not work: it was used, has expired, or is not complete"
    return CommandError("link_not_valid", message)
