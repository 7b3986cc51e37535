"""From who came back to who is in: what the decision says, and the steps that were missing.

Each step proves by itself what it must; that a step was skipped, repeated, or answered for
another flow leaves nobody in. An identity is linked only here: to somebody new, to whoever
has just proven to be that person, or to who asked for it from their own session.
"""

import contextlib
from dataclasses import dataclass
from typing import Final

from yiyuan.auth.password import Passwords
from yiyuan.integrations.identity.contract import Profile
from yiyuan.services.mail.letters import letter
from yiyuan.services.mail.sending import send
from yiyuan.services.people.identity import flow as flows
from yiyuan.services.people.identity.decide import Decision, Missing, check_domain, decide
from yiyuan.services.people.identity.flow import Returned
from yiyuan.services.people.identity.groups import follow_groups
from yiyuan.services.people.identity.providers import LoginProvider, find
from yiyuan.services.people.people import keep_user, open_account
from yiyuan.services.people.sign_in.proof import Evidence, prove_again, prove_code
from yiyuan.services.people.sign_in.sessions import How
from yiyuan.services.people.sign_up.allowance import allow_sign_up
from yiyuan.services.people.sign_up.gift import give_gift, mark_of
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.people import identities
from yiyuan.store.tables.people.flows import FlowRow
from yiyuan.store.tables.people.grant_marks import GrantMarkRow, add_mark
from yiyuan.store.tables.people.identities import IdentityRow
from yiyuan.store.tables.people.users import UserRow

_NEEDED: Final = {
    "accept": "say that you want an account: accept",
    "password": "there is an account of this e-mail: give its password to connect",
    "totp": "a one-time code is needed as well",
    "email": "the sign-in service states no e-mail address that it has verified",
}


@dataclass(slots=True, frozen=True)
class Entered:
    """Who is in now, and how."""

    user: UserRow
    how: How
    return_to: str


@dataclass(slots=True, frozen=True)
class Given:
    """What the browser gives for the missing step, and from where."""

    accept: bool
    password: str | None
    totp: str | None
    email: str | None
    address: str
    language: str | None
    consent: str | None = None
    """The version of the terms that somebody new agrees to."""


@dataclass(slots=True, frozen=True)
class Waiting:
    """Who waits in a browser, and for what."""

    flow: FlowRow
    provider: LoginProvider
    profile: Profile
    decision: Decision

    @property
    def missing(self) -> Missing:
        """The step that is missing."""
        return self.decision.missing


async def after_return(context: ServiceContext, returned: Returned) -> Entered | Missing:
    """Let somebody in at once, or keep them until the missing step is done."""
    provider, profile = returned.provider, returned.profile
    decision = await decide(context, provider, profile)
    if decision.missing != "nothing" or decision.user is None:
        await flows.wait_for_step(context, returned)
        return decision.missing
    return await _enter(context, provider, profile, decision.user, returned.flow.return_to)


async def waiting_in(context: ServiceContext, cookie: str | None) -> Waiting:
    """Who waits in this browser, decided anew. Raises ServiceError `flow_not_valid`, …."""
    flow, profile = await flows.find_pending(context, cookie)
    provider = await find(context, flow.provider_id or "")
    return Waiting(flow, provider, profile, await decide(context, provider, profile))


async def go_on(
    context: ServiceContext, passwords: Passwords, waiting: Waiting, given: Given
) -> Entered:
    """Do the missing step. Raises ServiceError; then they may try again for a while."""
    provider, profile, missing = waiting.provider, waiting.profile, waiting.missing
    user = waiting.decision.user
    has_second_factor = False
    if missing == "accept":
        if not given.accept:
            raise step_missing(missing)
        await flows.use_pending(context, waiting.flow)
        user = await _new_person(context, provider, profile, given)
    elif missing == "password" and user is not None:
        if not given.password:
            raise step_missing(missing)
        evidence = Evidence(given.password, given.totp, given.address)
        user = await prove_again(context, passwords, user, evidence)
        await flows.use_pending(context, waiting.flow)
        if await _link(context, provider, profile, user):
            await _tell_of_link(context, provider, user)
        has_second_factor = bool(user.totp_on)
    elif missing == "totp" and user is not None:
        await prove_code(context, user, given.totp, given.address)
        await flows.use_pending(context, waiting.flow)
        has_second_factor = True
    elif missing == "nothing" and user is not None:
        await flows.use_pending(context, waiting.flow)
    else:
        raise step_missing(missing)
    return await _enter(
        context,
        provider,
        profile,
        user,
        waiting.flow.return_to,
        has_second_factor=has_second_factor,
    )


