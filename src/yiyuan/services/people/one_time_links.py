"""One-time links: how somebody comes in without a default password and without mail.

A link of 256 bits, shown once to whoever has the machine or a role. Its secret stands in
the fragment of the address, which no server and no log sees; only its hash is kept. Of
any number of callers, one gets to use it.

Each kind does one thing. `operator` gives a role, `invite` makes a member of an account:
both to somebody new, or to somebody who proves who they are, and neither ever changes a
password. `reset` lets one person, named when it was made, choose a new password; only the
machine and owners make it.
"""

from dataclasses import dataclass
from typing import Literal

from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.auth.password import Passwords
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.ids import new_id
from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.people import (
    add_user,
    change_password,
    check_email,
    check_password,
    give_operator_an_account,
)
from yiyuan.services.people.sign_in.proof import Evidence, prove_login
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import sessions, users
from yiyuan.store.tables.people.passkeys import remove_passkeys
from yiyuan.store.tables.people.sessions import LinkRow
from yiyuan.store.tables.people.users import MemberRow, UserRow

LINK_MINUTES = 30
INVITE_DAYS = 7


@dataclass(slots=True, frozen=True)
class Guest:
    """Whoever opened a link: somebody who is signed in, or what they typed."""

    user: UserRow | None
    email: str | None
    evidence: Evidence
    language: str | None
    request_id: str = ""


class LinkView(Answer):
    """What a link is for."""

    kind: Literal["operator", "invite", "reset"]
    email: str | None
    account_name: str | None
    needs_sign_in: bool
    """Whether somebody who is signed in may simply accept."""


async def make_operator_link(context: ServiceContext, role: str) -> str:
    """A link that gives a role; the address to open. An owner's ends the owners' before it."""
    secret = new_secret()
    row = _link(context, "operator", secret, LINK_MINUTES * 60_000, role=role)
    ended = [sessions.end_owner_links()] if role == "owner" else []
    await context.database.write([*ended, sessions.add_link(row)])
    return f"{context.settings.public_url}/console/setup#{secret}"


async def make_invite(
    context: ServiceContext, account_id: str, email: str | None = None, role: str = "owner"
) -> str:
    """A link that makes a member, whoever opens it, or only the one of this e-mail address."""
    secret = new_secret()
    row = _link(
        context,
        "invite",
        secret,
        INVITE_DAYS * DAY_MS,
        account_id=account_id,
        role=role,
        email=None if email is None else check_email(email),
    )
    await context.database.write([sessions.add_link(row)])
    return f"{context.settings.public_url}/console/join#{secret}"


async def make_reset(context: ServiceContext, user_id: str) -> str:
    """A link by which one person chooses a new password; earlier ones end. TOTP goes too."""
    secret = new_secret()
    row = _link(context, "reset", secret, LINK_MINUTES * 60_000, user_id=user_id)
    await context.database.write([sessions.end_reset_links(user_id), sessions.add_link(row)])
    return f"{context.settings.public_url}/console/join#{secret}"


async def look_at_link(context: ServiceContext, secret: str) -> LinkRow:
    """A link that still works. Raises ServiceError `link_not_valid`."""
    found = await sessions.find_link(context.database, secret_hash(secret))
    now = context.clock.wall_ms()
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise _link_not_valid()
    return found


async def view_link(context: ServiceContext, secret: str, *, is_signed_in: bool) -> LinkView:
    """What a link that still works is for. Raises ServiceError `link_not_valid`."""
    link = await look_at_link(context, secret)
    email, name = link.email, None
    if link.user_id is not None:
        user = await users.find_user(context.database, link.user_id)
        email = None if user is None else user.email
    if link.account_id is not None:
        account = await context.ledger.account(link.account_id)
        name = None if account is None else account.name
    return LinkView(
        kind=link.kind,  # type: ignore[arg-type]  # the schema checks it
        email=email,
        account_name=name,
        needs_sign_in=link.kind == "invite" and not is_signed_in,
    )


async def set_up_operator(
    context: ServiceContext, passwords: Passwords, secret: str, guest: Guest
) -> UserRow:
    """Use an operator link: a new person, or one who proves themselves and gets the role."""
    link = await look_at_link(context, secret)
    if link.kind != "operator":
        raise _link_not_valid()
    role = link.role or "owner"
    user, is_new = await _person(context, passwords, link, guest, role)
    if not is_new and user.operator_role != "owner":
        await context.database.write([users.set_role(user.id, role)])
        user = user._replace(operator_role=role)
    await give_operator_an_account(context, user)
    await _note(context, "session.set_up", user, guest, {"role": role, "is_new": is_new})
    return user


