"""Who may sign in: people, the accounts that they are members of, their recovery codes.

Passwords come here hashed, TOTP secrets sealed. People are found by e-mail in lower
case, or by id. Times are wall-clock milliseconds, flags 0 or 1.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


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
    email_verified_at: int | None = None
    """When they proved that they read this mailbox."""
    consent_version: str | None = None
    """The version of the terms that they agreed to, and when."""
    consent_at: int | None = None
    login_name: str | None = None
    """By which people from another gateway sign in, exactly as it was there."""


class MemberRow(NamedTuple):
    """A person may see and use an account."""

    account_id: str
    user_id: str
    since: int
    role: str = "owner"
    """owner, billing, developer or viewer."""


class RecoveryCodeRow(NamedTuple):
    """A code that stands in for a lost TOTP device, once."""

    hash: bytes
    user_id: str
    used_at: int | None


class AccountName(NamedTuple):
    """An account as a list names it, and what the person is there."""

    id: str
    name: str
    role: str = "owner"


class Member(NamedTuple):
    """A member of an account as its page shows them."""

    user_id: str
    email: str
    since: int
    role: str = "owner"


_SELECT_USER = f"SELECT {columns(UserRow)} FROM users WHERE "  # noqa: S608 - field names


async def find_user(database: Database, email_or_id: str) -> UserRow | None:
    """A person by e-mail (in lower case) or id."""
    sql = _SELECT_USER + "email = ? OR id = ?"
    rows = await database.read(sql, (email_or_id, email_or_id))
    return UserRow(*rows[0]) if rows else None


async def find_by_email(database: Database, email: str) -> UserRow | None:
    """A person by e-mail in lower case; an id is no e-mail address."""
    rows = await database.read(_SELECT_USER + "email = ?", (email,))
    return UserRow(*rows[0]) if rows else None


async def find_by_login(database: Database, login: str) -> UserRow | None:
    """A person by e-mail or login name, both in lower case."""
    where = "email = ?" if "@" in login else "login_name = ?"
    rows = await database.read(_SELECT_USER + where, (login,))
    return UserRow(*rows[0]) if rows else None


async def people_page(database: Database, *, search: str, after: str, limit: int) -> list[UserRow]:
    """People whose e-mail address begins with `search`, behind `after`, in its order."""
    sql = _SELECT_USER + ("email > ? AND substr(email, 1, ?) = ? ORDER BY email LIMIT ?")
    rows = await database.read(sql, (after, len(search), search, limit))
    return [UserRow(*row) for row in rows]


async def find_by_login_name(database: Database, name: str) -> UserRow | None:
    """A person by the name that they signed in by at another gateway, exactly as it was."""
    rows = await database.read(_SELECT_USER + "login_name = ?", (name,))
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
    sql = """SELECT accounts.id, accounts.name, members.role FROM members
             JOIN accounts ON accounts.id = members.account_id
             WHERE members.user_id = ? ORDER BY members.since, accounts.id"""
    return [AccountName(*row) for row in await database.read(sql, (user_id,))]


async def members_of(database: Database, account_id: str) -> list[Member]:
    """An account's members."""
    sql = """SELECT users.id, users.email, members.since, members.role FROM members
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


def consent(user_id: str, version: str, at: int) -> Statement:
    """Note to which version of the terms a person agreed."""
    sql = "UPDATE users SET consent_version = ?, consent_at = ? WHERE id = ?"
    return (sql, (version, at, user_id))


def lock_user(user_id: str) -> Statement:
    """Let nobody else change a person's ways in during this transaction."""
    return ("UPDATE users SET email = email WHERE id = ?", (user_id,))


def lock_members(account_id: str) -> Statement:
    """Let nobody else add or remove members of an account in this transaction's time."""
    return ("UPDATE members SET since = since WHERE account_id = ?", (account_id,))


def remove_member(account_id: str, user_id: str, *, may_be_last: bool) -> Statement:
    """Shut a person out of an account; its last owner stays unless that is wanted."""
    sql = """DELETE FROM members WHERE account_id = ? AND user_id = ? AND (? = 1
             OR role <> 'owner' OR EXISTS (SELECT 1 FROM members AS other
             WHERE other.account_id = ? AND other.user_id <> ? AND other.role = 'owner'))"""
    return (sql, (account_id, user_id, int(may_be_last), account_id, user_id))


def set_member_role(account_id: str, user_id: str, role: str) -> Statement:
    """Give a member another role; the last owner stays one."""
    sql = """UPDATE members SET role = ? WHERE account_id = ? AND user_id = ? AND (? = 'owner'
             OR role <> 'owner' OR EXISTS (SELECT 1 FROM members AS other
             WHERE other.account_id = ? AND other.user_id <> ? AND other.role = 'owner'))"""
    return (sql, (role, account_id, user_id, role, account_id, user_id))


def lock_owners() -> Statement:
    """Let nobody else change who is an owner in this transaction's time."""
    return ("UPDATE users SET operator_role = operator_role WHERE operator_role = 'owner'", ())


def set_password(user_id: str, password_hash: str) -> Statement:
    """Replace a password."""
    return ("UPDATE users SET password_hash = ? WHERE id = ?", (password_hash, user_id))


def set_email(user_id: str, email: str, at: int) -> Statement:
    """Give a person the mailbox that they have proven; refused if somebody has it."""
    sql = "UPDATE users SET email = ?, email_verified_at = ? WHERE id = ?"
    return (sql, (email, at, user_id))


def verify_email(user_id: str, email: str, at: int) -> Statement:
    """Note that a person has proven their mailbox; the first time stays."""
    sql = """UPDATE users SET email_verified_at = coalesce(email_verified_at, ?)
             WHERE id = ? AND email = ?"""
    return (sql, (at, user_id, email))


def set_role(user_id: str, role: str | None) -> Statement:
    """Give or take an operator's role; the last owner keeps theirs."""
    sql = """UPDATE users SET operator_role = ? WHERE id = ? AND (? = 'owner'
             OR operator_role IS NULL OR operator_role <> 'owner' OR EXISTS (
             SELECT 1 FROM users AS other WHERE other.operator_role = 'owner' AND other.id <> ?))"""
    return (sql, (role, user_id, role or "", user_id))


def only_with_role(statement: Statement, user_id: str, role: str | None) -> Statement:
    """The same statement, which must end with its WHERE, if this is a person's role now."""
    sql, values = statement
    sql += " AND EXISTS (SELECT 1 FROM users WHERE id = ? AND coalesce(operator_role, '') = ?)"
    return (sql, (*values, user_id, role or ""))


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


TABLES: Final = (
    Table("users", UserRow, "id"),
    Table("recovery_codes", RecoveryCodeRow, "hash", after=("users",)),
    Table("members", MemberRow, "account_id, user_id", after=("accounts", "users")),
)
