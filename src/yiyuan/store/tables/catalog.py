"""The catalog's rows: channels with their keys and models, models, prices, tiers.

Reading takes one snapshot of all of them. Writing gives statements, so that a
whole change goes into one transaction. Nothing is deleted that history may refer
to: channels and models are disabled, prices only added.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, TypeVar

from yiyuan.store.database import Connection, Database, Statement
from yiyuan.store.sql import Table, columns, insert, upsert

VERSION_KEY = "catalog_version"

_Row = TypeVar("_Row", bound=tuple[Any, ...])


class ChannelRow(NamedTuple):
    """One upstream account; flags are 0 or 1.

    `headers` are sealed, `quirks` is a JSON object, `speaks` and `pass_fields` JSON lists.
    """

    id: str
    name: str
    provider: str
    base_url: str
    priority: int
    weight: int
    timeout_seconds: float
    proxy: str | None
    headers: str
    allow_private: int
    on_disconnect: str
    stream_usage: int
    enabled: int
    created_at: int
    speaks: str = "[]"
    quirks: str = "{}"
    pass_fields: str = "[]"  # noqa: S105 - a list of names
    removed_at: int | None = None
    """When it was removed (ms): then it is here for its history alone."""


class ChannelKeyRow(NamedTuple):
    """One upstream key, encrypted; `hint` is what may be shown of it.

    `source` is the variable, `file` the file that it came from, if it did.
    """

    id: str
    channel_id: str
    position: int
    sealed: bytes
    source: str | None
    hint: str
    draining: int = 0
    """1 for a key that is used only where no other can be."""
    file: str | None = None
    expires_at: int | None = None


class ChannelModelRow(NamedTuple):
    """One model that a channel serves; `cost_document` is a price as JSON."""

    channel_id: str
    model: str
    upstream_model: str
    native_completions: int
    cost_document: str | None
    position: int


class ModelRow(NamedTuple):
    """One public model; its price's row is immutable, `fallback` and `about` are JSON."""

    name: str
    price_id: str
    rpm: int | None
    tpm: int | None
    concurrency: int | None
    context_tokens: int | None
    max_output_tokens: int | None
    image_tokens: int
    input_factor_ppm: int
    enabled: int
    position: int
    fallback: str = "[]"
    affinity: str = "auto"
    about: str = "{}"


class PriceRow(NamedTuple):
    """One price, forever as it is; `document` is canonical JSON."""

    id: str
    model: str
    document: str
    created_at: int


class PriceChangeRow(NamedTuple):
    """A price that a model is to have from a time (ms) on."""

    model: str
    price_id: str
    effective_at: int
    applied_at: int | None


class TierRow(NamedTuple):
    """Limits and price factor from a balance (micros) on."""

    min_balance: int
    rate_ppm: int
    price_factor_ppm: int


class PriceGroupRow(NamedTuple):
    """A price factor over some channels; `channels` is a JSON list of names or None."""

    name: str
    price_factor_ppm: int
    channels: str | None
    position: int


class CatalogRows(NamedTuple):
    """The whole catalog at one moment, disabled rows included, removed ones not."""

    channels: list[ChannelRow]
    keys: list[ChannelKeyRow]
    channel_models: list[ChannelModelRow]
    models: list[ModelRow]
    prices: list[PriceRow]
    """Those in force only."""
    tiers: list[TierRow]
    groups: list[PriceGroupRow]
    version: int


async def read_catalog(database: Database) -> CatalogRows:
    """Everything, in one snapshot."""
    return await database.run_read(_read)


def catalog_of(connection: Connection) -> CatalogRows:
    """The same through a connection that is open already."""
    return _read(connection)


async def read_version(database: Database) -> int:
    """The number of changes so far; cheap, to see whether there is a new one."""
    rows = await database.read("SELECT value FROM meta WHERE key = ?", (VERSION_KEY,))
    return int(rows[0][0]) if rows else 0


def key_hint(secret: str) -> str:
    """What may be shown of an upstream key."""
    return f"****{secret[-4:] if len(secret) > 19 else ''}"


def put_channel(row: ChannelRow) -> Statement:
    """Add a channel, or replace the one of this id."""
    return upsert("channels", row, ("id",))


def put_keys(channel_id: str, rows: Sequence[ChannelKeyRow]) -> list[Statement]:
    """Replace the keys of a channel."""
    clear = ("DELETE FROM channel_keys WHERE channel_id = ?", (channel_id,))
    return [clear, *(insert("channel_keys", row) for row in rows)]


def add_key(row: ChannelKeyRow) -> Statement:
    """Add one more key to a channel."""
    return insert("channel_keys", row)


