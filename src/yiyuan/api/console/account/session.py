"""Coming in: the site's front, sign-in, sign-out, a proof anew."""

from collections.abc import Sequence
from typing import Final, Literal

from yiyuan.api.console.cookie import clear_cookie, set_cookie
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import ANYBODY, PERSON_BEFORE_TERMS, Empty, Route
from yiyuan.api.console.schemas import RequestBody, ResponseBody, Secret
from yiyuan.services.people import people
from yiyuan.services.people.identity import providers
from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.sign_in import proof, sessions
from yiyuan.services.people.sign_in.caller import AccountName, UserRow
from yiyuan.services.people.sign_in.enforcement import WaitsFor, waits_for
from yiyuan.services.people.sign_in.passkey_proof import are_possible
from yiyuan.services.people.sign_in.proof import Evidence
from yiyuan.services.people.sign_in.sessions import How

GROUP: Final = "session"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Currency(ResponseBody):
    """How money is shown: `per_major` units of the ledger are one `symbol`."""

    symbol: str = "¥"
    unit: str = "词元"
    per_major: int = 1_000_000


class SignInService(ResponseBody):
    """A service by which people may sign in: a button."""

    name: str
    preset: str
    title: str


class SiteFront(ResponseBody):
    """What anybody may know of this installation."""

    name: str
    notice: str
    contact: str
    icp: str
    seller: str
    seller_tax_number: str
    color: str
    """The shop's own, such as `#0b7285`; empty is the product's."""
    logo: str
    """A picture as a data URI, or empty; `icon` is that of a browser's tab."""
    icon: str
    sign_up: Literal["open", "closed", "invite"]
    sign_up_domains: list[str]
    """Whose mailboxes may sign up; empty is all."""
    has_passkeys: bool
    """Whether people can sign in by passkeys at this address."""
    has_mail: bool
    """Whether a forgotten password can be replaced by mail."""
    terms_link: str | None
    terms_version: str | None
    currency: Currency
    api_url: str
    public_url: str
    docs_url: str
    topup_link: str | None
    nextchat_url: str | None
    has_status_page: bool
    """Whether there is one at `/status`, for all or for who is signed in."""
    sign_in_services: list[SignInService]
    is_set_up: bool
    is_signed_in: bool
    """Whether the asker's session is good, so that a page need not ask in vain."""
    languages: list[str]
    version: str


class User(ResponseBody):
    """A person. `low_balance` is the balance below which they want to be told."""

    id: str
    email: str
    language: str | None
    zone: str | None
    role: str | None
    role_waits_for: WaitsFor | None
    """What the session lacks before the operator's role that the person has counts."""
    has_totp: bool
    has_password: bool
    """False for who came by another service and chose none."""
    low_balance: int | None
    consent_version: str | None
    """The version of the terms that they agreed to last."""


class AccountChoice(ResponseBody):
    """An account that the person belongs to."""

    id: str
    name: str
    role: str
    """What the person is there: owner, billing, developer or viewer."""


class Session(ResponseBody):
    """Who is signed in, and where they may look; `account` is the first of theirs."""

    user: User
    accounts: list[AccountChoice]
    account: str | None


class Credentials(RequestBody):
    """`totp` is the authenticator's code or a recovery code, for those who use one."""

    email: Secret
    password: Secret
    totp: str | None = None


class ProofAgain(RequestBody):
    """The password, and a one-time code of those who use an authenticator."""

    password: Secret
    totp: str | None = None


async def show_site(visit: ConsoleRequest, _: Empty) -> SiteFront:
    """The site's name, notice and addresses."""
    site, settings = visit.house.site(), visit.context.settings
    return SiteFront(
        name=site.site_name,
        notice=site.notice,
        contact=site.contact,
        icp=site.icp,
        seller=site.seller_name,
        seller_tax_number=site.seller_tax_number,
        color=site.brand_color,
        logo=site.brand_logo,
        icon=site.brand_icon,
        sign_up=site.sign_up,  # type: ignore[arg-type]  # checked when it was set
        currency=Currency(),
        api_url=settings.api_url,
        public_url=settings.public_url,
        docs_url=f"{settings.public_url}/docs/",
        sign_up_domains=site.sign_up_domains.split(),
        has_passkeys=are_possible(visit.context),
        has_mail=site.has_mail,
        terms_link=site.terms_link or None,
        terms_version=site.terms_version or None,
        topup_link=site.topup_link or None,
        nextchat_url=site.nextchat_url or None,
        has_status_page=site.status_page != "off",
        sign_in_services=[
            SignInService(name=name, preset=preset, title=title)
            for name, preset, title in await providers.buttons(visit.context, visit.language)
        ],
        is_set_up=await people.has_operator(visit.context),
        is_signed_in=visit.visitor.user is not None,
        languages=["zh", "en"],
        version=visit.house.version,
    )


