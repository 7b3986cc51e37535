"""Opening an account: the mailbox is proven first, and the password chosen after that.

So nobody has an account, a session or money by an address that is not theirs, and nobody
can wait with a password of his own for its owner. What the first step answers does not
depend on the address.
"""

from dataclasses import dataclass

from yiyuan.auth.opaque_secret import secret_hash
from yiyuan.auth.password import Passwords
from yiyuan.services.mail.mailbox import is_listed
from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.people import add_user, check_email, check_password, open_account
from yiyuan.services.people.sign_up import mailed_proof as proof
from yiyuan.services.people.sign_up.allowance import allow_mail, allow_sign_up
from yiyuan.services.people.sign_up.gift import give_gift
from yiyuan.services.people.sign_up.mailed_proof import Asker, Errand, Proof
from yiyuan.services.people.sign_up.proof_of_work import check_work
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.sign_up_codes import (
    SignUpCodeRow,
    find_sign_up_code,
    give_back_sign_up_code,
    use_sign_up_code,
)
from yiyuan.store.tables.people.users import UserRow


@dataclass(slots=True, frozen=True)
class SignUpRequest:
    """The first step."""

    email: str
    asker: Asker
    address: str
    invitation: str | None = None
    work: str | None = None


async def start_sign_up(context: ServiceContext, request: SignUpRequest) -> None:
    """Send the mail, if this address may have an account here.

    Raises ServiceError `sign_up_closed`, `invitation_required`, `invitation_not_valid`,
    `proof_of_work_required`; TooManyTries.
    """
    email, site = check_email(request.email), await _open_site(context)
    await check_domain(context, None, email)
    invitation = await _invitation(context, site, request.invitation)
    await check_work(context, site, request.address, request.work)
    await allow_mail(context, site, email, request.address)
    known = await users.find_user(context.database, email)
    errand = Errand(
        purpose="sign_up",
        email=email,
        instead=None if known is None else "known",
        is_silent=not is_welcome(site, email),
        invitation_hash=None if invitation is None else invitation.hash,
    )
    await proof.send_code(context, site, request.asker, errand)


@dataclass(slots=True, frozen=True)
class NewPerson:
    """What the second step brings beside the proof."""

    password: str
    address: str
    language: str | None = None
    consent_version: str | None = None


async def finish_sign_up(
    context: ServiceContext, passwords: Passwords, given: Proof, person: NewPerson
) -> UserRow:
    """Open the account of whoever proves the mailbox; the new person.

    Raises ServiceError `wrong_code`, `link_not_valid`, `weak_password`, `already_exists`,
    `invitation_not_valid`, `sign_up_closed`; TooManyTries.
    """
    site = await _open_site(context)
    row = await proof.find_proof(context, "sign_up", given)
    await check_domain(context, None, row.email)
    check_password(person.password, row.email)
    await allow_sign_up(context, site, person.address)
    invitation = None
    if row.invitation_hash is not None:
        invitation = await find_sign_up_code(context.database, row.invitation_hash)
    elif site.sign_up == "invite":
        raise _invitation_not_valid()
    await proof.use_proof(context, row)
    await _use_invitation(context, invitation)
    user = await _add(context, passwords, row.email, person, invitation)
    account_id = await open_account(context, user, 0)
    gift = site.sign_up_grant
    if invitation is not None and invitation.gift is not None:
        gift = invitation.gift
    await give_gift(
        context,
        site,
        account_id=account_id,
        who=user.email,
        address=person.address,
        amount_micros=gift,
    )
    return user


async def _add(
    context: ServiceContext,
    passwords: Passwords,
    email: str,
    person: NewPerson,
    invitation: SignUpCodeRow | None,
) -> UserRow:
    """The new person; an invitation that led to nothing can be used again."""
    try:
        return await add_user(
            context,
            passwords,
            email,
            person.password,
            role=None,
            language=person.language,
            is_email_verified=True,
            consent_version=person.consent_version,
        )
    except ServiceError:
        if invitation is not None:
            await context.database.write([give_back_sign_up_code(invitation.hash)])
        raise


def is_welcome(site: SiteSettings, email: str) -> bool:
    """Whether the domains of the settings let a mailbox in."""
    if is_listed(email, site.blocked_domains.split()):
        return False
    return not site.sign_up_domains or is_listed(email, site.sign_up_domains.split())


async def _open_site(context: ServiceContext) -> SiteSettings:
    site = await read_site(context)
    if site.sign_up == "closed" or not site.has_mail:
        raise ServiceError("sign_up_closed", "nobody can sign up here without an invitation")
    return site


async def _invitation(
    context: ServiceContext, site: SiteSettings, code: str | None
) -> SignUpCodeRow | None:
    """The invitation that somebody brings; looked at, not used yet."""
    if not code:
        if site.sign_up == "invite":
            raise ServiceError("invitation_required", "an invitation code is needed to sign up")
        return None
    row = await find_sign_up_code(context.database, invitation_hash(code))
    now = context.clock.wall_ms()
    is_over = row is not None and row.expires_at is not None and row.expires_at <= now
    if row is None or row.ended_at is not None or row.used >= row.uses_max or is_over:
        raise _invitation_not_valid()
    return row


async def _use_invitation(context: ServiceContext, invitation: SignUpCodeRow | None) -> None:
    if invitation is None:
        return
    statement = use_sign_up_code(invitation.hash, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise _invitation_not_valid()


def invitation_hash(code: str) -> bytes:
    """What an invitation code is kept and found by; case, dashes and spaces do not count."""
    return secret_hash("".join(code.split()).replace("-", "").upper())


def _invitation_not_valid() -> ServiceError:
    return ServiceError("invitation_not_valid", "this invitation code does not work any more")
