"""Signing in: password, one-time code, session.

A wrong person and a wrong password are one answer and take the same time. Each
failure slows the next down, per person and per address. A session is a secret in a
cookie; 7 days without use end it, and 30 days in any case.
"""

from dataclasses import dataclass

from yiyuan.access import totp
from yiyuan.access.backoff import Backoff
from yiyuan.access.password import Passwords
from yiyuan.access.seal import unseal
from yiyuan.access.secret_text import new_secret, secret_hash
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.ids import new_id
from yiyuan.store import people, sessions
from yiyuan.store.people import UserRow
from yiyuan.store.sessions import SessionRow

IDLE_MS = 7 * DAY_MS
LIFETIME_MS = 30 * DAY_MS
TOUCH_MS = 300_000
_AGENT_CHARACTERS_MAX = 200


class TooManyTries(CommandError):
    """Whoever guesses has to wait."""

    def __init__(self, wait_seconds: int) -> None:
        """`wait_seconds` is what `Retry-After` says."""
        super().__init__("too_many_tries", f"too many tries: wait {wait_seconds} s")
        self.wait_seconds = wait_seconds


@dataclass(slots=True, frozen=True)
class SignedIn:
    """A new session; `secret` goes into the cookie and is kept nowhere."""

    user: UserRow
    session: SessionRow
    secret: str


def check_backoff(backoff: Backoff, *keys: str) -> None:
    """Refuse whoever has failed too often. Raises TooManyTries."""
    wait = backoff.wait_seconds(*keys)
    if wait > 0:
        raise TooManyTries(int(wait) + 1)


async def check_credentials(
    desk: Desk,
    passwords: Passwords,
    backoff: Backoff,
    *,
    email: str,
    password: str,
    code: str | None,
    address: str,
) -> UserRow:
    """Whose password (and one-time code) this is.

    Raises CommandError `wrong_credentials`, `totp_required`; TooManyTries.
    """
    email = email.strip().lower()[:300]
    keys = (f"person {email}", f"address {address}")
    check_backoff(backoff, *keys)
    # Counted before the work: guesses that run side by side must not all be the first.
    backoff.failed(*keys)
    user = await people.find_user(desk.database, email)
    if user is not None and user.email != email:
        user = None  # an id is no e-mail address
    kept = None if user is None else user.password_hash
    if not await passwords.matches(kept, password) or user is None:
        raise CommandError("wrong_credentials", "e-mail and password do not belong together")
    if user.totp_on:
        if not code:
            # No guess, but no success either: who guesses codes must not be forgiven by it.
            backoff.take_back(*keys)
            raise CommandError("totp_required", "a one-time code is needed as well")
        await check_code(desk, user, code)
    backoff.succeeded(*keys)
    if passwords.is_outdated(user.password_hash):
        await desk.database.write([people.set_password(user.id, await passwords.hash(password))])
    return user


async def check_code(desk: Desk, user: UserRow, code: str) -> None:
    """A code of the authenticator, or a recovery code; each works once.

    Raises CommandError `wrong_credentials`.
    """
    now = desk.clock.wall_ms()
    assert user.totp_sealed is not None, "switched on only with a secret"
    secret = unseal(desk.secrets.seal_key, user.totp_sealed, user.id)
    step = totp.matching_step(secret, code, now)
    if step is not None:
        used = await desk.database.write([people.use_totp_step(user.id, step)])
    else:
        plain = secret_hash("".join(code.split()).lower())
        used = await desk.database.write([people.use_recovery_code(user.id, plain, now)])
    if used != [1]:
        raise CommandError("wrong_credentials", "the one-time code is wrong or was used before")


async def open_session(desk: Desk, user: UserRow, address: str, agent: str) -> SignedIn:
    """Sign a person in."""
    secret, now = new_secret(), desk.clock.wall_ms()
    row = SessionRow(
        id=new_id("ses"),
        hash=secret_hash(secret),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + IDLE_MS,
        address=address[:100],
        agent=agent[:_AGENT_CHARACTERS_MAX],
    )
    await desk.database.write(
        [sessions.end_expired_sessions(now), sessions.add_session(row), people.saw(user.id, now)]
    )
    return SignedIn(user, row, secret)


async def find_session(desk: Desk, secret: str) -> tuple[UserRow, SessionRow] | None:
    """Who is signed in by this cookie; using a session prolongs it."""
    row = await sessions.find_session(desk.database, secret_hash(secret))
    now = desk.clock.wall_ms()
    if row is None or row.expires_at <= now:
        return None
    user = await people.find_user(desk.database, row.user_id)
    if user is None:
        return None
    if now - row.last_seen_at > TOUCH_MS:
        until = min(now + IDLE_MS, row.created_at + LIFETIME_MS)
        await desk.database.write(
            [sessions.touch_session(row.id, now, until), people.saw(user.id, now)]
        )
    return user, row
