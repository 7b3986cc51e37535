"""Sessions: how they begin, are found, and show that their person was proven just now.

A session is a secret in a cookie; 7 days without use end it, and 30 days in any case. It
knows how it began, and when its person was last proven: what changes who may do what
wants a proof that is minutes old (`is_fresh`), and `renew` gives one to the session,
whose secret changes with it.
"""

from dataclasses import dataclass
from typing import Literal

from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import identities, sessions, users
from yiyuan.store.tables.people.sessions import SessionRow
from yiyuan.store.tables.people.users import UserRow

IDLE_MS = 7 * DAY_MS
LIFETIME_MS = 30 * DAY_MS
TOUCH_MS = 300_000
FRESH_MS = 300_000
_AGENT_CHARACTERS_MAX = 200

Method = Literal["password", "passkey", "provider", "link"]


@dataclass(slots=True, frozen=True)
class How:
    """How a session begins."""

    method: Method = "password"
    has_second_factor: bool = False
    provider_id: str | None = None


class SessionView(Answer):
    """One device that is signed in."""

    id: str
    created: str
    last_seen: str
    address: str
    agent: str
    is_current: bool
    method: Method
    """How it began."""
    provider: str | None
    """The name of the service, where it was one."""
    has_second_factor: bool


@dataclass(slots=True, frozen=True)
class SignedIn:
    """A new session; `secret` goes into the cookie and is kept nowhere."""

    user: UserRow
    session: SessionRow
    secret: str


async def open_session(
    context: ServiceContext, user: UserRow, address: str, agent: str, how: How
) -> SignedIn:
    """Sign a person in."""
    secret, now = new_secret(), context.clock.wall_ms()
    row = SessionRow(
        id=new_id("ses"),
        hash=secret_hash(secret),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + IDLE_MS,
        address=address[:100],
        agent=agent[:_AGENT_CHARACTERS_MAX],
        method=how.method,
        provider_id=how.provider_id,
        second_factor=int(how.has_second_factor),
        proven_at=now,
    )
    await context.database.write(
        [
            sessions.end_expired_sessions(now),
            sessions.add_session(row),
            users.saw(user.id, now),
            *await attempts.note_place(context, user.id, address),
        ]
    )
    return SignedIn(user, row, secret)


def is_fresh(context: ServiceContext, session: SessionRow) -> bool:
    """Whether its person was proven within the last five minutes."""
    return context.clock.wall_ms() - session.proven_at <= FRESH_MS


def step_up_required() -> ServiceError:
    """Who is signed in must be proven anew before this; the console asks and repeats."""
    return ServiceError("step_up_required", "prove who you are once more before this")


async def renew(
    context: ServiceContext, session: SessionRow, *, has_second_factor: bool, is_proof: bool = True
) -> str:
    """The session's new secret, since its person was proven again, or has a new way in."""
    secret = new_secret()
    at = context.clock.wall_ms() if is_proof else session.proven_at
    statement = sessions.renew_session(session.id, secret_hash(secret), int(has_second_factor), at)
    await context.database.write([statement])
    return secret


async def find_session(context: ServiceContext, secret: str) -> tuple[UserRow, SessionRow] | None:
    """Who is signed in by this cookie; using a session prolongs it."""
    row = await sessions.find_session(context.database, secret_hash(secret))
    now = context.clock.wall_ms()
    if row is None or row.expires_at <= now:
        return None
    user = await users.find_user(context.database, row.user_id)
    if user is None:
        return None
    if now - row.last_seen_at > TOUCH_MS:
        until = min(now + IDLE_MS, row.created_at + LIFETIME_MS)
        await context.database.write(
            [sessions.touch_session(row.id, now, until), users.saw(user.id, now)]
        )
    return user, row


async def list_sessions(
    context: ServiceContext, user_id: str, current_id: str
) -> list[SessionView]:
    """Where a person is signed in, the latest first; `current_id` is the session that asks."""
    found = await sessions.sessions_of(context.database, user_id, context.clock.wall_ms())
    names = {row.id: row.name for row in await identities.login_providers(context.database)}
    return [
        SessionView(
            id=row.id,
            created=iso(row.created_at),
            last_seen=iso(row.last_seen_at),
            address=row.address,
            agent=row.agent,
            is_current=row.id == current_id,
            method=row.method,  # type: ignore[arg-type]  # the schema checks it
            provider=names.get(row.provider_id or ""),
            has_second_factor=bool(row.second_factor),
        )
        for row in found
    ]


async def end(context: ServiceContext, user_id: str, session_id: str) -> bool:
    """Sign a person out on one device; False where it is no session of theirs."""
    return await context.database.write([sessions.end_session(user_id, session_id)]) == [1]


async def end_others(context: ServiceContext, user_id: str, session_id: str) -> int:
    """Sign a person out everywhere but here; how many sessions ended."""
    statement = sessions.end_other_sessions(user_id, session_id)
    (ended,) = await context.database.write([statement])
    return ended
