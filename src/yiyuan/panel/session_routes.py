"""Coming in: the site's front, sign-in, sign-out, set-up, invitations, sign-up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from yiyuan.console import one_time_links, people, sign_in
from yiyuan.console.refusal import CommandError
from yiyuan.panel.cookie import clear_cookie, set_cookie
from yiyuan.panel.route import ANYBODY, PERSON, Nothing, Route
from yiyuan.panel.shapes import Asked, Secret, Shown
from yiyuan.panel.visit import Visit
from yiyuan.store import people as people_rows
from yiyuan.store import sessions as session_rows
from yiyuan.store.people import UserRow


class Currency(Shown):
    """How money is shown: `per_major` units of the ledger are one `symbol`."""

    symbol: str = "¥"
    unit: str = "词元"
    per_major: int = 1_000_000


class SiteFront(Shown):
    """What anybody may know of this installation."""

    name: str
    notice: str
    contact: str
    icp: str
    sign_up: Literal["open", "closed", "invite"]
    currency: Currency
    api_url: str
    public_url: str
    docs_url: str
    topup_link: str | None
    nextchat_url: str | None
    is_set_up: bool
    languages: list[str]
    version: str


class User(Shown):
    """A person. `low_balance` is the balance below which they want to be told."""

    id: str
    email: str
    language: str | None
    zone: str | None
    role: str | None
    has_totp: bool
    low_balance: int | None


class AccountChoice(Shown):
    """An account that the person belongs to."""

    id: str
    name: str


class Session(Shown):
    """Who is signed in, and where they may look; `account` is the first of theirs."""

    user: User
    accounts: list[AccountChoice]
    account: str | None


class Credentials(Asked):
    """`totp` is the authenticator's code or a recovery code, for those who use one."""

    email: Secret
    password: Secret
    totp: str | None = None


class SetUp(Asked):
    """The secret of an operator link, and who wants to be one."""

    link: Secret
    email: Secret
    password: Secret
    language: str | None = None


class Join(Asked):
    """The secret of an invitation (with an e-mail) or of a reset link (without)."""

    link: Secret
    password: Secret
    email: str | None = None


class LinkSecret(Asked):
    """The secret of a one-time link."""

    link: Secret


class LinkView(Shown):
    """What a link is for."""

    kind: Literal["operator", "invite", "reset"]
    email: str | None
    account_name: str | None


class SignUp(Asked):
    """A new customer."""

    email: Secret
    password: Secret
    language: str | None = None


async def show_site(visit: Visit, _: Nothing) -> SiteFront:
    """The site's name, notice and addresses."""
    site, settings = visit.house.site(), visit.desk.settings
    return SiteFront(
        name=site.site_name,
        notice=site.notice,
        contact=site.contact,
        icp=site.icp,
        sign_up=site.sign_up,  # type: ignore[arg-type]  # checked when it was set
        currency=Currency(),
        api_url=settings.api_url,
        public_url=settings.public_url,
        docs_url=f"{settings.public_url}/docs/",
        topup_link=site.topup_link or None,
        nextchat_url=site.nextchat_url or None,
        is_set_up=await people_rows.has_operator(visit.desk.database),
        languages=["zh", "en"],
        version=visit.house.version,
    )


async def show_session(visit: Visit, _: Nothing) -> Session:
    """Who is signed in."""
    return _session(visit.user, [(a.id, a.name) for a in visit.visitor.accounts])


async def begin_session(visit: Visit, asked: Credentials) -> Session:
    """Sign in with e-mail and password."""
    user = await sign_in.check_credentials(
        visit.desk,
        visit.house.passwords,
        visit.house.sign_in_backoff,
        email=asked.email,
        password=asked.password,
        code=asked.totp,
        address=visit.address,
    )
    return await _sign_in(visit, user)


async def end_session(visit: Visit, _: Nothing) -> Nothing:
    """Sign out."""
    visit.answer_headers.append(clear_cookie(is_secure=visit.is_secure))
    if visit.visitor.session is not None:
        await visit.desk.database.write([session_rows.end_session(visit.user.id, visit.session.id)])
    return Nothing()


