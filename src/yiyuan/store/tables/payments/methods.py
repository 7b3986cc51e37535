"""Instances of payment methods."""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, upsert


class MethodRow(NamedTuple):
    """One instance; `fields`, `hints` and `learned` are JSON objects, times wall-clock ms."""

    id: str
    name: str
    kind: str
    enabled: int
    is_test: int
    allow_private: int
    position: int
    fields: str
    sealed: bytes
    """The secrets, a JSON object, sealed for this id."""
    hints: str
    """What may be shown of each secret, and since when it is this one."""
    old_sealed: bytes | None
    old_until: int | None
    learned: str
    created_by: str
    created_at: int
    notified_at: int | None
    """When a notify with a good signature last came."""


_METHODS = f"SELECT {columns(MethodRow)} FROM payment_methods "  # noqa: S608 - field names


async def all_methods(database: Database) -> list[MethodRow]:
    """Every instance, in the order that customers see."""
    rows = await database.read(_METHODS + "ORDER BY position, name")
    return [MethodRow(*row) for row in rows]


async def find_method(database: Database, name_or_id: str) -> MethodRow | None:
    """The instance of this id, or else of this name."""
    rows = await database.read(_METHODS + "WHERE id = ?", (name_or_id,))
    rows = rows or await database.read(_METHODS + "WHERE name = ?", (name_or_id,))
    return MethodRow(*rows[0]) if rows else None


def put_method(row: MethodRow) -> Statement:
    """Keep an instance."""
    return upsert("payment_methods", row, ("id",))


def set_enabled(method_id: str, *, is_enabled: bool) -> Statement:
    """Let customers pick it, or not; notifies are taken in any case."""
    sql = "UPDATE payment_methods SET enabled = ? WHERE id = ?"
    return (sql, (int(is_enabled), method_id))


def learn(method_id: str, learned: str) -> Statement:
    """Keep the provider's public keys."""
    return ("UPDATE payment_methods SET learned = ? WHERE id = ?", (learned, method_id))


def note_notify(method_id: str, at: int) -> Statement:
    """A notify with a good signature has come."""
    return ("UPDATE payment_methods SET notified_at = ? WHERE id = ?", (at, method_id))


def set_fields(method_id: str, values: Mapping[str, str]) -> Statement:
    """Change what an instance is set to, secrets aside."""
    sql = "UPDATE payment_methods SET fields = ? WHERE id = ?"
    return (sql, (json.dumps(dict(values)), method_id))


TABLES: Final = (Table("payment_methods", MethodRow, "id"),)
