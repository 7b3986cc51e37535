"""Moves from other gateways: what was asked for, what came of each row, keys by old hashes.

A row of `imported` says what a row of the other database became here and how it stood
there when it was last taken. What an import booked is not kept here: the ledger's entries
say it, by their keys.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert, upsert

ENTRY_KEY_PREFIX = "import:"
"""Entries of an import have this, the import's id, the person's source id and a number."""

GRANT_KEY_PREFIX = "import-grant:"
"""The same for what somebody was promised there."""


class ImportRow(NamedTuple):
    """One move; `settings_sealed` is how to read the other database, encrypted."""

    id: str
    name: str
    kind: str
    source_print: str
    """Tells one database from another: a second one under the same name is refused."""
    settings_sealed: bytes
    rate: str
    first_at: int
    taken_at: int | None
    """When the last take was complete."""
    checked_at: int | None
    """When the last check found everything equal."""
    opened_at: int | None


class ImportedRow(NamedTuple):
    """One row of the other database and what it is here."""

    import_id: str
    kind: str
    """`user`, `token`, `channel`, `model`, `group` or `codes`."""
    source_id: str
    our_id: str
    source_hash: str
    target: int
    """What it is to have here, in micros, as the source stood: a balance or a budget."""
    pending: int | None
    """Of a token: a budget's limit that is being set, so that an interrupted take sets it
    again. Of a user: what of `owed` is a debt that the next credit pays."""
    owed: int
    """What could not be taken back, because it was spent here."""
    locked_at: int | None
    """When the account was suspended to wait for `open`; None once it is open."""
    at: int


class LegacyKeyRow(NamedTuple):
    """A key of which only an old hash is known, until it is used for the first time."""

    sha256: str
    api_token_id: str


class ImportedOrderRow(NamedTuple):
    """Money that came in at the other gateway: shown, never counted."""

    import_id: str
    source_id: str
    account_id: str
    number: str
    paid: str
    credit: int
    state: str
    at: int


class Booked(NamedTuple):
    """What the entries of one import come to for one account."""

    account_id: str
    entries: int
    sum_micros: int


async def find_import(database: Database, name: str) -> ImportRow | None:
    """A move by its name."""
    sql = f"SELECT {columns(ImportRow)} FROM imports WHERE name = ?"  # noqa: S608 - field names
    rows = await database.read(sql, (name,))
    return ImportRow(*rows[0]) if rows else None


async def all_imports(database: Database) -> list[ImportRow]:
    """All moves, the first one first."""
    sql = f"SELECT {columns(ImportRow)} FROM imports ORDER BY first_at, id"  # noqa: S608
    return [ImportRow(*row) for row in await database.read(sql)]


async def has_import(database: Database) -> bool:
    """Whether anything was ever moved here."""
    return bool((await database.read("SELECT EXISTS (SELECT 1 FROM imports)"))[0][0])


def put_import(row: ImportRow) -> Statement:
    """Add a move, or replace the one of this id."""
    return upsert("imports", row, ("id",))


async def imported(database: Database, import_id: str, kind: str) -> dict[str, ImportedRow]:
    """What of a kind was taken, by source id."""
    sql = f"SELECT {columns(ImportedRow)} FROM imported WHERE import_id = ? AND kind = ?"  # noqa: S608
    rows = [ImportedRow(*row) for row in await database.read(sql, (import_id, kind))]
    return {row.source_id: row for row in rows}


async def owing(database: Database, account_id: str | None = None) -> list[ImportedRow]:
    """Rows of people who owe what they spent both here and there, as debts."""
    sql = f"""SELECT {columns(ImportedRow)} FROM imported
              WHERE pending IS NOT NULL AND owed > 0 AND kind = 'user'"""  # noqa: S608
    if account_id is None:
        rows = await database.read(sql)
    else:
        rows = await database.read(sql + " AND our_id = ?", (account_id,))
    return [ImportedRow(*row) for row in rows]


def put_imported(row: ImportedRow) -> Statement:
    """Note what a row of the source is here."""
    return upsert("imported", row, ("import_id", "kind", "source_id"))


def entry_key(prefix: str, import_id: str, source_id: str, before: Booked | None) -> str:
    """The key of the next entry for a person, after those that are booked."""
    number = 1 if before is None else before.entries + 1
    return f"{prefix}{import_id}:{source_id}:{number}"


async def booked(
    database: Database, import_id: str, prefix: str = ENTRY_KEY_PREFIX
) -> dict[str, Booked]:
    """What the ledger holds of an import, by account."""
    sql = """SELECT account_id, count(*), CAST(sum(amount) AS BIGINT) FROM entries
             WHERE idem_key >= ? AND idem_key < ? GROUP BY account_id"""
    begin = f"{prefix}{import_id}"
    rows = await database.read(sql, (begin + ":", begin + ";"))
    return {row[0]: Booked(row[0], int(row[1]), int(row[2])) for row in rows}


def put_legacy_key(row: LegacyKeyRow) -> Statement:
    """Keep an old hash; a second time changes nothing."""
    sql, values = insert("legacy_keys", row)
    return (f"{sql} ON CONFLICT (sha256) DO NOTHING", values)


async def find_legacy_key(database: Database, sha256: str) -> str | None:
    """The token whose key has this old hash."""
    sql = "SELECT api_token_id FROM legacy_keys WHERE sha256 = ?"
    rows = await database.read(sql, (sha256,))
    return str(rows[0][0]) if rows else None


def drop_legacy_key(sha256: str) -> Statement:
    """Forget an old hash: the key is known by ours from now on."""
    return ("DELETE FROM legacy_keys WHERE sha256 = ?", (sha256,))


def put_order(row: ImportedOrderRow) -> Statement:
    """Keep an order of the other gateway, as it stands there now."""
    return upsert("imported_orders", row, ("import_id", "source_id"))


async def orders_of(database: Database, account_id: str) -> list[ImportedOrderRow]:
    """An account's orders at gateways before, the latest first."""
    sql = f"""SELECT {columns(ImportedOrderRow)} FROM imported_orders
              WHERE account_id = ? ORDER BY at DESC, source_id"""  # noqa: S608 - field names
    return [ImportedOrderRow(*row) for row in await database.read(sql, (account_id,))]


async def token_owners(database: Database, hashes: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    """(token, account) of keys by their hash; at most some hundred at once."""
    places = ", ".join("?" * len(hashes))
    sql = f"SELECT hash, id, account_id FROM api_tokens WHERE hash IN ({places})"  # noqa: S608
    return {bytes(row[0]): (row[1], row[2]) for row in await database.read(sql, tuple(hashes))}


def forget_row(import_id: str, our_id: str) -> Statement:
    """Delete what is noted of one account, key or batch of codes."""
    return ("DELETE FROM imported WHERE import_id = ? AND our_id = ?", (import_id, our_id))


def forget_import(import_id: str) -> list[Statement]:
    """Delete what is noted of a move; accounts, entries and keys have to be gone before."""
    return [
        (f"DELETE FROM {table} WHERE {column} = ?", (import_id,))  # noqa: S608 - our own names
        for table, column in (
            ("imported_orders", "import_id"),
            ("imported", "import_id"),
            ("imports", "id"),
        )
    ]


TABLES: Final = (
    Table("imports", ImportRow, "id"),
    Table("imported", ImportedRow, "import_id, kind, source_id", after=("imports",)),
    Table("legacy_keys", LegacyKeyRow, "sha256"),
    Table("imported_orders", ImportedOrderRow, "import_id, source_id", after=("imports",)),
)
