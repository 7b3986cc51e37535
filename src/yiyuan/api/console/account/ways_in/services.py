"""Coming in by another service: off to it, back from it, the missing step; links of one's own.

Browsers come here by plain navigation, so what fails shows on the console's sign-in page;
a script hears it as JSON.
"""

from typing import Final, Literal

import msgspec

from yiyuan.api.console.account.session import Session, enter, renew
from yiyuan.api.console.account.sign_up import EmailProof, mailed_proof_of, proof_browser
from yiyuan.api.console.cookie import clear_flow_cookie, read_flow_cookie, set_flow_cookie
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import ANYBODY, PERSON_BEFORE_TERMS, Access, Empty, Redirect, Route
from yiyuan.api.console.schemas import Page, RequestBody, ResponseBody, Secret, Url
from yiyuan.services.people.identity import email_step, flow, linked, providers
from yiyuan.services.people.identity import enter as entering
from yiyuan.services.people.identity.enter import Entered, Given
from yiyuan.services.people.identity.linked import Identity
from yiyuan.services.people.identity.unlink import unlink
from yiyuan.services.people.sign_up.mailed_proof import Asker
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "sign_in"
"""What its routes are called in the audit log and in the OpenAPI document."""

_PAGE = "/console/sign-in"


class Begin(RequestBody):
    """Where to go afterwards: a path of ours."""

    return_to: str = "/console"


class CallbackQuery(msgspec.Struct, frozen=True):
    """What the service sends back; whatever else it sends is left alone."""

    state: str = ""
    code: str = ""
    auth_code: str = msgspec.field(default="", name="authCode")
    iss: str = ""
    error: str = ""


class Pending(ResponseBody):
    """Who waits in this browser, and for which step."""

    step: Literal["nothing", "totp", "password", "accept", "email"]
    service: str
    email: str | None
    name: str


class Continue(RequestBody):
    """What is missing: consent, a password (with a code), a code, or an e-mail address."""

    accept: bool = False
    password: str | None = None
    totp: str | None = None
    email: str | None = None
    consent: str | None = None
    """The version of the terms that somebody new agrees to, where there are any."""


class WantedEmail(RequestBody):
    """The address that somebody wants to have here."""

    email: Secret


async def show_service(visit: ConsoleRequest, asked: Begin) -> Redirect:
    """Send the browser to a sign-in service."""
    try:
        provider = await providers.find(visit.context, visit.places["service"])
        begun = await flow.begin(
            visit.context, visit.house.conversations, provider, return_to=asked.return_to
        )
    except ServiceError as error:
        return _failed(visit, error)
    visit.answer_headers.append(set_flow_cookie(begun.cookie, is_secure=visit.is_secure))
    return Redirect(begun.address)


async def show_callback(visit: ConsoleRequest, asked: CallbackQuery) -> Redirect:
    """Take the browser back from a sign-in service."""
    query = {name: value for name, value in msgspec.to_builtins(asked).items() if value}
    cookie = read_flow_cookie(visit.headers, is_secure=visit.is_secure)
    try:
        provider = await providers.find(visit.context, visit.places["service"])
        returned = await flow.come_back(
            visit.context, visit.house.conversations, provider, query, cookie
        )
        if returned.flow.intent == "link":
            user, session = visit.visitor.user, visit.visitor.session
            if user is None or session is None or session.id != returned.flow.session_id:
                raise flow.flow_not_valid()
            location = await entering.link(visit.context, returned, user)
            await renew(visit, has_second_factor=False, is_proof=False)
            return Redirect(location)
        outcome = await entering.after_return(visit.context, returned)
    except ServiceError as error:
        return _failed(visit, error)
    if not isinstance(outcome, Entered):
        return Redirect(f"{_PAGE}?step={outcome}")
    visit.answer_headers.append(clear_flow_cookie(is_secure=visit.is_secure))
    await enter(visit, outcome.user, outcome.how)
    return Redirect(outcome.return_to)


