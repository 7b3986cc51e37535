"""Oneself: preferences, password, authenticator, sessions."""

from typing import Annotated, Final

import msgspec

from yiyuan.api.console.account.session import (
    AccountChoice,
    User,
    enter,
    prove_self,
    renew,
    shown_user,
)
from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import PERSON, PERSON_BEFORE_TERMS, Empty, Route
from yiyuan.api.console.schemas import Amount, Line, Page, RequestBody, ResponseBody, Secret
from yiyuan.auth import totp
from yiyuan.services.people import own, people
from yiyuan.services.people.sign_in import second_factor, sessions, terms
from yiyuan.services.people.sign_in.enforcement import check_factor_stays
from yiyuan.services.people.sign_in.sessions import How, Method, SessionView
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.qr_code import qr_code

GROUP: Final = "me"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Preferences(RequestBody):
    """What is absent stays; null clears."""

    language: str | msgspec.UnsetType | None = msgspec.UNSET
    zone: str | msgspec.UnsetType | None = msgspec.UNSET
    low_balance: Amount | msgspec.UnsetType | None = msgspec.UNSET


class PasswordChange(RequestBody):
    """The password that shall be, and the one that is, with a code of the authenticator.

    Who has no password yet (they came by another service) leaves `old` out.
    """

    new: Secret
    old: str = ""
    totp: str | None = None


class Consent(RequestBody):
    """Which terms: those that the person has read."""

    version: str


class FurtherAccount(RequestBody):
    """What it is called."""

    name: Line


class TotpStart(RequestBody):
    """Switching on an authenticator needs the password, of those who have one."""

    password: str = ""


class QrView(ResponseBody):
    """A QR code: the path of an SVG of `size` by `size`."""

    size: int
    path: str


class TotpSecret(ResponseBody):
    """What goes into the authenticator; shown until the first code confirms it."""

    secret: str
    uri: str
    qr: QrView


class TotpCode(RequestBody):
    """A code of the authenticator."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=20)]


class TotpRemoval(RequestBody):
    """Switching it off, or new recovery codes, need both."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=20)]
    password: str = ""


class RecoveryCodes(ResponseBody):
    """Each stands in for the authenticator once; shown this once."""

    recovery_codes: list[str]


class Ended(ResponseBody):
    """How many sessions ended."""

    ended: int


async def change(visit: ConsoleRequest, asked: Preferences) -> User:
    """Change language, time zone or the low-balance notice."""
    user = visit.user
    changed = await people.change_preferences(
        visit.context,
        user,
        language=user.language if asked.language is msgspec.UNSET else asked.language,
        zone=user.zone if asked.zone is msgspec.UNSET else asked.zone,
        low_balance=user.low_balance if asked.low_balance is msgspec.UNSET else asked.low_balance,
    )
    return shown_user(changed, visit.visitor.waits_for)


async def change_password(visit: ConsoleRequest, asked: PasswordChange) -> Empty:
    """Change the password; all other sessions end, and this one gets a new secret."""
    await prove_self(visit, asked.old, asked.totp)
    user = await people.change_password(visit.context, visit.house.passwords, visit.user, asked.new)
    await _note(visit, "me.change_password")
    session, gave_code = visit.session, bool(visit.user.password_hash and user.totp_on)
    method: Method = session.method  # type: ignore[assignment]  # the schema checks it
    how = How(method, gave_code or bool(session.second_factor), session.provider_id)
    await enter(visit, user, how)
    return Empty()


async def consent(visit: ConsoleRequest, asked: Consent) -> User:
    """Agree to the terms as they are now."""
    user = await terms.consent(visit.context, visit.user, asked.version)
    return shown_user(user, visit.visitor.waits_for)


async def open_account(visit: ConsoleRequest, asked: FurtherAccount) -> AccountChoice:
    """Open a further account; its owner is who asks."""
    made = await own.open_further_account(visit.context, visit.user, asked.name)
    return AccountChoice(id=made.id, name=made.name, role=made.role)


