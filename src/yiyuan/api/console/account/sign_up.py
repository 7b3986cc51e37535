"""Coming in by mail: opening an account, another password, another address.

What a first step answers, and how long it takes, does not depend on the address. The
digits of a mail work in the browser that asked for them only: it gets a cookie that no
script can read.
"""

from typing import Final

import msgspec

from yiyuan.api.console.account.session import (
    AccountChoice,
    Session,
    User,
    enter,
    prove_self,
    shown_user,
)
from yiyuan.api.console.cookie import read_proof_cookie, set_proof_cookie
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import ANYBODY, PERSON, Empty, Route
from yiyuan.api.console.schemas import RequestBody, ResponseBody, Secret
from yiyuan.auth.opaque_secret import new_secret
from yiyuan.services.people import reset as resets
from yiyuan.services.people.sign_in.sessions import How
from yiyuan.services.people.sign_up import sign_up
from yiyuan.services.people.sign_up.mailed_proof import Asker, Proof
from yiyuan.services.people.sign_up.proof_of_work import new_riddle

GROUP: Final = "sign_up"
"""What its routes are called in the audit log and in the OpenAPI document."""


class SignUpStart(RequestBody):
    """Who wants an account. `invitation` where one is needed; `altcha` answers a riddle."""

    email: Secret
    invitation: str | None = None
    altcha: str | None = None
    language: str | None = None


class Finish(RequestBody):
    """The digits with their address, or the link's secret; and the password to have."""

    password: Secret
    email: str | None = None
    code: str | None = None
    link: str | None = None
    language: str | None = None
    consent: str | None = None
    """The version of the terms that the person agrees to, where there are any."""


class ResetStart(RequestBody):
    """Whose password is forgotten; `altcha` answers a riddle."""

    email: Secret
    altcha: str | None = None


class NewEmail(RequestBody):
    """The address to have, and the proof of who asks."""

    email: Secret
    password: str = ""
    totp: str | None = None


class EmailProof(RequestBody):
    """The digits with their address, or the link's secret."""

    email: str | None = None
    code: str | None = None
    link: str | None = None


class LinkProof(RequestBody):
    """The link's secret."""

    link: Secret


class Riddle(ResponseBody):
    """A riddle of ALTCHA: which number from 0 to `maxnumber` behind `salt` hashes to it?"""

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str


class Came(ResponseBody):
    """Who is signed in now; nobody, where a second factor is asked for at the sign-in."""

    user: User | None = None
    accounts: list[AccountChoice] = msgspec.field(default_factory=list)
    account: str | None = None


async def start(visit: ConsoleRequest, asked: SignUpStart) -> Empty:
    """Ask for a mail with which an account can be opened."""
    language = _language(visit, asked.language)
    request = sign_up.SignUpRequest(
        email=asked.email,
        asker=Asker(proof_browser(visit), language),
        address=visit.address,
        invitation=asked.invitation,
        work=asked.altcha,
    )
    await sign_up.start_sign_up(visit.context, request)
    return Empty()


async def finish(visit: ConsoleRequest, asked: Finish) -> Session:
    """Open the account of a proven mailbox, and sign in."""
    person = sign_up.NewPerson(
        password=asked.password,
        address=visit.address,
        language=_language(visit, asked.language),
        consent_version=asked.consent,
    )
    user = await sign_up.finish_sign_up(
        visit.context, visit.house.passwords, mailed_proof_of(visit, asked), person
    )
    return await enter(visit, user, How())


async def challenge(visit: ConsoleRequest, _: Empty) -> Riddle:
    """A riddle, for when a first step asks for one."""
    return Riddle(**new_riddle(visit.context))


async def start_reset(visit: ConsoleRequest, asked: ResetStart) -> Empty:
    """Ask for a mail with which another password can be chosen."""
    asker = Asker(proof_browser(visit), visit.language)
    await resets.start_reset(
        visit.context, asked.email, asker, address=visit.address, work=asked.altcha
    )
    return Empty()


async def finish_reset(visit: ConsoleRequest, asked: Finish) -> Came:
    """Choose another password; all sessions end. Signs in, but past no second factor."""
    user = await resets.finish_reset(
        visit.context, visit.house.passwords, mailed_proof_of(visit, asked), asked.password
    )
    if user.totp_on:
        return Came()
    session = await enter(visit, user, How())
    return Came(user=session.user, accounts=session.accounts, account=session.account)


async def start_new_email(visit: ConsoleRequest, asked: NewEmail) -> Empty:
    """Ask for a mail at the address to have."""
    await prove_self(visit, asked.password, asked.totp)
    asker = Asker(proof_browser(visit), visit.user.language or visit.language)
    await resets.start_new_email(
        visit.context, visit.user, asked.email, asker, address=visit.address
    )
    return Empty()


async def finish_new_email(visit: ConsoleRequest, asked: EmailProof) -> User:
    """Have the address that was proven; the old one is told."""
    user = await resets.finish_new_email(visit.context, visit.user, mailed_proof_of(visit, asked))
    return shown_user(user, visit.visitor.waits_for)


async def undo_new_email(visit: ConsoleRequest, asked: LinkProof) -> Empty:
    """Have the old address back; all sessions end, and the password with them."""
    await resets.undo_new_email(visit.context, visit.house.passwords, asked.link)
    return Empty()


def mailed_proof_of(visit: ConsoleRequest, asked: Finish | EmailProof) -> Proof:
    """What somebody brings of a mail, with the browser that asked for it."""
    browser = read_proof_cookie(visit.headers, is_secure=visit.is_secure) or ""
    return Proof(email=asked.email, code=asked.code, link=asked.link, browser=browser)


def proof_browser(visit: ConsoleRequest) -> str:
    """The browser's own secret; it gets one if it has none."""
    found = read_proof_cookie(visit.headers, is_secure=visit.is_secure)
    secret = found or new_secret()
    visit.answer_headers.append(set_proof_cookie(secret, is_secure=visit.is_secure))
    return secret


def _language(visit: ConsoleRequest, asked: str | None) -> str:
    return asked if asked in ("en", "zh") else visit.language


ROUTES = (
    Route("POST", "/api/sign-up/start", ANYBODY, start, Empty, SignUpStart),
    Route("POST", "/api/sign-up/finish", ANYBODY, finish, Session, Finish),
    Route("POST", "/api/sign-up/challenge", ANYBODY, challenge, Riddle),
    Route("POST", "/api/reset/start", ANYBODY, start_reset, Empty, ResetStart),
    Route("POST", "/api/reset/finish", ANYBODY, finish_reset, Came, Finish),
    Route("POST", "/api/me/email/start", PERSON, start_new_email, Empty, NewEmail),
    Route("POST", "/api/me/email/finish", PERSON, finish_new_email, User, EmailProof),
    Route("POST", "/api/email/undo", ANYBODY, undo_new_email, Empty, LinkProof),
)
