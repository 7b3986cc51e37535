"""API tokens: the rows, found by the hash of their key, by account, or by id.

The key itself is never here. Also the fingerprint of the secret key that the
hashes were made with: with another one, no hash would ever match again.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table
from yiyuan.store.tables.ledger import BudgetRow

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
    """The token that this was an earlier key of; until it is revoked or has expired, it
    is good for all that that one is good for."""
    is_internal: int = 0
    """1 for a key that the console made for itself, which no list shows."""
    disabled_at: int | None = None
    user_id: str | None = None
    """Who made it; None for one that was made on the machine or by a key."""
    group_name: str | None = None


class ApiTokenView(NamedTuple):
    """A token with its budgets, in a fixed order; those without a limit are left out."""

    row: ApiTokenRow
    budgets: tuple[BudgetRow, ...]


_SELECT = f"SELECT {', '.join(ApiTokenRow._fields)} FROM api_tokens WHERE "  # noqa: S608 - field names
_BUDGETS = f"""
SELECT {", ".join(BudgetRow._fields)} FROM budgets
WHERE limit_micros IS NOT NULL AND api_token_id """  # noqa: S608 - field names


async def find_by_hash(database: Database, key_hash: bytes) -> ApiTokenView | None:
    """The token that a request's key belongs to."""
    return await _one(database, "hash = ?", key_hash)


async def find_by_id(database: Database, api_token_id: str) -> ApiTokenView | None:
    """A token by its id."""
    return await _one(database, "id = ?", api_token_id)


def member_budgets(account_id: str, user_id: str) -> str:
    """What a member's budgets of an account belong to, where a token's belong to its id."""
    return f"member:{account_id}:{user_id}"


async def budgets_of_owner(database: Database, owner: str) -> tuple[BudgetRow, ...]:
    """The budgets of a token, or of `member_budgets`; those without a limit are left out."""
    found = await database.read(_BUDGETS + "= ? ORDER BY id", (owner,))
    return tuple(BudgetRow(*values) for values in found)


async def of_account(database: Database, account_id: str) -> list[ApiTokenView]:
    """All tokens of an account, revoked ones included, oldest first."""
    where = "account_id = ? AND is_internal = 0 ORDER BY created_at, id"
    found = [ApiTokenRow(*row) for row in await database.read(_SELECT + where, (account_id,))]
    where = "IN (SELECT id FROM api_tokens WHERE account_id = ?) ORDER BY id"
    budgets: dict[str, list[BudgetRow]] = {}
    for values in await database.read(_BUDGETS + where, (account_id,)):
        budget = BudgetRow(*values)
        budgets.setdefault(budget.api_token_id, []).append(budget)
    return [ApiTokenView(row, tuple(budgets.get(row.id, ()))) for row in found]


def add(row: ApiTokenRow) -> Statement:
    """Add a token; refused if its hash is taken."""
    places = ", ".join("?" * len(row))
    columns = ", ".join(ApiTokenRow._fields)
    return (f"INSERT INTO api_tokens ({columns}) VALUES ({places})", row)  # noqa: S608


def revoke(api_token_id: str, at: int) -> Statement:
    """End a token; a second time keeps the first."""
    sql = "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
    return (sql, (at, api_token_id))


def revoke_earlier_keys(api_token_id: str, at: int) -> Statement:
    """End the keys that a token had before and that may still be used."""
    sql = "UPDATE api_tokens SET revoked_at = ? WHERE replaced_by = ? AND revoked_at IS NULL"
    return (sql, (at, api_token_id))


def revoke_made_by(
    user_id: str, at: int, account_id: str | None = None, *, only_internal: bool
) -> Statement:
    """End what somebody made in accounts whose member they are not; or in one account.

    `only_internal` spares all but the keys that the console made for itself.
    """
    sql = """UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL
             AND (? = 0 OR is_internal = 1) AND (? = '' OR account_id = ?)
             AND NOT EXISTS (SELECT 1 FROM members
             WHERE members.account_id = api_tokens.account_id AND members.user_id = ?)"""
    narrow = account_id or ""
    return (sql, (at, user_id, int(only_internal), narrow, narrow, user_id))


def revoke_of_viewer(account_id: str, user_id: str, at: int) -> Statement:
    """End a member's tokens of an account, if they may only look at it now."""
    sql = """UPDATE api_tokens SET revoked_at = ? WHERE account_id = ? AND user_id = ?
             AND revoked_at IS NULL AND EXISTS (SELECT 1 FROM members
             WHERE members.account_id = ? AND members.user_id = ? AND members.role = 'viewer')"""
    return (sql, (at, account_id, user_id, account_id, user_id))


def change(api_token_id: str, column: str, value: object) -> Statement:
    """Set one column of a token that is not revoked."""
    assert column in ApiTokenRow._fields, column
    sql = f"UPDATE api_tokens SET {column} = ? WHERE id = ? AND revoked_at IS NULL"  # noqa: S608 - a field name
    return (sql, (value, api_token_id))


def disable(api_token_id: str, at: int) -> Statement:
    """Refuse a token until it is enabled; a second time keeps the first."""
    sql = "UPDATE api_tokens SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?"
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
    if not rows:
        return None
    row = ApiTokenRow(*rows[0])
    return ApiTokenView(row, await budgets_of_owner(database, row.id))


TABLES: Final = (Table("api_tokens", ApiTokenRow, "id", after=("accounts",)),)
