"""Who is signed in, and the one-time links by which somebody may first become so.

Both are found by the SHA-256 of a secret of 256 bits, which is never stored. A link
works once: using it is a conditional update, and only one caller changes a row.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


class SessionRow(NamedTuple):
    """One sign-in of one person on one device."""

    id: str
    hash: bytes
    user_id: str
    created_at: int
    last_seen_at: int
    expires_at: int
    address: str
    agent: str
    method: str = "password"
    """How it began: `password`, `passkey`, `provider` (another service), `link`."""
    provider_id: str | None = None
    second_factor: int = 0
    """1: a second factor was given when it began, or later."""
    proven_at: int = 0
    """When its person was last proven."""


class LinkRow(NamedTuple):
    """A one-time link; what it is for depends on its kind.

    `operator` makes somebody an operator of `role`, `invite` a member of
    `account_id`; `reset` lets `user_id` choose a new password.
    """

    hash: bytes
    kind: str
    user_id: str | None
    account_id: str | None
    role: str | None
    created_at: int
    expires_at: int
    used_at: int | None
    id: str = ""
    """By which it is listed and revoked; it opens nothing."""
    email: str | None = None
    """Whom it is for, where that was said."""
    created_by: str = ""


async def find_session(database: Database, session_hash: bytes) -> SessionRow | None:
    """The session behind a cookie, expired ones included."""
    sql = f"SELECT {columns(SessionRow)} FROM sessions WHERE hash = ?"  # noqa: S608
    rows = await database.read(sql, (session_hash,))
    return SessionRow(*rows[0]) if rows else None


async def sessions_of(database: Database, user_id: str, now_ms: int) -> list[SessionRow]:
    """A person's sessions that still work, the latest first."""
    sql = f"""SELECT {columns(SessionRow)} FROM sessions WHERE user_id = ? AND expires_at > ?
              ORDER BY last_seen_at DESC, id"""  # noqa: S608
    return [SessionRow(*row) for row in await database.read(sql, (user_id, now_ms))]


def add_session(row: SessionRow) -> Statement:
    """Sign somebody in."""
    return insert("sessions", row)


def touch_session(session_id: str, at: int, expires_at: int) -> Statement:
    """Note that a session was used, which prolongs it."""
    sql = "UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id = ?"
    return (sql, (at, expires_at, session_id))


def end_session(user_id: str, session_id: str) -> Statement:
    """Sign one device out."""
    return ("DELETE FROM sessions WHERE user_id = ? AND id = ?", (user_id, session_id))


def end_other_sessions(user_id: str, session_id: str) -> Statement:
    """Sign all devices out but this one; an empty id spares none."""
    return ("DELETE FROM sessions WHERE user_id = ? AND id <> ?", (user_id, session_id))


def renew_session(session_id: str, new_hash: bytes, second_factor: int, at: int) -> Statement:
    """Give a session another secret, since its person was proven anew."""
    sql = """UPDATE sessions SET hash = ?, proven_at = ?,
             second_factor = CASE WHEN ? = 1 THEN 1 ELSE second_factor END WHERE id = ?"""
    return (sql, (new_hash, at, second_factor, session_id))


def end_expired_sessions(now_ms: int) -> Statement:
    """Forget sessions that do not work any more."""
    return ("DELETE FROM sessions WHERE expires_at <= ?", (now_ms,))


async def find_link(database: Database, link_hash: bytes) -> LinkRow | None:
    """A one-time link, used and expired ones included."""
    sql = f"SELECT {columns(LinkRow)} FROM one_time_links WHERE hash = ?"  # noqa: S608
    rows = await database.read(sql, (link_hash,))
    return LinkRow(*rows[0]) if rows else None


def add_link(row: LinkRow) -> Statement:
    """Keep a new link."""
    return insert("one_time_links", row)


async def open_links(database: Database, now_ms: int, account_id: str | None) -> list[LinkRow]:
    """Links that still work, the latest first: an account's, or with None the operators'."""
    sql = f"""SELECT {columns(LinkRow)} FROM one_time_links
              WHERE used_at IS NULL AND expires_at > ? AND coalesce(account_id, '') = ?
              ORDER BY created_at DESC, id"""  # noqa: S608 - field names
    values = (now_ms, account_id or "")
    return [LinkRow(*row) for row in await database.read(sql, values)]


def end_link(link_id: str, account_id: str | None) -> Statement:
    """Let one link stop working."""
    sql = """DELETE FROM one_time_links
             WHERE id = ? AND id <> '' AND used_at IS NULL AND coalesce(account_id, '') = ?"""
    return (sql, (link_id, account_id or ""))


def end_links_made_by(user_id: str) -> Statement:
    """Let links stop working that somebody made by a role: all but their own accounts'."""
    sql = """DELETE FROM one_time_links WHERE created_by = ? AND used_at IS NULL AND (
             account_id IS NULL OR NOT EXISTS (SELECT 1 FROM members
             WHERE members.account_id = one_time_links.account_id AND members.user_id = ?))"""
    return (sql, (user_id, user_id))


def end_links_of_account_made_by(account_id: str, user_id: str) -> Statement:
    """Let an account's links stop working that somebody made who is no member any more."""
    sql = """DELETE FROM one_time_links WHERE account_id = ? AND created_by = ?
             AND used_at IS NULL AND NOT EXISTS (SELECT 1 FROM members
             WHERE members.account_id = one_time_links.account_id AND members.user_id = ?)"""
    return (sql, (account_id, user_id, user_id))


def end_links_of_no_owner(account_id: str, user_id: str) -> Statement:
    """Let invitations to an account stop working whose maker is no owner of it now."""
    sql = """DELETE FROM one_time_links WHERE account_id = ? AND created_by = ?
             AND used_at IS NULL AND NOT EXISTS (SELECT 1 FROM members
             WHERE members.account_id = ? AND members.user_id = ? AND members.role = 'owner')"""
    return (sql, (account_id, user_id, account_id, user_id))


def use_link(link_hash: bytes, at: int) -> Statement:
    """Use a link up; no row changes if it was used or has expired."""
    sql = """UPDATE one_time_links SET used_at = ?
             WHERE hash = ? AND used_at IS NULL AND expires_at > ?"""
    return (sql, (at, link_hash, at))


def end_owner_links() -> Statement:
    """Let earlier links that make an owner stop working, since there is a newer one."""
    sql = """DELETE FROM one_time_links
             WHERE kind = 'operator' AND role = 'owner' AND used_at IS NULL"""
    return (sql, ())


def end_reset_links(user_id: str) -> Statement:
    """Let earlier links for a person's new password stop working."""
    sql = "DELETE FROM one_time_links WHERE kind = 'reset' AND user_id = ? AND used_at IS NULL"
    return (sql, (user_id,))


TABLES: Final = (
    Table("sessions", SessionRow, "id", after=("users",)),
    Table("one_time_links", LinkRow, "hash"),
)
