"""Six digits and a link that were sent by mail: each pair works once, and not for long.

Codes and links are kept as hashes. Trying digits is a conditional update, so at most
`TRIES_MAX` tries of any number of callers reach the comparison.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert

TRIES_MAX = 5


class MailCodeRow(NamedTuple):
    """One mail; times are wall-clock milliseconds."""

    id: str
    purpose: str
    email: str
    user_id: str | None
    code_hash: bytes
    link_hash: bytes
    browser_hash: bytes
    """Of the cookie of the browser that asked: only there the digits work."""
    invitation_hash: bytes | None
    tries: int
    created_at: int
    expires_at: int
    used_at: int | None
    is_dead: int
    """1: the mail had neither digits nor link."""


def replace_code(row: MailCodeRow) -> list[Statement]:
    """Keep a new one; earlier ones of this address and purpose end."""
    ended = """UPDATE mail_codes SET used_at = ?
               WHERE email = ? AND purpose = ? AND used_at IS NULL"""
    return [(ended, (row.created_at, row.email, row.purpose)), insert("mail_codes", row)]


async def find_by_address(
    database: Database, email: str, purpose: str, browser_hash: bytes, now_ms: int
) -> MailCodeRow | None:
    """The one that this browser asked for, if it still works."""
    sql = f"""SELECT {columns(MailCodeRow)} FROM mail_codes
              WHERE email = ? AND purpose = ? AND browser_hash = ? AND used_at IS NULL
              AND expires_at > ? AND is_dead = 0"""  # noqa: S608 - field names
    rows = await database.read(sql, (email, purpose, browser_hash, now_ms))
    return MailCodeRow(*rows[0]) if rows else None


async def find_by_link(
    database: Database, link_hash: bytes, purpose: str, now_ms: int
) -> MailCodeRow | None:
    """The one of this link, if it still works."""
    sql = f"""SELECT {columns(MailCodeRow)} FROM mail_codes
              WHERE link_hash = ? AND purpose = ? AND used_at IS NULL
              AND expires_at > ? AND is_dead = 0"""  # noqa: S608 - field names
    rows = await database.read(sql, (link_hash, purpose, now_ms))
    return MailCodeRow(*rows[0]) if rows else None


def count_try(code_id: str, now_ms: int) -> Statement:
    """Pay for one comparison; no row changes when there may be none any more."""
    sql = """UPDATE mail_codes SET tries = tries + 1
             WHERE id = ? AND tries < ? AND used_at IS NULL AND expires_at > ?"""
    return (sql, (code_id, TRIES_MAX, now_ms))


def use_code(code_id: str, now_ms: int) -> Statement:
    """Use it up; no row changes for all but the first."""
    sql = "UPDATE mail_codes SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?"
    return (sql, (now_ms, code_id, now_ms))


def end_codes_of(user_id: str, now_ms: int) -> Statement:
    """End all that were sent for a person."""
    sql = "UPDATE mail_codes SET used_at = ? WHERE user_id = ? AND used_at IS NULL"
    return (sql, (now_ms, user_id))


def forget_past(now_ms: int) -> Statement:
    """Delete what has expired."""
    return ("DELETE FROM mail_codes WHERE expires_at <= ?", (now_ms,))


TABLES: Final = (Table("mail_codes", MailCodeRow, "id"),)
