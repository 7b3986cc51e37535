"""API tokens: the rows, found by the hash of their key, by account, or by id.

The key itself is never here. Also the fingerprint of the secret key that the
hashes were made with: with another one, no hash would ever match again.
"""

from typing import NamedTuple

from yiyuan.store.database import Database, Row, Statement

FINGERPRINT_KEY = "secret_key_fingerprint"


class ApiTokenRow(NamedTuple):
    """One API token; `models` and `networks` are JSON lists or None, times are ms."""

    id: str
    account_id: str
    name: str
    hash: bytes
    hint: str
    models: str | None
    networks: str | None
    rpm: int | None
    expires_at: int | None
    clamp_explicit: int
    created_at: int
    revoked_at: int | None
    replaced_by: str | None
    is_internal: int = 0
    """1 for a key that the console made for itself, which no list shows."""


class ApiTokenView(NamedTuple):
    """A token with its budget (micros); `limit` is None when it has none."""

    row: ApiTokenRow
    limit: int | None
    spent: int
    held: int


_COLUMNS = ", ".join(f"api_tokens.{name}" for name in ApiTokenRow._fields)
_SELECT = f"""
SELECT {_COLUMNS}, limit_micros, coalesce(spent, 0), coalesce(held, 0)
FROM api_tokens LEFT JOIN budgets ON budgets.id = api_tokens.id
WHERE """  # noqa: S608 - made of field names


async def find_by_hash(database: Database, key_hash: bytes) -> ApiTokenView | None:
    """The token that a request's key belongs to."""
    return await _one(database, "api_tokens.hash = ?", key_hash)


async def find_by_id(database: Database, api_token_id: str) -> ApiTokenView | None:
    """A token by its id."""
    return await _one(database, "api_tokens.id = ?", api_token_id)


async def of_account(database: Database, account_id: str) -> list[ApiTokenView]:
    """All tokens of an account, revoked ones included, oldest first."""
    where = """api_tokens.account_id = ? AND api_tokens.is_internal = 0
               ORDER BY api_tokens.created_at, api_tokens.id"""
    return [_view(row) for row in await database.read(_SELECT + where, (account_id,))]


def add(row: ApiTokenRow) -> Statement:
    """Add a token; refused if its hash is taken."""
    places = ", ".join("?" * len(row))
    columns = ", ".join(ApiTokenRow._fields)
    return (f"INSERT INTO api_tokens ({columns}) VALUES ({places})", row)  # noqa: S608


def revoke(api_token_id: str, at: int) -> Statement:
    """End a token; a second time keeps the first."""
    sql = "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
    return (sql, (at, api_token_id))


def change_key(api_token_id: str, key_hash: bytes, hint: str) -> Statement:
    """Give a token another key."""
    sql = "UPDATE api_tokens SET hash = ?, hint = ? WHERE id = ? AND revoked_at IS NULL"
    return (sql, (key_hash, hint, api_token_id))


async def fingerprint(database: Database) -> str | None:
    """The fingerprint of the secret key that this database was made with."""
    rows = await database.read("SELECT value FROM meta WHERE key = ?", (FINGERPRINT_KEY,))
    return str(rows[0][0]) if rows else None


def set_fingerprint(text: str) -> Statement:
    """Keep the fingerprint; the first one stays."""
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
    return (sql, (FINGERPRINT_KEY, text))


async def _one(database: Database, where: str, value: object) -> ApiTokenView | None:
    rows = await database.read(_SELECT + where, (value,))
    return _view(rows[0]) if rows else None


def _view(values: Row) -> ApiTokenView:
    found = tuple(values)
    width = len(ApiTokenRow._fields)
    return ApiTokenView(ApiTokenRow(*found[:width]), *found[width:])
