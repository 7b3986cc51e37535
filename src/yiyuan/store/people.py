"""Who may sign in: people, the accounts that they are members of, their recovery codes.

Passwords come here hashed, TOTP secrets sealed. People are found by e-mail in lower
case, or by id. Times are wall-clock milliseconds, flags 0 or 1.
"""

from typing import NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.statements import columns, insert


class UserRow(NamedTuple):
    """A person; `operator_role` is None for customers."""

    id: str
    email: str
    password_hash: str
    operator_role: str | None
    language: str | None
    zone: str | None
    low_balance: int | None
    totp_sealed: bytes | None
    totp_on: int
    totp_step: int
    """The last time step whose code was used; it and those before do not work again."""
    created_at: int
    last_seen_at: int | None


class MemberRow(NamedTuple):
    """A person may see and use an account."""

    account_id: str
    user_id: str
    since: int


class RecoveryCodeRow(NamedTuple):
    """A code that stands in for a lost TOTP device, once."""

    hash: bytes
    user_id: str
    used_at: int | None


class AccountName(NamedTuple):
    """An account as a list names it."""

    id: str
    name: str


class Member(NamedTuple):
    """A member of an account as its page shows them."""

    user_id: str
    email: str
    since: int


_SELECT_USER = f"SELECT {columns(UserRow)} FROM users WHERE "  # noqa: S608 - field names


async def find_user(database: Database, email_or_id: str) -> UserRow | None:
    """A person by e-mail (in lower case) or id."""
    sql = _SELECT_USER + "email = ? OR id = ?"
    rows = await database.read(sql, (email_or_id, email_or_id))
    return UserRow(*rows[0]) if rows else None


async def operators(database: Database) -> list[UserRow]:
    """Everybody who has an operator's role."""
    sql = _SELECT_USER + "operator_role IS NOT NULL ORDER BY created_at, id"
    return [UserRow(*row) for row in await database.read(sql)]


async def has_operator(database: Database) -> bool:
    """Whether anybody can operate this installation through the console yet."""
    sql = "SELECT EXISTS (SELECT 1 FROM users WHERE operator_role = 'owner')"
    return bool((await database.read(sql))[0][0])


async def accounts_of(database: Database, user_id: str) -> list[AccountName]:
    """The accounts that a person is a member of, the first one first."""
    sql = """SELECT accounts.id, accounts.name FROM members
             JOIN accounts ON accounts.id = members.account_id
             WHERE members.user_id = ? ORDER BY members.since, accounts.id"""
    return [AccountName(*row) for row in await database.read(sql, (user_id,))]


async def members_of(database: Database, account_id: str) -> list[Member]:
    """An account's members."""
    sql = """SELECT users.id, users.email, members.since FROM members
             JOIN users ON users.id = members.user_id
             WHERE members.account_id = ? ORDER BY members.since, users.id"""
    return [Member(*row) for row in await database.read(sql, (account_id,))]


def add_user(row: UserRow) -> Statement:
    """Add a person; refused if the e-mail is taken."""
    return insert("users", row)


def add_member(row: MemberRow) -> Statement:
    """Let a person into an account; a second time changes nothing."""
    sql, values = insert("members", row)
    return (f"{sql} ON CONFLICT (account_id, user_id) DO NOTHING", values)


def remove_member(account_id: str, user_id: str) -> Statement:
    """Shut a person out of an account."""
    return ("DELETE FROM members WHERE account_id = ? AND user_id = ?", (account_id, user_id))


def set_password(user_id: str, password_hash: str) -> Statement:
    """Replace a password."""
    return ("UPDATE users SET password_hash = ? WHERE id = ?", (password_hash, user_id))


def set_role(user_id: str, role: str | None) -> Statement:
    """Give or take an operator's role; the last owner keeps theirs."""
    sql = """UPDATE users SET operator_role = ? WHERE id = ? AND (? = 'owner'
             OR operator_role IS NULL OR operator_role <> 'owner' OR EXISTS (
             SELECT 1 FROM users AS other WHERE other.operator_role = 'owner' AND other.id <> ?))"""
    return (sql, (role, user_id, role or "", user_id))


def set_preferences(
    user_id: str, language: str | None, zone: str | None, low_balance_micros: int | None
) -> Statement:
    """Replace what a person prefers."""
    sql = "UPDATE users SET language = ?, zone = ?, low_balance = ? WHERE id = ?"
    return (sql, (language, zone, low_balance_micros, user_id))


def set_totp(user_id: str, sealed: bytes | None, *, is_on: bool) -> Statement:
    """Keep a sealed TOTP secret, switched on or not yet; None takes it away."""
    sql = "UPDATE users SET totp_sealed = ?, totp_on = ? WHERE id = ?"
    return (sql, (sealed, int(is_on), user_id))


def use_totp_step(user_id: str, step: int) -> Statement:
    """Use a time step up; no row changes if it, or a later one, was used before."""
    return ("UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?", (step, user_id, step))


def saw(user_id: str, at: int) -> Statement:
    """Note that a person was here."""
    return ("UPDATE users SET last_seen_at = ? WHERE id = ?", (at, user_id))


def put_recovery_codes(user_id: str, hashes: list[bytes]) -> list[Statement]:
    """Replace a person's recovery codes."""
    clear = ("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))
    rows = [RecoveryCodeRow(found, user_id, None) for found in hashes]
    return [clear, *(insert("recovery_codes", row) for row in rows)]


def use_recovery_code(user_id: str, code_hash: bytes, at: int) -> Statement:
    """Use a recovery code up; no row changes if it is not one, or was used."""
    sql = """UPDATE recovery_codes SET used_at = ?
             WHERE hash = ? AND user_id = ? AND used_at IS NULL"""
    return (sql, (at, code_hash, user_id))
