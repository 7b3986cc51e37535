"""Oneself: preferences, password, authenticator, sessions."""

from typing import Annotated
from zoneinfo import available_timezones

import msgspec

from yiyuan.access import totp
from yiyuan.access.seal import seal, unseal
from yiyuan.access.secret_text import secret_hash
from yiyuan.console import people, sign_in
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import iso
from yiyuan.kernel.text import LANGUAGES
from yiyuan.panel.cookie import set_cookie
from yiyuan.panel.route import PERSON, Nothing, Route
from yiyuan.panel.session_routes import User, shown_user
from yiyuan.panel.shapes import Amount, Asked, Page, Secret, Shown
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store import people as rows
from yiyuan.store import sessions as session_rows


class Preferences(Asked):
    """What is absent stays; null clears."""

    language: str | msgspec.UnsetType | None = msgspec.UNSET
    zone: str | msgspec.UnsetType | None = msgspec.UNSET
    low_balance: Amount | msgspec.UnsetType | None = msgspec.UNSET


class PasswordChange(Asked):
    """The password that is, and the one that shall be."""

    old: Secret
    new: Secret


class TotpStart(Asked):
    """Switching on an authenticator needs the password."""

    password: Secret


class TotpSecret(Shown):
    """What goes into the authenticator; shown until the first code confirms it."""

    secret: str
    uri: str


class TotpCode(Asked):
    """A code of the authenticator."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=20)]


class TotpRemoval(Asked):
    """Switching it off needs both."""

    password: Secret
    code: Annotated[str, msgspec.Meta(min_length=6, max_length=20)]


class RecoveryCodes(Shown):
    """Each stands in for the authenticator once; shown this once."""

    recovery_codes: list[str]


class SessionView(Shown):
    """One device that is signed in."""

    id: str
    created: str
    last_seen: str
    address: str
    agent: str
    is_current: bool


class Ended(Shown):
    """How many sessions ended."""

    ended: int


async def change(visit: Visit, asked: Preferences) -> User:
    """Change language, time zone or the low-balance notice."""
    user = visit.user
    language = user.language if asked.language is msgspec.UNSET else asked.language
    zone = user.zone if asked.zone is msgspec.UNSET else asked.zone
    low = user.low_balance if asked.low_balance is msgspec.UNSET else asked.low_balance
    if language is not None and language not in LANGUAGES:
        raise CommandError("invalid_argument", f"language must be one of {', '.join(LANGUAGES)}")
    if zone is not None and zone not in available_timezones():
        raise CommandError("invalid_argument", "zone must be one such as Asia/Shanghai")
    await visit.desk.database.write([rows.set_preferences(user.id, language, zone, low)])
    return shown_user(user._replace(language=language, zone=zone, low_balance=low))


async def change_password(visit: Visit, asked: PasswordChange) -> Nothing:
    """Change the password; all other sessions end, and this one gets a new secret."""
    await _check_password(visit, asked.old)
    user = await people.change_password(visit.desk, visit.house.passwords, visit.user, asked.new)
    signed_in = await sign_in.open_session(visit.desk, user, visit.address, visit.agent)
    visit.answer_headers.append(set_cookie(signed_in.secret, is_secure=visit.is_secure))
    return Nothing()


async def start_totp(visit: Visit, asked: TotpStart) -> TotpSecret:
    """Make a secret for an authenticator; nothing changes until its first code."""
    await _check_password(visit, asked.password)
    user = visit.user
    if user.totp_on:
        raise CommandError("already_exists", "an authenticator is switched on already")
    secret = totp.new_secret()
    sealed = seal(visit.desk.secrets.seal_key, secret, user.id)
    await visit.desk.database.write([rows.set_totp(user.id, sealed, is_on=False)])
    uri = totp.provisioning_uri(secret, user.email, visit.house.site().site_name)
    return TotpSecret(secret=secret, uri=uri)


async def confirm_totp(visit: Visit, asked: TotpCode) -> RecoveryCodes:
    """Switch the authenticator on by its first code; the recovery codes."""
    user = visit.user
    if user.totp_sealed is None or user.totp_on:
        raise CommandError("invalid_argument", "code: start with a new secret first")
    secret = unseal(visit.desk.secrets.seal_key, user.totp_sealed, user.id)
    key = f"totp {user.id}"
    sign_in.check_backoff(visit.house.sign_in_backoff, key)
    step = totp.matching_step(secret, asked.code, visit.desk.clock.wall_ms())
    if step is None:
        visit.house.sign_in_backoff.failed(key)
        raise CommandError("wrong_credentials", "the one-time code is wrong")
    codes = totp.new_recovery_codes()
    await visit.desk.database.write(
        [
            rows.set_totp(user.id, user.totp_sealed, is_on=True),
            rows.use_totp_step(user.id, step),
            *rows.put_recovery_codes(user.id, [secret_hash(code) for code in codes]),
        ]
    )
    return RecoveryCodes(recovery_codes=codes)


async def remove_totp(visit: Visit, asked: TotpRemoval) -> Nothing:
    """Switch the authenticator off."""
    await _check_password(visit, asked.password)
    user = visit.user
    if user.totp_on:
        await sign_in.check_code(visit.desk, user, asked.code)
    await visit.desk.database.write(
        [rows.set_totp(user.id, None, is_on=False), *rows.put_recovery_codes(user.id, [])]
    )
    return Nothing()


async def list_sessions(visit: Visit, _: Nothing) -> Page[SessionView]:
    """Where one is signed in."""
    now = visit.desk.clock.wall_ms()
    found = await session_rows.sessions_of(visit.desk.database, visit.user.id, now)
    return Page(
        items=[
            SessionView(
                id=row.id,
                created=iso(row.created_at),
                last_seen=iso(row.last_seen_at),
                address=row.address,
                agent=row.agent,
                is_current=row.id == visit.session.id,
            )
            for row in found
        ]
    )


async def end_one_session(visit: Visit, _: Nothing) -> Nothing:
    """Sign one device out."""
    statement = session_rows.end_session(visit.user.id, visit.places["session"])
    if await visit.desk.database.write([statement]) != [1]:
        raise not_found("session")
    return Nothing()


async def end_other_sessions(visit: Visit, _: Nothing) -> Ended:
    """Sign all other devices out."""
    statement = session_rows.end_other_sessions(visit.user.id, visit.session.id)
    (ended,) = await visit.desk.database.write([statement])
    return Ended(ended=ended)


async def _check_password(visit: Visit, password: str) -> None:
    """Ask again who is there. Raises `wrong_credentials`, TooManyTries."""
    backoff, key = visit.house.sign_in_backoff, f"person {visit.user.email}"
    sign_in.check_backoff(backoff, key)
    if not await visit.house.passwords.matches(visit.user.password_hash, password):
        backoff.failed(key)
        raise CommandError("wrong_credentials", "this is not your password")


ROUTES = (
    Route("PATCH", "/api/me", PERSON, change, User, Preferences),
    Route("POST", "/api/me/password", PERSON, change_password, Nothing, PasswordChange),
    Route("POST", "/api/me/totp", PERSON, start_totp, TotpSecret, TotpStart),
    Route("POST", "/api/me/totp/confirm", PERSON, confirm_totp, RecoveryCodes, TotpCode),
    Route("POST", "/api/me/totp/remove", PERSON, remove_totp, Nothing, TotpRemoval),
    Route("GET", "/api/me/sessions", PERSON, list_sessions, Page[SessionView]),
    Route("DELETE", "/api/me/sessions/{session}", PERSON, end_one_session, Nothing),
    Route("POST", "/api/me/sessions/end-others", PERSON, end_other_sessions, Ended),
)
