"""Keys by which scripts use the console's API: found by hash, never stored in clear."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


class ManagementKeyRow(NamedTuple):
    """One key with an operator's role; `networks` is a JSON list or None."""

    id: str
    name: str
    hash: bytes
    hint: str
    role: str
    networks: str | None
    created_by: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    revoked_at: int | None


_SELECT = f"SELECT {columns(ManagementKeyRow)} FROM management_keys "  # noqa: S608 - field names


async def find_management_key(database: Database, key_hash: bytes) -> ManagementKeyRow | None:
    """The key that a bearer is, revoked and expired ones included."""
    rows = await database.read(_SELECT + "WHERE hash = ?", (key_hash,))
    return ManagementKeyRow(*rows[0]) if rows else None


async def management_keys(database: Database) -> list[ManagementKeyRow]:
    """All keys, the latest first."""
    rows = await database.read(_SELECT + "ORDER BY created_at DESC, id DESC")
    return [ManagementKeyRow(*row) for row in rows]


def add_management_key(row: ManagementKeyRow) -> Statement:
    """Keep a new key."""
    return insert("management_keys", row)


def revoke_management_key(key_id: str, at: int) -> Statement:
    """End a key; a second time keeps the first."""
    sql = "UPDATE management_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
    return (sql, (at, key_id))


def revoke_keys_made_by(user_id: str, at: int) -> Statement:
    """End the keys that a person made."""
    sql = "UPDATE management_keys SET revoked_at = ? WHERE created_by = ? AND revoked_at IS NULL"
    return (sql, (at, user_id))


def saw_management_key(key_id: str, at: int) -> Statement:
    """Note that a key was used."""
    return ("UPDATE management_keys SET last_used_at = ? WHERE id = ?", (at, key_id))


TABLES: Final = (Table("management_keys", ManagementKeyRow, "id"),)
