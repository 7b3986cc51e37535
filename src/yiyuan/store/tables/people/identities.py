"""Who somebody is elsewhere: (service, subject) → a person of ours, and the services.

The pair is the key. The e-mail address and name are what the service said last: they are
shown, and nothing is ever found by them.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


class IdentityRow(NamedTuple):
    """One identity; a person may have several."""

    provider_id: str
    subject: str
    user_id: str
    email: str | None
    name: str
    role: str | None
    """The operator's role that the service's groups gave last."""
    linked_at: int
    last_used_at: int | None


class LoginProviderRow(NamedTuple):
    """A service by which people sign in, as the operator set it up."""

    id: str
    name: str
    """Stands in addresses."""
    preset: str
    title: str
    """What the button says; empty is the preset's own title."""
    settings: str
    """JSON of the preset's fields that are no secrets."""
    sealed: bytes
    """JSON of those that are, encrypted for this id."""
    allows: str
    """`sign_in`, `sign_up` (both), or empty: sign-up as the site allows it."""
    mail_domains: str
    """JSON list: these addresses sign in by this service only."""
    roles: str
    """JSON object: a group of the role claim → an operator's role."""
    is_second_factor: int
    """1: it asks for a second factor itself, so ours is not asked."""
    allow_private: int
    position: int
    created_at: int
    disabled_at: int | None


class LinkedIdentity(NamedTuple):
    """An identity as its person sees it."""

    provider_id: str
    provider_name: str
    subject: str
    email: str | None
    name: str
    linked_at: int
    last_used_at: int | None


_SELECT_PROVIDER = f"SELECT {columns(LoginProviderRow)} FROM login_providers "  # noqa: S608


async def login_providers(database: Database) -> list[LoginProviderRow]:
    """All of them, in the order of their buttons."""
    rows = await database.read(_SELECT_PROVIDER + "ORDER BY position, name")
    return [LoginProviderRow(*row) for row in rows]


async def find_login_provider(database: Database, name_or_id: str) -> LoginProviderRow | None:
    """One by its name or id."""
    rows = await database.read(_SELECT_PROVIDER + "WHERE name = ? OR id = ?", (name_or_id,) * 2)
    return LoginProviderRow(*rows[0]) if rows else None


def put_login_provider(row: LoginProviderRow) -> Statement:
    """Add one, or replace the one of this id."""
    sql, values = insert("login_providers", row)
    changes = ", ".join(
        f"{name} = excluded.{name}"
        for name in LoginProviderRow._fields
        if name not in ("id", "created_at")
    )
    return (f"{sql} ON CONFLICT (id) DO UPDATE SET {changes}", values)


async def find_identity(database: Database, provider_id: str, subject: str) -> IdentityRow | None:
    """Whose identity this is."""
    sql = f"""SELECT {columns(IdentityRow)} FROM identities
              WHERE provider_id = ? AND subject = ?"""  # noqa: S608 - field names
    rows = await database.read(sql, (provider_id, subject))
    return IdentityRow(*rows[0]) if rows else None


async def identities_of(database: Database, user_id: str) -> list[LinkedIdentity]:
    """A person's identities, the oldest first."""
    sql = """SELECT i.provider_id, p.name, i.subject, i.email, i.name, i.linked_at, i.last_used_at
             FROM identities i JOIN login_providers p ON p.id = i.provider_id
             WHERE i.user_id = ? ORDER BY i.linked_at, i.provider_id"""
    return [LinkedIdentity(*row) for row in await database.read(sql, (user_id,))]


async def count_identities(database: Database, provider_id: str) -> int:
    """How many people have an identity of a service."""
    sql = "SELECT count(*) FROM identities WHERE provider_id = ?"
    return int((await database.read(sql, (provider_id,)))[0][0])


def link_identity(row: IdentityRow) -> Statement:
    """Link; changes no row when somebody has this identity."""
    sql, values = insert("identities", row)
    return (f"{sql} ON CONFLICT (provider_id, subject) DO NOTHING", values)


def saw_identity(
    provider_id: str, subject: str, email: str | None, name: str, at: int
) -> Statement:
    """Note that it was used, and what the service says now."""
    sql = """UPDATE identities SET email = ?, name = ?, last_used_at = ?
             WHERE provider_id = ? AND subject = ?"""
    return (sql, (email, name, at, provider_id, subject))


def note_role(provider_id: str, subject: str, role: str | None) -> Statement:
    """Note which role the service's groups gave."""
    sql = "UPDATE identities SET role = ? WHERE provider_id = ? AND subject = ?"
    return (sql, (role, provider_id, subject))


def unlink_identity(user_id: str, provider_id: str) -> Statement:
    """Take a person's identities of a service away; not the last way in.

    A password, a passkey, or an identity of another enabled service must be left.
    """
    sql = """DELETE FROM identities WHERE user_id = ? AND provider_id = ? AND (
             EXISTS (SELECT 1 FROM users WHERE id = ? AND password_hash <> '')
             OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.user_id = ?)
             OR EXISTS (SELECT 1 FROM identities AS other
                        JOIN login_providers ON login_providers.id = other.provider_id
                        WHERE other.user_id = ? AND other.provider_id <> ?
                        AND login_providers.disabled_at IS NULL))"""
    return (sql, (user_id, provider_id, user_id, user_id, user_id, provider_id))


def unlink_identities(user_id: str) -> Statement:
    """Take all of a person's identities away."""
    return ("DELETE FROM identities WHERE user_id = ?", (user_id,))


TABLES: Final = (
    Table("login_providers", LoginProviderRow, "id"),
    Table("identities", IdentityRow, "provider_id, subject", after=("login_providers", "users")),
)