async def join(context: ServiceContext, passwords: Passwords, secret: str, guest: Guest) -> UserRow:
    """Use an invitation; the person who is a member now."""
    link = await look_at_link(context, secret)
    if link.kind != "invite" or link.account_id is None:
        raise _link_not_valid()
    user, is_new = await _person(context, passwords, link, guest, None)
    now = context.clock.wall_ms()
    row = MemberRow(link.account_id, user.id, now, link.role or "owner")
    await context.database.write([users.add_member(row)])
    details = {"account": link.account_id, "is_new": is_new, "invited_by": link.created_by}
    await _note(context, "session.join", user, guest, details)
    return user


async def reset(
    context: ServiceContext, passwords: Passwords, secret: str, guest: Guest
) -> UserRow:
    """Use a reset link: a new password, and no authenticator; all sessions end."""
    link = await look_at_link(context, secret)
    user = None if link.user_id is None else await users.find_user(context.database, link.user_id)
    if link.kind != "reset" or user is None:
        raise _link_not_valid()
    await check_domain(context, None, user.email)
    check_password(guest.evidence.password, user.email)
    await _use(context, link)
    await context.database.write(
        [
            users.set_totp(user.id, None, is_on=False),
            *users.put_recovery_codes(user.id, []),
            remove_passkeys(user.id),
        ]
    )
    user = await change_password(context, passwords, user, guest.evidence.password)
    details = {"made_by": link.created_by, "had_authenticator": bool(user.totp_on)}
    await _note(context, "session.reset", user, guest, details)
    return user._replace(totp_sealed=None, totp_on=0)


async def _person(
    context: ServiceContext,
    passwords: Passwords,
    link: LinkRow,
    guest: Guest,
    role: str | None,
) -> tuple[UserRow, bool]:
    """Whom a link lets in, and whether they are new; the link is used up.

    Somebody who is here already is signed in, or gives their own password and code.
    """
    if guest.user is not None:
        _check_is_meant(link, guest.user.email)
        await _use(context, link)
        return guest.user, False
    if guest.email is None:
        raise ServiceError("invalid_argument", "email is required")
    email = check_email(guest.email)
    _check_is_meant(link, email)
    if role is None:  # an operator's link always lets the machine's owner in
        await check_domain(context, None, email)
    if await users.find_by_email(context.database, email) is not None:
        known = await prove_login(context, passwords, email, guest.evidence)
        await _use(context, link)
        return known, False
    password = guest.evidence.password
    check_password(password, email)
    await _use(context, link)
    made = await add_user(context, passwords, email, password, role=role, language=guest.language)
    return made, True


def _check_is_meant(link: LinkRow, email: str) -> None:
    if link.email is not None and link.email != email:
        raise ServiceError("not_allowed", "this invitation is for another e-mail address")


async def _use(context: ServiceContext, link: LinkRow) -> None:
    """Of any number of callers, one gets past this."""
    changed = await context.database.write([sessions.use_link(link.hash, context.clock.wall_ms())])
    if changed != [1]:
        raise _link_not_valid()


async def _note(
    context: ServiceContext, action: str, user: UserRow, guest: Guest, details: dict[str, object]
) -> None:
    await note_person(
        context,
        user,
        action,
        details,
        address=guest.evidence.address,
        request_id=guest.request_id,
    )


def _link(
    context: ServiceContext,
    kind: str,
    secret: str,
    lifetime_ms: int,
    *,
    user_id: str | None = None,
    account_id: str | None = None,
    role: str | None = None,
    email: str | None = None,
) -> LinkRow:
    now = context.clock.wall_ms()
    return LinkRow(
        hash=secret_hash(secret),
        kind=kind,
        user_id=user_id,
        account_id=account_id,
        role=role,
        created_at=now,
        expires_at=now + lifetime_ms,
        used_at=None,
        id=new_id("lnk"),
        email=email,
        created_by=context.actor,
    )


def _link_not_valid() -> ServiceError:
    message = "the link does not work: it was used, has expired, or is not complete"
    return ServiceError("link_not_valid", message)