async def set_up(visit: Visit, asked: SetUp) -> Session:
    """Become an operator by a one-time link, and sign in."""
    with _guesses_cost(visit):
        user = await one_time_links.set_up_operator(
            visit.desk,
            visit.house.passwords,
            asked.link,
            asked.email,
            asked.password,
            asked.language or visit.language,
        )
    return await _sign_in(visit, user)


async def join(visit: Visit, asked: Join) -> Session:
    """Use an invitation or a reset link, and sign in."""
    with _guesses_cost(visit):
        user = await one_time_links.join(
            visit.desk, visit.house.passwords, asked.link, asked.email, asked.password
        )
    return await _sign_in(visit, user)


async def look_at_link(visit: Visit, asked: LinkSecret) -> LinkView:
    """What a one-time link is for, without using it."""
    with _guesses_cost(visit):
        link = await one_time_links.look_at_link(visit.desk, asked.link)
    database, email, name = visit.desk.database, None, None
    if link.user_id is not None:
        user = await people_rows.find_user(database, link.user_id)
        email = None if user is None else user.email
    if link.account_id is not None:
        account = await visit.desk.book.account(link.account_id)
        name = None if account is None else account.name
    return LinkView(kind=link.kind, email=email, account_name=name)  # type: ignore[arg-type]


async def sign_up(visit: Visit, asked: SignUp) -> Session:
    """Open an account and sign in, where the operator allows it."""
    key = f"sign-up {visit.address}"
    sign_in.check_backoff(visit.house.sign_in_backoff, key)
    visit.house.sign_in_backoff.failed(key)
    user = await people.sign_up(
        visit.desk,
        visit.house.passwords,
        asked.email,
        asked.password,
        asked.language or visit.language,
    )
    return await _sign_in(visit, user)


@contextmanager
def _guesses_cost(visit: Visit) -> Iterator[None]:
    """Whoever tries links that do not work has to wait ever longer."""
    backoff, key = visit.house.sign_in_backoff, f"link {visit.address}"
    sign_in.check_backoff(backoff, key)
    try:
        yield
    except CommandError as error:
        if error.code in ("link_not_valid", "wrong_credentials"):
            backoff.failed(key)
        raise


async def _sign_in(visit: Visit, user: UserRow) -> Session:
    """A new session, whatever there was before: its secret changes with every sign-in."""
    if visit.visitor.session is not None:
        await visit.desk.database.write([session_rows.end_session(visit.user.id, visit.session.id)])
    signed_in = await sign_in.open_session(visit.desk, user, visit.address, visit.agent)
    visit.answer_headers.append(set_cookie(signed_in.secret, is_secure=visit.is_secure))
    accounts = await people_rows.accounts_of(visit.desk.database, user.id)
    return _session(user, [(account.id, account.name) for account in accounts])


def _session(user: UserRow, accounts: list[tuple[str, str]]) -> Session:
    choices = [AccountChoice(id=account_id, name=name) for account_id, name in accounts]
    return Session(
        user=shown_user(user), accounts=choices, account=choices[0].id if choices else None
    )


def shown_user(user: UserRow) -> User:
    """A person as they are shown to themselves."""
    return User(
        id=user.id,
        email=user.email,
        language=user.language,
        zone=user.zone,
        role=user.operator_role,
        has_totp=bool(user.totp_on),
        low_balance=user.low_balance,
    )


ROUTES = (
    Route("GET", "/api/site", ANYBODY, show_site, SiteFront),
    Route("GET", "/api/session", PERSON, show_session, Session),
    Route("POST", "/api/session", ANYBODY, begin_session, Session, Credentials),
    Route("DELETE", "/api/session", ANYBODY, end_session, Nothing),
    Route("POST", "/api/setup", ANYBODY, set_up, Session, SetUp),
    Route("POST", "/api/join", ANYBODY, join, Session, Join),
    Route("POST", "/api/links/look", ANYBODY, look_at_link, LinkView, LinkSecret),
    Route("POST", "/api/sign-up", ANYBODY, sign_up, Session, SignUp),
)