async def link(context: ServiceContext, returned: Returned, user: UserRow) -> str:
    """Link who came back to who asked for it; where to go on."""
    await check_domain(context, returned.provider, user.email)
    if await _link(context, returned.provider, returned.profile, user):
        await _tell_of_link(context, returned.provider, user)
    return returned.flow.return_to


def step_missing(missing: Missing) -> ServiceError:
    """The step that was not done."""
    code = "totp_required" if missing == "totp" else f"{missing}_required"
    return ServiceError(code, _NEEDED[missing])


async def _new_person(
    context: ServiceContext, provider: LoginProvider, profile: Profile, given: Given
) -> UserRow:
    """A person with an account, and the gift if neither mailbox nor identity had it."""
    assert profile.email is not None, "decided on a verified address"
    site = await read_site(context)
    if not provider.row.allows:
        # A service that was set up to let people in brings a whole office from one address.
        await allow_sign_up(context, site, given.address)
    user = await keep_user(
        context,
        profile.email,
        "",
        role=None,
        language=given.language,
        is_email_verified=True,
        consent_version=given.consent,
    )
    await _link(context, provider, profile, user)
    account_id = await open_account(context, user, 0)
    who = mark_of(context, f"{provider.row.id} {profile.subject}")
    mark = GrantMarkRow(who, account_id, 0, context.clock.wall_ms())
    if await context.database.write([add_mark(mark)]) == [1]:
        await give_gift(
            context,
            site,
            account_id=account_id,
            who=user.email,
            address=given.address,
            amount_micros=site.sign_up_grant,
        )
    return user


async def _link(
    context: ServiceContext, provider: LoginProvider, profile: Profile, user: UserRow
) -> bool:
    """Link an identity; refused when another person has it. False if it was linked already."""
    now = context.clock.wall_ms()
    row = IdentityRow(
        provider_id=provider.row.id,
        subject=profile.subject,
        user_id=user.id,
        email=profile.email,
        name=profile.name,
        role=None,
        linked_at=now,
        last_used_at=now,
    )
    if await context.database.write([identities.link_identity(row)]) != [1]:
        known = await identities.find_identity(context.database, provider.row.id, profile.subject)
        if known is None or known.user_id != user.id:
            raise ServiceError("already_exists", "this identity belongs to somebody else here")
        return False
    await _note(context, user, "people.link_identity", provider)
    return True


async def _tell_of_link(context: ServiceContext, provider: LoginProvider, user: UserRow) -> None:
    """Tell somebody's proven mailbox; where mail cannot be sent, the link stands all the same."""
    site = await read_site(context)
    if not site.has_mail or user.email_verified_at is None:
        return
    language = user.language or context.settings.language
    values = {"site": site.site_name, "service": provider.title}
    with contextlib.suppress(ServiceError):
        await send(context, letter("linked", user.email, language, **values))


async def _enter(
    context: ServiceContext,
    provider: LoginProvider,
    profile: Profile,
    user: UserRow,
    return_to: str,
    *,
    has_second_factor: bool = False,
) -> Entered:
    """Note the use, follow the groups; how the session begins."""
    row, now = provider.row, context.clock.wall_ms()
    await context.database.write(
        [identities.saw_identity(row.id, profile.subject, profile.email, profile.name, now)]
    )
    user = await follow_groups(context, provider, profile, user)
    how = How("provider", has_second_factor or bool(row.is_second_factor), row.id)
    return Entered(user, how, return_to)


async def _note(
    context: ServiceContext, user: UserRow, action: str, provider: LoginProvider
) -> None:
    await note_person(context, user, action, {"service": provider.row.name})