async def start_totp(visit: ConsoleRequest, asked: TotpStart) -> TotpSecret:
    """Make a secret for an authenticator; nothing changes until its first code."""
    await prove_self(visit, asked.password, None)
    secret = await second_factor.start(visit.context, visit.user)
    uri = totp.provisioning_uri(secret, visit.user.email, visit.house.site().site_name)
    qr = qr_code(uri)
    return TotpSecret(secret=secret, uri=uri, qr=QrView(size=qr.size, path=qr.path))


async def confirm_totp(visit: ConsoleRequest, asked: TotpCode) -> RecoveryCodes:
    """Switch the authenticator on by its first code; the recovery codes."""
    codes = await second_factor.confirm(visit.context, visit.user, asked.code, visit.address)
    await _note(visit, "me.confirm_totp")
    await renew(visit, has_second_factor=True)
    return RecoveryCodes(recovery_codes=codes)


async def make_recovery_codes(visit: ConsoleRequest, asked: TotpRemoval) -> RecoveryCodes:
    """Make new recovery codes; the old ones end."""
    await prove_self(visit, asked.password, asked.code)
    codes = await second_factor.new_recovery_codes(visit.context, visit.user)
    await _note(visit, "me.make_recovery_codes")
    return RecoveryCodes(recovery_codes=codes)


async def remove_totp(visit: ConsoleRequest, asked: TotpRemoval) -> Empty:
    """Switch the authenticator off."""
    await prove_self(visit, asked.password, asked.code)
    await check_factor_stays(visit.context, visit.user, leaves="totp")
    await second_factor.remove(visit.context, visit.user)
    await _note(visit, "me.remove_totp")
    return Empty()


async def list_sessions(visit: ConsoleRequest, _: Empty) -> Page[SessionView]:
    """Where one is signed in."""
    found = await sessions.list_sessions(visit.context, visit.user.id, visit.session.id)
    return Page(items=found)


async def end_one_session(visit: ConsoleRequest, _: Empty) -> Empty:
    """Sign one device out."""
    if not await sessions.end(visit.context, visit.user.id, visit.places["session"]):
        raise not_found("session")
    return Empty()


async def end_other_sessions(visit: ConsoleRequest, _: Empty) -> Ended:
    """Sign all other devices out."""
    ended = await sessions.end_others(visit.context, visit.user.id, visit.session.id)
    return Ended(ended=ended)


async def _note(visit: ConsoleRequest, action: str) -> None:
    """What somebody did to their own ways in."""
    where = {"address": visit.address, "request_id": visit.request_id}
    await note_person(visit.context, visit.user, action, {}, **where)


ROUTES = (
    Route("PATCH", "/api/me", PERSON, change, User, Preferences),
    Route("POST", "/api/me/consent", PERSON_BEFORE_TERMS, consent, User, Consent),
    Route("POST", "/api/me/accounts", PERSON, open_account, AccountChoice, FurtherAccount),
    Route("POST", "/api/me/password", PERSON, change_password, Empty, PasswordChange),
    Route("POST", "/api/me/totp", PERSON, start_totp, TotpSecret, TotpStart),
    Route("POST", "/api/me/totp/confirm", PERSON, confirm_totp, RecoveryCodes, TotpCode),
    Route(
        "POST",
        "/api/me/totp/recovery-codes",
        PERSON,
        make_recovery_codes,
        RecoveryCodes,
        TotpRemoval,
    ),
    Route("POST", "/api/me/totp/remove", PERSON, remove_totp, Empty, TotpRemoval),
    Route("GET", "/api/me/sessions", PERSON_BEFORE_TERMS, list_sessions, Page[SessionView]),
    Route("DELETE", "/api/me/sessions/{session}", PERSON_BEFORE_TERMS, end_one_session, Empty),
    Route("POST", "/api/me/sessions/end-others", PERSON_BEFORE_TERMS, end_other_sessions, Ended),
)