def change_key(key_id: str, column: Literal["draining", "expires_at"], to: int | None) -> Statement:
    """Have a key used last (1) or as the others (0); or end, in milliseconds (None: never)."""
    return (f"UPDATE channel_keys SET {column} = ? WHERE id = ?", (to, key_id))  # noqa: S608


def delete_key(key_id: str) -> Statement:
    """Forget a key."""
    return ("DELETE FROM channel_keys WHERE id = ?", (key_id,))


def put_channel_models(channel_id: str, rows: Sequence[ChannelModelRow]) -> list[Statement]:
    """Replace the models of a channel."""
    clear = ("DELETE FROM channel_models WHERE channel_id = ?", (channel_id,))
    return [clear, *(insert("channel_models", row) for row in rows)]


def add_price(row: PriceRow) -> Statement:
    """Add a price; there is no changing one."""
    return insert("prices", row)


def put_model(row: ModelRow) -> Statement:
    """Add a model, or replace the one of this name."""
    return upsert("models", row, ("name",))


def put_tier(row: TierRow) -> Statement:
    """Add a tier, or replace the one of this balance."""
    return upsert("tiers", row, ("min_balance",))


def put_group(row: PriceGroupRow) -> Statement:
    """Add a group, or replace the one of this name."""
    return upsert("price_groups", row, ("name",))


def delete_group(name: str) -> Statement:
    """Remove a group; its tokens then have no channel until they get another."""
    return ("DELETE FROM price_groups WHERE name = ?", (name,))


def delete_tier(min_balance: int) -> Statement:
    """Remove a tier; what it meant to past requests is kept with them."""
    return ("DELETE FROM tiers WHERE min_balance = ?", (min_balance,))


def set_headers(channel_id: str, headers: str) -> Statement:
    """Store a channel's headers in another form."""
    return ("UPDATE channels SET headers = ? WHERE id = ?", (headers, channel_id))


def disable_channel(channel_id: str) -> Statement:
    """Take a channel out of service; nothing is deleted."""
    return ("UPDATE channels SET enabled = 0 WHERE id = ?", (channel_id,))


def rename_channel(channel_id: str, name: str) -> Statement:
    """Call a channel by a name that is free."""
    return ("UPDATE channels SET name = ? WHERE id = ?", (name, channel_id))


def remove_channel(channel_id: str, name: str, now_ms: int) -> Statement:
    """Keep a channel for its history alone, under a name that nobody gives."""
    sql = "UPDATE channels SET name = ?, enabled = 0, proxy = NULL, removed_at = ? WHERE id = ?"
    return (sql, (name, now_ms, channel_id))


def disable_model(name: str) -> Statement:
    """Take a model out of service; nothing is deleted."""
    return ("UPDATE models SET enabled = 0 WHERE name = ?", (name,))


def new_version() -> Statement:
    """Count a change of catalog or API tokens; belongs into every transaction that makes one.

    By this number the other nodes notice.
    """
    sql = (
        "INSERT INTO meta (key, value) VALUES (?, '1') "
        "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)"
    )
    return (sql, (VERSION_KEY,))


def _read(connection: Connection) -> CatalogRows:
    version = connection.execute("SELECT value FROM meta WHERE key = ?", (VERSION_KEY,)).fetchone()
    in_force = "prices WHERE id IN (SELECT price_id FROM models) ORDER BY id"
    return CatalogRows(
        channels=_all(
            connection, ChannelRow, "channels WHERE removed_at IS NULL ORDER BY created_at, id"
        ),
        keys=_all(connection, ChannelKeyRow, "channel_keys ORDER BY channel_id, position"),
        channel_models=_all(
            connection, ChannelModelRow, "channel_models ORDER BY channel_id, position"
        ),
        models=_all(connection, ModelRow, "models ORDER BY position, name"),
        prices=_all(connection, PriceRow, in_force),
        tiers=_all(connection, TierRow, "tiers ORDER BY min_balance"),
        groups=_all(connection, PriceGroupRow, "price_groups ORDER BY position, name"),
        version=int(version[0]) if version else 0,
    )


# The SQL below is made of this module's own constants and field names alone.


def _all(connection: Connection, row: type[_Row], rest: str) -> list[_Row]:
    found = connection.execute(f"SELECT {columns(row)} FROM {rest}")  # noqa: S608
    return [row(*values) for values in found]


TABLES: Final = (
    Table("prices", PriceRow, "id"),
    Table("models", ModelRow, "name", after=("prices",)),
    Table("price_changes", PriceChangeRow, "model, effective_at", after=("models", "prices")),
    Table("tiers", TierRow, "min_balance"),
    Table("channels", ChannelRow, "id"),
    Table("channel_keys", ChannelKeyRow, "id", after=("channels",)),
    Table("channel_models", ChannelModelRow, "channel_id, model", after=("channels",)),
    Table("price_groups", PriceGroupRow, "name"),
)
