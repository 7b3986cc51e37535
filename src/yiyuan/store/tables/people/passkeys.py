"""Passkeys: public keys of people's devices, found by the credential's own id."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert_at_most


class PasskeyRow(NamedTuple):
    """One passkey; `sign_count` is the last one that was seen, 0 for synced ones."""

    id: str
    user_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_backed_up: int
    host: str
    """The host that it was made for; with another it does not work."""
    name: str
    created_at: int
    last_used_at: int | None


_SELECT = f"SELECT {columns(PasskeyRow)} FROM passkeys "  # noqa: S608 - field names


async def find_passkey(database: Database, credential_id: bytes) -> PasskeyRow | None:
    """The passkey of a credential."""
    rows = await database.read(_SELECT + "WHERE credential_id = ?", (credential_id,))
    return PasskeyRow(*rows[0]) if rows else None


async def passkeys_of(database: Database, user_id: str) -> list[PasskeyRow]:
    """A person's passkeys, the oldest first."""
    rows = await database.read(_SELECT + "WHERE user_id = ? ORDER BY created_at, id", (user_id,))
    return [PasskeyRow(*row) for row in rows]


def add_passkey(row: PasskeyRow, most: int) -> Statement:
    """Keep a new one; refused when somebody has this credential, none where there are `most`."""
    return insert_at_most("passkeys", row, "user_id", most)


def use_passkey(passkey_id: str, before: int, sign_count: int, at: int) -> Statement:
    """Note a use; changes no row when another use came between."""
    sql = "UPDATE passkeys SET sign_count = ?, last_used_at = ? WHERE id = ? AND sign_count = ?"
    return (sql, (sign_count, at, passkey_id, before))


def rename_passkey(user_id: str, passkey_id: str, name: str) -> Statement:
    """Give a person's passkey another name."""
    return (
        "UPDATE passkeys SET name = ? WHERE id = ? AND user_id = ?",
        (name, passkey_id, user_id),
    )


def remove_passkey(user_id: str, passkey_id: str) -> Statement:
    """Take a person's passkey away; not the last way in."""
    sql = """DELETE FROM passkeys WHERE id = ? AND user_id = ? AND (
             EXISTS (SELECT 1 FROM users WHERE id = ? AND password_hash <> '')
             OR EXISTS (SELECT 1 FROM passkeys AS other
                        WHERE other.user_id = ? AND other.id <> ?)
             OR EXISTS (SELECT 1 FROM identities
                        JOIN login_providers ON login_providers.id = identities.provider_id
                        WHERE identities.user_id = ? AND login_providers.disabled_at IS NULL))"""
    return (sql, (passkey_id, user_id, user_id, user_id, passkey_id, user_id))


def remove_passkeys(user_id: str) -> Statement:
    """Take all of a person's passkeys away."""
    return ("DELETE FROM passkeys WHERE user_id = ?", (user_id,))


TABLES: Final = (Table("passkeys", PasskeyRow, "id", after=("users",)),)
