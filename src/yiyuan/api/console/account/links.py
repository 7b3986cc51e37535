"""Coming in by a one-time link: set-up, invitations, resets; and what a link is for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from yiyuan.api.console.account.session import Session, enter, shown_session
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import ANYBODY, Route
from yiyuan.api.console.schemas import RequestBody, Secret
from yiyuan.services.people import one_time_links
from yiyuan.services.people.one_time_links import Guest, LinkView
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.people.sign_in.proof import Evidence
from yiyuan.services.people.sign_in.sessions import How
from yiyuan.services.people.sign_in.terms import check_terms
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "session"
"""What its routes are called in the audit log and in the OpenAPI document."""


class SetUp(RequestBody):
    """The secret of an operator link, and who wants to be one.

    Somebody who is here already gives their own password, and code where they use one.
    """

    link: Secret
    email: Secret
    password: Secret
    totp: str | None = None
    language: str | None = None


class Join(RequestBody):
    """The secret of an invitation or of a reset link.

    An invitation takes whoever is signed in; anybody else gives an e-mail address and a
    password, which is their own if they are here already. A reset link takes a new
    password alone.
    """

    link: Secret
    password: str = ""
    email: str | None = None
    totp: str | None = None


class LinkSecret(RequestBody):
    """The secret of a one-time link."""

    link: Secret


async def set_up(visit: ConsoleRequest, asked: SetUp) -> Session:
    """Become an operator by a one-time link, and sign in."""
    guest = Guest(
        None,
        asked.email,
        Evidence(asked.password, asked.totp, visit.address),
        asked.language or visit.language,
        visit.request_id,
    )
    async with _guesses_cost(visit):
        user = await one_time_links.set_up_operator(
            visit.context, visit.house.passwords, asked.link, guest
        )
    return await enter(visit, user, How("link", has_second_factor=bool(user.totp_on)))


async def join(visit: ConsoleRequest, asked: Join) -> Session:
    """Use an invitation or a reset link, and sign in."""
    is_signed_in = visit.visitor.user is not None and asked.email is None
    guest = Guest(
        visit.visitor.user if is_signed_in else None,
        asked.email,
        Evidence(asked.password, asked.totp, visit.address),
        visit.language,
        visit.request_id,
    )
    if is_signed_in:
        check_terms(visit.house.site(), visit.user)
    async with _guesses_cost(visit):
        link = await one_time_links.look_at_link(visit.context, asked.link)
        use = one_time_links.reset if link.kind == "reset" else one_time_links.join
        user = await use(visit.context, visit.house.passwords, asked.link, guest)
    if is_signed_in and link.kind == "invite":
        return await shown_session(visit, user)
    return await enter(visit, user, How(has_second_factor=bool(user.totp_on)))


async def look_at_link(visit: ConsoleRequest, asked: LinkSecret) -> LinkView:
    """What a one-time link is for, without using it."""
    async with _guesses_cost(visit):
        return await one_time_links.view_link(
            visit.context, asked.link, is_signed_in=visit.visitor.user is not None
        )


@asynccontextmanager
async def _guesses_cost(visit: ConsoleRequest) -> AsyncIterator[None]:
    """Whoever tries links that do not work has to wait ever longer."""
    attempt = await attempts.begin(visit.context, attempts.key_of_block("link", visit.address))
    try:
        yield
    except ServiceError as error:
        if error.code != "link_not_valid":
            await attempts.put_back(visit.context, attempt)
        raise
    await attempts.put_back(visit.context, attempt)


ROUTES = (
    Route("POST", "/api/setup", ANYBODY, set_up, Session, SetUp),
    Route("POST", "/api/join", ANYBODY, join, Session, Join),
    Route("POST", "/api/links/look", ANYBODY, look_at_link, LinkView, LinkSecret),
)