async def show_session(visit: ConsoleRequest, _: Empty) -> Session:
    """Who is signed in."""
    return _session(visit.user, visit.visitor.accounts, visit.visitor.waits_for)


async def begin_session(visit: ConsoleRequest, asked: Credentials) -> Session:
    """Sign in with e-mail and password."""
    await check_domain(visit.context, None, asked.email.strip())
    evidence = Evidence(asked.password, asked.totp, visit.address)
    user = await proof.prove_login(visit.context, visit.house.passwords, asked.email, evidence)
    await check_domain(visit.context, None, user.email)  # a login name says nothing of it
    return await enter(visit, user, How(has_second_factor=bool(user.totp_on)))


async def prove(visit: ConsoleRequest, asked: ProofAgain) -> Empty:
    """Prove anew who is there; the session gets a new secret, and is fresh for minutes."""
    evidence = Evidence(asked.password, asked.totp, visit.address)
    user = await proof.prove_again(visit.context, visit.house.passwords, visit.user, evidence)
    await renew(visit, has_second_factor=bool(user.totp_on))
    return Empty()


async def end_session(visit: ConsoleRequest, _: Empty) -> Empty:
    """Sign out."""
    visit.answer_headers.append(clear_cookie(is_secure=visit.is_secure))
    if visit.visitor.session is not None:
        await sessions.end(visit.context, visit.user.id, visit.session.id)
    return Empty()


async def enter(visit: ConsoleRequest, user: UserRow, how: How) -> Session:
    """A new session, whatever there was before: its secret changes with every sign-in."""
    if visit.visitor.session is not None:
        await sessions.end(visit.context, visit.user.id, visit.session.id)
    signed_in = await sessions.open_session(visit.context, user, visit.address, visit.agent, how)
    visit.answer_headers.append(set_cookie(signed_in.secret, is_secure=visit.is_secure))
    lack = waits_for(
        visit.house.site().operators_sign_in,
        user.operator_role,
        how.method,
        has_second_factor=how.has_second_factor,
    )
    return _session(user, await people.accounts_of(visit.context, user.id), lack)


async def renew(visit: ConsoleRequest, *, has_second_factor: bool, is_proof: bool = True) -> None:
    """The person was proven anew, or has a new way in: the session gets another secret."""
    secret = await sessions.renew(
        visit.context, visit.session, has_second_factor=has_second_factor, is_proof=is_proof
    )
    visit.answer_headers.append(set_cookie(secret, is_secure=visit.is_secure))


async def prove_self(visit: ConsoleRequest, password: str, code: str | None) -> None:
    """Ask again who is there. Raises `wrong_credentials`, `step_up_required`, TooManyTries.

    Who has no password was proven otherwise, if that was minutes ago.
    """
    if visit.user.password_hash:
        evidence = Evidence(password, code, visit.address)
        await proof.prove_again(visit.context, visit.house.passwords, visit.user, evidence)
    elif not sessions.is_fresh(visit.context, visit.session):
        raise sessions.step_up_required()


async def shown_session(visit: ConsoleRequest, user: UserRow) -> Session:
    """Who is signed in, as of now."""
    accounts = await people.accounts_of(visit.context, user.id)
    return _session(user, accounts, visit.visitor.waits_for)


def _session(user: UserRow, accounts: Sequence[AccountName], lack: WaitsFor | None) -> Session:
    choices = [AccountChoice(id=each.id, name=each.name, role=each.role) for each in accounts]
    return Session(
        user=shown_user(user, lack),
        accounts=choices,
        account=choices[0].id if choices else None,
    )


def shown_user(user: UserRow, lack: WaitsFor | None) -> User:
    """A person as they are shown to themselves; `lack` is what their role waits for."""
    return User(
        id=user.id,
        email=user.email,
        language=user.language,
        zone=user.zone,
        role=None if lack is not None else user.operator_role,
        role_waits_for=lack,
        has_totp=bool(user.totp_on),
        has_password=bool(user.password_hash),
        low_balance=user.low_balance,
        consent_version=user.consent_version,
    )


ROUTES = (
    Route("GET", "/api/site", ANYBODY, show_site, SiteFront),
    Route("GET", "/api/session", PERSON_BEFORE_TERMS, show_session, Session),
    Route("POST", "/api/session", ANYBODY, begin_session, Session, Credentials),
    Route("DELETE", "/api/session", ANYBODY, end_session, Empty),
    Route("POST", "/api/session/prove", PERSON_BEFORE_TERMS, prove, Empty, ProofAgain),
)