async def show_pending(visit: ConsoleRequest, _: Empty) -> Pending:
    """Which step is missing in this browser."""
    waiting = await _waiting(visit)
    return Pending(
        step=waiting.missing,
        service=waiting.provider.title,
        email=waiting.profile.email,
        name=waiting.profile.name,
    )


async def go_on(visit: ConsoleRequest, asked: Continue) -> Session:
    """Do the missing step, and sign in."""
    waiting = await _waiting(visit)
    given = Given(
        asked.accept,
        asked.password,
        asked.totp,
        asked.email,
        visit.address,
        visit.language,
        asked.consent,
    )
    entered = await entering.go_on(visit.context, visit.house.passwords, waiting, given)
    visit.answer_headers.append(clear_flow_cookie(is_secure=visit.is_secure))
    return await enter(visit, entered.user, entered.how)


async def ask_email(visit: ConsoleRequest, asked: WantedEmail) -> Empty:
    """Ask for a mail at the address to have here, where the service stated none."""
    asker = Asker(proof_browser(visit), visit.language)
    waiting = await _waiting(visit)
    await email_step.ask_email(visit.context, waiting, asked.email, asker, address=visit.address)
    return Empty()


async def prove_email(visit: ConsoleRequest, asked: EmailProof) -> Pending:
    """Have the address that was proven; the step that is missing now."""
    await email_step.prove_email(
        visit.context, await _waiting(visit), mailed_proof_of(visit, asked)
    )
    return await show_pending(visit, Empty())


async def _waiting(visit: ConsoleRequest) -> entering.Waiting:
    cookie = read_flow_cookie(visit.headers, is_secure=visit.is_secure)
    return await entering.waiting_in(visit.context, cookie)


async def list_identities(visit: ConsoleRequest, _: Empty) -> Page[Identity]:
    """By which services one may sign in."""
    return Page(items=await linked.list_identities(visit.context, visit.user.id))


async def link_identity(visit: ConsoleRequest, asked: Begin) -> Url:
    """Begin to link a service; the address to open in this browser."""
    provider = await providers.find(visit.context, visit.places["service"])
    begun = await flow.begin(
        visit.context,
        visit.house.conversations,
        provider,
        return_to=asked.return_to,
        user_id=visit.user.id,
        session_id=visit.session.id,
    )
    visit.answer_headers.append(set_flow_cookie(begun.cookie, is_secure=visit.is_secure))
    return Url(url=begun.address)


async def unlink_identity(visit: ConsoleRequest, _: Empty) -> Empty:
    """Take a service away; never the last way in."""
    await unlink(visit.context, visit.user, visit.places["service"], visit.address)
    return Empty()


def _failed(visit: ConsoleRequest, error: ServiceError) -> Redirect:
    """To the sign-in page with what went wrong, for who reads pages."""
    if "text/html" not in visit.headers.get("accept", ""):
        raise error
    return Redirect(f"{_PAGE}?problem={error.code}")


_FRESH = Access("person", takes_keys=False, needs_fresh=True)
_SERVICE = "/api/sign-in/{service}"
_MINE = "/api/me/identities"

ROUTES = (
    Route("GET", "/api/sign-in/continue", ANYBODY, show_pending, Pending),
    Route("POST", "/api/sign-in/continue", ANYBODY, go_on, Session, Continue),
    Route("POST", "/api/sign-in/continue/email", ANYBODY, ask_email, Empty, WantedEmail),
    Route("POST", "/api/sign-in/continue/email/prove", ANYBODY, prove_email, Pending, EmailProof),
    Route("GET", _SERVICE, ANYBODY, show_service, Redirect, Begin),
    Route("GET", f"{_SERVICE}/callback", ANYBODY, show_callback, Redirect, CallbackQuery),
    Route("GET", _MINE, PERSON_BEFORE_TERMS, list_identities, Page[Identity]),
    Route("POST", f"{_MINE}/{{service}}", _FRESH, link_identity, Url, Begin),
    Route("DELETE", f"{_MINE}/{{service}}", _FRESH, unlink_identity, Empty),
)
