"""A forgotten password, and a new mailbox: both by a mail, like signing up.

A reset ends all sessions and leaves the authenticator on: whoever only reads the mailbox
does not get in where a second factor is asked for. The old mailbox is told of a new one
and can undo it for 72 hours, which also ends all sessions and the password.
"""

from typing import Final

from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.auth.password import Passwords
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.ids import new_id
from yiyuan.services.mail.letters import letter
from yiyuan.services.mail.sending import send
from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.people import change_password, check_email, check_password
from yiyuan.services.people.sign_up import mailed_proof as proof
from yiyuan.services.people.sign_up.allowance import allow_mail
from yiyuan.services.people.sign_up.mailed_proof import Asker, Errand, Proof, link_not_valid
from yiyuan.services.people.sign_up.proof_of_work import check_work
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site
from yiyuan.store.database import Statement
from yiyuan.store.errors import CONFLICT
from yiyuan.store.sql import insert
from yiyuan.store.tables.people import mail_codes, sessions, users
from yiyuan.store.tables.people.identities import unlink_identities
from yiyuan.store.tables.people.mail_codes import MailCodeRow
from yiyuan.store.tables.people.passkeys import remove_passkeys
from yiyuan.store.tables.people.users import UserRow

UNDO_MS: Final = 3 * DAY_MS


async def start_reset(
    context: ServiceContext, email: str, asker: Asker, *, address: str, work: str | None
) -> None:
    """Send a mail to whoever has an account; the answer is the same for all addresses.

    Raises ServiceError `mail_not_set`, `proof_of_work_required`; TooManyTries.
    """
    email, site = check_email(email), await site_with_mail(context)
    await check_domain(context, None, email)
    await check_work(context, site, address, work)
    await allow_mail(context, site, email, address)
    user = await users.find_user(context.database, email)
    user_id = None if user is None else user.id
    errand = Errand(purpose="reset", email=email, is_silent=user is None, user_id=user_id)
    await proof.send_code(context, site, asker, errand)


async def finish_reset(
    context: ServiceContext, passwords: Passwords, given: Proof, password: str
) -> UserRow:
    """Give the person who proves the mailbox another password; all sessions end.

    Raises ServiceError `wrong_code`, `link_not_valid`, `weak_password`.
    """
    row = await proof.find_proof(context, "reset", given)
    user = None if row.user_id is None else await users.find_user(context.database, row.user_id)
    if user is None or user.email != row.email:
        raise link_not_valid()
    await check_domain(context, None, user.email)
    check_password(password, user.email)
    await proof.use_proof(context, row)
    now, first_proof = context.clock.wall_ms(), []
    if user.email_verified_at is None:
        # Who had this address before nobody had proven: their own ways in go with them.
        first_proof = [remove_passkeys(user.id), unlink_identities(user.id)]
    await context.database.write(
        [
            sessions.end_reset_links(user.id),
            users.verify_email(user.id, user.email, now),
            *first_proof,
        ]
    )
    user = await change_password(context, passwords, user, password)
    await note_person(context, user, "sign_up.finish_reset", {})
    return user


async def start_new_email(
    context: ServiceContext, user: UserRow, email: str, asker: Asker, *, address: str
) -> None:
    """Send a mail to the address that a person wants to have.

    Raises ServiceError `use_other_service`, `mail_not_set`; TooManyTries.
    """
    email, site = check_email(email), await site_with_mail(context)
    if email == user.email:
        raise ServiceError("invalid_argument", "email is the one you have")
    for one in (user.email, email):  # nobody leaves a domain's own service behind by this
        await check_domain(context, None, one)
    await allow_mail(context, site, email, address)
    other = await users.find_user(context.database, email)
    is_taken = other is not None
    errand = Errand(purpose="new_email", email=email, is_silent=is_taken, user_id=user.id)
    await proof.send_code(context, site, asker, errand)


async def finish_new_email(context: ServiceContext, user: UserRow, given: Proof) -> UserRow:
    """Let a person have the address that they prove; the old one is told.

    Raises ServiceError `wrong_code`, `link_not_valid`, `already_exists`, `use_other_service`.
    """
    row = await proof.find_proof(context, "new_email", given)
    if row.user_id != user.id:
        raise link_not_valid()
    for one in (user.email, row.email):
        await check_domain(context, None, one)
    site = await site_with_mail(context)
    await proof.use_proof(context, row)
    secret = new_secret()
    await _move(context, user.id, row.email, [insert("mail_codes", _undo(context, user, secret))])
    link = f"{context.settings.public_url}/console/undo-email#{secret}"
    language = user.language or context.settings.language
    values = {"site": site.site_name, "email": row.email, "link": link}
    await send(context, letter("email_changed", user.email, language, **values))
    await note_person(context, user, "sign_up.finish_new_email", {})
    return user._replace(email=row.email)


async def undo_new_email(context: ServiceContext, passwords: Passwords, secret: str) -> UserRow:
    """Give a person the old address back; nobody is signed in any more, no password works.

    Raises ServiceError `link_not_valid`, `already_exists`.
    """
    now = context.clock.wall_ms()
    row = await mail_codes.find_by_link(context.database, secret_hash(secret), "undo_email", now)
    if row is None or row.user_id is None:
        raise link_not_valid()
    user = await users.find_user(context.database, row.user_id)
    if user is None:
        raise link_not_valid()
    await proof.use_proof(context, row)
    nobodys = await passwords.hash(new_secret())
    await _move(
        context,
        user.id,
        row.email,
        [
            users.set_password(user.id, nobodys),
            sessions.end_other_sessions(user.id, ""),
            mail_codes.end_codes_of(user.id, now),
        ],
    )
    await note_person(context, user, "sign_up.undo_new_email", {})
    return user._replace(email=row.email)


async def site_with_mail(context: ServiceContext) -> SiteSettings:
    """The settings, where mail can be sent. Raises ServiceError `mail_not_set`."""
    site = await read_site(context)
    if not site.has_mail:
        message = "no mail server is set here: ask the operator for a link instead"
        raise ServiceError("mail_not_set", message)
    return site


async def _move(context: ServiceContext, user_id: str, email: str, others: list[Statement]) -> None:
    now = context.clock.wall_ms()
    try:
        await context.database.write([users.set_email(user_id, email, now), *others])
    except CONFLICT:
        raise ServiceError("already_exists", "there is a person of this e-mail") from None


def _undo(context: ServiceContext, user: UserRow, secret: str) -> MailCodeRow:
    now = context.clock.wall_ms()
    return MailCodeRow(
        id=new_id("mcd"),
        purpose="undo_email",
        email=user.email,
        user_id=user.id,
        code_hash=b"",
        link_hash=secret_hash(secret),
        browser_hash=b"",
        invitation_hash=None,
        tries=0,
        created_at=now,
        expires_at=now + UNDO_MS,
        used_at=None,
        is_dead=0,
    )
